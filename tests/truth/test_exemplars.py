"""Exemplars end to end: what the simulated gateway books, a real Prometheus keeps, and FluxDash marks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.request import urlopen

import pytest

from fluxdash.demo.meter import Meter
from fluxdash.demo.request import Request
from fluxdash.demo.traffic import Traffic
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.exemplars import NO_EXEMPLARS, Exemplars
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.router import Router
from tests.servers.prometheus import PrometheusServer
from tests.truth import world

NOON = 1_795_003_200.0
PATIENCE = 15.0


@dataclass(frozen=True)
class Booked:
    """Requests that were all booked at one moment, and where their metrics are scraped."""

    requests: dict[str, Request]
    target: str
    window: Window

    def account(self) -> str:
        """The busiest account."""
        names = [each.account_id for each in self.requests.values()]
        return max(set(names), key=names.count)


@pytest.fixture(scope="module")
def booked() -> Iterator[Booked]:
    meter = Meter()
    requests = {str(each.trace_id): each for each in Traffic(seed=5, rate=1).between(NOON, NOON + 600)}
    for each in requests.values():
        meter.observe(each)
    start = int(time.time()) // 15 * 15 - 60
    exposure = meter.serve(port=0)
    yield Booked(requests, f"127.0.0.1:{exposure.port}", Window(start, start + 60, 15, start + 120))
    exposure.close()


def gateway(booked: Booked, server: Callable[..., PrometheusServer], *options: str) -> Iterator[Router]:
    prometheus = server(targets=[booked.target], interval="1s", options=options)
    with world.fluxdash(PROMETHEUS_URL=prometheus.url, FLUXDASH_SCRAPE_INTERVAL="1") as router:
        until = time.monotonic() + PATIENCE
        while not scraped(prometheus) and time.monotonic() < until:
            time.sleep(0.2)
        yield router


def scraped(prometheus: PrometheusServer) -> bool:
    # Labels are looked up until the second that is full: what was scraped within it is not there yet.
    query = "fluxai_request_duration_seconds_count%20offset%202s"
    with urlopen(f"{prometheus.url}/api/v1/query?query={query}", timeout=5) as answer:
        return b'"result":[{' in answer.read()


@pytest.fixture(scope="module")
def keeping(booked: Booked, prometheus: Callable[..., PrometheusServer]) -> Iterator[Router]:
    yield from gateway(booked, prometheus, "--enable-feature=exemplar-storage")


@pytest.fixture(scope="module")
def forgetting(booked: Booked, prometheus: Callable[..., PrometheusServer]) -> Iterator[Router]:
    yield from gateway(booked, prometheus)


def seen(router: Router, booked: Booked, *filters: Filter, grant: Grant = EVERY_ACCOUNT) -> Exemplars:
    return router.exemplars(Scope(booked.window, filters, grant))


def test_an_exemplar_is_a_request_of_the_gateway_with_its_own_latency(keeping: Router, booked: Booked) -> None:
    found = seen(keeping, booked)
    assert found.rows
    for each in found.rows:
        assert each.seconds == booked.requests[each.trace.padded].latency_ms / 1000
        assert booked.window.start <= each.time < booked.window.now
    # All were booked at once, so the last of each series and bucket is kept, and the slowest of those is told.
    last = {(each.account_id, each.model, each.region, bound(each)): each for each in booked.requests.values()}
    assert max(each.seconds for each in found.rows) == max(each.latency_ms for each in last.values()) / 1000
    assert found.provenance is not None
    assert found.provenance.source == "prometheus"


def bound(request: Request) -> float:
    return next((each for each in (0.1, 0.5, 1, 2, 5, 10, 30) if request.latency_ms / 1000 <= each), float("inf"))


def test_nobody_sees_a_request_of_another_account(keeping: Router, booked: Booked) -> None:
    mine = booked.account()
    for found in (
        seen(keeping, booked, Filter(ACCOUNT, (mine,))),
        seen(keeping, booked, grant=Grant(frozenset({mine}))),
    ):
        assert found.rows
        assert {booked.requests[each.trace.padded].account_id for each in found.rows} == {mine}
    assert seen(keeping, booked, grant=Grant(frozenset({"nobody"}))).rows == ()
    assert seen(keeping, booked, grant=Grant(frozenset())) == NO_EXEMPLARS


def test_a_prometheus_that_keeps_none_costs_nothing(forgetting: Router, booked: Booked) -> None:
    started = time.monotonic()
    assert seen(forgetting, booked).rows == ()
    assert time.monotonic() - started < 1
