"""What the filters offer, and what people call the values that are chosen."""

from __future__ import annotations

from fluxdash.errors import FluxDashError
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, MODEL, Dimension
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.units import compact
from fluxdash.sources.source import Gateway
from fluxdash.ui.study import Seats, no_seats
from fluxdash.views import models

_UUID_LENGTH = 36


def offered(always: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Return every dimension that a filter can name, those that always stand in the bar first."""
    return tuple(dict.fromkeys((*always, *DIMENSIONS)))


def choices(
    gateway: Gateway, dimension: Dimension, scope: Scope, beat: int, seats: Seats = no_seats
) -> dict[str, object]:
    """Return the values to choose from, busiest first; the filter itself does not narrow them.

    A model goes by its short name and has its colour's `token`, as everywhere. `error` is a sentence where they could
    not be read; `beat` makes every answer differ from the last.
    """
    try:
        found = gateway.choices(dimension, scope.without(dimension))
    except FluxDashError as err:
        return {"dimension": dimension.slug, "values": [], "error": str(err), "beat": beat}
    called, coloured = {each.value: each.name for each in found.offered}, dict[str, str]()
    if dimension == MODEL:
        called, coloured = {**models.names(called)}, {**models.tokens(called, seats(called))}
    values = [
        {
            "value": each.value,
            "name": called[each.value],
            "requests": str(compact(each.requests)),
            "token": coloured.get(each.value),
        }
        for each in found.offered
    ]
    return {"dimension": dimension.slug, "values": values, "more": found.more, "beat": beat}


def names(gateway: Gateway, dimension: Dimension, scope: Scope) -> tuple[str, ...]:
    """Return what people call the chosen values of a dimension; nothing is asked where none is chosen."""
    chosen = next((each.values for each in scope.filters if each.dimension == dimension), ())
    if dimension == MODEL:
        return tuple(models.names(chosen).values())
    if not chosen or dimension != ACCOUNT:
        return chosen
    try:
        known = {each.value: each.name for each in gateway.choices(dimension, scope.without(dimension)).offered}
    except FluxDashError:
        known = {}
    return tuple(known.get(value) or _shortened(value) for value in chosen)


def _shortened(value: str) -> str:
    return f"{value[:8]}…" if len(value) == _UUID_LENGTH else value
