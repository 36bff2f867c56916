"""A request's own row as a trace: one honest bar, for a request whose spans nobody has kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.records import Record
from fluxdash.semantic.spans import EXCEPTION, NANOSECONDS, Attributes, Event, Process, Span, Status, Value
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import TraceSummary

ONE_BAR = "These are no spans: the request log tells when the request ended, and how long it took."

_REQUEST = "request"
_NO_SPAN = "0" * 16
_SUCCESS = "success"


def booked(record: Record) -> int:
    """Return when a request was booked, in nanoseconds since 1970, to the microsecond that the log keeps."""
    return round(record.time * 1e6) * 1000


def began(record: Record) -> int:
    """Return when a request began: it is booked at its end."""
    return booked(record) - round((record.latency or 0.0) * NANOSECONDS)


def summary(record: Record, trace_id: TraceId, tracing: Tracing) -> TraceSummary:
    """Return a row as a trace in a list; how many spans it has, the log does not know."""
    return TraceSummary(
        id=trace_id,
        start=began(record),
        seconds=record.latency,
        operation=tracing.request,
        service=tracing.service or None,
        model=record.model,
        region=record.region,
        failed=None if record.status is None else record.status != _SUCCESS,
        record=record,
    )


def trace(record: Record, trace_id: TraceId, tracing: Tracing) -> Trace:
    """Return a row as a trace of one span, with a warning that says so."""
    failed = record.status not in (None, _SUCCESS)
    start, end = began(record), booked(record)
    span = Span(
        id=_NO_SPAN,
        parent=None,
        name=tracing.request or _REQUEST,
        start=start,
        end=end,
        process=Process(tracing.service or "gateway"),
        status=Status.ERROR if failed else Status.UNSET,
        message=record.error or "",
        attributes=tuple(_told(record)),
    )
    if failed and record.error:
        span = replace(span, events=(Event(end, EXCEPTION, _exception(record.error)),))
    return Trace.of(trace_id, [span], (ONE_BAR,))


def _told(record: Record) -> Iterator[tuple[str, Value]]:
    for field in ("request_id", "model", "region", "status", "strategy", "input_tokens", "output_tokens", "cache"):
        value = getattr(record, field)
        if value is not None:
            yield field, value


def _exception(error: str) -> Attributes:
    """The log writes `Type: message`, where it knows the type."""
    kind, colon, message = error.partition(": ")
    if not colon or not kind.replace(".", "").replace("_", "").isalnum():
        return (("exception.message", error),)
    return ("exception.type", kind), ("exception.message", message)
