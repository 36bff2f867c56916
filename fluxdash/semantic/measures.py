"""The measures: every number that can be asked for, with its one definition."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.errors import BadRequest, meant
from fluxdash.semantic.dimensions import CACHE, CACHE_TYPE, ERROR_TYPE, STATUS
from fluxdash.semantic.measure import Additive, Distribution, Level, Measure, Ratio, Rise, Sum, linear
from fluxdash.semantic.units import Unit

REQUESTS = Additive(slug="requests", title="Requests", unit=Unit.COUNT, meaning="all of them, failed ones included")
FAILURES = Additive(
    slug="failures",
    title="Failures",
    unit=Unit.COUNT,
    rise=Rise.BAD,
    counts=linear(REQUESTS),
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
    counts=linear(CACHE_HITS),
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
GENERATIONS = Additive(
    slug="generations",
    title="Generated answers",
    unit=Unit.COUNT,
    meaning="successes that were not hits, whose latency and output tokens are known",
)
GENERATED_TOKENS = Additive(
    slug="generated_tokens",
    title="Generated tokens",
    unit=Unit.TOKENS,
    counts=linear(GENERATIONS),
    meaning="their output tokens",
)
GENERATION_SECONDS = Additive(
    slug="generation_seconds",
    title="Generation time",
    unit=Unit.SECONDS,
    counts=linear(GENERATIONS),
    meaning="their end-to-end latency, added up",
)
PRICED_BY_LIST = Additive(
    slug="priced_by_list",
    title="Priced by list",
    unit=Unit.COUNT,
    counts=SUCCESSES,
    meaning="requests whose cost or saving is tokens times the price in force, because none was reported",
)
PAID_INPUT_TOKENS = Additive(
    slug="paid_input_tokens",
    title="Paid input tokens",
    unit=Unit.TOKENS,
    counts=SUCCESSES,
    meaning="input tokens of requests that were not hits",
)
PAID_OUTPUT_TOKENS = Additive(
    slug="paid_output_tokens",
    title="Paid output tokens",
    unit=Unit.TOKENS,
    counts=SUCCESSES,
    meaning="output tokens of requests that were not hits",
)
INPUT_COST = Additive(
    slug="input_cost",
    title="Input cost",
    unit=Unit.DOLLARS,
    rise=Rise.COSTLY,
    counts=SUCCESSES,
    meaning="the part of the cost that was spent on input tokens",
)
INFERENCES = Additive(
    slug="inferences", title="Inferences", unit=Unit.COUNT, meaning="requests that an upstream model answered"
)

TOKENS = Sum(
    slug="tokens",
    title="Tokens",
    unit=Unit.TOKENS,
    terms=INPUT_TOKENS + OUTPUT_TOKENS,
    counts=SUCCESSES,
    meaning="input and output tokens as reported",
)
LOOKUPS = Sum(
    slug="lookups",
    title="Cache lookups",
    unit=Unit.COUNT,
    terms=CACHE_HITS + CACHE_MISSES,
    counts=CACHE_HITS + CACHE_MISSES,
    meaning="requests the cache was asked for",
)
ERROR_RATE = Ratio(
    slug="error_rate",
    title="Error rate",
    unit=Unit.RATIO,
    rise=Rise.BAD,
    numerator=linear(FAILURES),
    denominator=linear(REQUESTS),
    judges=(STATUS, ERROR_TYPE),
    meaning="failed ÷ all; failed is every status but success",
)
AVAILABILITY = Ratio(
    slug="availability",
    title="Availability",
    unit=Unit.RATIO,
    rise=Rise.GOOD,
    numerator=SUCCESSES,
    denominator=linear(REQUESTS),
    judges=(STATUS, ERROR_TYPE),
    meaning="1 − failed ÷ all",
)
COST_PER_REQUEST = Ratio(
    slug="cost_per_request",
    title="Cost per request",
    unit=Unit.DOLLARS_EACH,
    rise=Rise.COSTLY,
    numerator=linear(COST),
    denominator=linear(REQUESTS),
    meaning="spend ÷ all requests",
)
COST_PER_SUCCESS = Ratio(
    slug="cost_per_success",
    title="Cost per success",
    unit=Unit.DOLLARS_EACH,
    rise=Rise.COSTLY,
    numerator=linear(COST),
    denominator=SUCCESSES,
    meaning="spend ÷ successful requests",
)
HIT_RATE = Ratio(
    slug="hit_rate",
    title="Cache hit rate",
    unit=Unit.SHARE,
    rise=Rise.GOOD,
    numerator=linear(CACHE_HITS),
    denominator=CACHE_HITS + CACHE_MISSES,
    judges=(CACHE, CACHE_TYPE),
    meaning="hits ÷ lookups; requests that never asked the cache do not count",
)
SAVINGS_RATE = Ratio(
    slug="savings_rate",
    title="Savings rate",
    unit=Unit.SHARE,
    rise=Rise.GOOD,
    numerator=linear(SAVINGS),
    denominator=COST + SAVINGS,
    counts=linear(REQUESTS),
    judges=(CACHE, CACHE_TYPE),
    meaning="savings ÷ (cost + savings)",
)
THROUGHPUT = Ratio(
    slug="throughput",
    title="Throughput",
    unit=Unit.TOKENS_PER_SECOND,
    rise=Rise.GOOD,
    numerator=linear(GENERATED_TOKENS),
    denominator=linear(GENERATION_SECONDS),
    counts=linear(GENERATIONS),
    meaning="output tokens ÷ latency, of successes that were not hits",
)
LATENCY = Distribution(
    slug="latency",
    title="Latency",
    unit=Unit.SECONDS,
    rise=Rise.BAD,
    counts=linear(REQUESTS),
    meaning="end to end, failed ones and cache hits included",
)
UPSTREAM_LATENCY = Distribution(
    slug="upstream_latency",
    title="Upstream latency",
    unit=Unit.SECONDS,
    rise=Rise.BAD,
    counts=linear(INFERENCES),
    meaning="of the upstream model's inference alone, without the gateway and the cache",
)
REPORTED_AVAILABILITY = Level(
    slug="reported_availability",
    title="Reported availability",
    unit=Unit.RATIO,
    rise=Rise.GOOD,
    meaning="as the gateway's own gauge states it: the newest value, of several the lowest",
)

MEASURES: tuple[Measure, ...] = (
    REQUESTS, FAILURES, ERROR_RATE, LATENCY, INPUT_TOKENS, OUTPUT_TOKENS, TOKENS, COST, COST_PER_REQUEST,
    COST_PER_SUCCESS, CACHE_HITS, CACHE_MISSES, LOOKUPS, HIT_RATE, SAVINGS, SAVINGS_RATE, TOKENS_SAVED, AVAILABILITY,
    REPORTED_AVAILABILITY, THROUGHPUT, UNPRICED, UPSTREAM_LATENCY,
)  # fmt: skip
"""Every measure that can be asked for by name."""


def measure(slug: str, known: Sequence[Measure] = MEASURES) -> Measure:
    """Return the measure of that slug; raises BadRequest naming all of them."""
    for each in known:
        if each.slug == slug:
            return each
    slugs = [each.slug for each in known]
    raise BadRequest("measure", slug, f"one of {', '.join(slugs)}.{meant(slug, slugs)}")
