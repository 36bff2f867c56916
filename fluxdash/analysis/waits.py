"""What the times of a trace show beside its bars: waits between tries, silent stretches, and clocks that disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traces import Trace

GAP = 0.01
"""The share of its parent that a stretch without any child must have to be called a gap."""


@dataclass(frozen=True, slots=True)
class Try:
    """One of several attempts at the same work: the `number`-th of `of`, by start.

    `wait` is how many seconds after the end of the one before it began; None for the first, and for one that began
    while the one before still ran.
    """

    number: int
    of: int
    wait: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a span, in nanoseconds since 1970, in which none of its children ran.

    `before` and `after` are the positions of the children around it, None at its edges. `retry` says that the work
    before it failed and the work after it is the same: it is a wait between tries.
    """

    place: int
    start: int
    end: int
    before: int | None
    after: int | None
    retry: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start) / NANOSECONDS


@dataclass(frozen=True, slots=True)
class Skew:
    """How far a span lies outside its parent, in seconds: `early` before its start, `late` after its end.

    A child may outlive its parent on purpose; one that begins before it shows clocks that disagree.
    """

    early: float
    late: float


def tries(trace: Trace) -> dict[int, Try]:
    """Return the attempts among the spans, by position: siblings of one name of which all but the last one failed."""
    found: dict[int, Try] = {}
    for children in _families(trace).values():
        by_name: dict[str, list[int]] = {}
        for child in children:
            by_name.setdefault(trace.nodes[child].span.name, []).append(child)
        for alike in by_name.values():
            if len(alike) > 1 and all(trace.nodes[each].span.failed for each in alike[:-1]):
                found.update(_numbered(trace, alike))
    return found


def gaps(trace: Trace, place: int, least: float = GAP, attempts: Mapping[int, Try] | None = None) -> tuple[Gap, ...]:
    """Return the gaps between the children of one span, and at its edges; none for a span without children.

    `least` is the share of the span that a gap must have; `attempts` are the trace's `tries`, where they are at hand.
    """
    span = trace.nodes[place].span
    shortest = max(1, (span.end - span.start) * least)
    reached, before = span.start, None
    found: list[Gap] = []
    known = tries(trace) if attempts is None else attempts
    children = sorted(trace.children(place), key=lambda child: trace.nodes[child].span.start)
    for child in children:
        start = min(trace.nodes[child].span.start, span.end)
        if start - reached >= shortest:
            found.append(Gap(place, reached, start, before, child, _is_retry(known, trace, before, child)))
        if trace.nodes[child].span.end > reached:
            reached, before = trace.nodes[child].span.end, child
    if children and span.end - reached >= shortest:
        found.append(Gap(place, reached, span.end, before, None))
    return tuple(found)


def skewed(trace: Trace) -> dict[int, Skew]:
    """Return the spans that lie outside their parents, by position."""
    found: dict[int, Skew] = {}
    for place, node in enumerate(trace.nodes):
        if node.parent is None:
            continue
        parent = trace.nodes[node.parent].span
        early, late = parent.start - node.span.start, node.span.end - parent.end
        if early > 0 or late > 0:
            found[place] = Skew(max(early, 0) / NANOSECONDS, max(late, 0) / NANOSECONDS)
    return found


def _families(trace: Trace) -> dict[int | None, list[int]]:
    """Return the positions of siblings by their parent's, each family by start."""
    found: dict[int | None, list[int]] = {}
    for place, node in enumerate(trace.nodes):
        found.setdefault(node.parent, []).append(place)
    return found


def _numbered(trace: Trace, alike: list[int]) -> dict[int, Try]:
    found = {}
    for number, place in enumerate(alike):
        wait = None
        if number:
            wait = (trace.nodes[place].span.start - trace.nodes[alike[number - 1]].span.end) / NANOSECONDS
        found[place] = Try(number + 1, len(alike), wait if wait is not None and wait >= 0 else None)
    return found


def _is_retry(attempts: Mapping[int, Try], trace: Trace, before: int | None, after: int) -> bool:
    if before is None or before not in attempts or after not in attempts:
        return False
    same = trace.nodes[before].span.name == trace.nodes[after].span.name
    return same and attempts[after].number == attempts[before].number + 1
