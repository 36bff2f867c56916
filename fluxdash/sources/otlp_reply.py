"""OTLP as JSON, the dialect of Jaeger's version 3 and of Tempo: spans by resource, of many traces together."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from fluxdash.errors import BadPayload
from fluxdash.semantic.spans import UNKNOWN_PROCESS, Attributes, Event, Link, Process, Span, Status, first
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import TraceSummary
from fluxdash.sources.attributes import cut, of_otlp, whole
from fluxdash.sources.caller import Response
from fluxdash.sources.replies import BROKEN, decoded, refused, strange

_LATEST = 2**63
_KINDS = ("", "internal", "server", "client", "producer", "consumer")
_HEX = frozenset("0123456789abcdef")
_OF_A_SERVICE = "service.name"
_SCOPE = "otel.scope.name"
_REMARKS = "@jaeger@warnings"


def result(name: str, response: Response) -> Mapping[str, Any] | None:
    """Return the object that version 3 answers, None where nothing is found; raises the SourceError that fits.

    No match is a 404 there, with an error in JSON: not a failure.
    """
    answer = decoded(name, response)
    if not isinstance(answer, dict):
        raise BadPayload(name, "answered JSON that is not an object")
    if 200 <= response.status < 300 and "error" not in answer:
        return answer
    error = answer.get("error")
    told = error if isinstance(error, dict) else {}
    code = told.get("httpCode")
    status = code if isinstance(code, int) and response.status < 400 else response.status
    if status == 404:
        return None
    raise refused(name, status, str(told.get("message") or answer.get("message") or ""))


def traces(name: str, response: Response) -> list[Trace]:
    """Return the traces of an answer of version 3; none where nothing is found. Raises SourceError."""
    answer = result(name, response)
    if answer is None:
        return []
    inner = answer.get("result", answer)
    if not isinstance(inner, dict):
        raise strange(name)
    return grouped(name, inner.get("resourceSpans"))


def grouped(name: str, resources: Any) -> list[Trace]:
    """Return the traces whose spans stand in a list of `resourceSpans`, in the order in which they first appear."""
    found: dict[TraceId, list[Span]] = {}
    try:
        for trace_id, span in _spans(resources or []):
            found.setdefault(trace_id, []).append(span)
    except BROKEN as err:
        raise strange(name) from err
    return [Trace.of(trace_id, spans) for trace_id, spans in found.items()]


def summaries(name: str, response: Response) -> list[TraceSummary]:
    """Return the rows of version 3's own summaries; what is zero or empty is left out there."""
    answer = result(name, response) or {}
    try:
        return [_summary(each) for each in answer.get("summaries") or []]
    except BROKEN as err:
        raise strange(name) from err


def identity(value: Any) -> TraceId:
    """Return a trace's id that is written in hex or in base64; raises ValueError or TypeError."""
    return TraceId(_hex(value, 16))


def _spans(resources: Any) -> Iterator[tuple[TraceId, Span]]:
    ids: dict[Any, TraceId] = {}  # most spans of an answer are of one trace
    for resource in resources:
        attributes = of_otlp((resource.get("resource") or {}).get("attributes"))
        service = first(attributes, _OF_A_SERVICE)
        named = UNKNOWN_PROCESS.service if service in (None, "") else str(service)
        process = Process(named, tuple(each for each in attributes if each[0] != _OF_A_SERVICE))
        for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
            scope_name = (scope.get("scope") or {}).get("name")
            scoped: Attributes = ((_SCOPE, cut(_text(scope_name))),) if scope_name else ()
            for span in scope.get("spans") or ():
                written = span["traceId"]
                if written not in ids:
                    ids[written] = identity(written)
                yield ids[written], _span(span, process, scoped)


def _span(found: Mapping[str, Any], process: Process, scoped: Attributes) -> Span:
    start, end = _moment(found["startTimeUnixNano"]), _moment(found["endTimeUnixNano"])
    parent = found.get("parentSpanId")
    status = found.get("status") or {}
    backwards = ("the span ends before it starts",) if end < start else ()
    pairs = found.get("attributes") or ()
    remarks = next((_remarks(pair.get("value")) for pair in pairs if pair["key"] == _REMARKS), ())
    return Span(
        id=_hex(found["spanId"], 8),
        parent=_hex(parent, 8) if parent and parent.strip("0") else None,
        name=cut(_text(found.get("name", ""))),
        start=start,
        end=max(start, end),
        process=process,
        kind=_kind(found.get("kind")),
        status=_status(status.get("code")),
        message=cut(_text(status.get("message", ""))),
        attributes=(*scoped, *[pair for pair in of_otlp(found.get("attributes")) if pair[0] != _REMARKS]),
        events=tuple([_event(each) for each in found.get("events") or ()]),
        links=tuple(Link(str(identity(each["traceId"])), _hex(each["spanId"], 8)) for each in found.get("links") or ()),
        warnings=(*remarks, *backwards),
    )


def _event(found: Mapping[str, Any]) -> Event:
    return Event(
        _moment(found.get("timeUnixNano", 0)), cut(_text(found.get("name", ""))), of_otlp(found.get("attributes"))
    )


def _summary(found: Mapping[str, Any]) -> TraceSummary:
    start, end = _moment(found.get("minStartTimeUnixNano", 0)), _moment(found.get("maxEndTimeUnixNano", 0))
    errors = whole(found.get("errorSpanCount", 0))
    return TraceSummary(
        id=identity(found["traceId"]),
        start=start,
        seconds=max(0, end - start) / 1e9,
        operation=found.get("rootOperationName") or None,
        service=found.get("rootServiceName") or None,
        failed=errors > 0,
        spans=whole(found.get("spanCount", 0)),
        errors=errors,
    )


def _remarks(value: Any) -> tuple[str, ...]:
    """Jaeger hands its remarks on a span on as an attribute: a list of texts."""
    return tuple(cut(_text(each["stringValue"])) for each in value["arrayValue"]["values"][:20])


def _moment(value: Any) -> int:
    nanoseconds = whole(value)
    if not 0 <= nanoseconds < _LATEST:
        raise ValueError("a time that no clock shows")
    return nanoseconds


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return value.removeprefix("SPAN_KIND_").lower().replace("unspecified", "")
    place = value or 0
    return _KINDS[place] if isinstance(place, int) and 0 <= place < len(_KINDS) else ""


def _status(code: Any) -> Status:
    return {1: Status.OK, "STATUS_CODE_OK": Status.OK, 2: Status.ERROR, "STATUS_CODE_ERROR": Status.ERROR}.get(
        code, Status.UNSET
    )


def _hex(value: Any, size: int) -> str:
    """Return an id of so many bytes as hex digits; Tempo writes base64, everybody else hex."""
    written = _text(value)
    lower = written.lower()
    if len(lower) <= 2 * size and _HEX.issuperset(lower):
        return lower.zfill(16) if size == 8 else lower
    try:
        raw = base64.b64decode(written, validate=True)
    except binascii.Error as err:
        raise ValueError("an id that is neither hex nor base64") from err
    if len(raw) != size:
        raise ValueError(f"an id of {len(raw)} bytes")
    return raw.hex()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
