"""What selects over a request log are made of: columns, prices in force, groups, and the rows a scope covers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from fluxdash.profiles.profile import Log
from fluxdash.semantic.conditions import Condition, Op
from fluxdash.semantic.dimensions import ACCOUNT, JOINT, UNKNOWN, Dimension
from fluxdash.semantic.measures import LATENCY
from fluxdash.sources.cells import Spec

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PRICE, _INPUT_PRICE = "price", "input_price"

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
def _epoch_sqlite(element: epoch | instant, compiler: SQLCompiler, **options: Any) -> str:
    # STRFTIME rounds to the millisecond, and a row of the last half of one would count as the next second's.
    return f"CAST(STRFTIME('%s', SUBSTR({compiler.process(element.clauses, **options)}, 1, 19)) AS INTEGER)"


class instant(GenericFunction[float]):
    """UTC seconds since 1970 of a timestamp, with their fraction."""

    type = sa.Double()
    inherit_cache = True


@compiles(instant, "postgresql")
def _instant_postgresql(element: instant, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)}) AS DOUBLE PRECISION)"


@compiles(instant, "sqlite")
def _instant_sqlite(element: instant, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    return f"{_epoch_sqlite(element, compiler, **options)} + CAST('0' || SUBSTR({time}, 20, 7) AS REAL)"


class folded(GenericFunction[str]):
    """A text with small letters from A to Z, the same ones in every database whatever its language."""

    type = sa.String()
    inherit_cache = True


@compiles(folded, "postgresql")
def _folded_postgresql(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    return f'LOWER(CAST({compiler.process(element.clauses, **options)} AS TEXT) COLLATE "C")'


@compiles(folded, "sqlite")
def _folded_sqlite(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"LOWER({compiler.process(element.clauses, **options)})"


def columns_of(expression: str) -> frozenset[str]:
    """Return the names of the columns an expression reads."""
    return frozenset(_PLACEHOLDER.findall(expression)) - {_PRICE, _INPUT_PRICE}


def missing(log: Log, tables: Tables, *expressions: str) -> tuple[str, ...]:
    """Return the columns (`table.column`) that the expressions need and the database lacks, sorted."""
    there = tables.get(log.table, frozenset())
    needed = {column for expression in expressions for column in columns_of(expression)} | {log.time}
    return tuple(f"{log.table}.{column}" for column in sorted(needed - there))


def _column(log: Log, name: str) -> str:
    return f'"{log.table}"."{name}"'


def table(log: Log) -> sa.TableClause:
    """Return the log's table, by its name as it is."""
    return sa.table(sa.quoted_name(log.table, quote=True))


def moment(log: Log) -> sa.ColumnClause[datetime]:
    """Return the column of a request's time."""
    return sa.literal_column(_column(log, log.time), sa.DateTime)


def value(expression: str, log: Log, tables: Tables) -> sa.ColumnClause[Any]:
    """Return a profile's expression with its columns and prices filled in."""

    def column(match: re.Match[str]) -> str:
        priced = match[1] in (_PRICE, _INPUT_PRICE)
        return _price(log, tables, match[1] == _PRICE) if priced else _column(log, match[1])

    return sa.literal_column(_PLACEHOLDER.sub(column, expression))


def _price(log: Log, tables: Tables, with_output: bool) -> str:
    """One request's tokens times the price in force, as a scalar subquery; NULL where there is none."""
    prices = log.prices
    if prices is None or log.region is None or not priced(log, tables):
        return "CAST(NULL AS NUMERIC)"  # PostgreSQL takes a bare NULL for text where a CASE holds nothing else

    def own(expression: str) -> str:
        return _PLACEHOLDER.sub(lambda match: _column(log, match[1]), expression)

    amount = f'COALESCE({own(log.tokens_in)}, 0) * price."{prices.input}"'
    if with_output:
        amount += f' + COALESCE({own(log.tokens_out)}, 0) * price."{prices.output}"'
    last = f', price."{prices.key}" DESC' if prices.key in tables[prices.table] else ""
    return (
        f"(SELECT ({amount}) / {prices.per}.0"
        f' FROM "{prices.table}" AS price WHERE price."{prices.model}" = {own(log.model)}'
        f' AND price."{prices.region}" = {own(log.region)} AND price."{prices.since}" <= {_column(log, log.time)}'
        f' ORDER BY price."{prices.since}" DESC{last} LIMIT 1)'
    )


def priced(log: Log, tables: Tables) -> bool:
    """Return whether the database has every column that a price needs, in the price table and in the log."""
    prices = log.prices
    if prices is None or log.region is None:
        return False
    needed = {prices.model, prices.region, prices.since, prices.input, prices.output}
    own = columns_of(log.tokens_in) | columns_of(log.tokens_out) | columns_of(log.model) | columns_of(log.region)
    return needed <= tables.get(prices.table, frozenset()) and own <= tables.get(log.table, frozenset())


def group(log: Log, tables: Tables, by: Dimension) -> sa.ColumnElement[str]:
    """Return the group a row is in; NULL and empty are `unknown`, crossed values stand joined."""
    named: sa.ColumnElement[str] | None = None
    for part in by.parts:
        column = log.column(part)
        if column is None:
            raise ValueError(f"the log {log.table} holds no {part.slug}")
        known = sa.func.nullif(value(column.expression, log, tables), sa.literal_column("''"))
        one: sa.ColumnElement[str] = sa.func.coalesce(known, sa.literal_column(f"'{UNKNOWN}'"), type_=sa.String)
        named = one if named is None else named.concat(sa.literal_column(f"'{JOINT}'", sa.String)).concat(one)
    if named is None:
        raise ValueError(f"{by.slug} has no parts")
    return named


def told(log: Log, slug: str) -> str | None:
    """Return the profile's expression for a field of a Record, or None where the log does not tell it."""
    column = next((column for each, column in log.dimensions if each.slug == slug), None)
    if column is None:
        return dict(log.record).get(slug)
    return f"CASE WHEN {column.where} THEN {column.expression} END" if column.where else column.expression


def holding(log: Log, tables: Tables, held: Condition) -> sa.ColumnElement[bool]:
    """Return the condition for the rows that something holds for; empty text is as unknown as NULL."""
    text = told(log, held.field.slug)
    if text is None:
        raise ValueError(f"the log {log.table} holds no {held.field.slug}")
    if held.field.numeric:
        return _numbered(log, tables, text, held)
    column: sa.ColumnElement[Any] = sa.type_coerce(value(text, log, tables), sa.String)
    nothing = sa.literal_column("''", sa.String)
    match held.op:
        case Op.UNKNOWN:
            return sa.or_(column.is_(None), column == nothing)
        case Op.KNOWN:
            return sa.and_(column.is_not(None), column != nothing)
    same = _same(column, held)
    names = log.names
    if held.field.slug == ACCOUNT.slug and names and {names.key, names.name} <= tables.get(names.table, frozenset()):
        called = sa.table(names.table, sa.column(names.key), sa.column(names.name))
        ids = sa.select(sa.cast(called.c[names.key], sa.String(255))).where(_same(called.c[names.name], held))
        same = sa.or_(same, column.in_(ids))
    return sa.or_(column.is_(None), sa.not_(same)) if held.op is Op.NOT else same


def _same(column: sa.ColumnElement[Any], held: Condition) -> sa.ColumnElement[bool]:
    """Return whether a text is the value, or for two of the operators holds it or begins with it."""
    small = folds(held.value)
    match held.op:
        case Op.CONTAINS:
            return folded(column).contains(small, autoescape=True)
        case Op.STARTS:
            return folded(column).startswith(small, autoescape=True)
    return column == sa.bindparam("held", held.value, sa.String, unique=True)


def _numbered(log: Log, tables: Tables, text: str, held: Condition) -> sa.ColumnElement[bool]:
    scaled = held.field.slug == LATENCY.slug  # held against what the log wrote: no factor rounds that
    column = value(log.latency if scaled else text, log, tables)
    if held.op in (Op.UNKNOWN, Op.KNOWN):
        return column.is_(None) if held.op is Op.UNKNOWN else column.is_not(None)
    number = Decimal(held.value) / (Decimal(repr(log.latency_scale)) if scaled else 1)
    at = sa.bindparam("held", float(number), sa.Double, unique=True)
    match held.op:
        case Op.LEAST:
            return column >= at
        case Op.MOST:
            return column <= at
        case Op.NOT:
            return sa.or_(column.is_(None), column != at)
    return column == at


def folds(text: str) -> str:
    """Return a text as `folded` writes it."""
    return "".join(each.lower() if each.isascii() else each for each in text)


def within(log: Log, start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for rows in `[start, end)`, in epoch seconds."""
    time = moment(log)
    first, last = (datetime.fromtimestamp(each, UTC).replace(tzinfo=None) for each in (start, end))
    # SQLite compares times as text: without a fraction ours stands before every time of its second, with or without.
    written = f"%(year)04d-%(month)02d-%(day)02d{log.separator}%(hour)02d:%(minute)02d:%(second)02d"
    text = sqlite.DATETIME(storage_format=written)  # type: ignore[no-untyped-call]
    kind = sa.DateTime().with_variant(text, "sqlite")
    return time >= sa.bindparam("start", first, kind), time < sa.bindparam("end", last, kind)


def conditions(log: Log, tables: Tables, spec: Spec, start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for the rows that a spec is about: in time, in every filter, and with a meaning there."""
    touched = [*(chosen.dimension for chosen in spec.filters), *(spec.by.parts if spec.by else ())]
    columns = [log.column(each) for each in dict.fromkeys(touched)]
    meaningful = [
        sa.type_coerce(value(f"({each.where})", log, tables), sa.Boolean) for each in columns if each and each.where
    ]
    chosen = [group(log, tables, each.dimension).in_(each.values) for each in spec.filters]
    held = [holding(log, tables, each) for each in spec.conditions]
    return (*within(log, start, end), *meaningful, *chosen, *held)
