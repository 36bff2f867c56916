"""The callbacks of the ledger: the grid comes, asks for leaf after leaf, and a row that is picked opens its drawer."""

from __future__ import annotations

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State
from dash.exceptions import PreventUpdate

from fluxdash.errors import FluxDashError
from fluxdash.semantic.leaves import place
from fluxdash.semantic.scope import Scope
from fluxdash.ui import ids, leafrows, states, where
from fluxdash.ui.house import House
from fluxdash.ui.intake import Beat, Intake, View, Words, checked
from fluxdash.ui.leafrows import Cursor, Places, Wanted
from fluxdash.ui.reading import leafing
from fluxdash.views import entry


class Picked(Intake):
    """The row whose drawer is open."""

    place: Cursor
    search: Words
    beat: Beat


def register(app: dash.Dash, house: House) -> None:
    """Register the callbacks of the ledger."""
    where.register(app, house)

    def browser(name: str, output: Output, *inputs: Any, initial: bool = False) -> None:
        function = ClientsideFunction("fluxdash", name)
        app.clientside_callback(function, output, *inputs, prevent_initial_call=not initial)  # type: ignore[no-untyped-call]

    browser("ledger", Output(ids.LEDGER_READY, "data"), Input(ids.LEDGER_MOUNT, "data"), initial=True)
    browser("picked_row", Output(ids.LEDGER_PICKED, "data"), Input(ids.LEDGER_GRID, "selectedRows"))
    done = Output(ids.DUMMY, "data", allow_duplicate=True)
    browser("reread", done, Input(ids.VIEW, "data"))
    browser("opened_row", done, Input(ids.LEDGER_DRAWER, "children"))

    @app.callback(Output(ids.LEDGER_HOST, "children"), Input(ids.LEDGER_READY, "data"), prevent_initial_call=True)
    @checked(View | None)
    def mount(view: View | None) -> Any:
        if view is None:
            raise PreventUpdate
        asking = house.asking(view)
        return leafrows.grid(asking, leafing(view.search, at=house.address(view.search).at))

    @app.callback(
        Output(ids.LEDGER_GRID, "getRowsResponse"),
        Output(ids.LEDGER_GRID, "columnDefs"),
        Output(ids.LEDGER_LEAVES, "data"),
        Output(ids.LEDGER_UNIT, "children"),
        Output(ids.LEDGER_FOOT, "children"),
        Output(ids.LEDGER_BLANK, "children"),
        Output(ids.LEDGER_BANNER, "children"),
        Output(ids.LEDGER_CSV, "children"),
        Output(ids.LEDGER_WAYS, "children"),
        Input(ids.LEDGER_GRID, "getRowsRequest"),
        State(ids.LEDGER_LEAVES, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    @checked(Wanted | None, Places | None, View | None)
    def read(wanted: Wanted | None, before: Places | None, view: View | None) -> Any:
        if wanted is None or view is None:
            raise PreventUpdate
        return leafrows.leaf(house, wanted, before, view)

    @app.callback(
        Output(ids.LEDGER_NEWER, "children"),
        Input(ids.LEDGER_LOOK, "data"),
        State(ids.LEDGER_LEAVES, "data"),
        prevent_initial_call=True,
    )
    @checked(View | None, Places | None)
    def look_for_newer(view: View | None, before: Places | None) -> Any:
        if view is None or before is None:
            raise PreventUpdate
        return leafrows.newer(house, before, view)

    @app.callback(Output(ids.LEDGER_DRAWER, "children"), Input(ids.LEDGER_PICKED, "data"), prevent_initial_call=True)
    @checked(Picked | None)
    def open_row(picked: Picked | None) -> Any:
        return None if picked is None else drawer(house, picked)


def drawer(house: House, picked: Picked) -> Any:
    """Return the drawer of a row: whatever the filters are by now, a row that is open stays."""
    asking = house.asked(house.address(picked.search), picked.search)
    scope = Scope(asking.scope.window, (), asking.scope.grant)
    try:
        found = house.gateway.whole(scope, place(picked.place))
    except FluxDashError as err:
        state = states.of_error(err)
        return entry.failed(state.title, state.text)
    if found is None:
        return entry.missing()
    chosen = {(each.dimension, value) for each in asking.scope.filters for value in each.values}
    words = {each: value for each, value in entry.ways(found.record).items() if (each, value) not in chosen}
    return entry.entry(found, asking.look, words)
