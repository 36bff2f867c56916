"""Leaves of the log as the grid takes them: what it asks with, its rows, and what stands around them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from dash import no_update
from dash.development.base_component import Component
from dash_ag_grid import AgGrid
from pydantic import BaseModel, ConfigDict, Field

from fluxdash.errors import FluxDashError
from fluxdash.semantic.leaves import LEAF, LONGEST_PLACE, By, Leaf, Leafing, place
from fluxdash.semantic.moments import precisely
from fluxdash.sources.source import TITLES
from fluxdash.ui import ids, states
from fluxdash.ui.house import House
from fluxdash.ui.intake import Intake, Short, View
from fluxdash.ui.reading import dated, leafing, nothing, reading, searchable, so_far
from fluxdash.ui.study import Asking
from fluxdash.views import extent, ledger
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

Cursor = Annotated[str, Field(max_length=LONGEST_PLACE)]


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
    seen = house.address(view.search)
    asking, how = house.asking(view), leafing(view.search, wanted.sortModel, seen.at)
    mark, number = reading(seen, how), wanted.startRow // LEAF
    places = before.places if before is not None and before.print == mark else []
    if number > len(places):  # a leaf of a reading that is over: what is shown is about to be asked again
        return [{"rowData": [], "rowCount": wanted.startRow}, *[no_update] * 8]
    try:
        if number:
            found = house.gateway.leaf(asking.scope, how, place(places[number - 1]), LEAF)
            return _further(house, found, asking, how, number, places, before)
        return _first(house, asking, how, mark, before)
    except FluxDashError as err:
        state = states.of_error(err, "These rows can't be listed")
        around = ["", state.foot or state.title, state.block(), no_update, None, None]
        return [{"rowData": [], "rowCount": wanted.startRow}, no_update, no_update, *around]


def newer(house: House, before: Places, view: View) -> Any:
    """Return the button that shows what came since the first row was read, or nothing."""
    asking, how = house.asking(view), leafing(view.search, at=house.address(view.search).at)
    live = bool(asking.scope.window.head) and how.by is By.TIME and not how.ascending and how.at is None
    if not live or not before.top or before.print != reading(house.address(view.search), how):
        return None
    try:
        return extent.newer(house.gateway.newer(asking.scope, how, place(before.top)))
    except FluxDashError:
        return None  # the next leaf will say what is wrong


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
    blank = None if found.entries else nothing(asking, how, source, found.reached).block()
    return [
        _response(shown, 0, found),
        no_update if before is not None and before.columns == kept else columns,
        leaves,
        extent.unit(held, how),
        _foot(house, asking, how, found, len(shown)),
        blank,
        extent.banner(held),
        extent.export(held, bool(found.entries)),
        None if how.at is None else extent.ways(_newer_page(house, asking, how, found)),
    ]


def _further(
    house: House, found: Leaf, asking: Asking, how: Leafing, number: int, places: list[str], before: Places | None
) -> list[Any]:
    shown = _rows(asking, found)
    kept = [*places[:number], *(str(each.place) for each in found.entries[-1:])]
    leaves = before.model_copy(update={"places": kept}).model_dump() if before else no_update
    foot = _foot(house, asking, how, found, number * LEAF + len(shown))
    return [_response(shown, number * LEAF, found), no_update, leaves, no_update, foot, *[no_update] * 4]


def _foot(house: House, asking: Asking, how: Leafing, found: Leaf, last: int) -> list[Component | str]:
    begins = "" if how.at is None else ledger.moment(how.at, asking.look.clock, dated=dated(asking))
    told = extent.foot(found, last, house.now(), begins)
    if found.reached is None:
        return told
    return [*told, extent.further(how.onward(found.reached), so_far(asking, found.reached))]


def _newer_page(house: House, asking: Asking, how: Leafing, found: Leaf) -> str | None:
    """Return the time that the leaf of rows before this one begins at; empty for the top, None where there is none.

    Where looking for rows takes long, it is not done a second time: the top it is.
    """
    if found.reached is not None:
        return ""
    rising = Leafing(By.TIME, not how.ascending, how.find, None if found.entries else how.at)
    after = found.entries[0].place if found.entries else None
    before = house.gateway.leaf(asking.scope, rising, after, LEAF)
    if before.reached is not None:
        return precisely(before.reached)
    last = before.entries[-1:]
    return None if not last else precisely(last[0].record.time) if len(before.entries) == LEAF else ""


def _rows(asking: Asking, found: Leaf) -> list[ledger.Cells]:
    models = [each.record.model for each in found.entries if each.record.model]
    return ledger.rows(found.entries, asking.look, asking.seats(models), dated=dated(asking))


def _response(shown: list[ledger.Cells], start: int, found: Leaf) -> dict[str, Any]:
    return {"rowData": shown, "rowCount": None if found.more else start + len(shown)}


def _columns(asking: Asking, how: Leafing, unsortable: str) -> list[ledger.Cells]:
    zone = asking.look.clock.name(asking.scope.window.end)
    return ledger.columns(zone, how, unsortable, dated=dated(asking), narrow=asking.look.narrow)
