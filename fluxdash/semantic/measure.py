"""What a measure is: its meaning, and how it is computed from parts that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.query import Question, Shape
from fluxdash.semantic.units import Unit

Amount = float | None
"""A number, or None where it is not known; None is never 0."""


class Rise(StrEnum):
    """How a reader judges a rise of the measure."""

    BAD = "bad"
    COSTLY = "costly"
    GOOD = "good"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number with one definition. `slug` names it in URLs and the API; `meaning` is its plain sentence.

    `judges` are the dimensions whose values decide what it counts. A filter on one would leave only what it found, or
    nothing of it (the hit rate of hits is 100 %), so such a filter is not applied to it.
    """

    slug: str
    title: str
    unit: Unit
    meaning: str
    rise: Rise = Rise.NEUTRAL
    judges: tuple[Dimension, ...] = ()

    def total(self, *, q: float | None = None) -> Question:
        """Ask for one number over the whole window."""
        return Question(self, Shape.TOTAL, q=self._rank(q))

    def over_time(self, by: Dimension | None = None, *, q: float | None = None) -> Question:
        """Ask for one number a bucket, for each value of `by` if given."""
        return Question(self, Shape.SERIES, by=by, q=self._rank(q))

    def top(self, n: int, by: Dimension, *, q: float | None = None) -> Question:
        """Ask for the `n` largest values of `by` over the window, and the rest as Other."""
        return Question(self, Shape.TOP, by=by, n=n, q=self._rank(q))

    @property
    def parts(self) -> tuple[Additive, ...]:
        """The additive measures it is computed from."""
        raise NotImplementedError

    @property
    def sample(self) -> Linear:
        """What its `n` counts."""
        raise NotImplementedError

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        """Compute the value from the amounts of its parts, keyed by slug; None when one that matters is unknown."""
        raise NotImplementedError

    def _rank(self, q: float | None) -> float | None:
        if q is not None:
            raise BadRequest("q", q, f"left out: {self.slug} is not a quantile")
        return None

    def __str__(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of additive measures with a sign each: `REQUESTS - FAILURES`."""

    terms: tuple[tuple[int, Additive], ...]

    def __add__(self, other: Additive | Linear) -> Linear:
        return Linear(self.terms + linear(other).terms)

    def __sub__(self, other: Additive | Linear) -> Linear:
        return Linear(self.terms + tuple((-sign, part) for sign, part in linear(other).terms))

    @property
    def parts(self) -> tuple[Additive, ...]:
        """The additive measures that occur in it, each once."""
        return tuple(dict.fromkeys(part for _, part in self.terms))

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        """Add the amounts up; None when one of them is unknown, or when there are none."""
        if not self.terms:
            return None
        total = 0.0
        for sign, part in self.terms:
            amount = amounts.get(part.slug)
            if amount is None:
                return None
            total += sign * amount
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Additive(Measure):
    """A measure whose parts add up over time and over every dimension; gateways report these."""

    counts: Linear | None = None

    @property
    def parts(self) -> tuple[Additive, ...]:
        return (self,)

    @property
    def sample(self) -> Linear:
        return self.counts or Linear(((1, self),))

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        return amounts.get(self.slug)

    def __add__(self, other: Additive | Linear) -> Linear:
        return linear(self) + other

    def __sub__(self, other: Additive | Linear) -> Linear:
        return linear(self) - other


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum(Measure):
    """Additive measures added up under a name of their own."""

    terms: Linear
    counts: Linear

    @property
    def parts(self) -> tuple[Additive, ...]:
        return self.terms.parts

    @property
    def sample(self) -> Linear:
        return self.counts

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        return self.terms.of(amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Measure):
    """A ratio of sums, never a mean of ratios; unknown where its denominator is 0."""

    numerator: Linear
    denominator: Linear
    counts: Linear | None = None

    @property
    def parts(self) -> tuple[Additive, ...]:
        return tuple(dict.fromkeys(self.numerator.parts + self.denominator.parts))

    @property
    def sample(self) -> Linear:
        return self.counts or self.denominator

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        above, below = self.numerator.of(amounts), self.denominator.of(amounts)
        return None if above is None or not below else above / below


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Measure):
    """A measure asked for by quantile: exact by nearest rank from rows, estimated inside its bucket from histograms."""

    counts: Linear

    @property
    def parts(self) -> tuple[Additive, ...]:
        return ()

    @property
    def sample(self) -> Linear:
        return self.counts

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        raise TypeError(f"{self.slug} is computed from a distribution, not from sums")

    def _rank(self, q: float | None) -> float | None:
        rank = 0.95 if q is None else q
        if not 0 < rank < 1:
            raise BadRequest("q", q, "a quantile between 0 and 1, such as 0.95")
        return round(rank, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Measure):
    """A state that the gateway itself states now and then: it adds up over nothing and has no sample.

    Its value in a bucket is the last one seen there, that of a window the newest of these; of several series it is the
    lowest, so it is always a value that was stated.
    """

    @property
    def parts(self) -> tuple[Additive, ...]:
        return ()

    @property
    def sample(self) -> Linear:
        return Linear(())

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        raise TypeError(f"{self.slug} is stated by the gateway, not computed from sums")


def linear(measure: Additive | Linear) -> Linear:
    """Return a measure as a sum of one."""
    return measure if isinstance(measure, Linear) else Linear(((1, measure),))
