"""Requests of the log by their traces: which row a trace belongs to, and which traces the rows of a search have."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from fluxdash.profiles.profile import Log
from fluxdash.semantic.measures import FAILURES
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traceid import TraceId
from fluxdash.sources import clauses, sql
from fluxdash.sources.cells import Spec
from fluxdash.sources.database import Database
from fluxdash.sources.rowtrace import booked
from fluxdash.sources.survey import Survey
from fluxdash.sources.trace_store import Ask

_BEFORE, _AFTER = 60, 900
"""Seconds around a trace within which its row is looked for: clocks differ, and rows are written late."""

_SHARED = 20
"""Rows of one trace that are read: a session may be the trace of many requests."""

_FIELDS = tuple(each for each in fields(Record) if each.name != "account_name")


class TraceRows:
    """Reads the rows that have a trace id; where reading them would be dear, `able` says why."""

    def __init__(self, database: Database, log: Log, survey: Survey) -> None:
        self._database = database
        self._log = log
        self._survey = survey

    def able(self) -> str:
        """Return why rows cannot be found by their traces, or an empty string; raises SourceError."""
        self._survey.check()
        told = dict(self._log.record).get("trace_id")
        if told is None:
            return "The request log holds no trace ids."
        lacking = clauses.missing(self._log, self._tables, told)
        if lacking:
            return f"The database has no column {', '.join(lacking)}."
        return self._survey.unindexed()

    def small(self) -> bool:
        """Return whether the whole log can be read cheaply; never raises."""
        return not self._survey.expensive(0, int(time.time()))

    def of(self, ids: Iterable[TraceId], start: int, end: int) -> list[Record]:
        """Return the rows of these traces, of requests that ran in `[start, end]` (nanoseconds); raises SourceError."""
        digits = sorted({each.digits for each in ids})
        if not digits:
            return []
        first, last = max(0, start // NANOSECONDS - _BEFORE), end // NANOSECONDS + _AFTER
        bare = sa.func.ltrim(sa.func.lower(self._id), sa.literal_column("'0'"))
        return self._records(bare.in_(digits), first, last, _SHARED * len(digits))

    def beginning(self, prefix: TraceId, start: int, end: int) -> list[Record]:
        """Return a few rows whose trace id begins so, of requests that ran in a stretch; raises SourceError."""
        condition = sa.func.lower(self._id).startswith(prefix.text, autoescape=True)
        return self._records(condition, start // NANOSECONDS, -(-end // NANOSECONDS), 5)

    def search(self, scope: Scope, ask: Ask) -> tuple[list[Record], int | None]:
        """Return the newest rows with a trace that match, and before when to go on; raises SourceError."""
        records = [_record(row) for row in self._database.rows(self._newest(scope, ask))]
        older = booked(records[ask.n - 1]) if len(records) > ask.n else None
        return records[: ask.n], older

    def statement(self, scope: Scope, ask: Ask) -> str:
        """Return the SQL that `search` runs."""
        return self._database.text(self._newest(scope, ask))

    def spread(self, scope: Scope, ask: Ask) -> list[Record] | None:
        """Return about `ask.n` rows with a trace from all over a stretch; None where that is dear, else as `search`."""
        if self._is_dear(scope):
            return None
        many = self._tally(self._matching(scope, ask, self._counting()))
        step, at = -(-max(many, 1) // ask.n), clauses.moment(self._log)
        numbered = self._matching(
            scope, ask, sa.select(at.label("at"), sa.func.row_number().over(order_by=at).label("n"))
        )
        every = numbered.select_from(clauses.table(self._log)).subquery("numbered")
        chosen = sa.select(every.c.at).where(every.c.n % sa.literal_column(str(step)) == sa.literal_column("0"))
        statement = self._matching(scope, ask, self._select()).where(at.in_(chosen))
        return [_record(row) for row in self._database.rows(statement.limit(sa.literal_column(str(2 * ask.n))))]

    def count(self, scope: Scope, ask: Ask) -> int | None:
        """Return how many requests match, with a trace id or without; None where counting would be dear."""
        if self._is_dear(scope):
            return None
        return self._tally(self._counting().where(*self._conditions(scope, ask)))

    def _newest(self, scope: Scope, ask: Ask) -> sa.Select[Any]:
        return self._matching(scope, ask, self._select()).limit(sa.literal_column(str(ask.n + 1)))

    def _is_dear(self, scope: Scope) -> bool:
        return bool(self._survey.expensive(scope.window.start, max(scope.window.end, scope.window.now)))

    def _counting(self) -> sa.Select[Any]:
        return sa.select(sa.func.count().label("tally")).select_from(clauses.table(self._log))

    def _tally(self, statement: sa.Select[Any]) -> int:
        return int(self._database.rows(statement)[0].tally)

    def _matching(self, scope: Scope, ask: Ask, wanted: sa.Select[Any]) -> sa.Select[Any]:
        return wanted.where(*self._conditions(scope, ask), self._id.is_not(None), self._id != "")

    def _conditions(self, scope: Scope, ask: Ask) -> list[sa.ColumnElement[bool]]:
        spec = Spec((), None, scope.selection or ())
        tables, log = self._tables, self._log
        first, last = ask.start // NANOSECONDS, -(-ask.end // NANOSECONDS)
        conditions = list(clauses.conditions(log, tables, spec, first, last))
        if ask.end % NANOSECONDS:  # a search that goes on does so to the microsecond
            conditions.append(clauses.moment(log) < _naive(ask.end))
        latency = clauses.value(log.latency, log, tables)
        conditions += [latency >= ask.least / log.latency_scale] if ask.least is not None else []
        conditions += [latency <= ask.most / log.latency_scale] if ask.most is not None else []
        failure = log.expression(FAILURES)
        if ask.errors and failure is not None:
            conditions.append(clauses.value(failure, log, tables) == sa.literal_column("1"))
        return conditions

    def _records(self, condition: sa.ColumnElement[bool], first: int, last: int, n: int) -> list[Record]:
        statement = self._select().where(*clauses.within(self._log, first, last), condition)
        return [_record(row) for row in self._database.rows(statement.limit(sa.literal_column(str(n))))]

    def _select(self) -> sa.Select[Any]:
        told = [value.label(name) for name, value in sql.fields(self._log, self._tables).items()]
        at = clauses.moment(self._log)
        wanted = sa.select(clauses.instant(at).label("time"), *told)
        return wanted.select_from(clauses.table(self._log)).order_by(at.desc())

    @property
    def _id(self) -> sa.ColumnElement[str]:
        told = dict(self._log.record)["trace_id"]
        return sa.type_coerce(clauses.value(told, self._log, self._tables), sa.String)

    @property
    def _tables(self) -> clauses.Tables:
        return self._survey.schema().tables


def nearest(records: Sequence[Record], end: int) -> Record | None:
    """Return, of the rows that share a trace, the one booked nearest to when its request ended."""
    return min(records, key=lambda record: abs(booked(record) - end), default=None)


def _naive(nanoseconds: int) -> datetime:
    """A moment as the log writes it; SQLite compares the text, which has the same length as the log's own."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=rest // 1000)


def _record(row: sa.Row[Any]) -> Record:
    told: dict[str, Any] = {each.name: _cell(str(each.type), row._mapping.get(each.name)) for each in _FIELDS}
    return Record(**{**told, "estimated": bool(told["estimated"]) and told["list_price"] is not None})


def _cell(kind: str, value: Any) -> str | float | None:
    if value is None or value == "":
        return None
    if kind.startswith(("float", "Amount")):
        return float(value)
    return int(value) if kind.startswith(("int", "bool")) else str(value)
