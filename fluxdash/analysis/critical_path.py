"""The critical path of a request: at each moment of it, the one span that it was waiting for.

Definition. The path is found backwards from the end of the request's span. At a moment t within a span, the span was
waiting for the child that had ended last by then: from that child's end to t it was busy itself, from the child's
start to its end the child is on the path, by the same rule, and at the child's start the question is asked again.
Children are cut to their parent (its own cut part): what outlives it, or began before it, held nobody up beyond it. A
child that still ran at t was not what was waited for and is passed over; of two that ended together, the longer is
taken. So the segments follow each other without gap or overlap, and together they last exactly as long as the request.

It is what Jaeger's screen draws, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traces import Trace


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the critical path, in nanoseconds since 1970: `place` is the span's position in the trace."""

    place: int
    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start) / NANOSECONDS


def critical_path(trace: Trace, place: int) -> tuple[Segment, ...]:
    """Return the path under the span at a position, earliest segment first; none for a span without duration.

    Takes time in proportion to the spans below, but for sorting siblings.
    """
    below = _children(trace, place)
    top = trace.nodes[place].span
    found: list[Segment] = []
    frames = [_Frame(place, top.start, top.end, _by_end(trace, below, place, top.start, top.end))]
    while frames:
        frame = frames[-1]
        held = next((each for each in frame.rest if each[0] <= frame.until), None)
        if held is None:
            _note(found, frame.place, frame.start, frame.until)
            frames.pop()
            continue
        end, start, child = held
        _note(found, frame.place, end, frame.until)
        frame.until = start
        frames.append(_Frame(child, start, end, _by_end(trace, below, child, start, end)))
    return tuple(reversed(found))


@dataclass(slots=True)
class _Frame:
    """A span on the way: its cut part from `start`, what of it is still to be explained up to `until`, its children."""

    place: int
    start: int
    until: int
    rest: Iterator[tuple[int, int, int]]


def _note(found: list[Segment], place: int, start: int, end: int) -> None:
    """Add a stretch before the ones found so far, unless it is empty."""
    if start < end:
        found.append(Segment(place, start, end))


def _by_end(
    trace: Trace, below: dict[int, list[int]], place: int, first: int, last: int
) -> Iterator[tuple[int, int, int]]:
    """Return the children as (end, start, position), cut to the stretch, latest end first; none that are empty."""
    cut = []
    for child in below.get(place, ()):
        span = trace.nodes[child].span
        start, end = max(span.start, first), min(span.end, last)
        if start < end:
            cut.append((end, start, child))
    return iter(sorted(cut, key=lambda each: (-each[0], each[1], each[2])))


def _children(trace: Trace, place: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for child in range(place + 1, place + trace.nodes[place].size):
        parent = trace.nodes[child].parent
        if parent is not None:
            found.setdefault(parent, []).append(child)
    return found
