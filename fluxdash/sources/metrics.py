"""A gateway's Prometheus metrics as a source: every number an estimate, for counters lose a new series' first step."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from fluxdash.errors import NotReported, SourceError
from fluxdash.profiles.profile import (
    Counter,
    Difference,
    Expression,
    Gauge,
    Histogram,
    Metrics,
    Read,
    read_as,
)
from fluxdash.semantic.answer import Answer, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, ERROR_TYPE, Dimension
from fluxdash.semantic.measure import Additive, Distribution, Level, Measure
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter
from fluxdash.semantic.window import Window
from fluxdash.sources import matrix, promql, reduce
from fluxdash.sources.cached import Kept, Ribbons
from fluxdash.sources.cells import Cells, Spec, side_by_side
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.prometheus import Prometheus
from fluxdash.sources.readings import Picked, pick
from fluxdash.sources.source import PROMETHEUS, Capability, SourceState, Verdict

SCRAPES_A_BUCKET = 4
"""A bucket narrower than four scrapes loses its increase with one lost scrape."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What one answer read: the cells of each part, how old the oldest is, and the scale of a histogram's bounds."""

    cells: dict[str, Cells]
    as_of: float
    scale: float


class MetricsSource:
    """Answers queries from Prometheus, on buckets at least four scrapes wide."""

    def __init__(
        self,
        prometheus: Prometheus,
        metrics: Metrics,
        ribbons: Ribbons,
        inventory: Inventory,
        scrape: int,
        origin: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._prometheus = prometheus
        self._metrics = metrics
        self._ribbons = ribbons
        self._inventory = inventory
        self._least = SCRAPES_A_BUCKET * scrape
        self._origin = f"{PROMETHEUS}:{origin}"
        self._clock = clock
        self._state = SourceState(PROMETHEUS, "ok")
        self._failed_at = 0.0

    @property
    def name(self) -> str:
        return PROMETHEUS

    def verdict(self, query: Query) -> Verdict:
        if query.scope.conditions:
            return Verdict(PROMETHEUS, reason="Prometheus keeps no single requests to hold conditions against.")
        measure, narrowed, picked = query.measure, self._narrowed(query), []
        for part in read_as(measure):
            found = self._pick(part, narrowed)
            if isinstance(found, str):
                return Verdict(PROMETHEUS, reason=found)
            picked.append(found)
        ignored = {dimension for each in picked for dimension in each.ignored}
        ignored |= {each.dimension for each in query.scope.filters if each not in narrowed.scope.filters}
        if query.scope.grant.accounts is not None and ACCOUNT in ignored:
            return Verdict(PROMETHEUS, reason=f"Prometheus cannot narrow {measure.title.lower()} to your accounts.")
        label = next((each.label for each in picked if each.label), None)
        if label is not None and measure.parts and measure != measure.parts[0]:
            label = f"{measure.title} ({label[0].lower()}{label[1:]})"
        return Verdict(
            PROMETHEUS,
            ignored=tuple(each for each in DIMENSIONS if each in ignored),
            label=label,
            uncovered=self._inventory.uncovered(query.scope.window.start),
            since=self._inventory.since(query.scope.window.start),
        )

    def answer(self, query: Query, verdict: Verdict) -> Answer:
        window = query.scope.window.coarsened(self._least)
        question, narrowed = query.question, self._narrowed(query)
        try:
            reads = self._reads(narrowed, window)
        except SourceError as err:
            self._state, self._failed_at = self._state.failed(err.reason), self._clock()
            raise
        self._state = self._state.read(reads.as_of)
        slug, size = query.measure.slug, window.size
        how: tuple[Note, ...] = (Note(NoteKind.ESTIMATED, "estimated from counters"),)
        match query.measure:
            case Distribution():
                cells, q, scale = reads.cells[slug], question.q or 0.95, reads.scale
                lines = reduce.bucket_quantiles(q, scale, size, cells)
                top, other = reduce.ranked(question, lines, partial(reduce.merged_other, q, scale, size, cells))
                how = (Note(NoteKind.ESTIMATED, "from histogram buckets"),)
            case Level():
                cells = reads.cells[slug]
                lines = reduce.levels(slug, size, cells)
                top, other = reduce.ranked(question, lines, partial(reduce.lowest_other, slug, size, cells))
                how = ()
            case _:
                cells = side_by_side(reads.cells)
                lines = reduce.additive(question, size, cells)
                top, other = reduce.ranked(question, lines, partial(reduce.other, question, size, cells))
        if any(line.at_least for line in top):
            how = (Note(NoteKind.AT_LEAST, "at least: the rank falls in the histogram's last bucket"),)
        partly = (Note(NoteKind.PARTIAL, text) for text in cells.warnings)
        notes = (*how, *_gaps(window, cells, question.by, verdict), *partly)
        source = Provenance(PROMETHEUS, reads.as_of, not how, notes, verdict.label)
        return Answer(query, window, top, source, other, len(lines))

    def statements(self, query: Query) -> tuple[str, ...]:
        step, by = query.scope.window.coarsened(self._least).step, query.question.by
        narrowed = self._narrowed(query)
        chosen = [self._picked(part, narrowed) for part in read_as(query.measure)]
        return tuple(promql.text(each.expression, self._metrics, by, _applied(narrowed, each), step) for each in chosen)

    def counted(self, start: float, end: float) -> float | None:
        """Return how many requests were counted between two moments, or None when that cannot be told."""
        try:
            self._inventory.check()
            reply = self._prometheus.instant(f"sum(increase({self._metrics.pulse}[{int(end - start)}s]))", end)
        except SourceError:
            return None
        return next((value for series in reply.series for _, value in series.points), None)

    def capability(self, measure: Measure) -> Capability:
        for part in read_as(measure):
            found = pick(part, self._metrics, self._inventory, None, ())
            if isinstance(found, str):
                return Capability(PROMETHEUS, measure, (), found)
        able = [
            each
            for each in DIMENSIONS
            if all(
                isinstance(pick(part, self._metrics, self._inventory, each, ()), Picked) for part in read_as(measure)
            )
        ]
        return Capability(PROMETHEUS, measure, tuple(able))

    def state(self) -> SourceState:
        """What the last look or answer said, whichever is newer: the log may have answered everything since."""
        found = self._inventory.last
        if found is None:
            return self._state
        if found.error is not None:
            return self._state.failed(found.error.reason)
        return self._state.read(found.at) if found.at > self._failed_at else self._state

    def close(self) -> None:
        self._prometheus.close()

    def _narrowed(self, query: Query) -> Query:
        """Return the query without the filters that cannot reach every part: a ratio of two scopes is no number."""
        picked = [self._pick(part, query) for part in read_as(query.measure)]
        ignored = {dimension for each in picked if isinstance(each, Picked) for dimension in each.ignored}
        lost = next((each.dimension for each in query.scope.filters if each.dimension in ignored), None)
        return query if lost is None else self._narrowed(replace(query, scope=query.scope.without(lost)))

    def _pick(self, part: Read, query: Query) -> Picked | str:
        return pick(part, self._metrics, self._inventory, query.question.by, query.scope.selection or ())

    def _picked(self, part: Read, query: Query) -> Picked:
        found = self._pick(part, query)
        if isinstance(found, str):
            raise NotReported(part.title, (found,))
        return found

    def _reads(self, query: Query, window: Window) -> Reads:
        by = query.question.by
        chosen = {part.slug: self._picked(part, query) for part in read_as(query.measure)}
        for part in query.measure.sample.parts if query.measure.parts else ():
            found = self._pick(part, query)
            # Without it, or for more than was asked for, the number stands and only its sample size is unknown.
            if isinstance(found, Picked) and not found.ignored:
                chosen.setdefault(part.slug, found)
        cells, as_of, scale = {}, math.inf, 1.0
        for slug, picked in chosen.items():
            rest_of = picked.expression.rest_of if isinstance(picked.expression, Counter) else None
            if rest_of is not None and by == ERROR_TYPE:
                kept = self._causes(slug, picked, rest_of, query, window)
            else:
                kept = self._read(slug, picked, by, query, window)
            cells[slug], as_of = kept.cells, min(as_of, kept.as_of)
            scale = picked.expression.scale if isinstance(picked.expression, Histogram) else scale
        return Reads(cells, as_of, scale)

    def _causes(self, slug: str, picked: Picked, whole: Additive, query: Query, window: Window) -> Kept:
        """Read what is counted by cause; what is not, and so has none, is the cause `unknown`."""
        every = replace(query, scope=query.scope.without(ERROR_TYPE))
        ungrouped = replace(every, question=whole.over_time())
        named = self._read(slug, picked, ERROR_TYPE, every, window)
        counted = self._read(whole.slug, self._picked(whole, ungrouped), None, every, window)
        cells = matrix.with_rest(slug, named.cells, counted.cells, whole.slug)
        wanted = next((each.values for each in query.scope.filters if each.dimension == ERROR_TYPE), None)
        return Kept(cells.only(wanted) if wanted else cells, min(named.as_of, counted.as_of))

    def _read(self, slug: str, picked: Picked, by: Dimension | None, query: Query, window: Window) -> Kept:
        expression, filters = picked.expression, _applied(query, picked)

        def fetch(start: int, end: int, step: int) -> Cells:
            self._inventory.check()
            text = promql.text(expression, self._metrics, by, filters, step)
            reply = self._prometheus.range(text, start + step, end, step)
            return matrix.cells(
                reply,
                start,
                end,
                step,
                self._labels(expression, by),
                self._metrics.nulls,
                part=None if isinstance(expression, Histogram) else slug,
                least=0.0 if isinstance(expression, Difference) else -math.inf,
                merged=min if isinstance(expression, Gauge) else operator.add,
            )

        text = promql.text(expression, self._metrics, by, filters, window.step)
        return self._ribbons.cells(f"{self._origin}:{text}", Spec((slug,), by, filters), window, None, fetch)

    def _labels(self, expression: Expression, by: Dimension | None) -> tuple[str, ...]:
        side = expression.minuend if isinstance(expression, Difference) else expression
        return self._metrics.grouping(by, side.labels)


def _applied(query: Query, picked: Picked) -> tuple[Filter, ...]:
    return tuple(each for each in query.scope.selection or () if each.dimension not in picked.ignored)


def _gaps(window: Window, cells: Cells, by: Dimension | None, verdict: Verdict) -> tuple[Note, ...]:
    """Say how many closed buckets nobody counted in, and since when there are data at all."""
    if verdict.uncovered:
        return (Note(NoteKind.PARTIAL, verdict.uncovered),)
    rows = [row for parts in cells.groups.values() for row in parts.values()]
    # No group at all may mean that there was nothing to group; no line at all means that nobody counted.
    empty = sum(all(row[i] is None for row in rows) for i in range(window.size)) if rows or by is None else 0
    return (Note(NoteKind.PARTIAL, f"{empty} of {window.size} buckets missing"),) if empty else ()
