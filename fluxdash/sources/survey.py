"""What a request log really holds: tables, columns, names, from when to when, and whether a window is cheap to read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from fluxdash.errors import SourceError, SourceSaturated
from fluxdash.profiles.profile import Log
from fluxdash.sources import sql
from fluxdash.sources.database import Database
from fluxdash.sources.glance import Glance
from fluxdash.sources.shelf import Shelf

_KEEP_SCHEMA = 60.0
_KEEP_EDGES = 15.0
_RETRY = 2.0
_SPANS = 256


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables with their columns, whether time is indexed, and about how many rows there are (None: not known).

    `separator` is what stands between date and time in the row that was written last.
    """

    tables: dict[str, frozenset[str]] = field(default_factory=dict)
    indexed: bool = False
    rows: int | None = None
    separator: str = " "
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """The first and last time in the log, in epoch seconds; None when it is empty or too dear to ask."""

    first: int | None = None
    last: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The accounts' ids with their names, and whether they could not be read again."""

    known: tuple[tuple[str, str], ...] = ()
    failed: bool = False


class Survey:
    """Looks at the schema once a minute and at the edges every quarter of one; never raises."""

    def __init__(self, database: Database, log: Log, most_rows: int, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._log = log
        self._most = most_rows
        self._schema = Glance(self._look, lambda found: _RETRY if found.error else _KEEP_SCHEMA, clock)
        self._edges = Glance(self._measure, lambda found: 0.0 if found.failed else _KEEP_EDGES, clock)
        self._expected: Shelf[int | None] = Shelf(lambda _: _KEEP_SCHEMA, _SPANS, clock=clock)
        self._names = Glance(self._call, lambda found: _RETRY if found.failed else _KEEP_SCHEMA, clock)

    def schema(self) -> Schema:
        """Return what there is, from at most a minute ago."""
        return self._schema.now()

    @property
    def log(self) -> Log:
        """The log as it is written here, where times are text."""
        return replace(self._log, separator=self.schema().separator)

    def check(self) -> None:
        """Raise what the last look at the schema met: without it no statement is right, and asking takes as long."""
        error = self.schema().error
        if error:
            raise type(error)(error.source, error.reason, hint=error.hint) from error

    def edges(self) -> Edges:
        """Return from when to when there are rows, from at most 15 s ago."""
        return self._edges.now()

    def expensive(self, start: int, end: int) -> str:
        """Return a sentence when rows of `[start, end)` cannot be read cheaply, else an empty string."""
        schema = self.schema()
        if schema.error or (schema.rows is not None and schema.rows <= self._most):
            return ""
        if not (schema.indexed or self._database.is_sqlite):
            return self.unindexed()
        expected = self.expected(start, end)
        if expected is None or expected <= self._most:
            return ""
        return f"About {expected:,} rows lie in the window: a shorter one can be read."

    def unindexed(self) -> str:
        """Return a sentence when not even the newest rows can be found cheaply, else an empty string."""
        schema = self.schema()
        if schema.error or schema.indexed or (schema.rows is not None and schema.rows <= self._most):
            return ""
        return f"{self._log.table} has no index on {self._log.time}: with one it can be read."

    def expected(self, start: int, end: int) -> int | None:
        """Return about how many rows lie in `[start, end)`, or None where that cannot be told cheaply."""
        schema = self.schema()
        if not self._database.is_sqlite:
            try:  # every question of a page comes by here, about the same few windows
                return self._expected.get((start, end), lambda: self._planned(start, end))
            except SourceError:
                return None
        edges = self.edges()
        if edges.first is None or edges.last is None or schema.rows is None:
            return None
        covered = max(0, min(end, edges.last) - max(start, edges.first))
        return int(schema.rows * covered / max(edges.last - edges.first, 1))

    def _planned(self, start: int, end: int) -> int | None:
        return self._database.planned_rows(sql.rows_between(self._log, start, end))

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the accounts' ids with their names; empty where the log holds none or cannot be asked."""
        return self._names.now().known

    def _look(self, _: float) -> Schema:
        log = self._log
        names = [log.table, *([log.prices.table] if log.prices else []), *([log.names.table] if log.names else [])]
        try:
            tables = self._database.tables(names)
            if log.table not in tables:
                return Schema(tables)
            indexed = log.time in self._database.leading_columns(log.table)
            return Schema(tables, indexed, self._rows(), self._separator())
        except SourceError as err:
            known = self._schema.last or Schema()
            # Too many calls at this moment say nothing about the schema that was found a minute ago.
            return known if known.tables and isinstance(err, SourceSaturated) else replace(known, error=err)

    def _separator(self) -> str:
        if not self._database.is_sqlite:
            return self._log.separator
        found = self._database.rows(sql.last_written(self._log))
        return "T" if found and found[0][0] == "T" else " "

    def _rows(self) -> int | None:
        """About how many rows the log has, by the engine's own books: counting them would read them all."""
        if self._database.is_sqlite:
            found = self._database.rows(sa.text(f'SELECT max(rowid) FROM "{self._log.table}"'))
            return int(found[0][0] or 0)
        statement = sa.text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
        found = self._database.rows(statement.bindparams(name=f'"{self._log.table}"'))
        if found and found[0][0] >= 0:
            return int(found[0][0])
        # -1: the table was never analysed. The planner then goes by its pages, which is good enough for its size.
        return self._database.planned_rows(sql.every_row(self._log))

    def _measure(self, _: float) -> Edges:
        schema = self.schema()
        small = schema.rows is not None and schema.rows <= 10 * self._most
        before = replace(self._edges.last or Edges(), failed=True)
        if schema.error:
            return before
        if self._log.table not in schema.tables or not (schema.indexed or small):
            return Edges()
        try:
            row = self._database.rows(sql.edges(self._log))[0]
        except SourceError as err:
            if not isinstance(err, SourceSaturated):  # every other question would meet the same, and wait as long
                self._schema.put(replace(schema, error=err))
            return before
        return Edges(row.first, row.last)

    def _call(self, _: float) -> Names:
        names, schema = self._log.names, self.schema()
        before = self._names.last or Names()
        if schema.error:
            return replace(before, failed=True)
        if names is None or not {names.key, names.name} <= schema.tables.get(names.table, frozenset()):
            return Names()
        try:
            rows = self._database.rows(sql.account_names(self._log))
        except SourceError:
            return replace(before, failed=True)
        return Names(tuple((str(row.key), str(row.name)) for row in rows))
