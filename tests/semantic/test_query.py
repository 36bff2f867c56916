"""Questions and queries: checked when they are made, equal when they ask the same."""

from __future__ import annotations

import pytest

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, JOINT, MODEL, cross, dimension, values
from fluxdash.semantic.measures import COST, LATENCY, MEASURES, REQUESTS, UPSTREAM_LATENCY
from fluxdash.semantic.query import MOST_GROUPS, Question, Shape
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window

SCOPE = Scope(Window.last(3600, 1_795_003_200))


def test_the_verb_carries_the_shape() -> None:
    assert COST.total() == Question(COST, Shape.TOTAL)
    assert COST.over_time(by=MODEL) == Question(COST, Shape.SERIES, by=MODEL)
    assert COST.top(10, by=ACCOUNT) == Question(COST, Shape.TOP, by=ACCOUNT, n=10)


def test_equal_questions_in_equal_scopes_are_one_cache_key() -> None:
    queries = {COST.top(10, by=ACCOUNT).within(SCOPE), COST.top(10, by=ACCOUNT).within(Scope(SCOPE.window))}
    assert len(queries) == 1
    assert COST.top(9, by=ACCOUNT).within(SCOPE) not in queries


def test_a_ranking_needs_something_to_rank() -> None:
    with pytest.raises(BadRequest, match="by=None"):
        Question(COST, Shape.TOP)


def test_a_total_is_not_grouped() -> None:
    with pytest.raises(BadRequest, match="shape=top"):
        Question(COST, Shape.TOTAL, by=MODEL)


@pytest.mark.parametrize("n", [0, -1, MOST_GROUPS + 1, 10**9])
def test_a_ranking_has_at_least_one_group_and_not_too_many(n: int) -> None:
    with pytest.raises(BadRequest, match=f"1 to {MOST_GROUPS}"):
        COST.top(n, by=ACCOUNT)


@pytest.mark.parametrize("q", [0, 1, -0.5, 1.5, float("nan"), float("inf")])
def test_a_quantile_lies_between_0_and_1(q: float) -> None:
    with pytest.raises(BadRequest, match="q="):
        LATENCY.total(q=q)


def test_latency_without_a_quantile_is_the_95th_percentile() -> None:
    assert LATENCY.total() == LATENCY.total(q=0.95)
    assert LATENCY.over_time(q=0.1 + 0.2).q == 0.3


@pytest.mark.parametrize("measure", [each for each in MEASURES if each not in (LATENCY, UPSTREAM_LATENCY)], ids=str)
def test_only_latencies_have_quantiles(measure: object) -> None:
    with pytest.raises(BadRequest, match="not a quantile"):
        measure.total(q=0.5)  # type: ignore[attr-defined]


def test_the_previous_query_asks_the_same_of_the_window_before() -> None:
    query = REQUESTS.over_time().within(SCOPE)
    assert query.previous().question == query.question
    assert query.previous().scope == SCOPE.previous()
    assert query.measure is REQUESTS


def test_a_dimension_is_found_by_its_slug() -> None:
    assert [dimension(each.slug) for each in DIMENSIONS] == list(DIMENSIONS)


def test_a_cross_of_dimensions_is_made_of_them_and_is_not_asked_for_by_name() -> None:
    pair = cross(MODEL, ACCOUNT)
    assert (pair.slug, pair.parts, MODEL.parts) == ("model*account", (MODEL, ACCOUNT), (MODEL,))
    assert values(JOINT.join(("m", "u"))) == ("m", "u")
    with pytest.raises(BadRequest):
        dimension(pair.slug)


def test_an_unknown_dimension_is_met_with_what_was_probably_meant() -> None:
    with pytest.raises(BadRequest, match="Did you mean 'account'"):
        dimension("acount")
