"""What is left out of a trace too large to draw: never the critical path nor the errors, as long as these fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fluxdash.semantic.traces import Node, Trace

MOST_SPANS = 10_000
"""Spans that a browser is asked to draw."""


_PASSES = 4


@dataclass(frozen=True, slots=True)
class Thinned:
    """A trace with at most so many spans; every span that is kept keeps its place under the same parent.

    `hidden[i]` counts the descendants of node i that were left out and are not below another one that is kept;
    `dropped` counts all that were left out. `places[i]` is where node i stands in the whole trace.
    """

    trace: Trace
    places: tuple[int, ...]
    hidden: tuple[int, ...]
    dropped: int


def thinned(trace: Trace, path: Iterable[int] = (), most: int = MOST_SPANS) -> Thinned:
    """Return the trace with at most `most` spans; `path` are the positions on the critical path.

    Kept first are the path and what stands above it, then the spans that failed and what stands above them, then the
    rest level by level, the longest first. Who is too deep to be kept with all its ancestors is left out.
    """
    nodes = trace.nodes
    if len(nodes) <= most:
        return Thinned(trace, tuple(range(len(nodes))), (0,) * len(nodes), 0)
    kept: set[int] = set()
    _keep(nodes, kept, set(path), most)
    _keep(nodes, kept, {place for place, node in enumerate(nodes) if node.span.failed}, most)
    by_level = sorted(range(len(nodes)), key=lambda place: (nodes[place].depth, -_duration(nodes[place])))
    for place in by_level:
        if len(kept) >= most:
            break
        parent = nodes[place].parent
        if parent is None or parent in kept:
            kept.add(place)
    return _without_the_rest(trace, kept)


def _duration(node: Node) -> int:
    return node.span.end - node.span.start


def _keep(nodes: tuple[Node, ...], kept: set[int], wanted: set[int], most: int) -> None:
    """Keep what is wanted with its ancestors, the cheapest first: that with the fewest of them still to be kept.

    What a span costs is counted for all spans at once, and again while that lets more of them in: walking up from each
    would take as long as the trace is deep, for each.
    """
    for _ in range(_PASSES):
        costs = _costs(nodes, kept)
        before = len(kept)
        for place in sorted(wanted, key=lambda place: (costs[place], place)):
            if len(kept) + costs[place] > most:
                break
            kept.update(_missing(nodes, kept, place))
        if len(kept) == before:
            break


def _costs(nodes: tuple[Node, ...], kept: set[int]) -> list[int]:
    """Return for each span how many would have to be kept with it, itself included."""
    costs: list[int] = []
    for place, node in enumerate(nodes):  # parents first
        costs.append(0 if place in kept else 1 if node.parent is None else costs[node.parent] + 1)
    return costs


def _missing(nodes: tuple[Node, ...], kept: set[int], place: int) -> list[int]:
    """Return a span and those above it that are not kept yet."""
    chain: list[int] = []
    at: int | None = place
    while at is not None and at not in kept:
        chain.append(at)
        at = nodes[at].parent
    return chain


def _without_the_rest(trace: Trace, kept: set[int]) -> Thinned:
    nodes = trace.nodes
    places = sorted(kept)
    at = {place: position for position, place in enumerate(places)}
    hidden = [0] * len(places)
    above: list[int | None] = []
    for place, node in enumerate(nodes):  # the nearest ancestor that is kept, parents first
        parent = node.parent
        over = parent if parent is None or parent in kept else above[parent]
        above.append(over)
        if place not in kept and over is not None:
            hidden[at[over]] += 1
    sizes = [1] * len(places)
    for position in reversed(range(len(places))):
        parent = nodes[places[position]].parent
        if parent is not None:
            sizes[at[parent]] += sizes[position]
    left = tuple(
        replace(nodes[place], parent=None if (parent := nodes[place].parent) is None else at[parent], size=size)
        for place, size in zip(places, sizes, strict=True)
    )
    return Thinned(replace(trace, nodes=left), tuple(places), tuple(hidden), len(nodes) - len(places))
