"""One span as its drawer shows it: outcome, tags, events, exceptions each once, and who did the work.

All of it comes from outside: it is text wherever it stands, and never an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.spans import NANOSECONDS, Attributes, Event, Span, text
from fluxdash.semantic.units import Unit, count, figure
from fluxdash.views.elements import icon, wild

MOST_SHOWN = 200
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Fault:
    """An exception of a span: `time` in nanoseconds since 1970, `frames` as far as can be counted."""

    time: int
    type: str
    message: str
    stacktrace: str
    frames: int
    times: int


@dataclass(frozen=True, slots=True)
class Same:
    """Where others that failed alike are found: `words` as assets/52-traces.js reads them, `n` if that is known."""

    type: str
    words: str
    n: int | None = None


def drawer(
    span: Span, start: int, faults: Sequence[Fault], events: Sequence[Event], attempt: str, same: Same | None = None
) -> list[Component]:
    """Return the drawer of a span of a trace that began at `start`; `attempt` says which try it is, or nothing."""
    process: Attributes = (("service", span.process.service), *span.process.attributes)
    tabs = (
        ("tags", f"Tags {count(len(span.attributes))}", _pairs(span.attributes, "No tags.")),
        ("events", f"Events {count(len(events) + len(faults))}", _events(events, start)),
        ("process", "Process", _pairs(process, "")),
    )
    heads = [
        html.Button(said, type="button", **wild(data_span_tab=name, aria_pressed="true" if not place else "false"))
        for place, (name, said, _) in enumerate(tabs)
    ]
    panes = [
        html.Div(pane, hidden=bool(place), **wild(data_span_pane=name)) for place, (name, _, pane) in enumerate(tabs)
    ]
    return [
        _head(span),
        _outcome(span, start, attempt),
        html.Div(heads, className="seg small span-tabs", role="group", **wild(aria_label="Span detail")),
        *panes,
        *[_fault(each, start) for each in faults],
        *_message(span, faults),
        *_remarks(span),
        html.Div([*_ways(same), _copy()], className="row-f span-ways"),
    ]


def nothing(said: str) -> list[Component]:
    """Return what stands in the drawer where there is no such span."""
    return [html.P(said, className="muted")]


def _ways(same: Same | None) -> list[Component]:
    if same is None:
        return []
    said = "Same error" if same.n is None else f"Same error, {count(same.n)}"
    what = "Requests that failed with" if same.n is not None else "Traces with"
    title = f"{what} {same.type} in this range"
    return [
        html.Button(
            [icon("requests", 14), said], className="btn-f", type="button", title=title,
            **wild(data_trace_same=same.words),
        )
    ]  # fmt: skip


def _copy() -> Component:
    return html.Button([icon("copy", 14), "Copy span"], className="btn-f", type="button", **wild(data_span_copy="1"))


def _head(span: Span) -> html.Div:
    close = html.Button(
        icon("x", 14), className="kebab", type="button", **wild(aria_label="Close span detail", data_span_close="1")
    )
    return html.Div(
        [html.H3(span.name or "unnamed", className="b grow span-name", title=span.name), close], className="row-f"
    )


def _outcome(span: Span, start: int, attempt: str) -> html.Div:
    failed = html.Span([icon("bad", 14), "Error"], className="st bad") if span.failed else None
    parts = [
        str(figure(Unit.SECONDS, span.seconds)),
        f"starts at {figure(Unit.SECONDS, (span.start - start) / NANOSECONDS)}",
        span.kind,
        attempt,
    ]
    return html.Div(
        [failed, html.Span(" · ".join(filter(None, parts)), className="muted")], className="row-f span-outcome"
    )


def _pairs(attributes: Attributes, none: str) -> Component:
    if not attributes:
        return html.P(none, className="muted span-none")
    shown = attributes[:MOST_SHOWN]
    rows = [part for key, value in shown for part in (html.Dt(key[:255], title=key[:255]), html.Dd(_cut(text(value))))]
    more = len(attributes) - len(shown)
    rest = html.P(f"and {count(more)} more", className="muted") if more else None
    return html.Div([html.Dl(rows, className="kv"), rest])


def _events(events: Sequence[Event], start: int) -> Component:
    if not events:
        return html.P("No events beside exceptions.", className="muted span-none")
    listed = [
        html.Div(
            [
                html.Div([html.B(each.name or "event", className="b"), _at(each.time, start)], className="row-f"),
                _pairs(each.attributes, ""),
            ],
            className="span-event",
        )
        for each in events[:MOST_SHOWN]
    ]
    return html.Div(listed)


def _at(time: int, start: int) -> html.Span:
    return html.Span(f"at {figure(Unit.SECONDS, (time - start) / NANOSECONDS)}", className="muted")


def _fault(raised: Fault, start: int) -> html.Div:
    stack = None
    if raised.stacktrace:
        frames = f", {count(raised.frames)} frame{'' if raised.frames == 1 else 's'}" if raised.frames else ""
        said = f"Stack trace{frames}"
        stack = html.Details([html.Summary(said), html.Pre(_cut(raised.stacktrace), className="mono")])
    often = html.Span(f"recorded {count(raised.times)} times", className="muted") if raised.times > 1 else None
    box = html.Div(
        [html.B(raised.type or "Exception", className="b"), html.Div(_cut(raised.message), className="t2"), stack],
        className="errbox",
    )
    return html.Div([html.H4(["Exception ", _at(raised.time, start), often], className="dh span-dh"), box])


def _message(span: Span, faults: Sequence[Fault]) -> list[Component]:
    """What the status says, where no exception says it."""
    if not span.message or any(span.message in (each.message, f"{each.type}: {each.message}") for each in faults):
        return []
    return [html.Div(html.Div(_cut(span.message), className="t2"), className="errbox" if span.failed else "")]


def _remarks(span: Span) -> list[Component]:
    said = list(span.warnings)
    if span.links:
        said.append(f"It follows from {count(len(span.links))} spans of other traces.")
    return [html.P([icon("info", 12), " ", each], className="muted span-remark") for each in said]


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[:_LONGEST] + "…"
