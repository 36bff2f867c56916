"""How the log is read, from the words of an address: what is searched for, in which order, and which reading it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import parse_qs

from fluxdash.errors import BadRequest
from fluxdash.semantic.leaves import Extent, Leafing
from fluxdash.semantic.moments import precisely
from fluxdash.ui import states
from fluxdash.ui.address import LONGEST, Address
from fluxdash.ui.states import Action, State
from fluxdash.ui.study import Asking
from fluxdash.views.patches import printed

_MOST_FIELDS = 400
ASCENDING = ".asc"


class Sorting(Protocol):
    """One column that a grid is sorted by."""

    @property
    def colId(self) -> str: ...
    @property
    def sort(self) -> str: ...


def leafing(search: str, sorting: Sequence[Sorting] | None = None, at: float | None = None) -> Leafing:
    """Return how an address reads the log (`find=…&sort=cost` or `sort=cost.asc`); what is wrong there is left out.

    `sorting` is what the grid says, which knows of a click on its head before the address does; `at` is the address's.
    """
    try:
        words = parse_qs(search.removeprefix("?"), max_num_fields=_MOST_FIELDS) if len(search) <= LONGEST else {}
    except ValueError:
        words = {}
    find, sort = words.get("find", [""])[-1], words.get("sort", [""])[-1]
    by, ascending = sort.removesuffix(ASCENDING) or "time", sort.endswith(ASCENDING)
    if sorting is not None:
        by, ascending = (sorting[0].colId, sorting[0].sort == "asc") if sorting else ("time", False)
    for given in ((by, ascending, find, at), ("time", False, find, at), (by, ascending, "", at)):
        try:
            return Leafing.of(*given)
        except BadRequest:
            continue
    return Leafing()


def reading(view: Address, how: Leafing) -> str:
    """Return a print that two leaves share when one can follow the other: same range as it is spoken, same filters."""
    window = view.scope.window
    span = view.spoken or [window.start, window.end]
    filters = [[each.dimension.slug, *each.values] for each in view.scope.filters]
    held = [str(each) for each in view.scope.conditions]
    return printed([span, filters, held, how.by, how.ascending, how.find, how.at])


def dated(asking: Asking) -> bool:
    """Return whether times need their day beside them: the window has several."""
    window, clock = asking.scope.window, asking.look.clock
    return clock.day(window.start) != clock.day(max(window.end, window.now))


def so_far(asking: Asking, reached: int) -> str:
    """Return the moment up to which rows were looked for."""
    clock = asking.look.clock
    return f"{clock.day(reached)}, {clock.time(reached)}" if dated(asking) else clock.time(reached)


def nothing(asking: Asking, how: Leafing, source: str, reached: int | None = None) -> State:
    """Return what stands in the place of rows where there are none, or none up to where it was looked."""
    if reached is not None:
        text = f"{'Up' if how.ascending else 'Back'} to {so_far(asking, reached)} there is none; more takes longer."
        further = Action("Look further", "ledger_at", precisely(how.onward(reached).at or 0))
        return State("empty", "search", "Nothing found so far", text, "", (further,), source)
    if not how.find:
        return states.nothing(asking.scope, asking.look.clock, {}, source)
    between = asking.look.clock.between(asking.scope.window)
    text = f"No error message {between} says “{how.find}”, and no request or trace has this id."
    return State("empty", "search", "Nothing found", text, "", (Action("Clear the search", "find", ""),), source)


def searchable(extent: Extent, how: Leafing) -> Leafing:
    """Return the order that the log can be read in: by time where another one would read all of it."""
    return Leafing(find=how.find, at=how.at) if extent.unsortable else how
