"""What of rows keeps their places apart: times as text that keeps its digits, texts in one order, and keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from fluxdash.errors import BadRequest
from fluxdash.profiles.profile import Log
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.leaves import SORTED_BY, By, Leafing, Place
from fluxdash.sources import clauses, sql
from fluxdash.sources.clauses import Tables

_LAST = 999_999
"""The last microsecond of a second."""


class written(GenericFunction[str]):
    """A timestamp as text that keeps all of its digits."""

    type = sa.String()
    inherit_cache = True


@compiles(written, "postgresql")
def _written_postgresql(element: written, compiler: SQLCompiler, **options: Any) -> str:
    return f"TO_CHAR({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD HH24:MI:SS.US')"


@compiles(written, "sqlite")
def _written_sqlite(element: written, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"


class timed(GenericFunction[Any]):
    """A text of `written` as the log's own kind of time."""

    inherit_cache = True


@compiles(timed, "postgresql")
def _timed_postgresql(element: timed, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TIMESTAMP)"


@compiles(timed, "sqlite")
def _timed_sqlite(element: timed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class lettered(GenericFunction[str]):
    """A text sorted by the bytes of UTF-8, the same in every database whatever its language."""

    type = sa.String()
    inherit_cache = True


@compiles(lettered, "postgresql")
def _lettered_postgresql(element: lettered, compiler: SQLCompiler, **options: Any) -> str:
    return f'(CAST({compiler.process(element.clauses, **options)} AS TEXT) COLLATE "C")'


@compiles(lettered, "sqlite")
def _lettered_sqlite(element: lettered, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"


def key(log: Log, tables: Tables, *, file: bool) -> sa.ColumnElement[Any]:
    """Return what tells rows of one time apart; without a key of its own, where the row lies must do."""
    if file:
        return sa.literal_column(f'"{log.table}"."rowid"', sa.BigInteger)
    return sa.cast(sa.literal_column(f'"{log.table}"."{named(log, tables)}"'), sa.Text)


def named(log: Log, tables: Tables) -> str:
    """Return the name of that key on PostgreSQL."""
    return log.key if log.key in tables.get(log.table, frozenset()) else "ctid"


def value(log: Log, tables: Tables, how: Leafing) -> sa.ColumnElement[Any] | None:
    """Return what rows are sorted by, NULL where it is unknown; None where that is the time."""
    if how.by is By.TIME:
        return None
    told = sql.fields(log, tables)
    if how.by not in told:
        raise BadRequest("sort", how.by, "something that the log tells of its requests")
    if not how.by.is_text:
        return sa.cast(told[how.by], sa.Double)
    nothing = sa.literal_column("''", sa.String)
    text: sa.ColumnElement[Any] = sa.func.nullif(sa.type_coerce(told[how.by], sa.String), nothing)
    if how.by == ACCOUNT.slug and (called := _called(log, tables)) is not None:
        text = sa.func.coalesce(called, text)
    return lettered(sa.func.substr(text, sa.literal_column("1"), sa.literal_column(str(SORTED_BY))))


def _called(log: Log, tables: Tables) -> sa.ColumnElement[Any] | None:
    """Return the name of a row's account; None where no column alone holds which one it is."""
    names, column = log.names, log.column(ACCOUNT)
    held = clauses.columns_of(column.expression) if column else frozenset()
    if names is None or len(held) != 1 or not {names.key, names.name} <= tables.get(names.table, frozenset()):
        return None
    own: sa.ColumnElement[Any] = sa.literal_column(f'"{log.table}"."{next(iter(held))}"')
    called = sa.table(sa.quoted_name(names.table, quote=True), sa.column(names.key), sa.column(names.name))
    return sa.select(called.c[names.name]).where(called.c[names.key] == own).scalar_subquery()


def from_there(span: tuple[int, int], how: Leafing, after: Place | None) -> tuple[int, int]:
    """Return the span from a place on, or SQLite would go through all that came before it to find where it is."""
    start, end = span
    if how.by is not By.TIME or (after is None and how.at is None):
        return span
    begins = second(after) if after is not None else int(how.at or 0)
    return (max(start, begins), end) if how.ascending else (start, min(end, begins + 1))


def begun(log: Log, how: Leafing) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for the rows from the moment on that a reading begins at; `from_there` cuts to the second.

    Rising, it begins with its second, and falling, a second's last microsecond means all of it.
    """
    if how.at is None or how.by is not By.TIME or how.ascending:
        return []
    at = datetime.fromtimestamp(int(how.at), UTC)
    fraction = round((how.at - int(how.at)) * 1_000_000)
    if fraction >= _LAST:
        return []
    text = f"{at:%Y-%m-%d}{log.separator}{at:%H:%M:%S}.{fraction:06}"
    return [clauses.moment(log) <= timed(sa.bindparam("begins", text, sa.String))]


def order(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], value: sa.ColumnElement[Any] | None, how: Leafing
) -> list[sa.UnaryExpression[Any]]:
    """Return the order of rows: by value, where there is one, then by time and by key."""
    if value is None:
        return [moment.asc(), key.asc()] if how.ascending else [moment.desc(), key.desc()]
    first = (value.asc() if how.ascending else value.desc()).nulls_last()
    return [first, moment.desc(), key.desc()]


def following(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], value: sa.ColumnElement[Any] | None, how: Leafing,
    after: Place, *, file: bool,
) -> list[sa.ColumnElement[bool]]:  # fmt: skip
    """Return the conditions for the rows that follow a place in an order; raises BadRequest for one of another."""
    if value is None:
        return beyond(moment, key, after, later=how.ascending, file=file)
    older = sa.and_(*beyond(moment, key, after, later=False, file=file))
    if after.value is None:
        return [value.is_(None), older]
    if isinstance(after.value, str) != how.by.is_text:
        raise BadRequest("after", after.value, "the place of a row in this order")
    at: sa.ColumnElement[Any] = (
        sa.bindparam("value", after.value, sa.String)
        if isinstance(after.value, str)
        else sa.bindparam("value", float(after.value), sa.Double)
    )
    past = value > at if how.ascending else value < at
    return [sa.or_(past, sa.and_(value == at, older), value.is_(None))]


def beyond(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], at: Place, *, later: bool, file: bool
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for rows on one side of a place; the first alone is one that an index can serve."""
    time, named = at_time(at), at_key(at, file=file)
    if later:
        return [moment >= time, sa.or_(moment > time, key > named)]
    return [moment <= time, sa.or_(moment < time, key < named)]


def second(at: Place) -> int:
    """Return the second that a place stands in, since 1970."""
    return int(datetime.fromisoformat(at.time[:19]).replace(tzinfo=UTC).timestamp())


def at_time(at: Place) -> sa.ColumnElement[Any]:
    """Return the time of a place."""
    return timed(sa.bindparam("place_time", at.time, sa.String, unique=True))


def at_key(at: Place, *, file: bool) -> sa.BindParameter[Any]:
    """Return the key of a place; raises BadRequest for one that no row can have."""
    if not file:
        return sa.bindparam("place_key", at.key, sa.Text, unique=True)
    if not at.key.isascii() or not at.key.removeprefix("-").isdecimal() or len(at.key) > 18:
        raise BadRequest("after", at.key, "the place of a row, as it was given")
    return sa.bindparam("place_key", int(at.key), sa.BigInteger, unique=True)
