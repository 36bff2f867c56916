"""The menus of the shell: ranges on a small screen, refresh, zone, further filters, and the one of a panel."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.units import SPACE
from fluxdash.semantic.window import PRESETS
from fluxdash.ui import ids
from fluxdash.ui.address import FASTEST, SLOWEST
from fluxdash.ui.preferences import Preferences
from fluxdash.views.elements import icon, wild

_INTERVALS = (5, 15, 30, 60)


def ranges() -> html.Div:
    """Return the menu of ranges for a small screen."""
    buttons: list[Component] = [
        html.Button(name, type="button", role="menuitemradio", **wild(data_range=name, aria_checked="false"))
        for name in PRESETS
    ]
    custom = html.Button("Custom", type="button", role="menuitem", **wild(data_open="custom"))
    return _menu("range", "Time range", [*buttons, html.Hr(), custom])


def refresh(preferences: Preferences) -> html.Div:
    """Return the intervals to choose from, and a field for any other; Auto is what the operator fixed, or by range."""
    fixed = preferences.refresh
    auto = "Auto" if fixed is None else "Default · off" if fixed == 0 else f"Default · {fixed}{SPACE}s"
    items = [("off", "Off"), ("default", auto), *((str(each), f"{each}{SPACE}s") for each in _INTERVALS)]
    buttons: list[Component] = [
        html.Button(
            [icon("check", 14), html.Span(text)],
            type="button",
            role="option",
            **wild(data_refresh=value, aria_selected="false"),
        )
        for value, text in items
    ]
    typed = dcc.Input(id=ids.EVERY, type="text", inputMode="numeric", autoComplete="off", maxLength=4, placeholder="45")
    words = (html.Span("Every", className="muted"), html.Span("s", className="muted"))
    field = html.Label([words[0], typed, words[1]], className="field every")
    wrong = html.P(
        f"{FASTEST} to {SLOWEST} seconds",
        className="typed-hint",
        role="status",
        **wild(data_every=f"{FASTEST}-{SLOWEST}"),
    )
    listed = html.Div(buttons, role="listbox", className="items", **wild(aria_label="How often the page refreshes"))
    return _pop("refresh", "Refresh", [listed, html.Hr(), field, wrong], "menu pop listed")


def zone(preferences: Preferences) -> html.Div:
    """Return the zones to choose from: the one of the reports, the one of the browser, which fills it in, and UTC."""
    reporting = str(preferences.clock.zone)
    rows = [_zone("Reporting zone", reporting, ""), _zone("This browser", "", "", browser="1")]
    if reporting != "UTC":
        rows.append(_zone("UTC", "", "UTC"))
    return _menu("zone", "Time zone", [html.Div("Times on this page", className="hd", role="presentation"), *rows])


def further(dimensions: tuple[Dimension, ...]) -> html.Div:
    """Return the menu of the dimensions that have no pill until they are chosen."""
    buttons: list[Component] = [
        html.Button(each.title, type="button", role="menuitem", **wild(data_open=f"filter-{each.slug}"))
        for each in dimensions
    ]
    return _menu("more-filters", "Add a filter", buttons)


def panel() -> html.Div:
    """Return the menu that all panels share; which one it is about is known when it opens."""
    return _menu(
        "panel",
        "Panel",
        [
            _item("open", "requests", "Open in Requests", "o"),
            _item("traces", "traces", "Open in Traces", more=True),
            _item("csv", "download", "Download CSV", "d"),
            _item("query", "copy", "Copy query", "q"),
            _item("table", "menu", "View as table"),
            html.Hr(),
            _item("how", "info", "How this is computed"),
            html.Div("Click a point for its bucket", className="hd", role="presentation", **wild(data_hint="1")),
        ],
    )


def kebab(name: str, title: str, *offered: str) -> html.Button:
    """Return the button of a panel's menu; of a list that is no panel, only what is `offered` shows in it."""
    return html.Button(
        icon("kebab", 16),
        className="kebab",
        type="button",
        **wild(
            aria_label=f"Menu of {title}", aria_haspopup="menu", data_menu=name, data_offers=" ".join(offered) or None
        ),
    )


def point() -> html.Div:
    """Return the menu of a point on a chart; the script writes which bucket, and leaves out what is not to be had."""
    head = html.Div("", className="hd", role="presentation", **wild(data_point_head="1"))
    items = [
        _way("slow", "traces", "Slow traces"),
        _way("failed", "traces", "Failed traces"),
        _way("traces", "traces", "All traces"),
        _way("requests", "requests", "Requests"),
        html.Hr(),
        _way("filter", "filter", "Filter"),
        _way("zoom", "search", "Zoom to this bucket"),
    ]
    return _menu("point", "Point", [head, *items])


def _way(what: str, mark: str, text: str) -> html.Button:
    named = [icon(mark, 14), html.Span(text), _more("")]
    return html.Button(named, type="button", role="menuitem", **wild(data_point=what))


def _item(what: str, mark: str, text: str, key: str = "", *, more: bool = False) -> html.Button:
    named = html.Kbd(key) if key else _more(what) if more else None
    return html.Button([icon(mark, 14), text, named], type="button", role="menuitem", **wild(data_do=what))


def _more(what: str) -> html.Span:
    """Return a place for what the script knows better."""
    return html.Span("", className="muted more", **wild(data_more=what))


def _zone(text: str, name: str, value: str, browser: str | None = None) -> html.Button:
    said = html.Span(name, className="muted zone-name")
    mark = wild(data_zone=value, data_zone_browser=browser, aria_checked="false")
    return html.Button([icon("check", 14), html.Span(text), said], type="button", role="menuitemradio", **mark)


def _menu(name: str, title: str, parts: list[Component]) -> html.Div:
    return _pop(name, title, parts, "menu pop listed" if name == "zone" else "menu pop", role="menu")


def _pop(name: str, title: str, parts: list[Component], classes: str, role: str = "dialog") -> html.Div:
    return html.Div(parts, className=classes, role=role, **wild(data_pop=name, aria_label=title))
