"""A trace: its spans as a tree, in the order in which they are read, however broken what came is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.semantic.spans import NANOSECONDS, Span
from fluxdash.semantic.traceid import TraceId


class Mark(StrEnum):
    """What is odd about where a span stands: its parent never came, or is one of its own descendants."""

    ORPHAN = "orphan"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Node:
    """A span in its place: under which other (its position in the trace), how deep, and how many it has below it.

    `size` counts the span and all its descendants, which are the next `size - 1` nodes of the trace.
    """

    span: Span
    parent: int | None
    depth: int
    size: int
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """All spans of one trace, each once, parents before their children, siblings by start.

    Several roots are legal; a span whose parent is missing and the earliest span of a loop are drawn as further roots,
    marked. `duplicates` counts the spans that came twice. `warnings` are about the trace as a whole.
    """

    id: TraceId
    nodes: tuple[Node, ...]
    warnings: tuple[str, ...] = ()
    duplicates: int = 0

    @classmethod
    def of(cls, trace_id: TraceId, spans: Iterable[Span], warnings: Sequence[str] = ()) -> Trace:
        """Return the tree that spans in any order make; takes time in proportion to their number."""
        given = list(spans)
        kept = sorted(_once(given), key=lambda span: (span.start, -span.end))
        return cls(trace_id, _arranged(kept), tuple(warnings), len(given) - len(kept))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans in the order of the nodes."""
        return tuple(node.span for node in self.nodes)

    @property
    def roots(self) -> tuple[int, ...]:
        """The positions of the spans that stand under no other."""
        found, position = [], 0
        while position < len(self.nodes):
            found.append(position)
            position += self.nodes[position].size
        return tuple(found)

    @property
    def start(self) -> int:
        """The earliest start, in nanoseconds since 1970; 0 for a trace without spans."""
        return min((node.span.start for node in self.nodes), default=0)

    @property
    def end(self) -> int:
        """The latest end, in nanoseconds since 1970."""
        return max((node.span.end for node in self.nodes), default=0)

    @property
    def seconds(self) -> float:
        """From the first start to the last end, which may be more than any root took."""
        return (self.end - self.start) / NANOSECONDS

    @property
    def failed(self) -> int:
        """How many spans ended in an error."""
        return sum(node.span.failed for node in self.nodes)

    def children(self, position: int) -> tuple[int, ...]:
        """Return the positions of the spans directly under one, by start."""
        found, child = [], position + 1
        while child < position + self.nodes[position].size:
            found.append(child)
            child += self.nodes[child].size
        return tuple(found)

    def request(self, operation: str | None) -> int | None:
        """Return the position of the request: the earliest of the highest spans called `operation`, else the main root.

        The main root is the one that took longest. None for a trace without spans.
        """
        named = [place for place, node in enumerate(self.nodes) if node.span.name == operation]
        if named:
            return min(named, key=lambda place: (self.nodes[place].depth, self.nodes[place].span.start))
        return max(self.roots, key=lambda place: self.nodes[place].span.seconds, default=None)


def _once(spans: Sequence[Span]) -> list[Span]:
    """Drop what was delivered twice; two spans that merely share an id (as Zipkin's do) are both kept."""
    seen: set[tuple[str, str, int, int]] = set()
    kept: list[Span] = []
    for span in spans:
        key = (span.id, span.name, span.start, span.end)
        if key not in seen:
            seen.add(key)
            kept.append(span)
    return kept


def _arranged(spans: Sequence[Span]) -> tuple[Node, ...]:
    """Arrange spans, sorted by start, depth first and without recursion: a chain may be as long as the trace."""
    place_of: dict[str, int] = {}
    for place, span in enumerate(spans):
        place_of.setdefault(span.id, place)
    above = [None if span.parent is None else place_of.get(span.parent) for span in spans]
    marks: list[Mark | None] = [
        Mark.ORPHAN if span.parent is not None and parent is None else None
        for span, parent in zip(spans, above, strict=True)
    ]
    _cut_loops(above, marks)
    below: list[list[int]] = [[] for _ in spans]
    for place, parent in enumerate(above):
        if parent is not None:
            below[parent].append(place)
    order: list[int] = []
    depths = [0] * len(spans)
    waiting = [place for place in reversed(range(len(spans))) if above[place] is None]
    while waiting:
        place = waiting.pop()
        order.append(place)
        for child in reversed(below[place]):
            depths[child] = depths[place] + 1
            waiting.append(child)
    sizes = [1] * len(spans)
    for place in reversed(order):
        parent = above[place]
        if parent is not None:
            sizes[parent] += sizes[place]
    position = [0] * len(spans)
    for at, place in enumerate(order):
        position[place] = at
    parents = [None if parent is None else position[parent] for parent in above]
    return tuple([Node(spans[place], parents[place], depths[place], sizes[place], marks[place]) for place in order])


def _cut_loops(above: list[int | None], marks: list[Mark | None]) -> None:
    """Make the earliest span of each loop a root, so that every span hangs under one."""
    settled = [False] * len(above)
    for first in range(len(above)):
        path: list[int] = []
        on_path: set[int] = set()
        place: int | None = first
        while place is not None and not settled[place] and place not in on_path:
            path.append(place)
            on_path.add(place)
            place = above[place]
        if place is not None and place in on_path:
            earliest = min(path[path.index(place) :])  # they are sorted by start
            above[earliest], marks[earliest] = None, Mark.LOOP
        for each in path:
            settled[each] = True
