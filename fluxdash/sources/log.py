"""A gateway's request log as a source: exact numbers, added up from rows by the database."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.errors import SourceError
from fluxdash.profiles.profile import Log, read_as
from fluxdash.semantic.answer import Answer, Line, Note, NoteKind, Provenance
from fluxdash.semantic.conditions import Condition
from fluxdash.semantic.dimensions import DIMENSIONS, Dimension
from fluxdash.semantic.measure import Amount, Distribution, Measure
from fluxdash.semantic.measures import (
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    FAILURES,
    INPUT_COST,
    MEASURES,
    PAID_INPUT_TOKENS,
    PAID_OUTPUT_TOKENS,
    PRICED_BY_LIST,
    REQUESTS,
    SAVINGS,
    UNPRICED,
)
from fluxdash.semantic.moments import said
from fluxdash.semantic.query import Query, Shape
from fluxdash.semantic.window import Window
from fluxdash.sources import clauses, reduce, sql
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.cells import Cells, Spec, from_rows, total
from fluxdash.sources.database import Database
from fluxdash.sources.lag import Lag
from fluxdash.sources.source import LOG, Capability, SourceState, Verdict
from fluxdash.sources.survey import Survey

_MONEY = (
    REQUESTS, FAILURES, COST, INPUT_COST, SAVINGS, PRICED_BY_LIST, UNPRICED, CACHE_HITS, CACHE_MISSES,
    PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS,
)  # fmt: skip
"""What a table of spend, a cost bridge and the cache of each model are made of."""

COMMON = (0.5, 0.95, 0.99)
"""The quantiles that are always fetched together, so that the three lines of a chart cost one statement."""


class LogSource:
    """Answers queries from the request log; without a `lag` nobody can tell whether a silent log is behind."""

    def __init__(
        self, database: Database, log: Log, ribbons: Ribbons, survey: Survey, origin: str, lag: Lag | None = None
    ) -> None:
        self._database = database
        self._log = log
        self._ribbons = ribbons
        self._survey = survey
        self._origin = f"{LOG}:{origin}"
        self._lag = lag
        self._state = SourceState(LOG, "ok")

    @property
    def name(self) -> str:
        return LOG

    def verdict(self, query: Query) -> Verdict:
        filtered = [each.dimension for each in query.scope.selection or ()]
        by = query.question.by
        reason = self._lacking(query.measure, [*filtered, *(by.parts if by else ())])
        reason = reason or self._unheld(query.scope.conditions)
        if reason:
            return Verdict(LOG, reason=reason)
        window = query.scope.window
        return Verdict(
            LOG,
            expensive=self._survey.expensive(window.start, max(window.end, window.now)),
            stale=self._lag.stale() if self._lag and window.head else "",
            uncovered=self._uncovered(window),
            since=self._since(window),
        )

    def answer(self, query: Query, verdict: Verdict) -> Answer:
        try:
            if isinstance(query.measure, Distribution):
                answer = self._quantiles(query)
            elif query.question.shape is Shape.TOP:
                answer = self._ranking(query)
            else:
                answer = self._series(query)
        except SourceError as err:
            self.failed(err)
            raise
        self.read(answer.provenance.as_of)
        return answer

    def statements(self, query: Query) -> tuple[str, ...]:
        question, window = query.question, query.scope.window
        step = window.step if question.shape is Shape.SERIES else window.seconds
        span = (window.start, window.end, step)
        chosen, held = query.scope.selection or (), query.scope.conditions
        if isinstance(query.measure, Distribution):
            spec = Spec((), question.by, chosen, (question.q or COMMON[1],), held)
            return (self._database.text(sql.quantiles(self._survey.log, self._tables, spec, *span)),)
        spec = Spec(tuple(part.slug for part in query.measure.parts), question.by, chosen, (), held)
        return (self._database.text(sql.sums(self._survey.log, self._tables, spec, *span)),)

    def capability(self, measure: Measure) -> Capability:
        reason = self._lacking(measure, ())
        able = () if reason else tuple(each for each in DIMENSIONS if not self._lacking(measure, (each,)))
        return Capability(LOG, measure, able, reason)

    def read(self, as_of: float) -> None:
        """Note that the log was read well, at some time in epoch seconds."""
        self._state = self._state.read(as_of)

    def failed(self, err: SourceError) -> None:
        """Note that it could not be read."""
        self._state = self._state.failed(err.reason)

    def state(self) -> SourceState:
        return self._state

    def close(self) -> None:
        self._database.close()

    def _series(self, query: Query) -> Answer:
        question, window = query.question, query.scope.window
        spec = Spec(self._parts(query), question.by, query.scope.selection or (), (), query.scope.conditions)
        kept = self._ribbons.cells(self._origin, spec, window, 0.0, lambda *span: self._sums(spec, *span))
        cells = self._known(kept.cells)
        lines = reduce.additive(question, window.size, cells)
        top, other = reduce.ranked(question, lines, lambda rest: reduce.other(question, window.size, cells, rest))
        listed = _priced_by_list(query.measure, cells, window.size)
        return self._told(query, top, other, len(lines), kept.as_of, listed)

    def _ranking(self, query: Query) -> Answer:
        """Rank groups by their totals alone: one sum a group keeps thousands of accounts cheap."""
        question, window = query.question, query.scope.window
        spec = Spec(self._parts(query), question.by, query.scope.selection or (), (), query.scope.conditions)
        kept = self._ribbons.whole(self._origin, spec, window, lambda *span: self._sums(spec, *span))
        lines = reduce.additive(question, 1, kept.cells)
        top, other = reduce.ranked(question, lines, lambda rest: reduce.other(question, 1, kept.cells, rest))
        listed = _priced_by_list(query.measure, kept.cells, 1)
        return self._told(query, top, other, len(lines), kept.as_of, listed)

    def _quantiles(self, query: Query) -> Answer:
        """Take each bucket's quantile from its rows, and the window's from all of its rows: none from the others."""
        question, window = query.question, query.scope.window
        q = question.q or COMMON[1]
        ranks = COMMON if q in COMMON else (q,)
        spec = Spec((), question.by, query.scope.selection or (), ranks, query.scope.conditions)
        whole = self._ribbons.whole(self._origin, spec, window, lambda *span: self._ranks(spec, *span))
        drawn, as_of = Cells(window.start, window.step, 0, {}), whole.as_of
        if question.shape is Shape.SERIES:
            kept = self._ribbons.cells(self._origin, spec, window, None, lambda *span: self._ranks(spec, *span))
            drawn, as_of = self._known(kept.cells), min(kept.as_of, whole.as_of)
        part = f"q{ranks.index(q)}"
        lines = reduce.exact_quantiles(part, self._log.latency_scale, window.size, drawn, whole.cells)
        # The quantile of several groups together is in none of theirs; it would need a statement of its own.
        top, other = reduce.ranked(question, lines, lambda rest: None)
        return self._told(query, top, other, len(lines), as_of, 0)

    def _told(
        self,
        query: Query,
        lines: tuple[Line, ...],
        other: Line | None,
        groups: int,
        as_of: float,
        listed: Amount,
    ) -> Answer:
        notes = []
        if listed:
            notes.append(Note(NoteKind.ESTIMATED, f"{listed:,.0f} requests priced from the price list"))
        if uncovered := self._uncovered(query.scope.window):
            notes.append(Note(NoteKind.PARTIAL, uncovered))
        source = Provenance(LOG, as_of, not listed, tuple(notes))
        return Answer(query, query.scope.window, lines, source, other, groups)

    def _parts(self, query: Query) -> tuple[str, ...]:
        """The sums to fetch. Ungrouped, those of all measures of ours: one statement then serves a whole page.

        Grouped, those of money and what it was spent on: reading the rows costs far more than adding up some columns.
        """
        there = self._survey.schema()
        wanted = {part.slug for part in (*query.measure.parts, *query.measure.sample.parts)}
        if {COST, SAVINGS, INPUT_COST} & set(query.measure.parts):
            wanted.add(PRICED_BY_LIST.slug)
        every = {part.slug for each in MEASURES for part in (*each.parts, *each.sample.parts, PRICED_BY_LIST)}
        ours = every if query.question.by is None else {part.slug for part in _MONEY}
        # One that a user wrote must not take the whole page with it when the database does not understand it.
        if wanted <= ours:
            wanted = ours
        return tuple(
            part.slug
            for part, text in self._log.parts
            if part.slug in wanted and (there.error or not clauses.missing(self._log, there.tables, text))
        )

    @property
    def _tables(self) -> clauses.Tables:
        return self._survey.schema().tables

    def _sums(self, spec: Spec, start: int, end: int, step: int) -> Cells:
        self._survey.check()
        rows = self._database.rows(sql.sums(self._survey.log, self._tables, spec, start, end, step))
        return from_rows((row._mapping for row in rows), dict.fromkeys(spec.parts), spec.by, start, end, step)

    def _ranks(self, spec: Spec, start: int, end: int, step: int) -> Cells:
        self._survey.check()
        rows = self._database.rows(sql.quantiles(self._survey.log, self._tables, spec, start, end, step))
        parts: dict[str, Amount] = {"n": 0.0} | dict.fromkeys(f"q{i}" for i in range(len(spec.quantiles)))
        return from_rows((row._mapping for row in rows), parts, spec.by, start, end, step)

    def _known(self, cells: Cells) -> Cells:
        """Buckets that ended before the log's first row are unknown: nobody was there to write one."""
        first = self._survey.edges().first
        if first is None or first <= cells.start:
            return cells
        unknown = min((first - cells.start) // cells.step, cells.size)
        gap: list[Amount] = [None] * unknown
        groups = {
            group: {part: gap + row[unknown:] for part, row in parts.items()} for group, parts in cells.groups.items()
        }
        return Cells(cells.start, cells.step, cells.size, groups, cells.warnings)

    def _uncovered(self, window: Window) -> str:
        since = self._since(window)
        return f"The log starts at {said(since)}." if since else ""

    def _since(self, window: Window) -> int:
        """Return when the log's first row was written where whole buckets lie before it, else 0."""
        first = self._survey.edges().first
        return first if first is not None and window.start + window.step <= first else 0

    def _unheld(self, held: Sequence[Condition]) -> str:
        """Return why the log's rows cannot be held against the conditions, or an empty string."""
        schema = self._survey.schema()
        for each in () if schema.error else held:
            text = clauses.told(self._log, each.field.slug)
            if text is None:
                return f"The request log holds no {each.field.title.lower()}."
            if lacking := clauses.missing(self._log, schema.tables, text):
                return f"The database has no column {', '.join(lacking)}."
        return ""

    def _lacking(self, measure: Measure, dimensions: Sequence[Dimension]) -> str:
        """Return why the log cannot tell the measure cut like that, or an empty string."""
        schema, log = self._survey.schema(), self._log
        if schema.error:  # asking will show the same error, with its reason
            return ""
        if log.table not in schema.tables:
            return f"The database has no table {log.table}."
        expressions = []
        for part in read_as(measure):
            expression = log.expression(part)
            if expression is None:
                return f"The request log does not tell {part.title.lower()}."
            expressions.append(expression)
        for dimension in dimensions:
            column = log.column(dimension)
            if column is None:
                return f"The request log holds no {dimension.slug}."
            expressions += [column.expression, column.where or ""]
        lacking = clauses.missing(log, schema.tables, *expressions)
        return f"The database has no column {', '.join(lacking)}." if lacking else ""


def _priced_by_list(measure: Measure, cells: Cells, size: int) -> Amount:
    """How many requests were priced by the price list, where the measure is about money."""
    if not {COST, SAVINGS, INPUT_COST} & set(measure.parts):
        return None
    rows = [parts[PRICED_BY_LIST.slug] for parts in cells.groups.values() if PRICED_BY_LIST.slug in parts]
    return total(amount for row in rows for amount in row[:size])
