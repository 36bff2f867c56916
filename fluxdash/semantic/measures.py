"""The measures: what each number means, and which additive parts it is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.errors import BadRequest, meant
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
    """One number with one definition. `slug` names it in URLs and the API; `meaning` is its plain sentence."""

    slug: str
    title: str
    unit: Unit
    meaning: str
    rise: Rise = Rise.NEUTRAL

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
        return Linear(self.terms + _linear(other).terms)

    def __sub__(self, other: Additive | Linear) -> Linear:
        return Linear(self.terms + tuple((-sign, part) for sign, part in _linear(other).terms))

    @property
    def parts(self) -> tuple[Additive, ...]:
        """The additive measures that occur in it, each once."""
        return tuple(dict.fromkeys(part for _, part in self.terms))

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        """Add the amounts up; None when one of them is unknown."""
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
        return _linear(self) + other

    def __sub__(self, other: Additive | Linear) -> Linear:
        return _linear(self) - other


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

    @property
    def parts(self) -> tuple[Additive, ...]:
        return tuple(dict.fromkeys(self.numerator.parts + self.denominator.parts))

    @property
    def sample(self) -> Linear:
        return self.denominator if self.denominator.parts[0].unit is Unit.COUNT else Linear(((1, REQUESTS),))

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        above, below = self.numerator.of(amounts), self.denominator.of(amounts)
        return None if above is None or not below else above / below


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Measure):
    """A measure asked for by quantile: exact by nearest rank from rows, estimated inside its bucket from histograms."""

    @property
    def parts(self) -> tuple[Additive, ...]:
        return ()

    @property
    def sample(self) -> Linear:
        return Linear(((1, REQUESTS),))

    def of(self, amounts: Mapping[str, Amount]) -> Amount:
        raise TypeError(f"{self.slug} is computed from a distribution, not from sums")

    def _rank(self, q: float | None) -> float | None:
        rank = 0.95 if q is None else q
        if not 0 < rank < 1:
            raise BadRequest("q", q, "a quantile between 0 and 1, such as 0.95")
        return round(rank, 6)


def _linear(measure: Additive | Linear) -> Linear:
    return measure if isinstance(measure, Linear) else Linear(((1, measure),))


REQUESTS = Additive(slug="requests", title="Requests", unit=Unit.COUNT, meaning="all of them, failed ones included")
FAILURES = Additive(
    slug="failures",
    title="Failures",
    unit=Unit.COUNT,
    rise=Rise.BAD,
    counts=_linear(REQUESTS),
    meaning="requests whose status is anything but success",
)
SUCCESSES = REQUESTS - FAILURES
INPUT_TOKENS = Additive(
    slug="input_tokens", title="Input tokens", unit=Unit.TOKENS, counts=SUCCESSES, meaning="input tokens as reported"
)
OUTPUT_TOKENS = Additive(
    slug="output_tokens", title="Output tokens", unit=Unit.TOKENS, counts=SUCCESSES, meaning="output tokens as reported"
)
COST = Additive(
    slug="cost",
    title="Cost",
    unit=Unit.DOLLARS,
    rise=Rise.COSTLY,
    counts=SUCCESSES,
    meaning="money spent: cache hits cost nothing",
)
SAVINGS = Additive(
    slug="savings",
    title="Savings",
    unit=Unit.DOLLARS,
    rise=Rise.GOOD,
    counts=SUCCESSES,
    meaning="what the cache hits would have cost at list price",
)
CACHE_HITS = Additive(
    slug="cache_hits", title="Cache hits", unit=Unit.COUNT, rise=Rise.GOOD, meaning="lookups that hit"
)
CACHE_MISSES = Additive(slug="cache_misses", title="Cache misses", unit=Unit.COUNT, meaning="lookups that missed")
TOKENS_SAVED = Additive(
    slug="tokens_saved",
    title="Tokens saved",
    unit=Unit.TOKENS,
    rise=Rise.GOOD,
    counts=_linear(CACHE_HITS),
    meaning="tokens of the cache hits",
)
UNPRICED = Additive(
    slug="unpriced",
    title="Unpriced requests",
    unit=Unit.COUNT,
    rise=Rise.BAD,
    counts=SUCCESSES,
    meaning="successes that were not hits, with tokens but without a cost and without a price in force",
)
GENERATED_TOKENS = Additive(
    slug="generated_tokens",
    title="Generated tokens",
    unit=Unit.TOKENS,
    counts=SUCCESSES,
    meaning="output tokens of successes that were not hits",
)
GENERATION_SECONDS = Additive(
    slug="generation_seconds",
    title="Generation time",
    unit=Unit.SECONDS,
    counts=SUCCESSES,
    meaning="end-to-end latency of successes that were not hits, added up",
)
PRICED_BY_LIST = Additive(
    slug="priced_by_list",
    title="Priced by list",
    unit=Unit.COUNT,
    counts=SUCCESSES,
    meaning="requests whose cost or saving is tokens times the price in force, because none was reported",
)

TOKENS = Sum(
    slug="tokens",
    title="Tokens",
    unit=Unit.TOKENS,
    terms=INPUT_TOKENS + OUTPUT_TOKENS,
    counts=SUCCESSES,
    meaning="input and output tokens as reported",
)
ERROR_RATE = Ratio(
    slug="error_rate",
    title="Error rate",
    unit=Unit.RATIO,
    rise=Rise.BAD,
    numerator=_linear(FAILURES),
    denominator=_linear(REQUESTS),
    meaning="failed ÷ all; failed is every status but success",
)
AVAILABILITY = Ratio(
    slug="availability",
    title="Availability",
    unit=Unit.RATIO,
    rise=Rise.GOOD,
    numerator=SUCCESSES,
    denominator=_linear(REQUESTS),
    meaning="1 − failed ÷ all",
)
COST_PER_REQUEST = Ratio(
    slug="cost_per_request",
    title="Cost per request",
    unit=Unit.DOLLARS_EACH,
    rise=Rise.COSTLY,
    numerator=_linear(COST),
    denominator=_linear(REQUESTS),
    meaning="spend ÷ all requests",
)
COST_PER_SUCCESS = Ratio(
    slug="cost_per_success",
    title="Cost per success",
    unit=Unit.DOLLARS_EACH,
    rise=Rise.COSTLY,
    numerator=_linear(COST),
    denominator=SUCCESSES,
    meaning="spend ÷ successful requests",
)
HIT_RATE = Ratio(
    slug="hit_rate",
    title="Cache hit rate",
    unit=Unit.SHARE,
    rise=Rise.GOOD,
    numerator=_linear(CACHE_HITS),
    denominator=CACHE_HITS + CACHE_MISSES,
    meaning="hits ÷ lookups; requests that never asked the cache do not count",
)
SAVINGS_RATE = Ratio(
    slug="savings_rate",
    title="Savings rate",
    unit=Unit.SHARE,
    rise=Rise.GOOD,
    numerator=_linear(SAVINGS),
    denominator=COST + SAVINGS,
    meaning="savings ÷ (cost + savings)",
)
THROUGHPUT = Ratio(
    slug="throughput",
    title="Throughput",
    unit=Unit.TOKENS_PER_SECOND,
    rise=Rise.GOOD,
    numerator=_linear(GENERATED_TOKENS),
    denominator=_linear(GENERATION_SECONDS),
    meaning="output tokens ÷ latency, of successes that were not hits",
)
LATENCY = Distribution(
    slug="latency",
    title="Latency",
    unit=Unit.SECONDS,
    rise=Rise.BAD,
    meaning="end to end, failed ones and cache hits included",
)

MEASURES: tuple[Measure, ...] = (
    REQUESTS, FAILURES, ERROR_RATE, LATENCY, INPUT_TOKENS, OUTPUT_TOKENS, TOKENS, COST, COST_PER_REQUEST,
    COST_PER_SUCCESS, CACHE_HITS, CACHE_MISSES, HIT_RATE, SAVINGS, SAVINGS_RATE, TOKENS_SAVED, AVAILABILITY,
    THROUGHPUT, UNPRICED,
)  # fmt: skip
"""Every measure that can be asked for by name."""


def measure(slug: str) -> Measure:
    """Return the measure of that slug; raises BadRequest naming all of them."""
    for each in MEASURES:
        if each.slug == slug:
            return each
    slugs = [each.slug for each in MEASURES]
    raise BadRequest("measure", slug, f"one of {', '.join(slugs)}.{meant(slug, slugs)}")
