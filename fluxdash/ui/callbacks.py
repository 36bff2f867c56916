"""The callbacks: each parses what it is given, delegates, and returns."""

from __future__ import annotations

from typing import Any

import dash
from dash import ALL, MATCH, ClientsideFunction, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from fluxdash.errors import BadRequest
from fluxdash.ui import address, ids, leaves, lists, tracing
from fluxdash.ui.bar import notice, spoken_window, window_data
from fluxdash.ui.body import body, lost, source_list
from fluxdash.ui.controls import pill_content
from fluxdash.ui.embedding import alone, single
from fluxdash.ui.filters import choices, names
from fluxdash.ui.house import House
from fluxdash.ui.insight import insight
from fluxdash.ui.intake import Asked, Clicks, Drawn, Inquiry, Shown, View, Words, addressed, checked
from fluxdash.ui.redraw import redraw, restrip
from fluxdash.views import conditions

_NAMESPACE = "fluxdash"


def register(app: dash.Dash, house: House) -> None:
    """Register every callback of the app; nothing of it lives outside of it."""
    _register_pages(app, house)
    _register_panels(app, house)
    _register_menu(app, house)
    _register_shell(app, house)
    _register_browser(app)
    leaves.register(app, house)
    tracing.register(app, house)


def _register_pages(app: dash.Dash, house: House) -> None:
    @app.callback(
        Output(ids.CONTENT, "children"),
        Output(ids.TITLE, "children"),
        Input(ids.URL, "pathname"),
        State(ids.URL, "search"),
    )
    @checked(Words | None, Words | None)
    def open_page(path: str | None, search: str | None) -> Any:
        if path is None:
            raise PreventUpdate
        page = house.book.page(house.below(path))
        if page is None:
            return lost(path), "No such page"
        panel = single(search or "")
        content = body(page, house.states, house.now()) if panel is None else alone(page, panel)
        return content, page.title


def _register_panels(app: dash.Dash, house: House) -> None:
    @app.callback(
        Output(ids.graph(MATCH), "figure"),
        Output(ids.frame(MATCH), "data-state"),
        Output(ids.figure(MATCH), "aria-label"),
        Output(ids.title(MATCH), "children"),
        Output(ids.unit(MATCH), "children"),
        Output(ids.beside(MATCH), "children"),
        Output(ids.blank(MATCH), "children"),
        Output(ids.foot(MATCH), "children"),
        Output(ids.drawn(MATCH), "data"),
        Input(ids.VIEW, "data"),
        State(ids.drawn(MATCH), "data"),
    )
    @checked(View | None, Drawn | None)
    def refresh_panel(view: View | None, drawn: Drawn | None) -> Any:
        if view is None:
            raise PreventUpdate
        panel = house.book.panel(addressed("panel"))
        return redraw(panel, house.gateway, house.asking(view), drawn, house.now(), house.telemetry)

    @app.callback(
        Output(ids.frame(MATCH, ids.SHEET), "data-state"),
        Output(ids.title(MATCH, ids.SHEET), "children"),
        Output(ids.unit(MATCH, ids.SHEET), "children"),
        Output(ids.beside(MATCH, ids.SHEET), "children"),
        Output(ids.blank(MATCH, ids.SHEET), "children"),
        Output(ids.foot(MATCH, ids.SHEET), "children"),
        Output(ids.drawn(MATCH, ids.SHEET), "data"),
        Input(ids.VIEW, "data"),
        State(ids.drawn(MATCH, ids.SHEET), "data"),
    )
    @checked(View | None, Drawn | None)
    def refresh_sheet(view: View | None, drawn: Drawn | None) -> Any:
        if view is None:
            raise PreventUpdate
        panel = house.book.panel(addressed(ids.SHEET))
        _, state, _, *rest = redraw(panel, house.gateway, house.asking(view), drawn, house.now(), house.telemetry)
        return [state, *rest]

    @app.callback(
        Output(ids.strip(MATCH), "children"),
        Output(ids.strip(MATCH), "data-state"),
        Output(ids.tiles(MATCH), "data"),
        Input(ids.VIEW, "data"),
        State(ids.tiles(MATCH), "data"),
    )
    @checked(View | None, Shown | None)
    def refresh_strip(view: View | None, shown: Shown | None) -> Any:
        if view is None:
            raise PreventUpdate
        strip = house.book.tiles(addressed("panel"))
        return restrip(strip, house.gateway, house.asking(view), shown, house.now(), house.telemetry)


def _register_menu(app: dash.Dash, house: House) -> None:
    @app.callback(Output(ids.INSIGHT, "children"), Input(ids.INQUIRY, "data"), prevent_initial_call=True)
    @checked(Inquiry | None)
    def open_menu(inquiry: Inquiry | None) -> Any:
        if inquiry is None:
            raise PreventUpdate
        asking = house.asked(house.address(inquiry.search), inquiry.search)
        if inquiry.panel in ids.LISTS:
            return lists.query(house, asking, inquiry.panel)
        return insight(house.book.panel(inquiry.panel), house.gateway, asking, inquiry.what)


def _register_shell(app: dash.Dash, house: House) -> None:
    filters = house.filters

    @app.callback(
        Output(ids.SPAN, "children"),
        Output(ids.NOTICE, "children"),
        Output(ids.WINDOW, "data"),
        Output(ids.CONDITIONS, "children"),
        *[Output(ids.chosen(each.slug), "children") for each in filters],
        Input(ids.VIEW, "data"),
    )
    @checked(View | None)
    def refresh_shell(view: View | None) -> Any:
        if view is None:
            raise PreventUpdate
        read = house.address(view.search)
        pills = [pill_content(each, names(house.gateway, each, read.scope)) for each in filters]
        data = window_data(read, house.preferences, house.now())
        clock = house.preferences.seen(read.zone)
        return [spoken_window(read, clock), notice(read.notices), data, conditions.pills(read.scope.conditions), *pills]

    @app.callback(
        Output(ids.SOURCES, "children"),
        Output(ids.STATES, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.drawn(ALL), "data"),
        Input(ids.drawn(ALL, ids.SHEET), "data"),
        Input(ids.tiles(ALL), "data"),
        Input(ids.found(ALL), "data"),
    )
    @checked(View | None, list[Drawn | None], list[Drawn | None], list[Shown | None], list[tracing.Listed | None])
    def refresh_sources(view: View | None, _drawn: Any, _sheets: Any, _shown: Any, _found: Any) -> Any:
        if view is None:
            raise PreventUpdate
        now = house.now()
        return source_list(house.states, now), {"now": now}

    @app.callback(Output(ids.choices(MATCH), "data"), Input(ids.asked(MATCH), "data"), prevent_initial_call=True)
    @checked(Asked | None)
    def open_filter(asked: Asked | None) -> Any:
        if asked is None:
            raise PreventUpdate
        dimension = house.dimension(addressed("dimension"))
        return choices(house.gateway, dimension, house.address(asked.search).scope, asked.beat, house.seats)

    @app.callback(
        Output(ids.RANGE_TYPED, "data"),
        Output(ids.RANGE_ERROR, "children"),
        Input(ids.RANGE_APPLY, "n_clicks"),
        Input(ids.RANGE_FROM, "n_submit"),
        Input(ids.RANGE_TO, "n_submit"),
        State(ids.RANGE_FROM, "value"),
        State(ids.RANGE_TO, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    @checked(Clicks, Clicks, Clicks, Words | None, Words | None, View | None)
    def type_range(*given: Any) -> Any:
        *clicks, start, end, view = given
        clock = house.preferences.seen(house.address(view.search).zone if view else None)
        try:
            words = address.typed(start or "", end or "", house.now(), clock.zone)
        except BadRequest as err:
            return no_update, str(err)
        return {"words": words, "times": sum(filter(None, clicks))}, ""


def _register_browser(app: dash.Dash) -> None:
    """Register what happens in the browser alone; the functions stand in assets/40-dash.js."""

    def browser(name: str, *dependencies: Any, initial: bool = True) -> None:
        function = ClientsideFunction(_NAMESPACE, name)
        app.clientside_callback(function, *dependencies, prevent_initial_call=not initial)  # type: ignore[no-untyped-call]

    browser(
        "view",
        Output(ids.VIEW, "data"),
        Input(ids.URL, "search"),
        Input(ids.TICK, "n_intervals"),
        Input(ids.PULSE, "data"),
    )
    browser(
        "arrive", Output(ids.TICK, "interval"), Output(ids.TICK, "disabled"), Input(ids.WINDOW, "data"), initial=False
    )
    browser("updated", Output(ids.DUMMY, "data"), Input(ids.STATES, "data"), initial=False)
    browser("named", Output(ids.DUMMY, "data", allow_duplicate=True), Input(ids.TITLE, "children"), initial=False)
    browser("typed", Output(ids.DUMMY, "data", allow_duplicate=True), Input(ids.RANGE_TYPED, "data"), initial=False)
    picked = [Input(ids.RANGE_DAYS, each) for each in ("start_date", "end_date")]
    browser("picked", Output(ids.DUMMY, "data", allow_duplicate=True), *picked, initial=False)
    browser("told", Output(ids.DUMMY, "data", allow_duplicate=True), Input(ids.INSIGHT, "children"), initial=False)
    browser("offer", Output(ids.DUMMY, "data", allow_duplicate=True), Input(ids.choices(ALL), "data"), initial=False)
    browser(
        "dragged", Output(ids.DUMMY, "data", allow_duplicate=True), Input(ids.graph(ALL), "relayoutData"), initial=False
    )
