"""What the rows of a request log tell: single requests, and how long each of them took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from fluxdash.errors import NotReported, SourceError
from fluxdash.profiles.profile import Log
from fluxdash.semantic.answer import Note, NoteKind, Provenance, Samples
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.records import Order, Record, Records
from fluxdash.semantic.scope import Scope
from fluxdash.sources import clauses, leaves, sql
from fluxdash.sources.cached import Listed, Ribbons, Row
from fluxdash.sources.cells import Spec
from fluxdash.sources.database import Database
from fluxdash.sources.latencies import LATENCIES, asked_of
from fluxdash.sources.log import LogSource
from fluxdash.sources.source import LOG, Verdict
from fluxdash.sources.survey import Survey

EXACT_ROWS = 20_000
"""With more rows than these in a window, latencies are put into bins: fewer numbers, each within half a percent."""

REQUESTS_LISTED = "The list of requests"

_FIELDS = tuple(each.name for each in fields(Record) if each.name != "account_name")
_NUMBERS = ("time", "latency", "cost", "list_price", "input_cost")
_WHOLE = ("input_tokens", "output_tokens", "estimated")


class LogRows:
    """Reads the rows of a log; a list of requests is refused where it would be dear, for nobody else could tell it."""

    def __init__(
        self, source: LogSource, database: Database, log: Log, ribbons: Ribbons, survey: Survey, origin: str
    ) -> None:
        self._source = source
        self._database = database
        self._log = log
        self._ribbons = ribbons
        self._survey = survey
        self._origin = f"{LOG}:{origin}"

    def samples(self, scope: Scope, by: Dimension) -> Samples:
        """Return the latencies of the closed part of the window by group; raises NotReported or SourceError."""
        verdict = self._verdict(asked_of(scope, by))
        _refuse(LATENCIES, verdict.reason)
        binned, spec = self._is_binned(scope), _spec(scope, by)
        asked = f"latencies by group {binned} {spec.key}"
        listed = self._listed(asked, scope, lambda: self._latencies(scope, by, binned), _tallied)
        scale = self._log.latency_scale
        groups = {
            str(group): tuple((float(latency or 0) * scale, int(n or 0)) for latency, n in zip(*told, strict=False))
            for group, told in ((row[0], (row[1::2], row[2::2])) for row in listed.rows)
        }
        how = [Note(NoteKind.ESTIMATED, "latencies rounded to three digits")] if binned else []
        source = Provenance(LOG, listed.as_of, not binned, (*how, *_partly(verdict)))
        return Samples(groups, source)

    def records(self, scope: Scope, order: Order, n: int) -> Records:
        """Return the first `n` requests in some order, the newest up to now; raises NotReported or SourceError."""
        verdict = self._listable(scope, order)
        _refuse(REQUESTS_LISTED, self._dear(verdict, order))
        spec = _spec(scope, None)
        asked = f"requests {order} {n} {spec.key}"
        listed = self._listed(asked, scope, lambda: self._requests(scope, order, n), _each)
        rows = tuple(_record(row) for row in listed.rows)
        total: int | None = len(rows)
        if total == n:
            total = None if verdict.expensive else self._count(scope, spec, order)
        estimated = sum(row.estimated for row in rows)
        how = [Note(NoteKind.ESTIMATED, f"{estimated:,} requests priced from the price list")] if estimated else []
        return Records(rows, Provenance(LOG, listed.as_of, not estimated, (*how, *_partly(verdict))), total)

    def sample_statement(self, scope: Scope, by: Dimension) -> str:
        """Return the SQL that `samples` runs; raises as `samples` does."""
        _refuse(LATENCIES, self._verdict(asked_of(scope, by)).reason)
        return self._database.text(self._latencies(scope, by, self._is_binned(scope)))

    def record_statement(self, scope: Scope, order: Order, n: int) -> str:
        """Return the SQL that `records` runs, or would run if it were cheap; raises as `records` does."""
        self._listable(scope, order)
        return self._database.text(self._requests(scope, order, n))

    def _dear(self, verdict: Verdict, order: Order) -> str:
        """Return why a list would cost too much, with the statement that helps where one does; else an empty string."""
        reason = self._survey.unindexed() if order is Order.NEWEST else verdict.expensive
        helps = reason and reason == self._survey.unindexed()
        statement = leaves.index(self._log, file=self._database.is_sqlite)
        return f"{reason} Its owner can run `{statement}`" if helps else reason

    def _listable(self, scope: Scope, order: Order) -> Verdict:
        verdict = self._verdict(REQUESTS.total().within(scope))
        _refuse(REQUESTS_LISTED, verdict.reason or ("" if order is Order.NEWEST else self._costless()))
        return verdict

    def _verdict(self, query: Query) -> Verdict:
        try:
            self._survey.check()
        except SourceError as err:
            self._source.failed(err)
            raise
        return self._source.verdict(query)

    def _listed(
        self,
        asked: str,
        scope: Scope,
        statement: Callable[[], sa.Select[Any]],
        told: Callable[[Sequence[sa.Row[Any]]], tuple[Row, ...]],
    ) -> Listed:
        def fetch() -> tuple[Row, ...]:
            return told(self._database.rows(statement()))

        try:
            listed = self._ribbons.listed(self._origin, asked, scope.window, fetch)
        except SourceError as err:
            self._source.failed(err)
            raise
        self._source.read(listed.as_of)
        return listed

    def _latencies(self, scope: Scope, by: Dimension, binned: bool) -> sa.Select[Any]:
        window = scope.window
        return sql.latencies(self._survey.log, self._tables, _spec(scope, by), window.start, window.end, binned=binned)

    def _requests(self, scope: Scope, order: Order, n: int) -> sa.Select[Any]:
        return sql.requests(self._survey.log, self._tables, _spec(scope, None), *_span(scope, order), order, n)

    def _count(self, scope: Scope, spec: Spec, order: Order) -> int:
        def statement() -> sa.Select[Any]:
            return sql.count(self._survey.log, self._tables, spec, *_span(scope, order))

        listed = self._listed(f"count {order} {spec.key}", scope, statement, lambda rows: ((int(rows[0].tally),),))
        return int(listed.rows[0][0] or 0)

    def _is_binned(self, scope: Scope) -> bool:
        expected = self._survey.expected(scope.window.start, scope.window.end)
        return expected is None or expected > EXACT_ROWS

    def _costless(self) -> str:
        """Return why no cost can be told of a request, or an empty string."""
        text = dict(self._log.record).get("cost")
        if text is None:
            return "The request log does not tell cost."
        lacking = clauses.missing(self._log, self._tables, text)
        return f"The database has no column {', '.join(lacking)}." if lacking else ""

    @property
    def _tables(self) -> clauses.Tables:
        return self._survey.schema().tables


def record(row: sa.Row[Any]) -> Record:
    """Return what a row of `time` and `sql.fields` tells of its request."""
    return _record(_cells(row))


def _refuse(subject: str, reason: str) -> None:
    if reason:
        raise NotReported(subject, (reason,))


def _spec(scope: Scope, by: Dimension | None) -> Spec:
    return Spec((), by, scope.selection or (), conditions=scope.conditions)


def _span(scope: Scope, order: Order) -> tuple[int, int]:
    """The newest requests are of the head, too; the dearest are those that the window's cost is made of."""
    window = scope.window
    return window.start, max(window.end, window.now) if order is Order.NEWEST else window.end


def _partly(verdict: Verdict) -> tuple[Note, ...]:
    return tuple(Note(NoteKind.PARTIAL, text) for text in (verdict.stale, verdict.uncovered) if text)


def _tallied(rows: Sequence[sa.Row[Any]]) -> tuple[Row, ...]:
    """Return a row a group: its name, then latency and tally in turns; one for each latency would weigh four times."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        groups.setdefault(row.grouped, []).extend((float(row.latency), int(row.tally)))
    return tuple((str(group), *told) for group, told in groups.items())


def _each(rows: Sequence[sa.Row[Any]]) -> tuple[Row, ...]:
    return tuple(map(_cells, rows))


def _cells(row: sa.Row[Any]) -> Row:
    told = row._asdict()
    return tuple(_cell(name, told.get(name)) for name in _FIELDS)


def _cell(name: str, value: Any) -> str | float | None:
    if value is None or value == "":
        return None
    return float(value) if name in _NUMBERS else int(value) if name in _WHOLE else str(value)


def _record(row: Row) -> Record:
    told: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    return Record(**{**told, "estimated": bool(told["estimated"]) and told["list_price"] is not None})
