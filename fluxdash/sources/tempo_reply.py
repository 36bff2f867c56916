"""Tempo's answers: what its search lists, and a trace as OTLP in one of its two wrappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fluxdash.errors import BadPayload, SourceError
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import TraceSummary
from fluxdash.sources.attributes import whole
from fluxdash.sources.caller import Response
from fluxdash.sources.otlp_reply import grouped, identity
from fluxdash.sources.replies import BROKEN, decoded, refused, strange


def summaries(name: str, response: Response) -> list[TraceSummary]:
    """Return the traces that a search lists; raises SourceError."""
    answer = _object(name, response)
    try:
        return [_summary(each) for each in answer.get("traces") or []]
    except BROKEN as err:
        raise strange(name) from err


def trace(name: str, response: Response) -> Trace | None:
    """Return the trace of an answer, None where it is not found; raises SourceError."""
    if response.status == 404:
        return None
    answer = _object(name, response)
    inner = answer.get("trace", answer)
    if not isinstance(inner, dict):
        raise strange(name)
    found = grouped(name, inner.get("resourceSpans") or inner.get("batches"))
    if not found:
        return None
    partial = ("Tempo has only a part of this trace.",) if answer.get("status") in ("PARTIAL", 1) else ()
    return Trace(found[0].id, found[0].nodes, (*found[0].warnings, *partial), found[0].duplicates)


def _object(name: str, response: Response) -> Mapping[str, Any]:
    if not 200 <= response.status < 300:
        raise _refused(name, response)
    answer = decoded(name, response)
    if not isinstance(answer, dict):
        raise BadPayload(name, "answered JSON that is not an object")
    return answer


def _refused(name: str, response: Response) -> SourceError:
    return refused(name, response.status, response.body[:300].decode(errors="replace").strip())


def _summary(found: Mapping[str, Any]) -> TraceSummary:
    milliseconds = found.get("durationMs")
    return TraceSummary(
        id=identity(found["traceID"]),
        start=whole(found.get("startTimeUnixNano", 0)),
        seconds=None if milliseconds is None else whole(milliseconds) / 1000,
        operation=found.get("rootTraceName") or None,
        service=found.get("rootServiceName") or None,
    )
