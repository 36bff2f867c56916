"""The callbacks of the traces: the list and its dots, the trace that is open, its like, and the span that is picked."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State
from dash.exceptions import PreventUpdate
from pydantic import Field

from fluxdash.ui import dissection, ids, sightings
from fluxdash.ui.house import House
from fluxdash.ui.intake import Beat, Intake, Short, View, Words, checked


class Listed(Intake):
    """Prints of the list and of the figure that are shown now."""

    rows: Short
    dots: Short


class Wanted(Intake):
    """The trace that the address opens, or an empty id."""

    id: Words
    search: Words
    beat: Beat


class Picked(Intake):
    """The span whose drawer is open, by its place in the whole trace."""

    id: Short
    place: int = Field(ge=0, le=10_000_000)
    search: Words
    beat: Beat


def register(app: dash.Dash, house: House) -> None:
    """Register the callbacks of the traces."""
    _register_browser(app)

    @app.callback(
        Output(ids.TRACE_LIST, "children"),
        Output(ids.TRACE_LIST_FOOT, "children"),
        Output(ids.TRACE_BANNER, "children"),
        Output(ids.TRACE_OPERATIONS, "children"),
        Output(ids.TRACE_DOTS, "figure"),
        Output(ids.TRACE_DOTS_FRAME, "aria-label"),
        Output(ids.TRACE_DOTS_BLANK, "children"),
        Output(ids.TRACE_DOTS_FOOT, "children"),
        Output(ids.found(ids.TRACES_LIST), "data"),
        Input(ids.VIEW, "data"),
        State(ids.found(ids.TRACES_LIST), "data"),
    )
    @checked(View | None, Listed | None)
    def find(view: View | None, before: Listed | None) -> Any:
        if view is None:
            raise PreventUpdate
        shown = None if before is None else (before.rows, before.dots)
        return sightings.found(house, house.asking(view), shown)

    @app.callback(
        Output(ids.TRACE_SHEET, "data"),
        Output(ids.TRACE_HEAD, "children"),
        Output(ids.TRACE_FOOT, "children"),
        Input(ids.TRACE_WANTED, "data"),
        prevent_initial_call=True,
    )
    @checked(Wanted | None)
    def open_trace(wanted: Wanted | None) -> Any:
        if wanted is None:
            raise PreventUpdate
        return dissection.opened(house, wanted.id, wanted.search)

    @app.callback(Output(ids.TRACE_ALIKE, "children"), Input(ids.TRACE_LIKE, "data"), prevent_initial_call=True)
    @checked(Wanted | None)
    def compare(wanted: Wanted | None) -> Any:
        return None if wanted is None or not wanted.id else dissection.compared(house, wanted.id, wanted.search)

    @app.callback(Output(ids.TRACE_DRAWER, "children"), Input(ids.TRACE_PICKED, "data"), prevent_initial_call=True)
    @checked(Picked | None)
    def open_span(picked: Picked | None) -> Any:
        return None if picked is None else dissection.span(house, picked.id, picked.place, picked.search)


def _register_browser(app: dash.Dash) -> None:
    """Register what happens in the browser alone; the functions stand in assets/52-traces.js."""

    def browser(name: str, output: Output, given: Input, *, initial: bool = False) -> None:
        function = ClientsideFunction("fluxdash", name)
        app.clientside_callback(function, output, given, prevent_initial_call=not initial)  # type: ignore[no-untyped-call]

    def done() -> Output:
        return Output(ids.DUMMY, "data", allow_duplicate=True)

    browser("wanted_trace", Output(ids.TRACE_WANTED, "data"), Input(ids.VIEW, "data"), initial=True)
    browser("drawn_trace", Output(ids.TRACE_LIKE, "data"), Input(ids.TRACE_SHEET, "data"))
    browser("listed_traces", done(), Input(ids.TRACE_LIST, "children"))
    browser("drawn_span", done(), Input(ids.TRACE_DRAWER, "children"))
    browser("dotted", done(), Input(ids.TRACE_DOTS, "clickData"))
    browser("narrowed", done(), Input(ids.TRACE_DOTS, "relayoutData"))
