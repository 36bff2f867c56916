"""What a request log really holds: tables, columns, names, from when to when, and whether a window is cheap to read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from fluxdash.errors import SourceError
from fluxdash.profiles.profile import Log
from fluxdash.sources import sql
from fluxdash.sources.database import Database

_KEEP_SCHEMA = 60.0
_KEEP_EDGES = 15.0
_RETRY = 5.0


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables with their columns, whether time is indexed, and about how many rows there are (None: not known)."""

    tables: dict[str, frozenset[str]] = field(default_factory=dict)
    indexed: bool = False
    rows: int | None = None
    at: float = 0.0
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """The first and last time in the log, in epoch seconds; None when it is empty or too dear to ask."""

    first: int | None = None
    last: int | None = None
    at: float = 0.0


class Survey:
    """Looks at the schema once a minute and at the edges every quarter of one; never raises."""

    def __init__(self, database: Database, log: Log, most_rows: int, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._log = log
        self._most = most_rows
        self._clock = clock
        self._lock = threading.RLock()
        self._schema: Schema | None = None
        self._edges: Edges | None = None
        self._names: tuple[float, tuple[tuple[str, str], ...]] = (0.0, ())

    def schema(self) -> Schema:
        """Return what there is, from at most a minute ago."""
        with self._lock:
            schema, now = self._schema, self._clock()
            if schema is None or now - schema.at > (_RETRY if schema.error else _KEEP_SCHEMA):
                self._schema = schema = self._look(now)
            return schema

    def edges(self) -> Edges:
        """Return from when to when there are rows, from at most 15 s ago."""
        schema = self.schema()
        with self._lock:
            edges, now = self._edges, self._clock()
            if edges is None or now - edges.at > _KEEP_EDGES:
                self._edges = edges = self._measure(schema, now)
            return edges

    def expensive(self, start: int, end: int) -> str:
        """Return a sentence when rows of `[start, end)` cannot be read cheaply, else an empty string."""
        schema = self.schema()
        if schema.error or (schema.rows is not None and schema.rows <= self._most):
            return ""
        if not (schema.indexed or self._database.is_sqlite):
            return f"{self._log.table} has no index on {self._log.time}."
        expected = self._expected(schema, start, end)
        return f"About {expected:,} rows lie in the window." if expected is not None and expected > self._most else ""

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the accounts' ids with their names; empty where the log holds none or cannot be asked."""
        names = self._log.names
        if names is None or not {names.key, names.name} <= self.schema().tables.get(names.table, frozenset()):
            return ()
        with self._lock:
            read, known = self._names
            if self._clock() - read > _KEEP_SCHEMA:
                try:
                    rows = self._database.rows(sql.account_names(self._log))
                    known = tuple((str(row.key), str(row.name)) for row in rows)
                except SourceError:
                    return known
                self._names = (self._clock(), known)
            return known

    def _look(self, now: float) -> Schema:
        log = self._log
        names = [log.table, *([log.prices.table] if log.prices else []), *([log.names.table] if log.names else [])]
        try:
            tables = self._database.tables(names)
            if log.table not in tables:
                return Schema(tables, at=now)
            indexed = log.time in self._database.leading_columns(log.table)
            return Schema(tables, indexed, self._rows(), now)
        except SourceError as err:
            return Schema(at=now, error=err)

    def _rows(self) -> int | None:
        """About how many rows the log has, by the engine's own books: counting them would read them all."""
        if self._database.is_sqlite:
            found = self._database.rows(sa.text(f'SELECT max(rowid) FROM "{self._log.table}"'))
            return int(found[0][0] or 0)
        statement = sa.text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
        found = self._database.rows(statement.bindparams(name=f'"{self._log.table}"'))
        # -1 means that the table was never analysed.
        return int(found[0][0]) if found and found[0][0] >= 0 else None

    def _measure(self, schema: Schema, now: float) -> Edges:
        small = schema.rows is not None and schema.rows <= 10 * self._most
        if schema.error or self._log.table not in schema.tables or not (schema.indexed or small):
            return Edges(at=now)
        try:
            row = self._database.rows(sql.edges(self._log))[0]
        except SourceError:
            return Edges(at=now)
        return Edges(row.first, row.last, now)

    def _expected(self, schema: Schema, start: int, end: int) -> int | None:
        if not self._database.is_sqlite:
            try:
                return self._database.planned_rows(sql.rows_between(self._log, start, end))
            except SourceError:
                return None
        edges = self.edges()
        if edges.first is None or edges.last is None or schema.rows is None:
            return None
        covered = max(0, min(end, edges.last) - max(start, edges.first))
        return int(schema.rows * covered / max(edges.last - edges.first, 1))
