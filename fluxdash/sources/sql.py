"""Questions as SQLAlchemy Core selects that PostgreSQL and SQLite both run: pure, tested by exact text."""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa

from fluxdash.profiles.profile import Log
from fluxdash.semantic.records import Order, Record
from fluxdash.sources import clauses
from fluxdash.sources.cells import Spec
from fluxdash.sources.clauses import Tables, epoch


def sums(log: Log, tables: Tables, spec: Spec, start: int, end: int, step: int) -> sa.Select[Any]:
    """Return the select of `bucket`, `grouped` and one sum a part, for rows in `[start, end)`.

    `bucket` is the start of the bucket in epoch seconds, counted from `start`, so that a window which is not aligned
    to its own length can be one bucket. Buckets without rows are not in the result.
    """
    bucket = _bucket(log, start, step)
    told = {measure.slug: clauses.value(expression, log, tables) for measure, expression in log.parts}
    amounts = [sa.cast(sa.func.sum(told[part]), sa.Double).label(part) for part in spec.parts]
    grouped = [clauses.group(log, tables, spec.by).label("grouped")] if spec.by else []
    wanted: list[sa.ColumnElement[Any]] = [bucket, *grouped, *amounts]
    return (
        sa.select(*wanted)
        .select_from(clauses.table(log))
        .where(*clauses.conditions(log, tables, spec, start, end))
        .group_by(*_first(1 + len(grouped)))
    )


def quantiles(log: Log, tables: Tables, spec: Spec, start: int, end: int, step: int) -> sa.Select[Any]:
    """Return the select of `bucket`, `grouped`, `n` and one exact quantile a rank (`q0`, `q1`, …), nearest rank.

    Equal latencies are counted first, so that ranks are found among the distinct values: the row of rank ceil(q × n)
    is the first whose running count reaches it. Ranks are whole millionths, so no float decides which row it is.
    """
    value = clauses.value(log.latency, log, tables)
    grouped = clauses.group(log, tables, spec.by) if spec.by else None
    keys = ("bucket", "grouped") if spec.by else ("bucket",)
    counted = (
        sa.select(
            _bucket(log, start, step),
            *([grouped.label("grouped")] if grouped is not None else []),
            value.label("latency"),
            sa.func.count().label("tally"),
        )
        .select_from(clauses.table(log))
        .where(*clauses.conditions(log, tables, spec, start, end), value.is_not(None))
        .group_by(*_first(len(keys) + 1))
        .subquery("counted")
    )
    inner = [counted.c[key] for key in keys]
    ranked = sa.select(
        *inner,
        counted.c.latency,
        sa.func.sum(counted.c.tally).over(partition_by=inner, order_by=counted.c.latency).label("reached"),
        sa.func.sum(counted.c.tally).over(partition_by=inner).label("n"),
    ).subquery("ranked")
    outer = [ranked.c[key] for key in keys]
    picked = [
        sa.func.min(sa.case((ranked.c.reached * 1_000_000 >= ranked.c.n * millionths(q), ranked.c.latency))).label(
            f"q{i}"
        )
        for i, q in enumerate(spec.quantiles)
    ]
    return sa.select(*outer, sa.func.max(ranked.c.n).label("n"), *picked).group_by(*outer)


def latencies(log: Log, tables: Tables, spec: Spec, start: int, end: int, *, binned: bool) -> sa.Select[Any]:
    """Return the select of `grouped`, `latency` and `tally`: how many requests of a group took as long, rising.

    `binned` makes one of all that share their first three digits, named by the middle between them.
    """
    latency = clauses.value(log.latency, log, tables)
    grouped = [clauses.group(log, tables, spec.by).label("grouped")] if spec.by else []
    wanted = [*grouped, (_binned(latency) if binned else latency).label("latency")]
    keys = _first(len(wanted))
    return (
        sa.select(*wanted, sa.func.count().label("tally"))
        .select_from(clauses.table(log))
        .where(*clauses.conditions(log, tables, spec, start, end), latency.is_not(None))
        .group_by(*keys)
        .order_by(*keys)
    )


def requests(log: Log, tables: Tables, spec: Spec, start: int, end: int, order: Order, n: int) -> sa.Select[Any]:
    """Return the select of the first `n` requests of `[start, end)`: their `time` in epoch seconds, and `fields`."""
    told = [value.label(name) for name, value in fields(log, tables).items()]
    first: list[sa.UnaryExpression[Any]] = [clauses.moment(log).desc()]
    if order is Order.COST:
        first.insert(0, sa.literal_column("cost").desc().nulls_last())
    return (
        sa.select(clauses.instant(clauses.moment(log)).label("time"), *told)
        .select_from(clauses.table(log))
        .where(*clauses.conditions(log, tables, spec, start, end))
        .order_by(*first)
        .limit(sa.literal_column(str(n)))
    )


def count(log: Log, tables: Tables, spec: Spec, start: int, end: int) -> sa.Select[Any]:
    """Return the select of how many requests of `[start, end)` a spec is about, as `tally`."""
    conditions = clauses.conditions(log, tables, spec, start, end)
    return sa.select(sa.func.count().label("tally")).select_from(clauses.table(log)).where(*conditions)


def fields(log: Log, tables: Tables) -> dict[str, sa.ColumnElement[Any]]:
    """Return what the database can tell of a request, by the field of a Record; empty text is as good as none."""
    texts = {
        dimension.slug: f"CASE WHEN {column.where} THEN {column.expression} END" if column.where else column.expression
        for dimension, column in log.dimensions
    } | dict(log.record)
    wanted = {each.name for each in dataclasses.fields(Record)}
    return {
        name: clauses.value(text, log, tables)
        for name, text in texts.items()
        if name in wanted and not clauses.missing(log, tables, text)
    }


def edges(log: Log) -> sa.Select[Any]:
    """Return the select of the log's first and last time, in epoch seconds; both NULL when it is empty."""
    first, last = epoch(sa.func.min(clauses.moment(log))), epoch(sa.func.max(clauses.moment(log)))
    wanted: list[sa.ColumnElement[Any]] = [first.label("first"), last.label("last")]
    return sa.select(*wanted).select_from(clauses.table(log))


def newest(log: Log) -> sa.Select[Any]:
    """Return the select of the log's last time in epoch seconds, by the time index where there is one."""
    return sa.select(epoch(sa.func.max(clauses.moment(log))).label("last")).select_from(clauses.table(log))


def last_written(log: Log) -> sa.Select[Any]:
    """Return SQLite's select of what stands between date and time in the row that was written last."""
    time = clauses.moment(log)
    separator = sa.func.substr(time, sa.literal_column("11"), sa.literal_column("1"))
    return sa.select(separator).select_from(clauses.table(log)).order_by(sa.literal_column("rowid").desc()).limit(1)


def every_row(log: Log) -> sa.Select[Any]:
    """Return the select of all rows, for the planner's estimate of how many there are."""
    return sa.select(sa.literal_column("1")).select_from(clauses.table(log))


def rows_between(log: Log, start: int, end: int) -> sa.Select[Any]:
    """Return the select of every row in `[start, end)`, for the planner's estimate of how many there are."""
    return sa.select(sa.literal_column("1")).select_from(clauses.table(log)).where(*clauses.within(log, start, end))


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


def _first(n: int) -> list[sa.ColumnClause[Any]]:
    """Return the first columns of a select by their place: by name, a column of the log called so would go first."""
    return [sa.literal_column(str(place)) for place in range(1, n + 1)]


def _binned(latency: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    whole = sa.cast(latency, sa.BigInteger)

    def bin_of(width: int) -> sa.ColumnElement[Any]:
        return whole - whole % sa.literal_column(str(width)) + sa.literal_column(str(width // 2))

    wider = [(latency < sa.literal_column(str(1000 * width)), bin_of(width)) for width in (10, 100)]
    return sa.case((latency < sa.literal_column("1000"), latency), *wider, else_=bin_of(1000))


def _bucket(log: Log, start: int, step: int) -> sa.Label[int]:
    seconds = epoch(clauses.moment(log))
    # Bound, not written in: SQLAlchemy keeps what it has compiled, and each refresh would bring another statement.
    # Who groups by it says its place: PostgreSQL takes an expression with other parameters for another one.
    offset = seconds - sa.bindparam("since", start, sa.BigInteger)
    return (seconds - offset % sa.bindparam("step", step, sa.BigInteger)).label("bucket")
