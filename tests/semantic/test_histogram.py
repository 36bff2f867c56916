"""Quantiles and values from buckets: linear inside a bucket, as Prometheus computes them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.histogram import PLACES, Estimate, quantile, spread

BOUNDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, math.inf)
SAMPLES = Path(__file__).parents[1] / "samples" / "prometheus"
ranks = st.floats(0.001, 0.999)
tallies = st.lists(st.integers(0, 1000), min_size=len(BOUNDS), max_size=len(BOUNDS))


def cumulative(tally: list[int]) -> list[float]:
    return [float(each) for each in np.cumsum(tally)]


@pytest.mark.parametrize(
    ("q", "tally", "value"),
    [
        (0.5, [10, 0, 0, 0, 0, 0, 0, 0], 0.05),
        (0.5, [0, 10, 0, 0, 0, 0, 0, 0], 0.3),
        (0.9, [0, 0, 10, 0, 0, 0, 0, 0], 0.95),
        (0.5, [5, 0, 0, 5, 0, 0, 0, 0], 0.1),
        (0.75, [5, 0, 0, 5, 0, 0, 0, 0], 1.5),
        (0.95, [0, 0, 0, 0, 0, 0, 100, 0], 29.0),
    ],
)
def test_a_quantile_lies_linearly_inside_its_bucket(q: float, tally: list[int], value: float) -> None:
    found = quantile(q, BOUNDS, cumulative(tally))
    assert found is not None
    assert found.value == pytest.approx(value)
    assert found.low <= found.value <= found.high


@given(ranks, tallies)
def test_numpy_interpolates_to_the_same_value(q: float, tally: list[int]) -> None:
    counts = cumulative(tally)
    found = quantile(q, BOUNDS, counts)
    if not counts[-1]:
        assert found is None
        return
    assert found is not None
    rank = q * counts[-1]
    if rank > counts[-2]:
        assert found == Estimate(30.0, 30.0, math.inf, at_least=True)
        return
    # np.interp needs rising x: where buckets are empty, the first bound that reaches a count is the one that counts.
    rising = [(0.0, 0.0), *((count, bound) for count, bound in zip(counts[:-1], BOUNDS[:-1], strict=True))]
    steps = [each for i, each in enumerate(rising) if i == 0 or each[0] > rising[i - 1][0]]
    at = next(i for i, each in enumerate(steps) if each[0] >= rank)
    low = max(bound for _, bound in rising if bound < steps[at][1])
    assert found.value == pytest.approx(np.interp(rank, [steps[at - 1][0], steps[at][0]], [low, steps[at][1]]))
    assert (found.low, found.high, found.at_least) == (low, steps[at][1], False)


@given(ranks, ranks, tallies)
def test_a_higher_rank_is_never_a_lower_value(one: float, two: float, tally: list[int]) -> None:
    low, high = (quantile(q, BOUNDS, cumulative(tally)) for q in sorted((one, two)))
    if low is not None and high is not None:
        assert low.value <= high.value


@given(ranks, tallies, st.integers(2, 50))
def test_the_same_shape_with_more_requests_has_the_same_quantiles(q: float, tally: list[int], times: int) -> None:
    one, many = quantile(q, BOUNDS, cumulative(tally)), quantile(q, BOUNDS, cumulative([n * times for n in tally]))
    assert (one is None) == (many is None)
    if one is not None and many is not None and one.high == many.high:
        assert one.value == pytest.approx(many.value)


def test_a_rank_beyond_the_last_bound_is_at_least_that_bound() -> None:
    recorded = json.loads((SAMPLES / "query_histogram_quantile_edge.json").read_text())["data"]["result"]
    slow = next(each for each in recorded if each["metric"]["model"] == "slow-model")
    bounds = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, math.inf)
    found = quantile(0.95, bounds, [0, 0, 0, 0, 0, 0, 0, 240])
    assert found == Estimate(float(slow["value"][1]), 60.0, math.inf, at_least=True)


def test_counts_that_fall_are_taken_as_equal() -> None:
    assert quantile(0.5, BOUNDS, [1, 4, 3.9, 4, 8, 8, 8, 8]) == quantile(0.5, BOUNDS, [1, 4, 4, 4, 8, 8, 8, 8])
    assert quantile(0.99, BOUNDS, [10, 10, 10, 10, 10, 10, 10, 9.7]) == quantile(0.99, BOUNDS, [10.0] * 8)


def test_without_observations_there_is_no_quantile() -> None:
    assert quantile(0.95, BOUNDS, [0.0] * 8) is None


@pytest.mark.parametrize("bounds", [(), (math.inf,), (1.0, 2.0)])
def test_without_a_last_bucket_there_is_no_quantile(bounds: tuple[float, ...]) -> None:
    assert quantile(0.5, bounds, [1.0] * len(bounds)) is None


def test_a_first_bucket_below_zero_is_its_own_lower_bound() -> None:
    found = quantile(0.5, (-1.0, 1.0, math.inf), [10.0, 10.0, 10.0])
    assert found is not None
    assert found.value == -1.0


def share(found: dict[str, tuple[tuple[float, int], ...]], q: float) -> float:
    """The nearest rank of all groups together."""
    every = sorted(value for values in found.values() for value, count in values for _ in range(count))
    return every[max(math.ceil(q * len(every) - 1e-9), 1) - 1]


@given(st.lists(tallies, min_size=1, max_size=6), ranks)
def test_spread_out_buckets_have_the_quantile_of_the_buckets_to_a_place(groups: list[list[int]], q: float) -> None:
    found = spread(BOUNDS, {str(i): cumulative(tally) for i, tally in enumerate(groups)})
    assert [sum(count for _, count in values) for values in found.values()] == [sum(tally) for tally in groups]
    whole = quantile(q, BOUNDS, cumulative([sum(column) for column in zip(*groups, strict=True)]))
    if whole is None:
        assert not any(found.values())
    elif whole.at_least:
        assert share(found, q) == BOUNDS[-2]
    else:
        # A rank and a place: of few observations each stands for much of the bucket.
        inside = [sum(column) for column in zip(*groups, strict=True)][BOUNDS.index(whole.high)]
        apart = (whole.high - whole.low) * (2 / inside + 2 / PLACES) + 1e-9
        assert whole.value - apart <= share(found, q) <= whole.value + apart


@given(st.lists(tallies, min_size=1, max_size=6))
def test_every_value_lies_in_its_bucket_and_rises(groups: list[list[int]]) -> None:
    found = spread(BOUNDS, {str(i): cumulative(tally) for i, tally in enumerate(groups)})
    for tally, values in zip(groups, found.values(), strict=True):
        assert list(values) == sorted(values)
        told = [0] * len(BOUNDS)
        for value, count in values:
            told[next(i for i, bound in enumerate(BOUNDS) if value <= bound * (1 + 1e-12))] += count
        assert told[:-2] == tally[:-2]
        assert told[-2] == tally[-2] + tally[-1]


def test_the_few_of_many_groups_do_not_all_lie_at_the_end_of_their_bucket() -> None:
    one = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    found = spread(BOUNDS, {str(i): one for i in range(200)})
    assert share(found, 0.5) == pytest.approx(3.5, abs=0.1)
    assert share(found, 0.1) == pytest.approx(2.3, abs=0.1)
