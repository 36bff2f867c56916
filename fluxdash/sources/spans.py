"""A table of spans in the log's database as a store of traces: what the embedded gateway keeps without a Jaeger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from fluxdash.errors import SourceError
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.spans import NANOSECONDS, Attributes, Event, Process, Span, Status
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources.attributes import MOST, cut, plain
from fluxdash.sources.database import NAME, Database
from fluxdash.sources.glance import Glance
from fluxdash.sources.replies import strange
from fluxdash.sources.source import SourceState
from fluxdash.sources.summaries import matches, summary
from fluxdash.sources.trace_store import SPANS, Ask, Haul, Hit

TABLE = "trace_spans"
MOST_SPANS = 50_000
"""Spans of one answer that are read: a trace larger than this is cut, its earliest spans first."""

_KEEP = 60.0
_LOOKED = 3
"""How many times as many traces as are wanted are looked through for what the database cannot judge."""

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SPANS = sa.table(
    TABLE,
    sa.column("trace_id", sa.String),
    sa.column("span_id", sa.String),
    sa.column("parent_span_id", sa.String),
    sa.column("service", sa.String),
    sa.column("name", sa.String),
    sa.column("kind", sa.String),
    sa.column("start_ns", sa.BigInteger),
    sa.column("end_ns", sa.BigInteger),
    sa.column("status", sa.String),
    sa.column("status_message", sa.String),
    sa.column("attributes", _JSON),
    sa.column("events", _JSON),
    sa.column("resource", _JSON),
)


class SpanTable:
    """Searches the table of spans, where the database has it with every column that is needed."""

    def __init__(self, database: Database, tracing: Tracing, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._tracing = tracing
        self._clock = clock
        self._there = Glance(self._look, lambda _: _KEEP, clock)
        self._state = SourceState(SPANS, "ok")
        self._lacking = ""

    @property
    def name(self) -> str:
        return SPANS

    def exists(self) -> bool:
        """Return whether there is such a table, from at most a minute ago; never raises."""
        return self._there.now()

    def search(self, ask: Ask, *, spans: bool = False) -> Haul:
        """Return the newest traces that match, always with their spans; raises SourceError."""
        most = _looked_through(ask)
        rows = self._rows(requests(ask, self._tracing, most + 1))
        ids = [str(row.trace_id) for row in rows[:most]]
        hits = [Hit(summary(trace, self._tracing), trace) for trace in self._whole(ids)]
        kept = sorted((hit for hit in hits if matches(hit, ask)), key=lambda hit: hit.summary.start, reverse=True)
        older = int(rows[most - 1].start_ns) if len(rows) > most else None
        if len(kept) > ask.n:
            kept, older = kept[: ask.n], kept[ask.n - 1].summary.start
        return Haul(tuple(kept), older, len(ids))

    def statement(self, ask: Ask) -> str:
        """Return the SQL that finds the requests of a search."""
        return self._database.text(requests(ask, self._tracing, _looked_through(ask) + 1))

    def trace(self, trace_id: TraceId) -> Trace | None:
        """Return one trace, or None where it is not kept; raises SourceError."""
        return next(iter(self._whole(trace_id.spellings)), None)

    def beginning(self, prefix: TraceId, start: int, end: int) -> Sequence[TraceId]:
        """Return a few traces whose id begins so, of those that began in a stretch; raises SourceError."""
        rows = self._rows(
            sa.select(_SPANS.c.trace_id)
            .where(_SPANS.c.trace_id.startswith(prefix.text, autoescape=True), *_between(start, end))
            .distinct()
            .limit(5)
        )
        return [found for row in rows if (found := TraceId.known(row.trace_id)) is not None]

    def link(self, trace_id: TraceId) -> str | None:
        return None

    def state(self) -> SourceState:
        if self._there.last is False:
            return SourceState(SPANS, "absent", None, self._lacking)
        return self._state

    def close(self) -> None:
        """The database belongs to the log, which closes it."""

    def _look(self, _: float) -> bool:
        try:
            found = self._database.tables([TABLE]).get(TABLE, frozenset())
        except SourceError:
            self._lacking = f"The database did not say whether it has a table {TABLE}."
            return bool(self._there.last)
        self._lacking = f"The database has no table {TABLE}."
        return {column.name for column in _SPANS.c} <= found

    def _whole(self, ids: Sequence[str]) -> list[Trace]:
        if not ids:
            return []
        rows = self._rows(
            sa.select(*_SPANS.c).where(_SPANS.c.trace_id.in_(ids)).order_by(_SPANS.c.start_ns).limit(MOST_SPANS + 1)
        )
        cut_off = (
            ("There are more spans than are read: the latest ones are missing.",) if len(rows) > MOST_SPANS else ()
        )
        try:
            return list(_traces(rows[:MOST_SPANS], cut_off))
        except (TypeError, ValueError, KeyError, AttributeError) as err:
            raise strange(NAME) from err

    def _rows(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        try:
            rows = self._database.rows(statement)
        except SourceError as err:
            self._state = self._state.failed(err.reason)
            raise
        self._state = self._state.read(self._clock())
        return rows


def requests(ask: Ask, tracing: Tracing, most: int) -> sa.Select[Any]:
    """Return the select of `trace_id` and `start_ns` of the newest requests in a stretch that may match.

    An operation and an error are looked for anywhere in the trace; whether tags stand beside them, the spans must tell.
    """
    spans, other = _SPANS.c, _SPANS.alias("other")
    its_own = spans.parent_span_id.is_(None) if tracing.request is None else spans.name == tracing.request
    took = spans.end_ns - spans.start_ns
    conditions = [its_own, *_between(ask.start, ask.end)]
    conditions += [took >= round(ask.least * NANOSECONDS)] if ask.least is not None else []
    conditions += [took <= round(ask.most * NANOSECONDS)] if ask.most is not None else []
    within = [other.c.name == ask.operation] if ask.operation else []
    somewhere = [*([within] if within else []), *([[other.c.status == Status.ERROR.value]] if ask.errors else [])]
    conditions += [sa.exists().where(other.c.trace_id == spans.trace_id, *each) for each in somewhere]
    return sa.select(spans.trace_id, spans.start_ns).where(*conditions).order_by(spans.start_ns.desc()).limit(most)


def _looked_through(ask: Ask) -> int:
    """How many requests are read: what must hold somewhere in a trace is judged by its spans, so more for that."""
    return ask.n * _LOOKED if ask.of_one_span or ask.errors else ask.n


def _between(start: int, end: int) -> tuple[sa.ColumnElement[bool], ...]:
    return _SPANS.c.start_ns >= start, _SPANS.c.start_ns < end


def _traces(rows: Iterable[sa.Row[Any]], warnings: Sequence[str]) -> Iterator[Trace]:
    found: dict[TraceId, list[Span]] = {}
    for row in rows:
        found.setdefault(TraceId(row.trace_id), []).append(_span(row))
    return (Trace.of(trace_id, spans, warnings) for trace_id, spans in found.items())


def _span(row: sa.Row[Any]) -> Span:
    start, end = int(row.start_ns), int(row.end_ns)
    return Span(
        id=row.span_id,
        parent=row.parent_span_id or None,
        name=cut(row.name),
        start=start,
        end=max(start, end),
        process=Process(row.service, _attributes(row.resource)),
        kind=row.kind or "",
        status=Status(row.status),
        message=cut(row.status_message or ""),
        attributes=_attributes(row.attributes),
        events=tuple(
            Event(int(each["time_ns"]), cut(each["name"]), _attributes(each.get("attributes")))
            for each in row.events or ()
        ),
        warnings=("the span ends before it starts",) if end < start else (),
    )


def _attributes(found: Mapping[str, Any] | None) -> Attributes:
    return tuple((key, plain(value)) for key, value in list((found or {}).items())[:MOST])
