"""What a request's time went into: its critical path added up by operation, failed tries and waits apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.analysis.critical_path import Segment
from fluxdash.analysis.waits import gaps, tries
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traces import Trace


class Work(StrEnum):
    """What a stretch of the critical path was: work, work that failed, or a wait before it was tried again."""

    DONE = "done"
    FAILED = "failed"
    WAITED = "waited"


@dataclass(frozen=True, slots=True)
class Part:
    """All stretches of one kind on the critical path: the operation, what became of it, and how long they last."""

    operation: str
    work: Work
    seconds: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of the path, in nanoseconds since 1970, as its part's own: for drawing the path as one bar."""

    start: int
    end: int
    place: int
    work: Work


def pieces(trace: Trace, path: Sequence[Segment]) -> tuple[Piece, ...]:
    """Return the critical path with the waits between tries cut out of the spans that waited; it stays without gaps.

    A span that failed only because one below it did counts as work: what failed is the span without failed children.
    """
    found: list[Piece] = []
    attempts = tries(trace)
    waits = {
        place: [each for each in gaps(trace, place, 0, attempts) if each.retry]
        for place in {segment.place for segment in path}
    }
    for segment in path:
        work = Work.FAILED if _is_cause(trace, segment.place) else Work.DONE
        at = segment.start
        for wait in waits[segment.place]:
            start, end = max(wait.start, at), min(wait.end, segment.end)
            if start < end:
                found += [Piece(at, start, segment.place, work)] if at < start else []
                found.append(Piece(start, end, segment.place, Work.WAITED))
                at = end
        found += [Piece(at, segment.end, segment.place, work)] if at < segment.end else []
    return tuple(found)


def breakdown(trace: Trace, path: Sequence[Segment]) -> tuple[Part, ...]:
    """Return what the path was made of, longest first; the parts add up to the request's duration."""
    sums: dict[tuple[str, Work], int] = {}
    for piece in pieces(trace, path):
        key = trace.nodes[piece.place].span.name, piece.work
        sums[key] = sums.get(key, 0) + piece.end - piece.start
    parts = (Part(operation, work, amount / NANOSECONDS) for (operation, work), amount in sums.items())
    return tuple(sorted(parts, key=lambda part: -part.seconds))


def _is_cause(trace: Trace, place: int) -> bool:
    node = trace.nodes[place]
    return node.span.failed and not any(trace.nodes[child].span.failed for child in trace.children(place))
