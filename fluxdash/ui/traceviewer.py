"""The viewer of traces: the frames of its search, durations, list and open trace, before any of them has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import ids
from fluxdash.ui.menus import kebab
from fluxdash.views.elements import icon, wild

_CONFIG: Any = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True, slots=True)
class TraceViewer:
    """The traces of the gateway as a page shows them; a page has one at most."""

    title: str


def viewer(shown: TraceViewer) -> Component:
    """Return the frame, waiting for the first answers."""
    return html.Div(
        [
            _search(),
            html.Div(id=ids.TRACE_BANNER, className="trace-banner", **wild(aria_live="polite")),
            _durations(),
            html.Div([_list(shown.title), _detail()], className="grid"),
            dcc.Store(id=ids.found(ids.TRACES_LIST)),
            dcc.Store(id=ids.TRACE_WANTED),
            dcc.Store(id=ids.TRACE_SHEET),
            dcc.Store(id=ids.TRACE_LIKE),
            dcc.Store(id=ids.TRACE_PICKED),
        ],
        id=ids.TRACES,
        className="traces",
    )


def _search() -> html.Div:
    pasted = html.Label(
        [
            icon("search", 14),
            html.Span("Trace id", className="sr"),
            _input(ids.TRACE_ID, "Trace id, 8 to 32 hex digits", type="search"),
            html.Kbd("/"),
        ],
        className="field trace-id-f",
    )
    errors = html.Button(
        [html.Span(icon("check", 12), className="bx"), "Errors only"],
        className="check",
        type="button",
        role="checkbox",
        **wild(aria_checked="false", data_trace_errors="1"),
    )
    fields = [
        pasted,
        _field("Operation", _input(ids.TRACE_OPERATION, "any", offered=ids.TRACE_OPERATIONS), "trace-op-f"),
        _field("Min", _input(ids.TRACE_MIN, "2 s"), "trace-dur-f"),
        _field("Max", _input(ids.TRACE_MAX, "30 s"), "trace-dur-f"),
        _field("Tags", _input(ids.TRACE_TAGS, 'key=value key="a b"'), "trace-tags-f"),
        errors,
        html.Button("Search", className="btn-f primary", type="button", **wild(data_trace_search="1")),
        html.Button("Clear", className="btn-f ghost", type="button", hidden=True, **wild(data_trace_clear="1")),
        html.Datalist(id=ids.TRACE_OPERATIONS),
    ]
    return html.Div(fields, className="panel searchbar trace-search", role="search", **wild(aria_label="Traces"))


def _field(name: str, field: Component, extra: str) -> html.Label:
    return html.Label([html.Span(name, className="muted nowrap"), field], className=f"field {extra}")


def _input(name: str, example: str, type: Literal["text", "search"] = "text", offered: str | None = None) -> dcc.Input:
    more: dict[str, Any] = {} if offered is None else {"list": offered}
    return dcc.Input(
        id=name, type=type, maxLength=2000, placeholder=example, autoComplete="off", spellCheck="false", **more
    )


def _durations() -> html.Section:
    graph = dcc.Graph(
        id=ids.TRACE_DOTS, figure={"data": [], "layout": {}}, config=_CONFIG, responsive=True, className="graph"
    )
    hint = html.Span(" · drag to narrow the time, click to open", className="no-m")
    unit = html.Span(["of the request, log scale", hint], className="unit")
    return html.Section(
        [
            html.Div(
                [html.H2("Duration"), unit, html.Span(_menu(ids.DURATIONS_LIST, "Duration"), className="end")],
                className="panel-h",
            ),
            html.Div(
                [
                    html.Div(
                        graph,
                        id=ids.TRACE_DOTS_FRAME,
                        className="figure",
                        role="img",
                        **wild(aria_label="Durations of the traces found"),
                    ),
                    html.Div(_waiting(5), id=ids.TRACE_DOTS_BLANK, className="trace-blank", **wild(aria_live="polite")),
                ],
                className="panel-b",
                style={"--graph": "168px"},
            ),
            html.Div(id=ids.TRACE_DOTS_FOOT, className="panel-f"),
        ],
        className="panel trace-durations",
        **wild(aria_label="Duration", data_state="data", data_list=ids.DURATIONS_LIST),
    )


def _list(title: str) -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H2(title),
                    html.Span("newest first", className="unit"),
                    html.Span(_menu(ids.TRACES_LIST, title), className="end"),
                ],
                className="panel-h",
            ),
            html.Div(_waiting(8), id=ids.TRACE_LIST, className="trace-list", **wild(data_scroll="1")),
            html.Div(id=ids.TRACE_LIST_FOOT, className="panel-f"),
        ],
        className="panel c3 trace-list-p",
        **wild(aria_label=title, data_list=ids.TRACES_LIST),
    )


def _menu(name: str, title: str) -> html.Button:
    return kebab(name, title, "open", "csv", "query")


def _detail() -> html.Section:
    main = html.Div(
        [
            html.Div(className="trace-sheet", **wild(data_trace_sheet="1")),
            html.Div(id=ids.TRACE_ALIKE, className="trace-alike"),
        ],
        className="td-main",
    )
    drawer = html.Aside(id=ids.TRACE_DRAWER, className="drawer span-drawer", tabIndex=-1, **wild(aria_label="Span"))
    keys: list[str | Component] = [html.Kbd("f"), " ", html.Kbd("b"), " next, previous span ", html.Kbd("←")]
    keys += [" ", html.Kbd("→"), " fold, unfold ", html.Kbd("Esc"), " close"]
    return html.Section(
        [
            _back(),
            html.Div(id=ids.TRACE_HEAD, className="trace-head", **wild(aria_live="polite")),
            html.Div([main, drawer], className="td-split", hidden=True, **wild(data_trace_split="1")),
            html.Div([html.Span(id=ids.TRACE_FOOT, className="said"), html.Span(keys, className="end no-m")],
                     className="panel-f", hidden=True, **wild(data_trace_foot="1")),
        ],
        className="panel c9 trace-detail",
        **wild(aria_label="Trace"),
    )  # fmt: skip


def _back() -> html.Div:
    steps = [
        html.Button(icon(mark, 16), className="kebab", type="button", **wild(aria_label=said, data_trace_step=by))
        for mark, said, by in (("up", "Newer trace", "-1"), ("dn", "Older trace", "1"))
    ]
    back = html.Button([icon("left", 16), html.Span("Traces")], className="btn-f ghost", type="button",
                       **wild(data_trace_close="1"))  # fmt: skip
    return html.Div([back, html.Span(className="grow"), *steps], className="trace-back only-m")


def _waiting(rows: int) -> html.Div:
    return html.Div([html.Span(className="sk line") for _ in range(rows)], className="skeleton late lines")
