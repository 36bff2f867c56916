"""Leaves of a request log as selects: each begins where the last one ended, so none costs more than the first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from fluxdash.errors import BadRequest
from fluxdash.profiles.profile import Log
from fluxdash.semantic.leaves import MOST_NEWER, By, Leafing, Place
from fluxdash.sources import clauses, sql
from fluxdash.sources.cells import Spec
from fluxdash.sources.clauses import Tables

_LONGEST_FIELD = 4000
_SECRET = ("key_hash",)


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


def leaf(
    log: Log, tables: Tables, spec: Spec, span: tuple[int, int], how: Leafing, after: Place | None, n: int, *,
    file: bool,
) -> sa.Select[Any]:  # fmt: skip
    """Return the select of the `n` rows of `[start, end)` that follow a place: `time`, the place's parts and `fields`.

    `file` says that the log is one of SQLite's, whose rows have a number of their own.
    """
    moment, key, value = clauses.moment(log), _key(log, tables, file=file), _value(log, tables, how)
    told = [each.label(name) for name, each in sql.fields(log, tables).items()]
    wanted: list[sa.ColumnElement[Any]] = [
        clauses.instant(moment).label("time"),
        written(moment).label("place_time"),
        key.label("place_key"),
        *([] if value is None else [value.label("place_value")]),
        *told,
    ]
    conditions = [*clauses.conditions(log, tables, spec, *_from(span, how, after)), *found(log, tables, how)]
    if after is not None:
        conditions += _following(moment, key, value, how, after, file=file)
    order = _order(moment, key, value, how)
    # Picked first and told then, or prices would be looked up for every row of the window to throw them away.
    picked = (
        sa.select(*_readable(log, tables, file=file))
        .select_from(clauses.table(log))
        .where(*conditions)
        .order_by(*order)
    )
    few = picked.limit(sa.literal_column(str(n))).subquery(sa.quoted_name(log.table, quote=True))
    return sa.select(*wanted).select_from(few).order_by(*order)


def newer(
    log: Log, tables: Tables, spec: Spec, span: tuple[int, int], how: Leafing, than: Place, *, file: bool
) -> sa.Select[Any]:
    """Return the select of how many rows are newer than a place, as `tally`; none is counted past MOST_NEWER."""
    moment, key = clauses.moment(log), _key(log, tables, file=file)
    conditions = [
        *clauses.conditions(log, tables, spec, *span),
        *found(log, tables, how),
        *_beyond(moment, key, than, later=True, file=file),
    ]
    one: sa.ColumnElement[Any] = sa.literal_column("1")
    rows = sa.select(one).select_from(clauses.table(log)).where(*conditions).limit(sa.literal_column(str(MOST_NEWER)))
    return sa.select(sa.func.count().label("tally")).select_from(rows.subquery("newer"))


def whole(log: Log, tables: Tables, spec: Spec, at: Place, *, file: bool) -> sa.Select[Any]:
    """Return the select of one row: `time`, `fields`, and each column of the log as `raw_<name>` in text."""
    moment, key = clauses.moment(log), _key(log, tables, file=file)
    told = [each.label(name) for name, each in sql.fields(log, tables).items()]
    texts = {name: sa.cast(clauses.value(f"{{{name}}}", log, tables), sa.Text) for name in columns(log, tables)}
    raw = [sa.func.substr(text, 1, _LONGEST_FIELD).label(f"raw_{name}") for name, text in texts.items()]
    second = _second(at)
    return (
        sa.select(clauses.instant(moment).label("time"), *told, *raw)
        .select_from(clauses.table(log))
        .where(
            *clauses.conditions(log, tables, spec, second, second + 1),
            moment == _timed(at),
            key == _bound(at, file=file),
        )
        .limit(sa.literal_column("1"))
    )


def columns(log: Log, tables: Tables) -> tuple[str, ...]:
    """Return the log's own columns, but for secrets: the time, those that FluxDash reads, then the others by name."""
    there = {each for each in tables.get(log.table, frozenset()) if each not in _SECRET}
    texts = [*(text for _, text in log.record), *(column.expression for _, column in log.dimensions), log.latency]
    read = [log.time, *(name for text in texts for name in sorted(clauses.columns_of(text)))]
    return tuple(dict.fromkeys([*(name for name in read if name in there), *sorted(there)]))


def found(log: Log, tables: Tables, how: Leafing) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a search: the error says it, whatever its case, or an id is it."""
    if not how.find:
        return []
    told = sql.fields(log, tables)
    said = sa.func.lower(sa.type_coerce(told["error"], sa.String)).contains(how.find.lower(), autoescape=True)
    same = [sa.type_coerce(told[name], sa.String) == how.find for name in ("request_id", "trace_id") if name in told]
    return [sa.or_(said, *same)]


def index(log: Log, *, file: bool) -> str:
    """Return the statement that adds the time index, for the log's owner to run."""
    on = f'ON "{log.table}" ("{log.time}");'
    return f'CREATE INDEX "ix_{log.table}_{log.time}" {on}' if file else f"CREATE INDEX CONCURRENTLY {on}"


def _key(log: Log, tables: Tables, *, file: bool) -> sa.ColumnElement[Any]:
    """Return what tells rows of one time apart; without a key of its own, where the row lies must do."""
    if file:
        return sa.literal_column(f'"{log.table}"."rowid"', sa.BigInteger)
    return sa.cast(sa.literal_column(f'"{log.table}"."{_named(log, tables)}"'), sa.Text)


def _readable(log: Log, tables: Tables, *, file: bool) -> list[sa.ColumnElement[Any]]:
    """Return the columns that we may read, and the one of the key where it is none of them."""
    there = sorted(tables.get(log.table, frozenset()))
    place = "rowid" if file else _named(log, tables)
    names = there if place in there else [*there, place]
    return [sa.literal_column(f'"{log.table}"."{name}" AS "{name}"') for name in names]


def _named(log: Log, tables: Tables) -> str:
    return log.key if log.key in tables.get(log.table, frozenset()) else "ctid"


def _value(log: Log, tables: Tables, how: Leafing) -> sa.ColumnElement[Any] | None:
    if how.by is By.TIME:
        return None
    told = sql.fields(log, tables)
    if how.by not in told:
        raise BadRequest("sort", how.by, "something that the log tells of its requests")
    return sa.cast(told[how.by], sa.Double)


def _order(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], value: sa.ColumnElement[Any] | None, how: Leafing
) -> list[sa.UnaryExpression[Any]]:
    if value is None:
        return [moment.asc(), key.asc()] if how.ascending else [moment.desc(), key.desc()]
    first = (value.asc() if how.ascending else value.desc()).nulls_last()
    return [first, moment.desc(), key.desc()]


def _from(span: tuple[int, int], how: Leafing, after: Place | None) -> tuple[int, int]:
    """Return the span from a place on, or SQLite would go through all that came before it to find where it is."""
    if after is None or how.by is not By.TIME:
        return span
    start, end = span
    return (max(start, _second(after)), end) if how.ascending else (start, min(end, _second(after) + 1))


def _second(at: Place) -> int:
    return int(datetime.fromisoformat(at.time[:19]).replace(tzinfo=UTC).timestamp())


def _following(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], value: sa.ColumnElement[Any] | None, how: Leafing,
    after: Place, *, file: bool,
) -> list[sa.ColumnElement[bool]]:  # fmt: skip
    if value is None:
        return _beyond(moment, key, after, later=how.ascending, file=file)
    older = sa.and_(*_beyond(moment, key, after, later=False, file=file))
    if after.value is None:
        return [value.is_(None), older]
    at = sa.bindparam("value", float(after.value), sa.Double)
    past = value > at if how.ascending else value < at
    return [sa.or_(past, sa.and_(value == at, older), value.is_(None))]


def _beyond(
    moment: sa.ColumnElement[Any], key: sa.ColumnElement[Any], at: Place, *, later: bool, file: bool
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for rows on one side of a place; the first alone is one that an index can serve."""
    time, named = _timed(at), _bound(at, file=file)
    if later:
        return [moment >= time, sa.or_(moment > time, key > named)]
    return [moment <= time, sa.or_(moment < time, key < named)]


def _timed(at: Place) -> sa.ColumnElement[Any]:
    return timed(sa.bindparam("place_time", at.time, sa.String, unique=True))


def _bound(at: Place, *, file: bool) -> sa.BindParameter[Any]:
    if not file:
        return sa.bindparam("place_key", at.key, sa.Text, unique=True)
    if not at.key.isascii() or not at.key.removeprefix("-").isdecimal() or len(at.key) > 18:
        raise BadRequest("after", at.key, "the place of a row, as it was given")
    return sa.bindparam("place_key", int(at.key), sa.BigInteger, unique=True)
