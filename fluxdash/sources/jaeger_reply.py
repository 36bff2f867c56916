"""Jaeger's legacy JSON, the dialect of its own screen: an envelope, and in it traces with references and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fluxdash.errors import BadPayload
from fluxdash.semantic.spans import UNKNOWN_PROCESS, Attributes, Event, Link, Process, Span, Status, text
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources.attributes import cut, of_tags, whole
from fluxdash.sources.caller import Response
from fluxdash.sources.replies import BROKEN, decoded, refused, strange

_MICROSECOND = 1000
_LATEST = 2**63
_ABOUT_STATUS = ("span.kind", "otel.status_code", "otel.status_description")
_OF_STATUS = ("otel.status_code", "otel.status_description", "error")


def data(name: str, response: Response) -> Any:
    """Return what the envelope holds, None for a trace that is not found; raises the SourceError that fits."""
    envelope = decoded(name, response)
    if not isinstance(envelope, dict) or not ("data" in envelope or "errors" in envelope):
        raise BadPayload(name, "answered JSON that is not an envelope")
    if 200 <= response.status < 300:
        return envelope.get("data")
    if response.status == 404:
        return None
    raise refused(name, response.status, _told(envelope.get("errors")))


def traces(name: str, response: Response) -> list[Trace]:
    """Return the traces of an answer, none for a trace that is not found; raises SourceError."""
    found = data(name, response) or []
    try:
        return [_trace(each) for each in found]
    except BROKEN as err:
        raise strange(name) from err


def _told(errors: Any) -> str:
    if not isinstance(errors, list):
        return ""
    return "; ".join(str(each.get("msg", "")) for each in errors[:3] if isinstance(each, dict))


def _trace(found: Mapping[str, Any]) -> Trace:
    processes = {key: _process(each) for key, each in (found.get("processes") or {}).items()}
    written = found["spans"] or []
    ids = {_id(each["spanID"]) for each in written}
    trace_id = TraceId(found["traceID"])
    spans = (_span(each, trace_id, ids, processes) for each in written)
    return Trace.of(trace_id, spans, _texts(found.get("warnings")))


def _process(found: Mapping[str, Any]) -> Process:
    return Process(cut(str(found.get("serviceName") or UNKNOWN_PROCESS.service)), of_tags(found.get("tags")))


def _span(found: Mapping[str, Any], trace: TraceId, ids: set[str], processes: Mapping[str, Process]) -> Span:
    start, duration = whole(found["startTime"]) * _MICROSECOND, whole(found["duration"]) * _MICROSECOND
    if start < 0 or start + abs(duration) >= _LATEST:
        raise ValueError("a time that no clock shows")
    tags = of_tags(found.get("tags"))
    status, message = _status(tags)
    own = _id(found["spanID"])
    parent, links = _parent(found, trace, ids)
    backwards = ("the span ends before it starts",) if duration < 0 else ()
    return Span(
        id=own,
        parent=parent,
        name=cut(_text(found["operationName"])),
        start=start,
        end=start + max(duration, 0),
        process=processes.get(found.get("processID") or "", UNKNOWN_PROCESS),
        kind=next((str(value) for key, value in tags if key == "span.kind"), ""),
        status=status,
        message=message,
        attributes=tuple([pair for pair in tags if pair[0] not in _ABOUT_STATUS and not _is_flag(pair)]),
        events=tuple([_event(each) for each in found.get("logs") or ()]),
        links=links,
        warnings=(*_texts(found.get("warnings")), *backwards),
    )


def _parent(found: Mapping[str, Any], trace: TraceId, ids: set[str]) -> tuple[str | None, tuple[Link, ...]]:
    """The parent is the first reference into this trace that leads to a span which is there; the rest are links."""
    references = [
        (each.get("refType"), trace if each["traceID"] == trace.text else TraceId(each["traceID"]), _id(each["spanID"]))
        for each in found.get("references") or ()
    ]
    inside = [(kind, span) for kind, of, span in references if of == trace]
    parent = next((span for _, span in inside if span in ids), None)
    if parent is None:
        parent = next((span for kind, span in inside if kind == "CHILD_OF"), None)
    if parent is None and found.get("parentSpanID"):
        parent = _id(found["parentSpanID"])
    links = tuple(Link(str(of), span) for _, of, span in references if not (of == trace and span == parent))
    return parent, links


def _status(tags: Attributes) -> tuple[Status, str]:
    told = {key: text(value) for key, value in reversed(tags) if key in _OF_STATUS}
    if told.get("otel.status_code") == "ERROR" or told.get("error") == "true":
        status = Status.ERROR
    else:
        status = Status.OK if told.get("otel.status_code") == "OK" else Status.UNSET
    return status, told.get("otel.status_description", "")


def _is_flag(pair: tuple[str, object]) -> bool:
    """Whether a tag is the error flag, which the status tells already; some clients write the reason there instead."""
    return pair[0] == "error" and pair[1] in (True, False, "true", "false")


def _event(found: Mapping[str, Any]) -> Event:
    fields = of_tags(found.get("fields"))
    name = next((text(value) for key, value in fields if key == "event"), "")
    return Event(whole(found["timestamp"]) * _MICROSECOND, name, tuple(each for each in fields if each[0] != "event"))


def _id(value: Any) -> str:
    return _text(value).lower().zfill(16)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(cut(_text(each)) for each in (found or ())[:20])
