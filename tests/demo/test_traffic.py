"""The traffic: the same however time is cut, and believable."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import pairwise

import pytest

from fluxdash.demo import truth
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.catalog import CHAT_MODELS
from fluxdash.demo.prices import PriceBook
from fluxdash.demo.request import Request, epoch, utc
from fluxdash.demo.traffic import Traffic
from fluxdash.demo.weather import Kind, Weather
from fluxdash.errors import SettingError

LANES = tuple((account, route) for account in ACCOUNTS for route in account.routes)


def test_however_time_is_cut_the_requests_are_the_same(requests: tuple[Request, ...], noon: float) -> None:
    rng = random.Random(1)
    cuts = sorted(noon + rng.random() * 3600 for _ in range(400))
    cuts += [request.time for request in requests[:50]]  # also exactly at a request
    edges = [noon, *sorted(cuts), noon + 3600]
    traffic = Traffic()
    pieces = [request for start, end in pairwise(edges) for request in traffic.between(start, end)]
    assert pieces == [request for request in requests if request.time < noon + 3600]


def test_another_seed_is_another_day(requests: tuple[Request, ...], noon: float) -> None:
    other = list(Traffic(seed=8).between(noon, noon + 600))
    assert {request.id for request in other}.isdisjoint(request.id for request in requests)


def test_no_two_requests_share_an_id_or_a_microsecond(requests: tuple[Request, ...]) -> None:
    times = [utc(request.time) for request in requests]
    assert times == sorted(set(times))
    for field in ("id", "request_id", "trace_id"):
        assert len({getattr(request, field) for request in requests}) == len(requests)


def test_a_time_survives_its_way_through_the_log(requests: tuple[Request, ...]) -> None:
    assert all(epoch(request.timestamp) == request.time for request in requests)
    assert utc(0.000001) == datetime(1970, 1, 1, microsecond=1)


def test_the_mean_over_a_week_is_the_rate(noon: float) -> None:
    weather = Weather(7, LANES)
    minute = int(noon // 60)
    week = [sum(weather.at(minute + offset).load) for offset in range(0, 7 * 1440, 10)]
    assert sum(week) / len(week) == pytest.approx(1, abs=0.06)
    assert max(week) > 2 * min(week)


def test_a_day_is_calm_overall(requests: tuple[Request, ...]) -> None:
    day = truth.totals(requests)
    assert 0.006 < day.failures / day.requests < 0.016
    assert 0.25 < day.cache_hits / (day.cache_hits + day.cache_misses) < 0.35
    assert 3.0 < (truth.quantile(requests, 0.95) or 0) < 5.0
    assert day.unpriced == 0


def test_accounts_differ_and_one_never_asks_the_cache(requests: tuple[Request, ...]) -> None:
    by_account = truth.by(requests, lambda request: request.account_id)
    names = {account.id: account.name for account in ACCOUNTS}
    volume = {names[account_id]: total.requests for account_id, total in by_account.items()}
    assert max(volume, key=volume.__getitem__) == "acme-retail"
    assert volume["acme-retail"] > 20 * volume["juniper-relief"] > 0
    assert {names[request.account_id] for request in requests if request.cache_hit is None} == {"ember-health"}


def test_every_chat_model_and_strategy_is_seen(requests: tuple[Request, ...]) -> None:
    assert {request.model for request in requests} == {model.id for model in CHAT_MODELS}
    assert len({request.strategy for request in requests}) == 4
    assert len({request.region for request in requests}) == 6
    assert "auto" in {request.requested_model for request in requests}


def test_a_failure_uses_nothing_and_costs_nothing(requests: tuple[Request, ...]) -> None:
    failures = [request for request in requests if request.failed]
    assert {request.status for request in failures} == {"error", "timeout", "throttled"}
    for request in failures:
        assert request.total_tokens == request.total_cost == 0
        if request.error_type is None:
            assert request.error_message is None
        else:
            assert (request.error_message or "").startswith(f"{request.error_type}: ")


def test_a_hit_is_fast_and_carries_its_list_price(requests: tuple[Request, ...]) -> None:
    prices = PriceBook()
    hits = [request for request in requests if request.cache_hit]
    assert {request.cache_type for request in hits} == {"exact", "semantic"}
    for request in hits:
        price = prices.in_force(request.model, request.region, request.timestamp)
        assert price is not None
        assert request.upstream_ms is None
        assert request.latency_ms <= (40 if request.cache_type == "exact" else 150)
        assert request.total_cost == sum(price.booked(request.input_tokens, request.output_tokens))


def test_answers_take_longer_the_longer_they_are_and_the_slower_the_model(requests: tuple[Request, ...]) -> None:
    answers = [request for request in requests if request.upstream_ms is not None and not request.failed]
    by_length = sorted(answers, key=lambda request: request.output_tokens)
    third = len(answers) // 3
    short, long = (truth.quantile(part, 0.5) or 0 for part in (by_length[:third], by_length[-third:]))
    assert long > 1.5 * short > 0
    opus = [request for request in answers if "opus" in request.model]
    lite = [request for request in answers if "titan-text-lite" in request.model]
    assert (truth.quantile(opus, 0.5) or 0) > 4 * (truth.quantile(lite, 0.5) or 0)
    assert all(request.latency_ms >= (request.upstream_ms or 0) for request in requests)


def test_throttling_comes_in_episodes_of_one_model_and_region(noon: float) -> None:
    weather, traffic = Weather(7, LANES), Traffic(rate=20)
    episode = next(found for found in weather.episodes(int(noon // 86_400)) if found.kind is Kind.THROTTLED)
    _, route = LANES[episode.lane]
    during = [
        request
        for request in traffic.between(episode.start * 60, episode.end * 60)
        if (request.model, request.region) == (route.model.id, route.region.name) and not request.cache_hit
    ]
    throttled = sum(request.error_type == "ThrottlingException" for request in during)
    assert throttled / len(during) == pytest.approx(episode.strength, abs=0.08)
    assert 10 <= episode.end - episode.start <= 25


def test_every_day_has_a_slow_provider_and_some_throttling() -> None:
    weather = Weather(7, LANES)
    for day in range(20_700, 20_760):
        kinds = [episode.kind for episode in weather.episodes(day)]
        assert 1 <= kinds.count(Kind.SLOW) <= 2
        assert 3 <= kinds.count(Kind.THROTTLED) <= 5


@pytest.mark.parametrize("rate", [0, -1, 1001, float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(SettingError, match="requests per second"):
        Traffic(rate=rate)
