"""What real installations do differently, on the very same requests."""

from __future__ import annotations

import pytest

from fluxdash.demo import truth
from fluxdash.demo.catalog import UNPRICED
from fluxdash.demo.meter import Meter
from fluxdash.demo.request import Request

Requests = tuple[Request, ...]


def test_the_requests_are_the_same_ones(requests: Requests, careless: Requests) -> None:
    kept = ("id", "time", "account_id", "region", "latency_ms", "input_tokens", "output_tokens", "status")
    for neat, sloppy in zip(requests, careless, strict=True):
        assert [getattr(neat, field) for field in kept] == [getattr(sloppy, field) for field in kept]


@pytest.mark.parametrize("field", ["request_id", "trace_id", "strategy", "api_key_id"])
def test_some_fields_are_empty(careless: Requests, field: str) -> None:
    empty = sum(getattr(request, field) is None for request in careless)
    assert 0.05 < empty / len(careless) < 0.35


def test_some_misses_do_not_say_that_they_missed(requests: Requests, careless: Requests) -> None:
    silent = [neat for neat, sloppy in zip(requests, careless, strict=True) if neat.cache_hit is not sloppy.cache_hit]
    assert silent
    assert {request.cache_hit for request in silent} == {False}


def test_every_hit_is_semantic_and_some_are_booked_for_nothing(careless: Requests) -> None:
    hits = [request for request in careless if request.cache_hit]
    assert {request.cache_type for request in hits} == {"semantic"}
    assert {(request.metadata or {})["cache_type"] for request in hits} == {"semantic"}
    free = sum(not request.total_cost for request in hits)
    assert 0.15 < free / len(hits) < 0.40


def test_one_model_has_no_price(careless: Requests) -> None:
    theirs = [request for request in careless if request.model == UNPRICED.id]
    answers = [request for request in theirs if not request.failed and not request.cache_hit]
    assert {request.total_cost for request in theirs} == {0, None}
    assert truth.totals(careless).unpriced == len(answers) > 0


def test_some_failures_say_nothing_about_themselves(careless: Requests) -> None:
    failures = [request for request in careless if request.failed]
    assert {request.error_message is None for request in failures} == {True, False}
    assert {request.metadata is None for request in failures} == {True, False}
    assert all((request.error_type is None) == (request.error_message is None) for request in failures)


def test_causes_savings_and_gauges_are_never_written(careless: Requests) -> None:
    meter = Meter(quirks=True)
    for request in careless:
        meter.observe(request)
    families = {family.name: family.samples for family in meter.registry.collect()}
    for name in (
        "request_errors", "cache_savings_dollars", "cache_tokens_saved", "cache_hit_rate", "model_availability",
        "model_error_rate",
    ):  # fmt: skip
        assert families[f"fluxai_{name}"] == []
    for name in ("active_connections", "queue_depth"):  # a declared gauge without labels shows 0 all the same
        assert [sample.value for sample in families[f"fluxai_{name}"]] == [0]
    counted = sum(sample.value for sample in families["fluxai_requests"] if sample.name == "fluxai_requests_total")
    assert counted == len(careless)
