"""The callbacks of the ledger: the grid comes, asks for leaf after leaf, and a row that is picked opens its drawer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import dash
from dash import ClientsideFunction, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from dash_ag_grid import AgGrid
from pydantic import BaseModel, ConfigDict, Field

from fluxdash.errors import FluxDashError
from fluxdash.semantic.leaves import LEAF, By, Leaf, Leafing, place
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import TITLES
from fluxdash.ui import ids, states
from fluxdash.ui.house import House
from fluxdash.ui.intake import Beat, Intake, Short, View, Words, checked
from fluxdash.ui.reading import leafing, nothing, reading, searchable
from fluxdash.ui.study import Asking
from fluxdash.views import entry, extent, ledger
from fluxdash.views.patches import printed

_MOST_LEAVES = 1000
_GRID: dict[str, Any] = {
    "rowHeight": 32,
    "headerHeight": 29,
    "cacheBlockSize": LEAF,
    "maxConcurrentDatasourceRequests": 1,
    "infiniteInitialRowCount": 20,
    "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
    "animateRows": False,
    "suppressNoRowsOverlay": True,
    "suppressMultiSort": True,
    "enableCellTextSelection": True,
    "tooltipShowDelay": 400,
}
_CARD = 76
"""Pixels of a card, which takes the place of a row on narrow screens."""

Cursor = Annotated[str, Field(max_length=1000)]


class Sorted(BaseModel):
    """One column that the grid is sorted by."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    colId: Short
    sort: Literal["asc", "desc"]


class Wanted(BaseModel):
    """What the grid asks for; what else it says of itself is not read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    startRow: int = Field(ge=0, le=LEAF * _MOST_LEAVES)
    sortModel: list[Sorted] = Field(default=[], max_length=4)


class Places(Intake):
    """Where each leaf that was read began, for one reading of the log; the first begins nowhere."""

    print: Short
    places: Annotated[list[Cursor], Field(max_length=_MOST_LEAVES)]
    top: Cursor
    columns: Short


class Picked(Intake):
    """The row whose drawer is open."""

    place: Cursor
    search: Words
    beat: Beat


def register(app: dash.Dash, house: House) -> None:
    """Register the callbacks of the ledger."""

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
        return grid(asking, leafing(view.search))

    @app.callback(
        Output(ids.LEDGER_GRID, "getRowsResponse"),
        Output(ids.LEDGER_GRID, "columnDefs"),
        Output(ids.LEDGER_LEAVES, "data"),
        Output(ids.LEDGER_UNIT, "children"),
        Output(ids.LEDGER_FOOT, "children"),
        Output(ids.LEDGER_BLANK, "children"),
        Output(ids.LEDGER_BANNER, "children"),
        Output(ids.LEDGER_CSV, "children"),
        Input(ids.LEDGER_GRID, "getRowsRequest"),
        State(ids.LEDGER_LEAVES, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    @checked(Wanted | None, Places | None, View | None)
    def read(wanted: Wanted | None, before: Places | None, view: View | None) -> Any:
        if wanted is None or view is None:
            raise PreventUpdate
        return leaf(house, wanted, before, view)

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
        return newer(house, before, view)

    @app.callback(Output(ids.LEDGER_DRAWER, "children"), Input(ids.LEDGER_PICKED, "data"), prevent_initial_call=True)
    @checked(Picked | None)
    def open_row(picked: Picked | None) -> Any:
        return None if picked is None else drawer(house, picked)


def grid(asking: Asking, how: Leafing) -> AgGrid:
    """Return the grid, which then asks for its rows."""
    narrow = asking.look.narrow
    return AgGrid(
        id=ids.LEDGER_GRID,
        className="ag-theme-quartz",
        rowModelType="infinite",
        columnDefs=_columns(asking, how, ""),
        defaultColDef={"resizable": True, "suppressMovable": True, "suppressHeaderMenuButton": True},
        getRowId="params.data.place",
        eventListeners={"sortChanged": ["fluxSorted(params)"]},
        dashGridOptions={**_GRID, **({"rowHeight": _CARD, "headerHeight": 0} if narrow else {})},
        style={"height": "100%", "width": "100%"},
    )


def leaf(house: House, wanted: Wanted, before: Places | None, view: View) -> list[Any]:
    """Return the outputs of one leaf; only the first one writes what stands around the grid."""
    asking, how = house.asking(view), leafing(view.search, wanted.sortModel)
    mark, number = reading(house.address(view.search), how), wanted.startRow // LEAF
    places = before.places if before is not None and before.print == mark else []
    if number > len(places):  # a leaf of a reading that is over: what is shown is about to be asked again
        return [{"rowData": [], "rowCount": wanted.startRow}, *[no_update] * 7]
    try:
        if number:
            found = house.gateway.leaf(asking.scope, how, place(places[number - 1]), LEAF)
            return _further(house, found, asking, number, places, before)
        return _first(house, asking, how, mark, before)
    except FluxDashError as err:
        state = states.of_error(err, "These rows can't be listed")
        around = ["", state.foot or state.title, state.block(), no_update, None]
        return [{"rowData": [], "rowCount": wanted.startRow}, no_update, no_update, *around]


def newer(house: House, before: Places, view: View) -> Any:
    """Return the button that shows what came since the first row was read, or nothing."""
    asking, how = house.asking(view), leafing(view.search)
    live = bool(asking.scope.window.head) and how.by is By.TIME and not how.ascending
    if not live or not before.top or before.print != reading(house.address(view.search), how):
        return None
    try:
        return extent.newer(house.gateway.newer(asking.scope, how, place(before.top)))
    except FluxDashError:
        return None  # the next leaf will say what is wrong


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


def _first(house: House, asking: Asking, how: Leafing, mark: str, before: Places | None) -> list[Any]:
    held = house.gateway.extent(asking.scope, how)
    how = searchable(held, how)
    found = house.gateway.leaf(asking.scope, how, None, LEAF)
    shown, last = _rows(asking, found), found.entries[-1:]
    columns = _columns(asking, how, held.unsortable)
    kept = printed(columns)
    top = str(found.entries[0].place) if found.entries else ""
    leaves = {"print": mark, "places": [str(each.place) for each in last], "top": top, "columns": kept}
    source = TITLES.get(found.provenance.source, found.provenance.source)
    blank = None if found.entries else nothing(asking, how, source).block()
    return [
        _response(shown, 0, found),
        no_update if before is not None and before.columns == kept else columns,
        leaves,
        extent.unit(held, how),
        extent.foot(found, len(shown), house.now()),
        blank,
        extent.banner(held),
        extent.export(held, bool(found.entries)),
    ]


def _further(
    house: House, found: Leaf, asking: Asking, number: int, places: list[str], before: Places | None
) -> list[Any]:
    shown = _rows(asking, found)
    kept = [*places[:number], *(str(each.place) for each in found.entries[-1:])]
    leaves = before.model_copy(update={"places": kept}).model_dump() if before else no_update
    foot = extent.foot(found, number * LEAF + len(shown), house.now())
    return [_response(shown, number * LEAF, found), no_update, leaves, no_update, foot, *[no_update] * 3]


def _rows(asking: Asking, found: Leaf) -> list[ledger.Cells]:
    models = [each.record.model for each in found.entries if each.record.model]
    return ledger.rows(found.entries, asking.look, asking.seats(models), dated=_dated(asking))


def _response(shown: list[ledger.Cells], start: int, found: Leaf) -> dict[str, Any]:
    return {"rowData": shown, "rowCount": None if found.more else start + len(shown)}


def _columns(asking: Asking, how: Leafing, unsortable: str) -> list[ledger.Cells]:
    zone = asking.look.clock.name(asking.scope.window.end)
    return ledger.columns(zone, how, unsortable, dated=_dated(asking), narrow=asking.look.narrow)


def _dated(asking: Asking) -> bool:
    window, clock = asking.scope.window, asking.look.clock
    return clock.day(window.start) != clock.day(max(window.end, window.now))
