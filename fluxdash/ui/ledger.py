"""The ledger of a page: the frame around the rows of the log, before the grid in it has come."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import ids
from fluxdash.ui.menus import kebab
from fluxdash.views.elements import icon, wild


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of the log as a page shows them; a page has one at most."""

    title: str


def ledger(shown: Ledger) -> Component:
    """Return the frame: what is wrong with the log, a head, the grid's place, the drawer's, and a footnote."""
    return html.Div(
        [
            html.Div(id=ids.LEDGER_BANNER, className="ledger-banner"),
            html.Section(
                [
                    _head(shown.title),
                    html.Div(className="export", hidden=True, role="status", **wild(data_export_line="1")),
                    html.Div([_list(), _drawer()], className="log-split", **wild(data_split="1")),
                    _foot(),
                ],
                id=ids.LEDGER,
                className="panel log-p",
                **wild(aria_label=shown.title, data_list=ids.LOG_LIST),
            ),
            dcc.Store(id=ids.LEDGER_MOUNT, data=True),
            dcc.Store(id=ids.LEDGER_READY),
            dcc.Store(id=ids.LEDGER_LEAVES),
            dcc.Store(id=ids.LEDGER_LOOK),
            *(dcc.Store(id=each) for each in (ids.LEDGER_PICKED, ids.LEDGER_GO, ids.LEDGER_GONE)),
        ],
        className="ledger",
    )


def _head(title: str) -> html.Div:
    # The script puts a field of the browser's own here: Dash's loses its caret when typed into quickly.
    search = html.Label(
        [
            icon("search", 14),
            html.Span("Search", className="sr"),
            html.Span(className="grow", **wild(data_find_slot="1")),
        ],
        className="field ledger-find",
        title="Search error messages, or paste the id of a request or trace",
    )
    return html.Div(
        [
            html.H2(title),
            html.Span("", id=ids.LEDGER_UNIT, className="unit"),
            html.Div(
                [
                    html.Span(id=ids.LEDGER_WAYS),
                    html.Span(id=ids.LEDGER_NEWER),
                    _goto(),
                    search,
                    html.Span(id=ids.LEDGER_CSV),
                    kebab(ids.LOG_LIST, title, "csv", "query"),
                ],
                className="end",
            ),
        ],
        className="panel-h",
    )


def _goto() -> html.Label:
    return html.Label(
        [
            html.Span("Go to", className="muted nowrap"),
            html.Span(className="grow", **wild(data_go_slot="1")),
            html.Span(id=ids.LEDGER_GO_ERROR, className="sr", role="alert"),
        ],
        className="field ledger-go no-m",
        title="A time in the zone of this page, such as 14:31:59 or 2026-11-23 14:31",
    )


def _list() -> html.Div:
    waiting = html.Div([html.Span(className="sk line") for _ in range(8)], className="skeleton late lines")
    return html.Div(
        [
            html.Div(waiting, id=ids.LEDGER_HOST, className="ledger-host", **wild(data_scroll="1")),
            html.Div(id=ids.LEDGER_BLANK, className="ledger-blank", **wild(aria_live="polite")),
        ],
        className="ledger-list",
    )


def _drawer() -> html.Aside:
    return html.Aside(id=ids.LEDGER_DRAWER, className="drawer ledger-drawer", tabIndex=-1, **wild(aria_label="Request"))


def _foot() -> html.Div:
    keys: list[str | Component] = [
        part
        for key, said in (("j", ""), ("k", "next, previous row"), ("o", "trace"), ("Esc", "close"))
        for part in (html.Kbd(key), f" {said} ")
    ]
    return html.Div(
        [html.Span(id=ids.LEDGER_FOOT, className="said"), html.Span(keys, className="end no-m")], className="panel-f"
    )
