"""What the times of an open trace show: its critical path by kind, its waits, gaps and clocks, and what is left out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fluxdash.analysis.critical_path import Segment, critical_path
from fluxdash.analysis.exceptions import exceptions
from fluxdash.analysis.likeness import WAITING
from fluxdash.analysis.thinning import Thinned, thinned
from fluxdash.analysis.waits import Skew, Try, gaps, skewed, tries
from fluxdash.semantic.spans import NANOSECONDS, Span
from fluxdash.semantic.traces import Mark
from fluxdash.semantic.tracesearch import Opened
from fluxdash.semantic.units import Unit, count, figure
from fluxdash.views.waterfall import Part, Row

FAILED = "failed tries"
REST = "everything else"

_MOST_GAPS = 4
_MOST_PARTS = 300
_TOKENS = {WAITING: "warn-fill", FAILED: "bad-fill"}
_NAMED = ("m-main", "m-2", "m-3")

Waits = Mapping[int, list[tuple[int, int]]]
"""The waits between tries by the position of the span that waited, by start; in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """An open trace taken apart; positions in `rows` are those of the thinned trace."""

    thinned: Thinned
    rows: Mapping[int, Row]
    parts: tuple[Part, ...]


def anatomy(opened: Opened, about: Callable[[Span], str] = lambda _: "") -> Anatomy:
    """Take a trace apart; takes time in proportion to its spans, but for sorting siblings.

    `about` tells what is worth a word beside the bar of a span in which nothing failed.
    """
    trace, request = opened.trace, opened.request
    path = critical_path(trace, request) if request is not None else ()
    on_path = {each.place for each in path}
    left = thinned(trace, on_path)
    attempts, skews = tries(trace), skewed(trace)
    rows = {}
    for position, place in enumerate(left.places):
        node = trace.nodes[place]
        silent = gaps(trace, place, attempts=attempts) if node.size > 1 else ()
        longest = sorted((each for each in silent if not each.retry), key=lambda each: -each.seconds)[:_MOST_GAPS]
        row = Row(
            on_path=place in on_path,
            note=_note(opened, place, attempts, skews, about),
            gaps=tuple((each.start, each.end) for each in longest),
            wait=_wait(opened, place, attempts),
            skewed=place in skews and skews[place].early > 0,
            hidden=left.hidden[position],
        )
        if row != Row():
            rows[position] = row
    return Anatomy(left, rows, _parts(opened, path, attempts))


def _note(
    opened: Opened, place: int, attempts: Mapping[int, Try], skews: Mapping[int, Skew], about: Callable[[Span], str]
) -> str:
    """What stands beside a bar: why it failed, which try it was, what is odd about its place, what it was about."""
    node, said = opened.trace.nodes[place], list[str]()
    if node.span.failed:
        raised = exceptions(node.span)
        said.append((raised[0].type or raised[0].message) if raised else node.span.message or "failed")
    if place in attempts:
        attempt = attempts[place]
        said.append(f"try {count(attempt.number)} of {count(attempt.of)}")
        if attempt.wait:
            said.append(f"after {figure(Unit.SECONDS, attempt.wait)}")
    if node.mark is Mark.ORPHAN:
        said.append("its parent never came")
    if node.mark is Mark.LOOP:
        said.append("stands below itself: drawn as a root")
    if place in skews and skews[place].early > 0:
        said.append(f"begins {figure(Unit.SECONDS, skews[place].early)} before its parent: the clocks disagree")
    if not node.span.failed and (told := about(node.span)):
        said.append(told)
    return " · ".join(said)[:200]


def _wait(opened: Opened, place: int, attempts: Mapping[int, Try]) -> tuple[int, int] | None:
    """The stretch that a try waited for after the one before it, drawn on its own row."""
    attempt = attempts.get(place)
    if attempt is None or not attempt.wait:
        return None
    start = opened.trace.nodes[place].span.start
    return start - round(attempt.wait * NANOSECONDS), start


def _parts(opened: Opened, path: tuple[Segment, ...], attempts: Mapping[int, Try]) -> tuple[Part, ...]:
    """Sort the critical path by what was done: failed tries, waits between tries, and the longest operations."""
    waits = _waits(opened, attempts)
    kinds = [(each, _kind(opened, each, attempts, waits)) for each in _cut(path, waits)]
    spent: dict[str, int] = {}
    for each, kind in kinds:
        spent[kind] = spent.get(kind, 0) + each.end - each.start
    longest = sorted((kind for kind in spent if kind not in _TOKENS), key=lambda kind: -spent[kind])
    tokens = {**_TOKENS, **dict(zip(longest, _NAMED, strict=False))}
    start, whole = opened.trace.start, max(opened.trace.end - opened.trace.start, 1)
    runs: dict[str, list[tuple[float, float]]] = {}
    total: dict[str, int] = {}
    for each, kind in kinds:
        name = kind if kind in tokens else REST
        first, last = (each.start - start) / whole, (each.end - start) / whole
        stretches = runs.setdefault(name, [])
        total[name] = total.get(name, 0) + each.end - each.start
        if stretches and first - stretches[-1][1] < 1e-9:
            stretches[-1] = (stretches[-1][0], last)
        else:
            stretches.append((first, last))
    return tuple(
        Part(name, tokens.get(name, "m-quiet"), total[name] / NANOSECONDS, _longest(runs[name]))
        for name in sorted(runs, key=lambda name: (name == REST, -total[name]))
    )


def _waits(opened: Opened, attempts: Mapping[int, Try]) -> Waits:
    found: dict[int, list[tuple[int, int]]] = {}
    for place in attempts:
        wait, parent = _wait(opened, place, attempts), opened.trace.nodes[place].parent
        if wait and parent is not None:
            found.setdefault(parent, []).append(wait)
    return {parent: sorted(waits) for parent, waits in found.items()}


def _cut(path: tuple[Segment, ...], waits: Waits) -> list[Segment]:
    """Cut the segments where a wait of theirs begins or ends."""
    cut = []
    for each in path:
        edges = sorted({edge for wait in waits.get(each.place, ()) for edge in wait})
        within = edges[bisect_right(edges, each.start) : bisect_left(edges, each.end)]
        for first, last in zip([each.start, *within], [*within, each.end], strict=True):
            cut.append(Segment(each.place, first, last))
    return cut


def _kind(opened: Opened, segment: Segment, attempts: Mapping[int, Try], waits: Waits) -> str:
    known = waits.get(segment.place, [])
    at = bisect_right(known, (segment.start, 2**63)) - 1
    if at >= 0 and segment.end <= known[at][1]:
        return WAITING
    span = opened.trace.nodes[segment.place].span
    return FAILED if segment.place in attempts and span.failed else span.name


def _longest(stretches: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The stretches of a part that can be seen, where there are more than can be told apart."""
    if len(stretches) <= _MOST_PARTS:
        return tuple(stretches)
    return tuple(sorted(sorted(stretches, key=lambda each: each[0] - each[1])[:_MOST_PARTS]))
