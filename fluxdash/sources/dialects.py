"""The languages that stores of traces speak over HTTP: Jaeger's own JSON, its version 3, and Tempo's."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Protocol

from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Tags
from fluxdash.sources import jaeger_reply, otlp_reply, tempo_reply, traceql
from fluxdash.sources.caller import Caller
from fluxdash.sources.newest import FEWEST
from fluxdash.sources.replies import NoSuchEndpoint
from fluxdash.sources.summaries import summary
from fluxdash.sources.trace_store import Ask, Hit

ONE_TRACE = 32 * 1024 * 1024
"""The largest answer that is read for one trace, in bytes."""

_FAILED: Tags = (("error", "true"),)
_SLACK = 60 * NANOSECONDS
"""How long after its request a span may begin that a search is about: stores go by the span's own start."""


class Dialect(Protocol):
    """One language; every method raises NoSuchEndpoint where the server does not speak it, else SourceError."""

    def found(self, ask: Ask, service: str, tracing: Tracing, *, spans: bool) -> list[Hit]:
        """Return up to `ask.n` traces, whichever the store likes, that it says match."""

    def statement(self, ask: Ask, service: str, tracing: Tracing) -> str:
        """Return what `found` asks, for people to copy: an address, or the query in the store's own language."""

    def trace(self, trace_id: TraceId) -> Trace | None:
        """Return one trace, or None where it is not kept."""


class Legacy:
    """What Jaeger's own screen speaks: always whole traces. Its search is gone from the releases after 2.20."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def found(self, ask: Ask, service: str, tracing: Tracing, *, spans: bool) -> list[Hit]:
        response = self._caller.get("/api/traces", self._parameters(ask, service, tracing), _room(ask))
        return [Hit(summary(each, tracing), each) for each in jaeger_reply.traces(self._caller.name, response)]

    def statement(self, ask: Ask, service: str, tracing: Tracing) -> str:
        return self._caller.address("/api/traces", self._parameters(ask, service, tracing))

    def trace(self, trace_id: TraceId) -> Trace | None:
        response = self._caller.get(f"/api/traces/{trace_id.padded}", max_bytes=ONE_TRACE)
        return next(iter(jaeger_reply.traces(self._caller.name, response)), None)

    def _parameters(self, ask: Ask, service: str, tracing: Tracing) -> list[tuple[str, str]]:
        wanted = _wanted(ask, tracing)
        return _given(
            ("service", service),
            ("operation", wanted.operation),
            ("tags", _object(wanted.tags)),
            ("start", str(ask.start // 1000)),
            ("end", str((_last(ask, wanted, tracing) - 1) // 1000)),
            ("limit", str(ask.n)),
            ("minDuration", wanted.least),
            ("maxDuration", wanted.most),
        )


class VersionThree:
    """Jaeger's version 3: OTLP as JSON, and from 2.19 on summaries; older servers ignore what is asked of tags."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def found(self, ask: Ask, service: str, tracing: Tracing, *, spans: bool) -> list[Hit]:
        parameters = self._parameters(ask, service, tracing)
        if not spans:
            try:
                response = self._caller.get("/api/v3/trace-summaries", parameters)
                return [Hit(each) for each in otlp_reply.summaries(self._caller.name, response)]
            except NoSuchEndpoint:
                pass  # before 2.19: whole traces, then
        response = self._caller.get("/api/v3/traces", parameters, _room(ask))
        return [Hit(summary(each, tracing), each) for each in otlp_reply.traces(self._caller.name, response)]

    def statement(self, ask: Ask, service: str, tracing: Tracing) -> str:
        return self._caller.address("/api/v3/traces", self._parameters(ask, service, tracing))

    def trace(self, trace_id: TraceId) -> Trace | None:
        response = self._caller.get(f"/api/v3/traces/{trace_id.padded}", max_bytes=ONE_TRACE)
        found = otlp_reply.traces(self._caller.name, response)
        return next((each for each in found if each.id == trace_id), None)

    def _parameters(self, ask: Ask, service: str, tracing: Tracing) -> list[tuple[str, str]]:
        wanted = _wanted(ask, tracing)
        return _given(
            ("query.service_name", service),
            ("query.operation_name", wanted.operation),
            ("query.start_time_min", _rfc3339(ask.start)),
            ("query.start_time_max", _rfc3339(_last(ask, wanted, tracing) - 1)),
            ("query.num_traces", str(ask.n)),
            ("query.duration_min", wanted.least),
            ("query.duration_max", wanted.most),
            ("query.attributes", _object(wanted.tags)),
        )


class Tempo:
    """Grafana Tempo: searched by TraceQL, times in seconds, and the first traces found instead of the newest."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def found(self, ask: Ask, service: str, tracing: Tracing, *, spans: bool) -> list[Hit]:
        parameters = [
            ("q", self.statement(ask, service, tracing)),
            ("start", str(ask.start // NANOSECONDS)),
            ("end", str(-(-_last(ask, _wanted(ask, tracing), tracing) // NANOSECONDS))),
            ("limit", str(ask.n)),
            ("spss", "1"),
        ]
        response = self._caller.get("/api/search", parameters)
        return [Hit(each) for each in tempo_reply.summaries(self._caller.name, response)]

    def statement(self, ask: Ask, service: str, tracing: Tracing) -> str:
        wanted = _wanted(ask, tracing)
        spansets = [wanted]
        if ask.of_one_span:  # here spans can be combined, so nothing is left to be judged
            spansets += [_Wanted(None, _FAILED)] if ask.errors else []
        if wanted.operation != tracing.request and (ask.least or ask.most):
            spansets.append(_request(ask, tracing))
        return " && ".join(traceql.spanset(service, *astuple(each)) for each in spansets)

    def trace(self, trace_id: TraceId) -> Trace | None:
        try:
            response = self._caller.get(f"/api/v2/traces/{trace_id.padded}", max_bytes=ONE_TRACE)
            found = tempo_reply.trace(self._caller.name, response)
        except NoSuchEndpoint:
            found = None
        if found is None:  # versions before 2.6 have the first address alone
            response = self._caller.get(f"/api/traces/{trace_id.padded}", max_bytes=ONE_TRACE)
            found = tempo_reply.trace(self._caller.name, response)
        return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of one span, all at once: `least` and `most` as Go writes durations, or empty."""

    operation: str | None
    tags: Tags = ()
    least: str = ""
    most: str = ""


def _wanted(ask: Ask, tracing: Tracing) -> _Wanted:
    """Return the one span to ask for, of those that a search is about; the rest of it is judged by what comes.

    That is the span with the operation and the tags, else any that failed, else the request's.
    """
    if ask.of_one_span:
        return _Wanted(ask.operation, ask.tags)
    return _Wanted(None, _FAILED) if ask.errors else _request(ask, tracing)


def _request(ask: Ask, tracing: Tracing) -> _Wanted:
    if tracing.request is None:  # no span is known to be the request's, so none can be measured
        return _Wanted(None)
    least = "" if ask.least is None else f"{math.floor(ask.least * 1e6)}us"
    most = "" if ask.most is None else f"{math.ceil(ask.most * 1e6)}us"
    return _Wanted(tracing.request, (), least, most)


def _last(ask: Ask, wanted: _Wanted, tracing: Tracing) -> int:
    """Return the end of the stretch in which the span that is wanted may begin."""
    return ask.end if wanted.operation and wanted.operation == tracing.request else ask.end + _SLACK


def _room(ask: Ask) -> int | None:
    """A search answers whole traces: of a few, one may be as large as any that is opened."""
    return ONE_TRACE if ask.n <= FEWEST else None


def _given(*parameters: tuple[str, str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parameters if value]


def _object(tags: Tags) -> str:
    return json.dumps(dict(tags)) if tags else ""


def _rfc3339(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // NANOSECONDS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds % NANOSECONDS:09d}Z"
