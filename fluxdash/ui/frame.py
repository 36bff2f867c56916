"""The frame of a panel before its first answer: its size, title, menu and place are there at once."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import ids
from fluxdash.ui.menus import kebab
from fluxdash.ui.panel import Panel
from fluxdash.ui.strip import Strip
from fluxdash.views.elements import icon, wild
from fluxdash.views.points import FAILED
from fluxdash.views.readouts import waiting_tile

_CONFIG: Any = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}
_SKELETON_BARS = 22
_SMALL = 150
"""Height in pixels under which a graph leaves most of its panel to what stands below it."""


def framed(name: str, panel: Panel | Strip) -> Component:
    """Return a panel or a strip of that name, waiting for its first answer."""
    if isinstance(panel, Strip):
        return _strip(name, panel)
    return _sheet(name, panel) if panel.height == 0 else _panel(name, panel)


def _strip(name: str, strip: Strip) -> html.Section:
    waiting: list[Component] = [waiting_tile(each.title) for each in strip.tiles]
    return html.Section(
        [
            html.Div(waiting, id=ids.strip(name), className=f"kpis k{len(strip.tiles)}"),
            dcc.Store(id=ids.tiles(name)),
        ],
        **wild(aria_label=strip.title),
    )


def _panel(name: str, panel: Panel) -> html.Section:
    graph = dcc.Graph(
        id=ids.graph(name),
        figure={"data": [], "layout": {}},
        config=_CONFIG,
        responsive=True,
        className="graph",
    )
    figure = html.Div(graph, id=ids.figure(name), className="figure", role="img", **wild(aria_label=panel.title))
    body = html.Div(
        [figure, *_around(name, ids.PANEL, _skeleton())],
        className="panel-b",
        style={"--graph": f"{panel.height}px"},
    )
    small = "1" if panel.height < _SMALL else None
    return _section(name, panel, ids.PANEL, body, **wild(data_small=small))


def _sheet(name: str, panel: Panel) -> html.Section:
    body = html.Div(_around(name, ids.SHEET, _lines()), className="panel-b sheet")
    about = FAILED if panel.failures else None
    return _section(name, panel, ids.SHEET, body, **wild(data_about=about))


def _section(name: str, panel: Panel, kind: str, body: Component, **more: Any) -> html.Section:
    return html.Section(
        [
            _head(name, panel, kind),
            body,
            html.Div(id=ids.foot(name, kind), className="panel-f"),
            dcc.Store(id=ids.drawn(name, kind)),
        ],
        id=ids.frame(name, kind),
        className=f"panel c{panel.width}",
        **wild(data_state="loading", data_panel=name, aria_label=panel.title),
        **more,
    )


def _head(name: str, panel: Panel, kind: str) -> html.Div:
    stale = html.Span([icon("clock", 12), "stale"], className="tag warn stale-tag")
    return html.Div(
        [
            html.H2(panel.title, id=ids.title(name, kind)),
            html.Span(panel.unit, id=ids.unit(name, kind), className="unit"),
            html.Span([stale, _variants(panel), kebab(name, panel.title)], className="end"),
        ],
        className="panel-h",
    )


def _variants(panel: Panel) -> html.Div | None:
    if not panel.variants:
        return None
    buttons = [
        html.Button(
            each.name,
            type="button",
            **wild(data_variant=f"{panel.slug}={each.slug}", aria_pressed="false" if place else "true"),
        )
        for place, each in enumerate(panel.variants)
    ]
    return html.Div(buttons, className="seg small", role="group", **wild(aria_label=f"How to see {panel.title}"))


def _around(name: str, kind: str, waiting: Component) -> list[Component]:
    return [
        html.Div(id=ids.beside(name, kind), className="beside"),
        html.Div(waiting, id=ids.blank(name, kind), className="blank-slot", **wild(aria_live="polite")),
    ]


def _skeleton() -> html.Div:
    tall = [40 + (place * 7) % 46 for place in range(_SKELETON_BARS)]
    bars = [html.Span(className="sk", style={"height": f"{height}%"}) for height in tall]
    return html.Div([html.Span(className="sk line"), html.Div(bars, className="sk-bars")], className="skeleton late")


def _lines() -> html.Div:
    return html.Div([html.Span(className="sk line") for _ in range(5)], className="skeleton late lines")
