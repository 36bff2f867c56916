"""A table of spans beside the request log: where the demo keeps traces when there is no Jaeger to send them to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from contextlib import closing

import orjson
import psycopg2
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from fluxdash.demo.log import engine
from fluxdash.demo.request import Request
from fluxdash.demo.spans import spans
from fluxdash.semantic.spans import Span

TRACE_SPANS = "trace_spans"

Cell = str | int | None


def schema() -> sa.MetaData:
    """One row a span: times in nanoseconds since 1970, attributes as an object, events as a list of them."""
    metadata = sa.MetaData()
    json_type = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    table = sa.Table(
        TRACE_SPANS,
        metadata,
        sa.Column("trace_id", sa.String(32), primary_key=True),
        sa.Column("span_id", sa.String(16), primary_key=True),
        sa.Column("parent_span_id", sa.String(16)),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16)),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("status_message", sa.Text()),
        sa.Column("attributes", json_type),
        sa.Column("events", json_type),
        sa.Column("resource", json_type),
    )
    sa.Index(f"ix_{TRACE_SPANS}_name_start_ns", table.c.name, table.c.start_ns)
    return metadata


class SpanLog:
    """The spans of requests in the database at `url`, whose table it creates. Raises SettingError as RequestLog does.

    What is written twice is there once.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine(url)
        self._table = schema().tables[TRACE_SPANS]
        self._columns = ", ".join(f'"{column.name}"' for column in self._table.columns)
        with self._engine.begin() as connection:
            self._table.metadata.create_all(connection)

    def insert(self, requests: Iterable[Request]) -> int:
        """Write the spans of these requests in one transaction and return how many they were."""
        rows = [_row(str(request.trace_id), span) for request in requests for span in spans(request)]
        if not rows:
            return 0
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                self._copy(connection, rows)
            else:
                places = ", ".join("?" * len(self._table.columns))
                connection.exec_driver_sql(
                    f"INSERT OR IGNORE INTO {TRACE_SPANS} ({self._columns}) VALUES ({places})", rows
                )
        return len(rows)

    def forget(self, start: float, end: float) -> None:
        """Delete the spans that began at start ≤ time < end, in epoch seconds."""
        began = self._table.c.start_ns
        with self._engine.begin() as connection:
            connection.execute(self._table.delete().where(began >= round(start * 1e9), began < round(end * 1e9)))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _copy(self, connection: sa.Connection, rows: list[tuple[Cell, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        text.seek(0)
        # COPY stops at a row that is there already, so it fills a table of its own first.
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE fresh (LIKE {TRACE_SPANS}) ON COMMIT DROP")
        copy = f"COPY fresh ({self._columns}) FROM STDIN (FORMAT csv)"
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.copy_expert(copy, text)
        except psycopg2.OperationalError as err:  # past SQLAlchemy, so it is told here that the connection is gone
            connection.invalidate()
            raise OperationalError(copy, None, err) from err
        connection.exec_driver_sql(f"INSERT INTO {TRACE_SPANS} SELECT * FROM fresh ON CONFLICT DO NOTHING")


def _row(trace_id: str, span: Span) -> tuple[Cell, ...]:
    """The span in the order of the table's columns, in a form that COPY and SQLite's driver take alike."""
    return (
        trace_id,
        span.id,
        span.parent,
        span.process.service,
        span.name,
        span.kind,
        span.start,
        span.end,
        span.status.value,
        span.message or None,
        _json(dict(span.attributes)),
        _json([{"time_ns": each.time, "name": each.name, "attributes": dict(each.attributes)} for each in span.events]),
        _json(dict(span.process.attributes)),
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
