"""What a trace's own spans say of its request: in a list, against a search, and which account it belongs to."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, STATUS, Dimension
from fluxdash.semantic.scope import Filter
from fluxdash.semantic.spans import Span, Status, Value, first, text
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import TraceSummary
from fluxdash.semantic.units import count
from fluxdash.sources.trace_store import Ask, Hit

REDACTED = "redacted"
"""The name of a span that another account owns, in a trace that several share."""

_LONGEST_NOTE = 60


def summary(trace: Trace, tracing: Tracing) -> TraceSummary:
    """Return a trace as a row of a list."""
    place = trace.request(tracing.request)
    errors = trace.failed
    if place is None:
        return TraceSummary(trace.id, trace.start, spans=0, errors=0)
    span = trace.nodes[place].span
    return TraceSummary(
        id=trace.id,
        start=span.start,
        seconds=span.seconds,
        operation=span.name,
        service=span.process.service,
        model=told(trace, tracing, MODEL),
        region=told(trace, tracing, REGION),
        failed=span.failed,
        spans=len(trace.nodes),
        errors=errors,
    )


def told(trace: Trace, tracing: Tracing, dimension: Dimension) -> str | None:
    """Return what the spans say of a dimension, or None; of several tries, the last one counts."""
    spans = sorted(trace.spans, key=lambda span: span.start, reverse=True)
    for operation, key in tracing.places(dimension):
        for span in spans:
            value = span.attribute(key) if operation in ("", span.name) else None
            if value not in (None, ""):
                return text(value)
    return None


def noted(span: Span, tracing: Tracing) -> str:
    """Return what is worth a word of a span, such as `cost-optimized, 3 candidates`; empty where it tells nothing."""
    said = []
    for operation, wanted in tracing.notes:
        if operation in ("", span.name):
            told = ((span.attribute(key), words) for key, words in wanted)
            said += [_worded(value, words) for value, words in told if value not in (None, "")]
    return ", ".join(said)


def matches(hit: Hit, ask: Ask) -> bool:
    """Return whether what is known of a trace fits what was asked; what is not known is believed to."""
    seconds, trace = hit.summary.seconds, hit.trace
    if seconds is not None and not (ask.least or 0) <= seconds <= (seconds if ask.most is None else ask.most):
        return False
    if ask.errors and not (hit.summary.errors is None or hit.summary.errors or hit.summary.failed):
        return False
    if trace is None or not (ask.operation or ask.tags):
        return True
    return any(
        ask.operation in (None, span.name) and all(_has(span, key, value) for key, value in ask.tags)
        for span in trace.spans
    )


def passes(hit: Hit, filters: tuple[Filter, ...], tracing: Tracing) -> bool:
    """Return whether the spans of a trace say that it passes every filter; what they do not tell passes none."""
    return all(_value(hit, each.dimension, tracing) in each.values for each in filters)


def owners(trace: Trace, tracing: Tracing) -> tuple[str | None, ...]:
    """Return for each span the account that its resource names, or None.

    Only the resource is asked: the gateway sets it, while attributes of spans may repeat what a client has sent.
    """
    return tuple(
        next(
            (text(value) for key in tracing.owners if (value := first(span.process.attributes, key)) is not None), None
        )
        for span in trace.spans
    )


def redacted(trace: Trace, hidden: frozenset[int]) -> Trace:
    """Return the trace without anything that the spans at these positions say but when they were."""
    nodes = tuple(
        replace(node, span=Span(node.span.id, node.span.parent, REDACTED, node.span.start, node.span.end))
        if position in hidden
        else node
        for position, node in enumerate(trace.nodes)
    )
    return replace(trace, nodes=nodes)


def _worded(value: Value, words: str) -> str:
    if value == 1:
        words = words.removesuffix("s")
    counted = isinstance(value, int) and not isinstance(value, bool)
    return words.format(count(value) if counted else text(value)[:_LONGEST_NOTE])


def _value(hit: Hit, dimension: Dimension, tracing: Tracing) -> str | None:
    if dimension == ACCOUNT:
        place = None if hit.trace is None else hit.trace.request(tracing.request)
        return None if hit.trace is None or place is None else owners(hit.trace, tracing)[place]
    if dimension == MODEL and hit.summary.model is not None:
        return hit.summary.model
    if dimension == REGION and hit.summary.region is not None:
        return hit.summary.region
    if dimension == STATUS and hit.summary.failed is not None:
        return "error" if hit.summary.failed else "success"
    return told(hit.trace, tracing, dimension) if hit.trace is not None else None


def _has(span: Span, key: str, value: str) -> bool:
    if key == "error":
        return value == ("true" if span.failed else "false")
    if key in ("span.kind", "otel.status_code"):
        status = "" if span.status is Status.UNSET else span.status.upper()
        return value == (span.kind if key == "span.kind" else status)
    places = (span.attributes, span.process.attributes, *(event.attributes for event in span.events))
    return any(name == key and text(found) == value for place in places for name, found in place)


def started(hit: Hit) -> int:
    """Return when the request of a trace began, in nanoseconds since 1970."""
    return hit.summary.start
