"""A question in the gateway's own words, and the query it becomes inside a scope: frozen, comparable, hashable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.scope import Scope

if TYPE_CHECKING:
    from fluxdash.semantic.measure import Measure

MOST_GROUPS, MOST_SLICES = 200, 2_000
"""How many groups a question may ask for: of one dimension, and of several crossed."""


class Shape(StrEnum):
    """The form of the answer: one number, one a bucket, or the largest groups."""

    TOTAL = "total"
    SERIES = "series"
    TOP = "top"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, before it is known by whom and about when: `COST.top(10, by=ACCOUNT)`."""

    measure: Measure
    shape: Shape
    by: Dimension | None = None
    n: int | None = None
    q: float | None = None

    def __post_init__(self) -> None:
        if self.shape is Shape.TOP and self.by is None:
            raise BadRequest("by", None, "a dimension: shape=top ranks the values of one")
        if self.shape is Shape.TOTAL and self.by is not None:
            raise BadRequest("by", self.by.slug, "left out with shape=total; ask for shape=top to get a total a group")
        most = MOST_SLICES if self.by is not None and self.by.of else MOST_GROUPS
        if self.n is not None and not 1 <= self.n <= most:
            raise BadRequest("n", self.n, f"a whole number from 1 to {most}")

    def within(self, scope: Scope) -> Query:
        """Return the query that asks this of what `scope` covers."""
        return Query(self, scope)


@dataclass(frozen=True, slots=True)
class Query:
    """A question within a scope: everything an answer depends on, and so the whole of its cache key."""

    question: Question
    scope: Scope

    @property
    def measure(self) -> Measure:
        """The measure asked for."""
        return self.question.measure

    @property
    def judged(self) -> tuple[Dimension, ...]:
        """The dimensions of those filters and conditions that the measure judges by, which are not applied to it."""
        scope = self.scope
        narrowed = {each.dimension.slug for each in scope.filters} | {each.field.slug for each in scope.conditions}
        return tuple(each for each in self.measure.judges if each.slug in narrowed)

    def fair(self) -> Query:
        """Return the query without those filters."""
        return Query(self.question, self.scope.without(*self.judged))

    def previous(self) -> Query:
        """Return the same query about the window of equal length just before."""
        return Query(self.question, self.scope.previous())
