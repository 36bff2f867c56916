"""The live metrics: the contract's names, labels and buckets, and the truth's values."""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.request import urlopen

import pytest
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from fluxdash.demo import truth
from fluxdash.demo.ledger import METRICS
from fluxdash.demo.meter import Meter
from fluxdash.demo.request import Request
from fluxdash.errors import SettingError

CONTRACT = {
    "fluxai_requests_total": ("account_id", "model", "region", "status"),
    "fluxai_request_duration_seconds": ("account_id", "model", "region"),
    "fluxai_request_errors_total": ("model", "region", "error_type"),
    "fluxai_tokens_total": ("account_id", "model", "region", "type"),
    "fluxai_input_tokens_total": ("model", "region", "client"),
    "fluxai_output_tokens_total": ("model", "region", "client"),
    "fluxai_cost_dollars_total": ("account_id", "model", "region"),
    "fluxai_cost_per_request_dollars": ("model", "region"),
    "fluxai_cache_hits_total": ("account_id", "model", "cache_type"),
    "fluxai_cache_misses_total": ("account_id", "model"),
    "fluxai_cache_hit_rate": ("model",),
    "fluxai_cache_savings_dollars_total": ("model",),
    "fluxai_cache_tokens_saved_total": ("model",),
    "fluxai_model_latency_seconds": ("model", "region"),
    "fluxai_model_availability": ("model", "region"),
    "fluxai_model_error_rate": ("model", "region"),
    "fluxai_routing_strategy_total": ("strategy", "model"),
    "fluxai_active_connections": (),
    "fluxai_queue_depth": (),
}
BUCKETS = {
    "fluxai_request_duration_seconds": ["0.1", "0.5", "1.0", "2.0", "5.0", "10.0", "30.0", "+Inf"],
    "fluxai_cost_per_request_dollars": ["0.0001", "0.001", "0.01", "0.1", "1.0", "10.0", "+Inf"],
    "fluxai_model_latency_seconds": ["0.5", "1.0", "2.0", "5.0", "10.0", "30.0", "60.0", "+Inf"],
}
Total = Callable[..., float]


def _total(meter: Meter) -> Total:
    """sum(name{labels}) over the meter's series."""
    samples = [sample for family in meter.registry.collect() for sample in family.samples]

    def total(name: str, **labels: str) -> float:
        return sum(
            sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items()
        )

    return total


@pytest.fixture(scope="module")
def meter(requests: tuple[Request, ...]) -> Meter:
    meter = Meter()
    for request in requests:
        meter.observe(request)
    return meter


def test_the_metrics_are_the_contracts_with_their_labels() -> None:
    assert {metric.name: metric.labels for metric in METRICS} == CONTRACT


def test_histograms_have_the_contracts_buckets(meter: Meter) -> None:
    for name, bounds in BUCKETS.items():
        (family,) = (family for family in meter.registry.collect() if family.name == name)
        assert list(dict.fromkeys(sample.labels["le"] for sample in family.samples if "le" in sample.labels)) == bounds


def test_the_counters_agree_with_the_truth_by_account(meter: Meter, requests: tuple[Request, ...]) -> None:
    total = _total(meter)
    for account_id, expected in truth.by(requests, lambda request: request.account_id).items():
        asked = {"account_id": account_id}
        assert total("fluxai_requests_total", **asked) == expected.requests
        assert total("fluxai_requests_total", **asked, status="success") == expected.requests - expected.failures
        assert total("fluxai_request_duration_seconds_count", **asked) == expected.requests
        assert total("fluxai_tokens_total", **asked, type="input") == expected.input_tokens
        assert total("fluxai_output_tokens_total", client=account_id) == expected.output_tokens
        assert total("fluxai_cache_hits_total", **asked) == expected.cache_hits
        assert total("fluxai_cache_misses_total", **asked) == expected.cache_misses
        booked = float(expected.cost + expected.savings)
        assert total("fluxai_cost_dollars_total", **asked) == pytest.approx(booked)


def test_list_price_less_savings_is_what_each_model_cost(meter: Meter, requests: tuple[Request, ...]) -> None:
    total = _total(meter)
    for model, expected in truth.by(requests, lambda request: request.model).items():
        saved = total("fluxai_cache_savings_dollars_total", model=model)
        assert saved == pytest.approx(float(expected.savings))
        assert total("fluxai_cost_dollars_total", model=model) - saved == pytest.approx(float(expected.cost))
        assert total("fluxai_cache_tokens_saved_total", model=model) == expected.tokens_saved


def test_only_failures_with_a_cause_are_counted_by_cause(meter: Meter, requests: tuple[Request, ...]) -> None:
    total = _total(meter)
    failures = [request for request in requests if request.failed]
    for cause, expected in truth.by(failures, lambda request: request.error_type).items():
        counted = total("fluxai_request_errors_total", error_type=cause or "")
        assert counted == (0 if cause is None else expected.requests)
    assert any(request.error_type is None for request in failures)


def test_upstream_latency_is_of_answers_and_prices_are_of_successes(
    meter: Meter, requests: tuple[Request, ...]
) -> None:
    total = _total(meter)
    successes = [request for request in requests if not request.failed]
    answers = [request for request in successes if not request.cache_hit]
    assert total("fluxai_model_latency_seconds_count") == len(answers)
    assert total("fluxai_cost_per_request_dollars_count") == len(successes)


def test_a_hit_is_booked_under_the_model_that_was_asked_for(meter: Meter, requests: tuple[Request, ...]) -> None:
    hits = sum(bool(request.cache_hit) and request.requested_model == "auto" for request in requests)
    assert _total(meter)("fluxai_cache_hits_total", model="auto") == hits > 0


def test_shares_stay_between_nought_and_one(meter: Meter) -> None:
    for name in ("fluxai_model_availability", "fluxai_model_error_rate", "fluxai_cache_hit_rate"):
        (family,) = (family for family in meter.registry.collect() if family.name == name)
        assert family.samples
        assert all(0 <= sample.value <= 1 for sample in family.samples)


def test_prometheus_can_read_it_over_http(meter: Meter, requests: tuple[Request, ...]) -> None:
    exposure = meter.serve(port=0)
    try:
        assert exposure.port != 0
        with urlopen(exposure.url, timeout=5) as answer:
            text = answer.read().decode()
    finally:
        exposure.close()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert sum(sample.value for sample in families["fluxai_requests"].samples if sample.name.endswith("_total")) == len(
        requests
    )


def test_each_latency_names_the_trace_of_a_request_that_had_it(
    meter: Meter, requests: tuple[Request, ...], careless: tuple[Request, ...]
) -> None:
    text = generate_latest(meter.registry).decode()
    took = {request.trace_id: request for request in requests}
    found = [
        (sample.labels, sample.exemplar) for family in openmetrics(text) for sample in family.samples if sample.exemplar
    ]
    assert {request.account_id for request in requests} == {labels["account_id"] for labels, _ in found}
    for labels, exemplar in found:
        request = took[exemplar.labels["trace_id"]]
        assert exemplar.value == request.latency_ms / 1000 <= float(labels["le"])
        assert (labels["account_id"], labels["model"]) == (request.account_id, request.model)
    untraced = next(request for request in careless if request.trace_id is None)
    alone = Meter()
    alone.observe(untraced)
    assert "trace_id" not in generate_latest(alone.registry).decode()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"port={port}"):
            Meter().serve(port=port)
