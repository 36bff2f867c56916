"""What the filters offer, and what people call the values that are chosen."""

from __future__ import annotations

from fluxdash.errors import FluxDashError
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, Dimension
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.units import compact
from fluxdash.sources.source import Gateway

_UUID_LENGTH = 36


def offered(always: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Return every dimension that a filter can name, those that always stand in the bar first."""
    return tuple(dict.fromkeys((*always, *DIMENSIONS)))


def choices(gateway: Gateway, dimension: Dimension, scope: Scope, beat: int) -> dict[str, object]:
    """Return the values to choose from, busiest first; the filter itself does not narrow them.

    `error` is a sentence where they could not be read; `beat` makes every answer differ from the last.
    """
    try:
        found = gateway.choices(dimension, scope.without(dimension))
    except FluxDashError as err:
        return {"dimension": dimension.slug, "values": [], "error": str(err), "beat": beat}
    values = [
        {"value": each.value, "name": each.name, "requests": str(compact(each.requests))} for each in found.offered
    ]
    return {"dimension": dimension.slug, "values": values, "more": found.more, "beat": beat}


def names(gateway: Gateway, dimension: Dimension, scope: Scope) -> tuple[str, ...]:
    """Return what people call the chosen values of a dimension; nothing is asked where none is chosen."""
    chosen = next((each.values for each in scope.filters if each.dimension == dimension), ())
    if not chosen or dimension != ACCOUNT:
        return chosen
    try:
        known = {each.value: each.name for each in gateway.choices(dimension, scope.without(dimension)).offered}
    except FluxDashError:
        known = {}
    return tuple(known.get(value) or _shortened(value) for value in chosen)


def _shortened(value: str) -> str:
    return f"{value[:8]}…" if len(value) == _UUID_LENGTH else value
