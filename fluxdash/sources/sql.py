"""Questions as SQLAlchemy Core selects that PostgreSQL and SQLite both run: pure, tested by exact text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from fluxdash.profiles.profile import Log
from fluxdash.semantic.dimensions import JOINT, UNKNOWN, Dimension
from fluxdash.sources.cells import Spec

# SQLite compares times as text: without a fraction ours stands before every time of its second, with or without one.
_TEXT = sqlite.DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call]
_MOMENT = sa.DateTime().with_variant(_TEXT, "sqlite")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PRICE = "price"

Tables = Mapping[str, frozenset[str]]
"""The tables that exist, each with the names of its columns."""


class epoch(GenericFunction[int]):
    """Whole UTC seconds since 1970 of a timestamp, rounded down."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(epoch, "postgresql")
def _epoch_postgresql(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


@compiles(epoch, "sqlite")
def _epoch_sqlite(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    # STRFTIME rounds to the millisecond, and a row of the last half of one would count as the next second's.
    return f"CAST(STRFTIME('%s', SUBSTR({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


def columns_of(expression: str) -> frozenset[str]:
    """Return the names of the columns an expression reads."""
    return frozenset(_PLACEHOLDER.findall(expression)) - {_PRICE}


def missing(log: Log, tables: Tables, *expressions: str) -> tuple[str, ...]:
    """Return the columns (`table.column`) that the expressions need and the database lacks, sorted."""
    there = tables.get(log.table, frozenset())
    needed = {column for expression in expressions for column in columns_of(expression)} | {log.time}
    return tuple(f"{log.table}.{column}" for column in sorted(needed - there))


def sums(log: Log, tables: Tables, spec: Spec, start: int, end: int, step: int) -> sa.Select[Any]:
    """Return the select of `bucket`, `grouped` and one sum a part, for rows in `[start, end)`.

    `bucket` is the start of the bucket in epoch seconds, counted from `start`, so that a window which is not aligned
    to its own length can be one bucket. Buckets without rows are not in the result.
    """
    bucket = _bucket(log, start, step)
    expressions = {measure.slug: expression for measure, expression in log.parts}
    amounts = [
        sa.cast(sa.func.sum(_expression(expressions[part], log, tables)), sa.Double).label(part) for part in spec.parts
    ]
    grouped = [_group(log, tables, spec.by).label("grouped")] if spec.by else []
    wanted: list[sa.ColumnElement[Any]] = [bucket, *grouped, *amounts]
    return (
        sa.select(*wanted)
        .select_from(_table(log))
        .where(*_conditions(log, tables, spec, start, end))
        .group_by(*_keys(spec))
    )


def quantiles(log: Log, tables: Tables, spec: Spec, start: int, end: int, step: int) -> sa.Select[Any]:
    """Return the select of `bucket`, `grouped`, `n` and one exact quantile a rank (`q0`, `q1`, …), nearest rank.

    Equal latencies are counted first, so that ranks are found among the distinct values: the row of rank ceil(q × n)
    is the first whose running count reaches it. Ranks are whole millionths, so no float decides which row it is.
    """
    value = _expression(log.latency, log, tables)
    grouped = _group(log, tables, spec.by) if spec.by else None
    keys = _keys(spec)
    counted = (
        sa.select(
            _bucket(log, start, step),
            *([grouped.label("grouped")] if grouped is not None else []),
            value.label("latency"),
            sa.func.count().label("tally"),
        )
        .select_from(_table(log))
        .where(*_conditions(log, tables, spec, start, end), value.is_not(None))
        .group_by(*keys, sa.literal_column("latency"))
        .subquery("counted")
    )
    inner = [counted.c[key.name] for key in keys]
    ranked = sa.select(
        *inner,
        counted.c.latency,
        sa.func.sum(counted.c.tally).over(partition_by=inner, order_by=counted.c.latency).label("reached"),
        sa.func.sum(counted.c.tally).over(partition_by=inner).label("n"),
    ).subquery("ranked")
    outer = [ranked.c[key.name] for key in keys]
    picked = [
        sa.func.min(sa.case((ranked.c.reached * 1_000_000 >= ranked.c.n * millionths(q), ranked.c.latency))).label(
            f"q{i}"
        )
        for i, q in enumerate(spec.quantiles)
    ]
    return sa.select(*outer, sa.func.max(ranked.c.n).label("n"), *picked).group_by(*outer)


def edges(log: Log) -> sa.Select[Any]:
    """Return the select of the log's first and last time, in epoch seconds; both NULL when it is empty."""
    first, last = epoch(sa.func.min(_time(log))), epoch(sa.func.max(_time(log)))
    wanted: list[sa.ColumnElement[Any]] = [first.label("first"), last.label("last")]
    return sa.select(*wanted).select_from(_table(log))


def newest(log: Log) -> sa.Select[Any]:
    """Return the select of the log's last time in epoch seconds, by the time index where there is one."""
    return sa.select(epoch(sa.func.max(_time(log))).label("last")).select_from(_table(log))


def every_row(log: Log) -> sa.Select[Any]:
    """Return the select of all rows, for the planner's estimate of how many there are."""
    return sa.select(sa.literal_column("1")).select_from(_table(log))


def rows_between(log: Log, start: int, end: int) -> sa.Select[Any]:
    """Return the select of every row in `[start, end)`, for the planner's estimate of how many there are."""
    return sa.select(sa.literal_column("1")).select_from(_table(log)).where(*_within(log, start, end))


def account_names(log: Log) -> sa.Select[Any]:
    """Return the select of `key` and `name` of every account."""
    if log.names is None:
        raise ValueError(f"the log {log.table} names no accounts")
    table = sa.table(log.names.table, sa.column(log.names.key), sa.column(log.names.name))
    key = sa.cast(table.c[log.names.key], sa.String(255))
    return sa.select(key.label("key"), table.c[log.names.name].label("name"))


def millionths(q: float) -> int:
    """Return a quantile as a whole number of millionths, as the ranks are counted."""
    return round(q * 1_000_000)


def _keys(spec: Spec) -> list[sa.ColumnClause[Any]]:
    return [sa.literal_column(name) for name in (("bucket", "grouped") if spec.by else ("bucket",))]


def _column(log: Log, name: str) -> str:
    return f'"{log.table}"."{name}"'


def _table(log: Log) -> sa.TableClause:
    return sa.table(sa.quoted_name(log.table, quote=True))


def _time(log: Log) -> sa.ColumnClause[datetime]:
    return sa.literal_column(_column(log, log.time), sa.DateTime)


def _bucket(log: Log, start: int, step: int) -> sa.Label[int]:
    seconds = epoch(_time(log))
    # GROUP BY repeats the expression by its label, and bind parameters would make it another one: literals, then.
    offset = seconds - sa.literal_column(str(start))
    return (seconds - offset % sa.literal_column(str(step))).label("bucket")


def _expression(expression: str, log: Log, tables: Tables) -> sa.ColumnClause[Any]:
    def column(match: re.Match[str]) -> str:
        return _price(log, tables) if match[1] == _PRICE else _column(log, match[1])

    return sa.literal_column(_PLACEHOLDER.sub(column, expression))


def _price(log: Log, tables: Tables) -> str:
    """One request's tokens times the price in force, as a scalar subquery; NULL where there is none."""
    prices = log.prices
    if prices is None or log.region is None or not priced(log, tables):
        return "CAST(NULL AS NUMERIC)"  # PostgreSQL takes a bare NULL for text where a CASE holds nothing else

    def own(expression: str) -> str:
        return _PLACEHOLDER.sub(lambda match: _column(log, match[1]), expression)

    return (
        f'(SELECT (COALESCE({own(log.tokens_in)}, 0) * price."{prices.input}"'
        f' + COALESCE({own(log.tokens_out)}, 0) * price."{prices.output}") / {prices.per}.0'
        f' FROM "{prices.table}" AS price WHERE price."{prices.model}" = {own(log.model)}'
        f' AND price."{prices.region}" = {own(log.region)} AND price."{prices.since}" <= {_column(log, log.time)}'
        f' ORDER BY price."{prices.since}" DESC LIMIT 1)'
    )


def priced(log: Log, tables: Tables) -> bool:
    """Return whether the database has every column that a price needs, in the price table and in the log."""
    prices = log.prices
    if prices is None or log.region is None:
        return False
    needed = {prices.model, prices.region, prices.since, prices.input, prices.output}
    own = columns_of(log.tokens_in) | columns_of(log.tokens_out) | columns_of(log.model) | columns_of(log.region)
    return needed <= tables.get(prices.table, frozenset()) and own <= tables.get(log.table, frozenset())


def _group(log: Log, tables: Tables, by: Dimension) -> sa.ColumnElement[str]:
    named: sa.ColumnElement[str] | None = None
    for part in by.parts:
        column = log.column(part)
        if column is None:
            raise ValueError(f"the log {log.table} holds no {part.slug}")
        known = sa.func.nullif(_expression(column.expression, log, tables), sa.literal_column("''"))
        value: sa.ColumnElement[str] = sa.func.coalesce(known, sa.literal_column(f"'{UNKNOWN}'"), type_=sa.String)
        named = value if named is None else named.concat(sa.literal_column(f"'{JOINT}'", sa.String)).concat(value)
    if named is None:
        raise ValueError(f"{by.slug} has no parts")
    return named


def _within(log: Log, start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    time = _time(log)
    first, last = (datetime.fromtimestamp(each, UTC).replace(tzinfo=None) for each in (start, end))
    return time >= sa.bindparam("start", first, _MOMENT), time < sa.bindparam("end", last, _MOMENT)


def _conditions(log: Log, tables: Tables, spec: Spec, start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    touched = [*(chosen.dimension for chosen in spec.filters), *(spec.by.parts if spec.by else ())]
    columns = [log.column(each) for each in dict.fromkeys(touched)]
    meaningful = [
        sa.type_coerce(_expression(f"({each.where})", log, tables), sa.Boolean)
        for each in columns
        if each and each.where
    ]
    chosen = [_group(log, tables, each.dimension).in_(each.values) for each in spec.filters]
    return (*_within(log, start, end), *meaningful, *chosen)
