"""The body of a page before its first answers: every panel with its size, title and place, and a quiet skeleton."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.sources.source import TITLES, SourceState
from fluxdash.ui import ids
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel, Strip
from fluxdash.views.elements import ago, icon, wild
from fluxdash.views.readouts import waiting_tile

_CONFIG: Any = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}
_SKELETON_BARS = 22
_STATUS = {
    "ok": ("ok", "answering"),
    "down": ("bad", "not answering"),
    "absent": ("none", "not set up"),
}


def body(page: Page, states: tuple[SourceState, ...], now: float) -> list[Component]:
    """Return what stands in the content of a page."""
    if page.soon:
        listed = source_list(states, now, told=True) if page.icon == "sources" else None
        return [_soon(page, listed)]
    rows: list[Component] = []
    for each in page.rows:
        parts = [_part(page.named(panel), panel) for panel in each]
        rows.append(parts[0] if isinstance(each[0], Strip) else html.Div(parts, className="grid"))
    return rows


def lost(path: str) -> list[Component]:
    """Return the content for a path that no page has."""
    text = html.P(["There is no page at ", html.Code(path[:80]), ". The eight pages are in the navigation."])
    return [html.Div([icon("none", 20), html.H2("No such page"), text], className="full")]


def source_list(states: tuple[SourceState, ...], now: float, *, told: bool = False) -> list[Component]:
    """Return the sources one below the other, each with the age of what was last read; if `told`, how it is and why."""
    lines: list[Component] = []
    for each in states:
        mark, word = _STATUS.get(each.status, ("stale", each.status))
        named = _capital(TITLES.get(each.name, each.name))
        read = ago(each.last_read, now) if each.last_read is not None else html.Span("–", className="none")
        why = each.reason or word
        said = f"{named}: {why}"
        kind = {"down": "src bad", "absent": "src off"}.get(each.status, "src")
        lines.append(
            html.Div(
                [icon(mark, 14), html.Span(named), html.Span(why, className="why") if told else None, read],
                className=kind,
                title=said,
                **wild(aria_label=said, role="listitem"),
            )
        )
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _soon(page: Page, listed: list[Component] | None) -> html.Div:
    return html.Div(
        [
            icon(page.icon, 20),
            html.H2(f"{page.title} is still to come"),
            html.P(page.soon),
            html.Div(listed, className="source-list", role="list") if listed is not None else None,
        ],
        className="full soon-page",
    )


def _part(name: str, panel: Panel | Strip) -> Component:
    return _strip(name, panel) if isinstance(panel, Strip) else _panel(name, panel)


def _strip(name: str, strip: Strip) -> html.Section:
    waiting: list[Component] = [waiting_tile(each.title) for each in strip.tiles]
    return html.Section(
        [
            html.Div(waiting, id=ids.strip(name), className="kpis"),
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
    return html.Section(
        [
            html.Div(
                [
                    html.H2(panel.title, id=ids.title(name)),
                    html.Span(panel.unit, id=ids.unit(name), className="unit"),
                ],
                className="panel-h",
            ),
            html.Div(
                [
                    html.Div(
                        graph, id=ids.figure(name), className="figure", role="img", **wild(aria_label=panel.title)
                    ),
                    html.Div(id=ids.beside(name), className="beside"),
                    html.Div(_skeleton(), id=ids.blank(name), className="blank-slot", **wild(aria_live="polite")),
                ],
                className="panel-b",
                style={"--graph": f"{panel.height}px"},
            ),
            html.Div(id=ids.foot(name), className="panel-f"),
            dcc.Store(id=ids.drawn(name)),
        ],
        id=ids.frame(name),
        className=f"panel c{panel.width}",
        **wild(data_state="loading", data_small="1" if panel.height < 150 else None, aria_label=panel.title),
    )


def _skeleton() -> html.Div:
    tall = [40 + (place * 7) % 46 for place in range(_SKELETON_BARS)]
    bars = [html.Span(className="sk", style={"height": f"{height}%"}) for height in tall]
    return html.Div([html.Span(className="sk line"), html.Div(bars, className="sk-bars")], className="skeleton late")
