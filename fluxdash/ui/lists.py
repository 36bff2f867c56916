"""The lists that are no panels, of traces and of requests: what their menus tell of the query behind them."""

from __future__ import annotations

from dash.development.base_component import Component

from fluxdash.errors import FluxDashError
from fluxdash.semantic.leaves import LEAF
from fluxdash.ui import ids, sightings
from fluxdash.ui.house import House
from fluxdash.ui.insight import query_block
from fluxdash.ui.reading import leafing, searchable
from fluxdash.ui.study import Asking


def query(house: House, asking: Asking, name: str) -> list[Component]:
    """Return the query behind a list as its menu shows it; what can't be had says why."""
    try:
        text = _log(house, asking) if name == ids.LOG_LIST else _traces(house, asking)
    except FluxDashError as err:
        text = f"-- {err}"
    return [query_block(text)]


def _traces(house: House, asking: Asking) -> str:
    search, _ = sightings.search_of(asking)
    return sightings.kept(house).statement(search)


def _log(house: House, asking: Asking) -> str:
    how = leafing(asking.revision, at=house.address(asking.revision).at)
    how = searchable(house.gateway.extent(asking.scope, how), how)
    return house.gateway.leaf_statement(asking.scope, how, LEAF)
