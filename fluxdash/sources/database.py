"""The fetcher for the request log: a read-only engine for PostgreSQL or SQLite, with a deadline on each statement."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
from fluxdash.sources.source import LOG
from fluxdash.telemetry import NOBODY, Telemetry

NAME = "The request log"

_CHECK_EVERY = 20_000
"""SQLite's virtual instructions between two looks at the clock: well under a millisecond."""

_STATEMENTS = 200
"""Statements that are kept compiled, and half as many again: each weighs some 80 kB."""

_NOBODY = "Nothing answers at the address in DATABASE_URL. It is asked again by itself."
_KEYS = "Check the user and the password in DATABASE_URL, and what this user may read."
_NO_FILE = "Check the path in DATABASE_URL: it is looked for again by itself."


class Database:
    """Runs selects on one database. Every method raises a SourceError within about the deadline, and nothing else."""

    def __init__(self, url: str, timeout: float = 10.0, concurrency: int = 4, telemetry: Telemetry = NOBODY) -> None:
        self._url = make_url(url)
        self._timeout = timeout
        self._gate = Gate(NAME, concurrency, timeout + 0.5, told=LOG, telemetry=telemetry)
        self._engine = _sqlite(self._url, timeout) if self.is_sqlite else _postgresql(self._url, timeout, concurrency)

    @property
    def is_sqlite(self) -> bool:
        """Whether the log is a file of this machine."""
        return self._url.get_backend_name() == "sqlite"

    def rows(self, statement: sa.Select[Any] | sa.TextClause, *, once: bool = False) -> Sequence[sa.Row[Any]]:
        """Return all rows of a select; one that is asked `once` is not kept compiled for the next time."""

        def run() -> Sequence[sa.Row[Any]]:
            try:
                with self._engine.connect() as connection:
                    asked = connection.execution_options(compiled_cache=None) if once else connection
                    return asked.execute(statement).all()
            except exc.SQLAlchemyError as err:
                raise _told(err, self._timeout) from err

        return self._gate.call(run)

    def tables(self, names: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return those of the tables that exist, each with the names of its columns that we may read.

        Where we may read none, all are named, so that asking shows what was refused.
        """

        def run() -> dict[str, frozenset[str]]:
            try:
                inspector = sa.inspect(self._engine)
                there = [name for name in names if inspector.has_table(name)]
                columns = {name: frozenset(each["name"] for each in inspector.get_columns(name)) for name in there}
                return {name: self._readable(name) & found or found for name, found in columns.items()}
            except exc.SQLAlchemyError as err:
                raise _told(err, self._timeout) from err

        return self._gate.call(run)

    def _readable(self, table: str) -> frozenset[str]:
        if self.is_sqlite:
            return frozenset()
        with self._engine.connect() as connection:
            return frozenset(connection.execute(_READABLE, {"name": f'"{table}"'}).scalars())

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
        plan = self.rows(sa.text(f"EXPLAIN (FORMAT JSON) {self.text(statement)}".replace(":", "\\:")), once=True)
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


_READABLE = sa.text(
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped"
    " AND has_column_privilege(attrelid, attnum, 'SELECT')"
)


def _postgresql(url: sa.URL, timeout: float, concurrency: int) -> Engine:
    milliseconds = int(timeout * 1000)
    # Compiling the look-up of prices took PostgreSQL 3 s where running it takes 0.2 s.
    session = f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on -c timezone=UTC -c jit=off"
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg2"),
        isolation_level="AUTOCOMMIT",
        query_cache_size=_STATEMENTS,
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
    address = f"file:{quote(url.database or '')}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=2.0)
        connection.execute("PRAGMA query_only = ON")
        return connection

    engine = sa.create_engine(
        "sqlite://",
        creator=connect,
        poolclass=sa.QueuePool,
        query_cache_size=_STATEMENTS,
        pool_size=4,
        pool_timeout=0.5,
    )

    @event.listens_for(engine, "connect")
    def remember(_: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(url)

    @event.listens_for(engine, "checkout")
    def notice(_: object, record: sa.pool.ConnectionPoolEntry, __: object) -> None:
        # A file that was deleted or replaced would be read on, as it was, for as long as the connection is kept.
        if record.info.get("file") != _identity(url):
            raise exc.DisconnectionError

    @event.listens_for(engine, "before_cursor_execute")
    def watch(connection: sa.Connection, *_: object) -> None:
        last = time.monotonic() + timeout
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(lambda: time.monotonic() > last, _CHECK_EVERY)

    return engine


def _identity(url: sa.URL) -> tuple[int, int] | None:
    try:
        found = Path(url.database or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


_SCHEMA = ("42P01", "42703", "42883")

_SHUT = ("authentication failed", "no pg_hba.conf entry", "permission denied", "not permitted to log in", 'role "')
_FULL = ("too many ", "remaining connection slots")

_REFUSED = ("SQLITE_ERROR", "SQLITE_READONLY")
"""What SQLite calls operational and is not: the file can be read, the statement is wrong."""


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
    # Why a connection is refused has no code in this driver, only words, after a line for each address that was tried.
    fatal = next(iter(str(original).partition("FATAL:")[2].strip().splitlines()), "")[:200]
    if code == "53300" or any(words in fatal for words in _FULL):
        return SourceSaturated(NAME, "has too many connections already")
    if code.startswith("28") or any(words in fatal for words in _SHUT):
        return SourceForbidden(NAME, "refused the credentials or the access", hint=_KEYS)
    if code == "42501":
        return SourceForbidden(NAME, "refused the credentials or the access", hint=text)
    if getattr(original, "sqlite_errorname", "") in _REFUSED:
        return SourceRejected(NAME, "refused the query", hint=text)
    if isinstance(err, exc.OperationalError | exc.InterfaceError) or getattr(err, "connection_invalidated", False):
        missing = "unable to open database file" in text
        reason, nobody = ("cannot be opened: no such file", _NO_FILE) if missing else ("cannot be reached", _NOBODY)
        return SourceUnreachable(NAME, reason, hint=fatal or nobody)
    return SourceRejected(NAME, "refused the query", hint=text)
