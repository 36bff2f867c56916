"""The fetcher for the request log: a read-only engine for PostgreSQL or SQLite, with a deadline on each statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine, make_url

from fluxdash.errors import (
    BadPayload,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.sources.gate import Gate

NAME = "The request log"

_CHECK_EVERY = 20_000
"""SQLite's virtual instructions between two looks at the clock: well under a millisecond."""


class Database:
    """Runs selects on one database. Every method raises a SourceError within about the deadline, and nothing else."""

    def __init__(self, url: str, timeout: float = 10.0, concurrency: int = 4) -> None:
        self._url = make_url(url)
        self._timeout = timeout
        self._gate = Gate(NAME, concurrency, timeout + 0.5)
        self._engine = _sqlite(self._url, timeout) if self.is_sqlite else _postgresql(self._url, timeout, concurrency)

    @property
    def is_sqlite(self) -> bool:
        """Whether the log is a file of this machine."""
        return self._url.get_backend_name() == "sqlite"

    def rows(self, statement: sa.Select[Any] | sa.TextClause) -> Sequence[sa.Row[Any]]:
        """Return all rows of a select."""

        def run() -> Sequence[sa.Row[Any]]:
            try:
                with self._engine.connect() as connection:
                    return connection.execute(statement).all()
            except exc.SQLAlchemyError as err:
                raise _told(err, self._timeout) from err

        return self._gate.call(run)

    def tables(self, names: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return those of the tables that exist, each with its columns' names."""

        def run() -> dict[str, frozenset[str]]:
            try:
                inspector = sa.inspect(self._engine)
                there = [name for name in names if inspector.has_table(name)]
                return {name: frozenset(each["name"] for each in inspector.get_columns(name)) for name in there}
            except exc.SQLAlchemyError as err:
                raise _told(err, self._timeout) from err

        return self._gate.call(run)

    def leading_columns(self, table: str) -> frozenset[str]:
        """Return the first column of each index of a table: what it can be searched by."""

        def run() -> frozenset[str]:
            try:
                indexes = sa.inspect(self._engine).get_indexes(table)
            except exc.SQLAlchemyError as err:
                raise _told(err, self._timeout) from err
            return frozenset(each["column_names"][0] or "" for each in indexes if each["column_names"])

        return self._gate.call(run)

    def planned_rows(self, statement: sa.Select[Any]) -> int | None:
        """Return the planner's own estimate of a select's rows, which costs no reading; None where there is none."""
        if self.is_sqlite:
            return None
        plan = self.rows(sa.text(f"EXPLAIN (FORMAT JSON) {self.text(statement)}".replace(":", "\\:")))
        return int(plan[0][0][0]["Plan"]["Plan Rows"])

    def text(self, statement: sa.Select[Any]) -> str:
        """Return a statement as this database's own SQL, with its values written in, for people to copy."""
        # Drivers with % parameters double every percent sign; the named style leaves the text as one would type it.
        dialect = (sqlite if self.is_sqlite else postgresql).dialect(paramstyle="named")
        return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def close(self) -> None:
        """Close the pool."""
        self._gate.close()
        self._engine.dispose()


def _postgresql(url: sa.URL, timeout: float, concurrency: int) -> Engine:
    milliseconds = int(timeout * 1000)
    session = f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on -c timezone=UTC"
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg2"),
        isolation_level="AUTOCOMMIT",
        pool_size=concurrency,
        max_overflow=1,
        pool_timeout=0.5,
        pool_pre_ping=True,
        connect_args={
            "options": session,
            "connect_timeout": max(2, min(5, int(timeout))),
            "application_name": "fluxdash",
            "tcp_user_timeout": milliseconds,
        },
    )


def _sqlite(url: sa.URL, timeout: float) -> Engine:
    # mode=rw and not ro: a reader of a WAL database must be able to open its index; query_only forbids every write,
    # and a file that does not exist is an error instead of an empty database.
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{url.database}?mode=rw", uri=True, check_same_thread=False, timeout=2.0)
        connection.execute("PRAGMA query_only = ON")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.QueuePool, pool_size=4, pool_timeout=0.5)

    @event.listens_for(engine, "before_cursor_execute")
    def watch(connection: sa.Connection, *_: object) -> None:
        last = time.monotonic() + timeout
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(lambda: time.monotonic() > last, _CHECK_EVERY)

    return engine


_SCHEMA = ("42P01", "42703", "42883")


def _told(err: exc.SQLAlchemyError, timeout: float) -> SourceError:
    """Return the member of our family that says what a driver's error means."""
    if isinstance(err, exc.TimeoutError):
        return SourceSaturated(NAME, "has no free connection")
    original = getattr(err, "orig", None)
    code = getattr(original, "pgcode", None) or ""
    text = str(original or err).strip().splitlines()[0][:200] if str(original or err).strip() else type(err).__name__
    if code == "57014" or text == "interrupted":
        return SourceTimeout(NAME, f"did not answer in {timeout:g} s", hint="A shorter range usually works.")
    if code in _SCHEMA or text.startswith(("no such table", "no such column")):
        return BadPayload(NAME, "lacks a table or a column", hint=text)
    if code == "42501" or code.startswith("28") or "password authentication failed" in text:
        return SourceForbidden(NAME, "refused the credentials or the access", hint="")
    if code == "53300":
        return SourceSaturated(NAME, "has too many connections already")
    if isinstance(err, exc.OperationalError | exc.InterfaceError) or getattr(err, "connection_invalidated", False):
        missing = "unable to open database file" in text
        return SourceUnreachable(NAME, "cannot be opened: no such file" if missing else "cannot be reached")
    return SourceRejected(NAME, "refused the query", hint=text)
