"""What a question is asked about: the window, the filters, and the accounts the viewer was granted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fluxdash.errors import BadRequest
from fluxdash.semantic.conditions import Condition
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, Dimension
from fluxdash.semantic.window import Window

_MOST_VALUES = 100
_LONGEST_VALUE = 255


@dataclass(frozen=True, slots=True, order=True)
class Filter:
    """Keep only the rows whose `dimension` is one of `values`: sorted, unique, never empty."""

    dimension: Dimension
    values: tuple[str, ...]

    @classmethod
    def of(cls, dimension: Dimension, values: list[str] | tuple[str, ...]) -> Filter:
        """Return the canonical filter; raises BadRequest for a value no gateway could have written."""
        for value in values:
            if not value or len(value) > _LONGEST_VALUE or not value.isprintable():
                raise BadRequest(dimension.slug, value, f"1 to {_LONGEST_VALUE} printable characters")
        unique = tuple(sorted(set(values)))
        if not 1 <= len(unique) <= _MOST_VALUES:
            raise BadRequest(dimension.slug, len(unique), f"1 to {_MOST_VALUES} values")
        return cls(dimension, unique)


@dataclass(frozen=True, slots=True)
class Grant:
    """The accounts a viewer may see; `accounts=None` is the sentinel for all of them, an empty set for none."""

    accounts: frozenset[str] | None = None


EVERY_ACCOUNT = Grant(None)
"""The grant of everybody until sign-in exists."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A window, filters in the order of DIMENSIONS, and a grant; set by the server, equal when they mean the same.

    `conditions` hold single requests against values; who knows no single requests cannot answer under them.
    """

    window: Window
    filters: tuple[Filter, ...] = ()
    grant: Grant = EVERY_ACCOUNT
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        order = [DIMENSIONS.index(each.dimension) for each in self.filters]
        if len(set(order)) != len(order):
            raise BadRequest("filters", [each.dimension.slug for each in self.filters], "each dimension once")
        if order != sorted(order):
            ordered = tuple(sorted(self.filters, key=lambda each: DIMENSIONS.index(each.dimension)))
            object.__setattr__(self, "filters", ordered)

    def previous(self) -> Scope:
        """Return the scope about the window just before."""
        return replace(self, window=self.window.previous())

    def on(self, window: Window) -> Scope:
        """Return the scope about another window."""
        return replace(self, window=window)

    def without(self, *dimensions: Dimension) -> Scope:
        """Return the scope without the filters and the conditions on these dimensions."""
        slugs = {each.slug for each in dimensions}
        kept = tuple(each for each in self.filters if each.dimension not in dimensions)
        held = tuple(each for each in self.conditions if each.field.slug not in slugs)
        return replace(self, filters=kept, conditions=held)

    @property
    def told(self) -> tuple[str, ...]:
        """What narrows it, each as a file or a note says it: `region = us-east-1`, `Status not success`."""
        filters = (f"{each.dimension.slug} = {', '.join(each.values)}" for each in self.filters)
        return (*filters, *(each.said for each in self.conditions))

    @property
    def selection(self) -> tuple[Filter, ...] | None:
        """The filters with the grant worked in; None when they leave nothing that the viewer may see."""
        if self.grant.accounts is None:
            return self.filters
        asked = next((each.values for each in self.filters if each.dimension == ACCOUNT), None)
        seen = self.grant.accounts if asked is None else self.grant.accounts.intersection(asked)
        seen -= {""}  # as a matcher it would select every series without an account
        if not seen:
            return None
        return (Filter(ACCOUNT, tuple(sorted(seen))), *self.without(ACCOUNT).filters)
