"""Leaves of a request log as selects: each begins where the last one ended, so none costs more than the first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fluxdash.profiles.profile import Log
from fluxdash.semantic.leaves import MOST_NEWER, Leafing, Place
from fluxdash.semantic.traceid import TraceId
from fluxdash.sources import clauses, places, sql
from fluxdash.sources.cells import Spec
from fluxdash.sources.clauses import Tables

_LONGEST_FIELD = 4000
_SECRET = ("key_hash",)


def leaf(
    log: Log, tables: Tables, spec: Spec, span: tuple[int, int], how: Leafing, after: Place | None, n: int, *,
    file: bool,
) -> sa.Select[Any]:  # fmt: skip
    """Return the select of the `n` rows of `[start, end)` that follow a place: `time`, the place's parts and `fields`.

    `file` says that the log is one of SQLite's, whose rows have a number of their own.
    """
    moment, key, value = clauses.moment(log), places.key(log, tables, file=file), places.value(log, tables, how)
    told = [each.label(name) for name, each in sql.fields(log, tables).items()]
    wanted: list[sa.ColumnElement[Any]] = [
        clauses.instant(moment).label("time"),
        places.written(moment).label("place_time"),
        key.label("place_key"),
        *([] if value is None else [value.label("place_value")]),
        *told,
    ]
    conditions = [*clauses.conditions(log, tables, spec, *places.from_there(span, how, after))]
    conditions += [*found(log, tables, how), *([] if after else places.begun(log, how))]
    if after is not None:
        conditions += places.following(moment, key, value, how, after, file=file)
    order = places.order(moment, key, value, how)
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
    moment, key = clauses.moment(log), places.key(log, tables, file=file)
    start, end = span
    conditions = [
        *clauses.conditions(log, tables, spec, max(start, places.second(than)), end),
        *found(log, tables, how),
        *places.beyond(moment, key, than, later=True, file=file),
    ]
    one: sa.ColumnElement[Any] = sa.literal_column("1")
    rows = sa.select(one).select_from(clauses.table(log)).where(*conditions).limit(sa.literal_column(str(MOST_NEWER)))
    return sa.select(sa.func.count().label("tally")).select_from(rows.subquery("newer"))


def whole(log: Log, tables: Tables, spec: Spec, at: Place, *, file: bool) -> sa.Select[Any]:
    """Return the select of one row: `time`, `fields`, and each column of the log as `raw_<name>` in text."""
    moment, key = clauses.moment(log), places.key(log, tables, file=file)
    told = [each.label(name) for name, each in sql.fields(log, tables).items()]
    texts = {name: sa.cast(clauses.value(f"{{{name}}}", log, tables), sa.Text) for name in columns(log, tables)}
    raw = [sa.func.substr(text, 1, _LONGEST_FIELD).label(f"raw_{name}") for name, text in texts.items()]
    second = places.second(at)
    return (
        sa.select(clauses.instant(moment).label("time"), *told, *raw)
        .select_from(clauses.table(log))
        .where(
            *clauses.conditions(log, tables, spec, second, second + 1),
            moment == places.at_time(at),
            key == places.at_key(at, file=file),
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
    """Return the conditions of a search: the error says it, whatever its case, or an id is it.

    Logs may hold the id of a trace shorter than people paste it, or in capitals: any spelling is it.
    """
    if not how.find:
        return []
    told = sql.fields(log, tables)
    small = clauses.folds(how.find)
    said = clauses.folded(sa.type_coerce(told["error"], sa.String)).contains(small, autoescape=True)
    ids = {name: sa.type_coerce(told[name], sa.String) for name in ("request_id", "trace_id") if name in told}
    same = [each == how.find for each in ids.values()]
    trace = TraceId.known(how.find)
    if trace and "trace_id" in ids:
        same.append(clauses.folded(ids["trace_id"]).in_(trace.spellings))
    return [sa.or_(said, *same)]


def index(log: Log, *, file: bool) -> str:
    """Return the statement that adds the time index, for the log's owner to run."""
    on = f"ON {_quoted(log.table)} ({_quoted(log.time)});"
    return f"CREATE INDEX {_quoted(f'ix_{log.table}_{log.time}')} {on}" if file else f"CREATE INDEX CONCURRENTLY {on}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _readable(log: Log, tables: Tables, *, file: bool) -> list[sa.ColumnElement[Any]]:
    """Return the columns that we may read, and the one of the key where it is none of them."""
    there = sorted(tables.get(log.table, frozenset()))
    place = "rowid" if file else places.named(log, tables)
    names = there if place in there else [*there, place]
    return [sa.literal_column(f'"{log.table}"."{name}" AS "{name}"') for name in names]
