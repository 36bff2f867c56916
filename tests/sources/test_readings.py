"""Which reading fits: the metrics must exist, carry the label to group by, and ignore as few filters as they can."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fluxdash.errors import SourceUnreachable
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.litellm import PROFILE as LITELLM
from fluxdash.profiles.profile import Counter, Difference, Gauge, Histogram, Metrics, Read
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE,
    CACHE_TYPE,
    ERROR_TYPE,
    MODEL,
    REGION,
    STRATEGY,
    Dimension,
    cross,
)
from fluxdash.semantic.measures import (
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    FAILURES,
    INPUT_TOKENS,
    LATENCY,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS,
    TOKENS_SAVED,
    UNPRICED,
    UPSTREAM_LATENCY,
)
from fluxdash.semantic.scope import Filter
from fluxdash.sources import promql
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.readings import Picked, pick
from tests.sources.fakes import FakePrometheus

assert PROFILE.metrics is not None
assert LITELLM.metrics is not None
METRICS: Metrics = PROFILE.metrics
DOCUMENTED: dict[str, tuple[str, ...]] = {
    "fluxai_requests_total": ("account_id", "model", "region", "status"),
    "fluxai_request_errors_total": ("model", "region", "error_type"),
    "fluxai_tokens_total": ("account_id", "model", "region", "type"),
    "fluxai_input_tokens_total": ("model", "region", "client"),
    "fluxai_cost_dollars_total": ("account_id", "model", "region"),
    "fluxai_cache_hits_total": ("account_id", "model", "cache_type"),
    "fluxai_cache_misses_total": ("account_id", "model"),
    "fluxai_cache_savings_dollars_total": ("model",),
    "fluxai_request_duration_seconds_bucket": ("account_id", "model", "region", "le"),
    "fluxai_model_latency_seconds_bucket": ("model", "region", "le"),
    "fluxai_model_availability": ("model", "region"),
}


def chosen(
    measure: Read,
    labels: Mapping[str, tuple[str, ...]] = DOCUMENTED,
    by: Dimension | None = None,
    *filtered: Dimension,
    metrics: Metrics = METRICS,
) -> Picked | str:
    inventory = Inventory(FakePrometheus(labels), metrics)  # type: ignore[arg-type]
    return pick(measure, metrics, inventory, by, [Filter(each, ("v",)) for each in filtered])


def picked(*args: object, **more: object) -> Picked:
    found = chosen(*args, **more)  # type: ignore[arg-type]
    assert isinstance(found, Picked), found
    return found


def without(*metrics: str) -> dict[str, tuple[str, ...]]:
    return {metric: labels for metric, labels in DOCUMENTED.items() if metric not in metrics}


def metric(found: Picked) -> str:
    return found.expression.minuend.metric if isinstance(found.expression, Difference) else found.expression.metric


def test_a_documented_metric_is_read_as_documented() -> None:
    found = picked(REQUESTS, DOCUMENTED, MODEL, ACCOUNT, REGION)
    assert (metric(found), found.ignored, found.label) == ("fluxai_requests_total", (), None)
    assert isinstance(picked(LATENCY).expression, Histogram)


def test_a_measure_the_gateway_does_not_report_is_not_reported() -> None:
    assert chosen(UNPRICED) == "Prometheus reports no unpriced requests."


def test_a_gateway_that_exposes_nothing_is_named_as_that() -> None:
    assert chosen(REQUESTS, {}) == "No fluxai metrics yet: Prometheus answers, but no fluxai_* series exist."


def test_a_metric_that_was_never_written_is_named() -> None:
    assert chosen(TOKENS_SAVED) == "Prometheus has no series fluxai_cache_tokens_saved_total."
    assert chosen(LATENCY, without("fluxai_request_duration_seconds_bucket")) == (
        "Prometheus has no series fluxai_request_duration_seconds."
    )


def test_a_dimension_that_no_metric_carries_is_named() -> None:
    assert chosen(REQUESTS, DOCUMENTED, STRATEGY) == "fluxai_requests_total carries no strategy."
    assert chosen(SAVINGS, DOCUMENTED, REGION) == "fluxai_cache_savings_dollars_total carries no region."


def test_a_label_that_an_operator_trimmed_is_not_there() -> None:
    trimmed = {**DOCUMENTED, "fluxai_requests_total": ("model", "status")}
    assert chosen(REQUESTS, trimmed, REGION) == "fluxai_requests_total carries no region."
    assert picked(REQUESTS, trimmed, None, REGION, MODEL).ignored == (REGION,)


def test_cost_without_savings_is_the_list_price_and_says_so() -> None:
    found = picked(COST, without("fluxai_cache_savings_dollars_total"))
    assert isinstance(found.expression, Difference) is False
    assert found.label == "List-price cost, hits included"


def test_cost_by_a_label_that_savings_lack_is_the_list_price() -> None:
    assert isinstance(picked(COST, DOCUMENTED, MODEL).expression, Difference)
    for by in (ACCOUNT, REGION):
        assert picked(COST, DOCUMENTED, by).label == "List-price cost, hits included"
    assert picked(COST, DOCUMENTED, None, ACCOUNT).label == "List-price cost, hits included"
    assert picked(COST, DOCUMENTED, None, MODEL).label is None


def test_a_region_cannot_narrow_cache_hits() -> None:
    assert picked(CACHE_HITS, DOCUMENTED, None, REGION, ACCOUNT).ignored == (REGION,)
    assert picked(FAILURES, DOCUMENTED, ERROR_TYPE, ACCOUNT).ignored == (ACCOUNT,)


def test_the_reading_that_ignores_the_fewest_filters_is_taken() -> None:
    trimmed = {**DOCUMENTED, "fluxai_tokens_total": ("model", "type")}
    found = picked(INPUT_TOKENS, trimmed, None, ACCOUNT, REGION)
    assert (metric(found), found.ignored) == ("fluxai_input_tokens_total", ())
    assert metric(picked(INPUT_TOKENS, trimmed, None, MODEL)) == "fluxai_tokens_total"


def test_causes_are_read_from_the_metric_that_carries_them() -> None:
    assert metric(picked(FAILURES)) == "fluxai_requests_total"
    assert metric(picked(FAILURES, DOCUMENTED, ERROR_TYPE)) == "fluxai_request_errors_total"


def test_hits_that_never_happened_are_zero_where_misses_are_counted() -> None:
    found = picked(CACHE_HITS, without("fluxai_cache_hits_total"))
    assert isinstance(found.expression, Counter)
    assert found.expression.zero_like == "fluxai_cache_misses_total"
    assert chosen(CACHE_HITS, without("fluxai_cache_hits_total", "fluxai_cache_misses_total")) == (
        "Prometheus has no series fluxai_cache_hits_total."
    )


def test_a_zero_that_cannot_be_grouped_alike_is_left_out() -> None:
    """Grouped by a label it lacks, the other counter would invent a group without a name."""
    by_type = picked(CACHE_HITS, DOCUMENTED, CACHE_TYPE).expression
    by_model = picked(CACHE_HITS, DOCUMENTED, MODEL).expression
    assert isinstance(by_type, Counter)
    assert isinstance(by_model, Counter)
    assert (by_type.zero_like, by_model.zero_like) == (None, "fluxai_cache_misses_total")


def test_a_zero_that_does_not_exist_is_left_out() -> None:
    found = picked(CACHE_HITS, without("fluxai_cache_misses_total")).expression
    assert isinstance(found, Counter)
    assert found.zero_like is None


@pytest.mark.parametrize("by", [None, MODEL, ACCOUNT])
def test_while_prometheus_cannot_be_asked_the_documentation_is_believed(by: Dimension | None) -> None:
    prometheus = FakePrometheus({}, SourceUnreachable("Prometheus", "cannot be reached"))
    inventory = Inventory(prometheus, METRICS)  # type: ignore[arg-type]
    found = pick(REQUESTS, METRICS, inventory, by, [Filter(REGION, ("v",))])
    assert isinstance(found, Picked)
    assert found.ignored == ()


def test_a_difference_is_grouped_by_a_label_that_both_sides_have() -> None:
    """LiteLLM calls the model `requested_model` here and `model` there: grouped apart, nothing would meet."""
    assert LITELLM.metrics is not None
    served, hits = "litellm_requests_metric_total", "litellm_cache_hits_metric_total"
    there = {"litellm_proxy_total_requests_metric_total": ("team",), served: ("team", "requested_model", "model"),
             hits: ("team", "model")}  # fmt: skip
    assert picked(CACHE_MISSES, there, ACCOUNT, metrics=LITELLM.metrics).ignored == ()
    assert chosen(CACHE_MISSES, there, MODEL, metrics=LITELLM.metrics) == f"{served} carries no model."
    alike = {**there, served: ("team", "model")}
    assert picked(CACHE_MISSES, alike, MODEL, metrics=LITELLM.metrics).ignored == ()


def test_what_the_gateway_states_is_read_from_its_gauge() -> None:
    found = picked(REPORTED_AVAILABILITY, DOCUMENTED, cross(MODEL, REGION), ACCOUNT)
    assert found.expression == Gauge("fluxai_model_availability", ("model", "region"))
    assert found.ignored == (ACCOUNT,)
    gone = without("fluxai_model_availability")
    assert chosen(REPORTED_AVAILABILITY, gone) == "Prometheus has no series fluxai_model_availability."


def test_upstream_latency_cannot_be_cut_by_account() -> None:
    assert picked(UPSTREAM_LATENCY, DOCUMENTED, MODEL, ACCOUNT).ignored == (ACCOUNT,)
    assert chosen(UPSTREAM_LATENCY, DOCUMENTED, ACCOUNT) == "fluxai_model_latency_seconds carries no account."


def test_no_metric_carries_what_the_cache_said() -> None:
    assert chosen(REQUESTS, DOCUMENTED, CACHE) == "fluxai_requests_total carries no cache."
    assert picked(REQUESTS, DOCUMENTED, None, CACHE).ignored == (CACHE,)


def test_of_a_cross_only_what_is_lacking_is_named() -> None:
    assert chosen(CACHE_HITS, DOCUMENTED, cross(MODEL, REGION)) == "fluxai_cache_hits_total carries no region."
    assert chosen(REQUESTS, DOCUMENTED, cross(CACHE, MODEL, ERROR_TYPE)) == (
        "fluxai_requests_total carries no cache and no error_type."
    )


def of_causes(by: Dimension | None, *causes: str) -> str:
    """What is asked about failures of these causes in one region."""
    inventory = Inventory(FakePrometheus(DOCUMENTED), METRICS)  # type: ignore[arg-type]
    filters = [Filter(REGION, ("r",)), Filter(ERROR_TYPE, causes)]
    found = pick(FAILURES, METRICS, inventory, by, filters)
    assert isinstance(found, Picked)
    assert found.ignored == ()
    return promql.text(found.expression, METRICS, by, filters, 60)


def test_failures_of_unknown_cause_are_all_but_those_of_the_other_causes() -> None:
    failed = (
        'sum by (model) (increase(fluxai_requests_total{status!="success",region="r"}[60s]))'
        ' or 0 * sum by (model) (increase(fluxai_requests_total{region="r"}[60s]))'
    )
    others = (
        'sum by (model) (increase(fluxai_request_errors_total{error_type!~"Throttling|unknown|",region="r"}[60s]))'
        ' or 0 * sum by (model) (increase(fluxai_requests_total{region="r"}[60s]))'
    )
    assert of_causes(MODEL, "Throttling", "unknown") == f"({failed}) - ({others})"


def test_failures_of_a_known_cause_are_asked_of_their_own_counter() -> None:
    assert of_causes(None, "Throttling") == (
        'sum (increase(fluxai_request_errors_total{region="r",error_type="Throttling"}[60s]))'
    )
    assert of_causes(ERROR_TYPE, "Throttling", "unknown").startswith(
        "sum by (error_type) (increase(fluxai_request_errors"
    )
