"""The gateway's request log: creates its tables, fills in who and at which price, and inserts requests fast."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from decimal import Decimal

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.reference import account_rows, key_rows, price_rows
from fluxdash.demo.request import Request, epoch, utc
from fluxdash.demo.schema import REQUEST_METRICS, schema
from fluxdash.errors import SettingError

ALLOWED = "postgresql://user:password@host/name or sqlite:///path"
Cell = str | int | None


class RequestLog:
    """The log in the database at `url`: postgresql://, postgres://, postgresql+asyncpg:// or sqlite:///path.

    Opening it creates what is missing: the tables, the accounts with their keys, the price list. On SQLite also an
    index on the time, unless `time_index` says otherwise; on PostgreSQL none, because the gateway creates none.
    Raises SettingError for an address that is no such database, for one that does not answer, and for a log with
    accounts the demo does not know: made-up requests must not end up in a real one.
    """

    def __init__(self, url: str, time_index: bool | None = None) -> None:
        self._engine = engine(url)
        self._tables = schema().tables
        self._requests = self._tables[REQUEST_METRICS]
        self._columns = ", ".join(f'"{column.name}"' for column in self._requests.columns)
        sqlite = self._engine.dialect.name == "sqlite"
        try:
            with self._engine.begin() as connection:
                self._refuse_a_real_log(connection)
                self._requests.metadata.create_all(connection)
                if sqlite if time_index is None else time_index:
                    connection.exec_driver_sql(
                        f"CREATE INDEX IF NOT EXISTS ix_{REQUEST_METRICS}_timestamp ON {REQUEST_METRICS} (timestamp)"
                    )
                self._fill_in(connection)
        except SettingError:
            self._engine.dispose()
            raise
        except DBAPIError as err:
            self._engine.dispose()
            told = " ".join(str(err.orig).split())
            raise SettingError("database", self.address, f"a database that lets the demo in ({told})") from err

    @property
    def address(self) -> str:
        """The database's URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def insert(self, requests: Iterable[Request]) -> int:
        """Write these requests in one transaction and return how many they were."""
        rows = [_row(request) for request in requests]
        if not rows:
            return 0
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                self._copy(connection, rows)
            else:
                places = ", ".join("?" * len(self._requests.columns))
                connection.exec_driver_sql(f"INSERT INTO {REQUEST_METRICS} ({self._columns}) VALUES ({places})", rows)
        return len(rows)

    def newest(self) -> float | None:
        """The time of the newest request (epoch seconds), or None while there is none."""
        with self._engine.connect() as connection:
            newest = connection.scalar(sa.select(sa.func.max(self._requests.c.timestamp)))
        return None if newest is None else epoch(newest)

    def forget(self, start: float, end: float) -> None:
        """Delete the requests with start ≤ time < end."""
        time = self._requests.c.timestamp
        with self._engine.begin() as connection:
            connection.execute(self._requests.delete().where(time >= utc(start), time < utc(end)))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _copy(self, connection: sa.Connection, rows: list[tuple[Cell, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        text.seek(0)
        copy = f"COPY {REQUEST_METRICS} ({self._columns}) FROM STDIN (FORMAT csv)"
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.copy_expert(copy, text)
        except psycopg2.OperationalError as err:  # past SQLAlchemy, so it is told here that the connection is gone
            connection.invalidate()
            raise OperationalError(copy, None, err) from err

    def _refuse_a_real_log(self, connection: sa.Connection) -> None:
        accounts = self._tables["accounts"]
        if not sa.inspect(connection).has_table(accounts.name):
            return
        known = [account.id for account in ACCOUNTS]
        strangers = connection.scalar(sa.select(sa.func.count()).where(accounts.c.id.not_in(known)))
        if strangers:
            allowed = f"an empty database or the demo's own; this one holds {strangers} other accounts"
            raise SettingError("database", self.address, allowed)

    def _fill_in(self, connection: sa.Connection) -> None:
        for name, rows in (("accounts", account_rows()), ("api_keys", key_rows()), ("model_pricing", price_rows())):
            table = self._tables[name]
            if not connection.scalar(sa.select(sa.func.count()).select_from(table)):
                connection.execute(table.insert(), rows)


def engine(url: str) -> sa.Engine:
    """Return the engine of a database the demo may write to; raises SettingError for any other address."""
    try:
        address = sa.make_url(url)
    except ArgumentError as err:
        raise SettingError("database", url, ALLOWED) from err
    backend = "postgresql" if address.drivername == "postgres" else address.drivername.partition("+")[0]
    if backend == "postgresql":
        return sa.create_engine(address.set(drivername="postgresql+psycopg2"), pool_pre_ping=True)
    if backend != "sqlite" or address.database in (None, "", ":memory:"):
        raise SettingError("database", address.render_as_string(hide_password=True), ALLOWED)
    opened = sa.create_engine(address.set(drivername="sqlite"))
    sa.event.listen(opened, "connect", _write_ahead)
    return opened


def _write_ahead(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    # Readers then never wait for the writer, and a commit need not wait for the disk.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _row(request: Request) -> tuple[Cell, ...]:
    """The request in the order of the table's columns, in a form that COPY and SQLite's driver take alike."""
    return (
        request.id,
        request.account_id,
        request.api_key_id,
        request.request_id,
        request.trace_id,
        request.model,
        request.region,
        request.strategy,
        _text(request.timestamp),
        request.latency_ms,
        request.input_tokens,
        request.output_tokens,
        request.total_tokens,
        _money(request.input_cost),
        _money(request.output_cost),
        _money(request.total_cost),
        request.cache_hit,
        request.status,
        request.error_message,
        None if request.metadata is None else json.dumps(request.metadata),
    )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)  # never a float on the way: SQLite's column makes it a number


def _text(timestamp: datetime) -> str:
    return timestamp.isoformat(" ", "microseconds")
