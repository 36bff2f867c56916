"""The measures: one definition each, ratios of sums, and unknown where a part is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.measure import Additive, Amount, Distribution, Level, Measure, Ratio
from fluxdash.semantic.measures import (
    AVAILABILITY,
    CACHE_HITS,
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    INPUT_COST,
    LATENCY,
    LOOKUPS,
    MEASURES,
    PAID_INPUT_TOKENS,
    PAID_OUTPUT_TOKENS,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS_RATE,
    THROUGHPUT,
    TOKENS,
    TOKENS_SAVED,
    UPSTREAM_LATENCY,
    measure,
)
from fluxdash.semantic.units import Unit

PRODUCT = {
    "requests", "failures", "error_rate", "latency", "input_tokens", "output_tokens", "cost", "cost_per_request",
    "cost_per_success", "cache_hits", "cache_misses", "hit_rate", "savings", "savings_rate", "tokens_saved",
    "availability", "throughput", "unpriced", "lookups", "upstream_latency", "reported_availability",
}  # fmt: skip
RATIOS = [each for each in MEASURES if isinstance(each, Ratio)]
COMPUTED = [each for each in MEASURES if not isinstance(each, Distribution | Level)]
amounts = st.none() | st.integers(0, 10**6).map(float)


def everything(value: Amount) -> dict[str, Amount]:
    return {part.slug: value for each in MEASURES for part in (*each.parts, *each.sample.parts)}


def test_every_number_of_the_product_can_be_asked_for_by_its_slug() -> None:
    assert {each.slug for each in MEASURES} >= PRODUCT


def test_slugs_and_titles_are_unique_and_found_again() -> None:
    assert len({each.slug for each in MEASURES}) == len({each.title for each in MEASURES}) == len(MEASURES)
    assert [measure(each.slug) for each in MEASURES] == list(MEASURES)
    assert [str(each) for each in MEASURES] == [each.slug for each in MEASURES]


@pytest.mark.parametrize("each", MEASURES, ids=str)
def test_a_measure_says_in_plain_words_what_it_counts(each: Measure) -> None:
    assert each.meaning
    assert not each.meaning.endswith(".")
    assert each.slug.isidentifier()


def test_an_unknown_measure_is_met_with_what_was_probably_meant() -> None:
    with pytest.raises(BadRequest, match=r"Did you mean 'requests'\?"):
        measure("reqests")


@pytest.mark.parametrize(
    ("ratio", "value"),
    [(ERROR_RATE, 5 / 50), (AVAILABILITY, 45 / 50), (COST_PER_REQUEST, 2 / 50), (HIT_RATE, 30 / 40),
     (SAVINGS_RATE, 1 / 3), (THROUGHPUT, 900 / 45)],
    ids=str,
)  # fmt: skip
def test_a_ratio_is_what_the_product_says(ratio: Ratio, value: float) -> None:
    counted: dict[str, Amount] = {
        "requests": 50.0, "failures": 5.0, "cost": 2.0, "cache_hits": 30.0, "cache_misses": 10.0, "savings": 1.0,
        "generated_tokens": 900.0, "generation_seconds": 45.0,
    }  # fmt: skip
    assert ratio.of(counted) == pytest.approx(value)


@pytest.mark.parametrize("ratio", RATIOS, ids=str)
@given(data=st.data())
def test_a_ratio_over_two_buckets_is_the_ratio_of_the_sums(ratio: Ratio, data: st.DataObject) -> None:
    known = st.fixed_dictionaries({part.slug: st.integers(0, 10**6).map(float) for part in ratio.parts})
    one, two = data.draw(known), data.draw(known)
    both = {slug: one[slug] + two[slug] for slug in one}
    above = sum(sign * both[part.slug] for sign, part in ratio.numerator.terms)
    below = sum(sign * both[part.slug] for sign, part in ratio.denominator.terms)
    assert ratio.of(both) == (above / below if below else None)


@pytest.mark.parametrize("ratio", RATIOS, ids=str)
def test_a_ratio_over_nothing_is_unknown_and_not_zero(ratio: Ratio) -> None:
    assert ratio.of(everything(0.0)) is None


@pytest.mark.parametrize("each", COMPUTED, ids=str)
def test_a_measure_is_unknown_when_a_part_is(each: Measure) -> None:
    for part in each.parts:
        assert each.of({**everything(7.0), part.slug: None}) is None
        assert each.of({slug: 7.0 for slug in everything(0) if slug != part.slug}) is None
    assert each.of({}) is None


@given(st.fixed_dictionaries(dict.fromkeys(everything(0), amounts)))
def test_any_amounts_give_numbers_or_unknown(known: dict[str, Amount]) -> None:
    for each in COMPUTED:
        assert isinstance(each.of(known), float | None)
        assert isinstance(each.sample.of(known), float | None)


def test_the_parts_of_a_measure_are_additive_and_named_once() -> None:
    for each in MEASURES:
        assert all(isinstance(part, Additive) for part in (*each.parts, *each.sample.parts))
        assert len(set(each.parts)) == len(each.parts)


def test_a_sum_of_measures_is_a_measure() -> None:
    assert TOKENS.of({"input_tokens": 3.0, "output_tokens": 4.0}) == 7.0


def test_a_sample_counts_what_the_measure_is_about() -> None:
    counted: dict[str, Amount] = {"requests": 50.0, "failures": 5.0, "cache_hits": 30.0, "cache_misses": 10.0}
    expected = {REQUESTS: 50.0, FAILURES: 50.0, ERROR_RATE: 50.0, COST: 45.0, TOKENS: 45.0, HIT_RATE: 40.0,
                TOKENS_SAVED: 30.0, CACHE_HITS: 30.0, SAVINGS_RATE: 50.0, LATENCY: 50.0, LOOKUPS: 40.0}  # fmt: skip
    assert {each: each.sample.of(counted) for each in expected} == expected
    assert all(part.unit is Unit.COUNT for each in MEASURES for part in each.sample.parts)


def test_latency_is_not_computed_from_sums() -> None:
    assert LATENCY.parts == ()
    with pytest.raises(TypeError, match="distribution"):
        LATENCY.of({})


def test_a_state_is_not_computed_and_has_no_sample() -> None:
    assert REPORTED_AVAILABILITY.parts == UPSTREAM_LATENCY.parts == ()
    assert REPORTED_AVAILABILITY.sample.of({"requests": 50.0}) is None
    assert UPSTREAM_LATENCY.sample.of({"requests": 50.0}) is None, "not every request goes upstream"
    with pytest.raises(TypeError, match="stated by the gateway"):
        REPORTED_AVAILABILITY.of({"requests": 50.0})
    with pytest.raises(BadRequest, match="not a quantile"):
        REPORTED_AVAILABILITY.total(q=0.5)


def test_lookups_are_hits_and_misses() -> None:
    assert LOOKUPS.of({"cache_hits": 30.0, "cache_misses": 10.0, "requests": 50.0}) == 40.0
    assert LOOKUPS.of({"cache_hits": 30.0, "cache_misses": None}) is None


@pytest.mark.parametrize("part", [PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS, INPUT_COST], ids=str)
def test_what_the_cost_bridge_needs_besides_cannot_be_asked_for_by_name(part: Additive) -> None:
    assert part not in MEASURES
    with pytest.raises(BadRequest):
        measure(part.slug)


def test_a_measure_may_be_looked_up_among_others_than_ours() -> None:
    own = Additive(slug="retries", title="Retries", unit=Unit.COUNT, meaning="calls that were made again")
    assert measure("retries", (*MEASURES, own)) is own
    with pytest.raises(BadRequest, match="Did you mean 'retries'"):
        measure("retrys", (*MEASURES, own))
