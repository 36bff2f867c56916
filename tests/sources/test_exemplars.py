"""Exemplars from Prometheus: of the scope and of nothing else, and no chart waits or fails for them."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest

from fluxdash.errors import SourceError, SourceRejected, SourceTimeout
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.dimensions import ACCOUNT, CACHE_TYPE, MODEL, REGION, UNKNOWN
from fluxdash.semantic.exemplars import NO_EXEMPLARS
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.exemplars import LatencyExemplars
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.prometheus import Prometheus, Upstream
from tests.sources.fakes import FakePrometheus
from tests.sources.test_readings import DOCUMENTED

assert PROFILE.metrics is not None
METRICS = PROFILE.metrics
NOON = 1_795_003_200
WINDOW = Window(NOON - 3600, NOON, 60, NOON + 30)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def told(value: str = "7.31", moment: float = NOON - 90.5, trace: str = TRACE, **labels: str) -> dict[str, Any]:
    exemplar = {"labels": {"trace_id": trace}, "value": value, "timestamp": moment}
    return {"seriesLabels": {"__name__": "fluxai_request_duration_seconds_bucket", **labels}, "exemplars": [exemplar]}


class Telling(FakePrometheus):
    """Tells these exemplars, whatever it is asked, or fails."""

    def __init__(self, data: Any, wrong: SourceError | None, labels: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(labels)
        self.data = data
        self.wrong = wrong
        self.wanted: list[tuple[str, int, int]] = []

    def exemplars(self, query: str, start: int, end: int) -> Any:
        self.wanted.append((query, start, end))
        if self.wrong is not None:
            raise self.wrong
        return self.data


class Kept(dict[str, Any]):
    """A cache that keeps everything."""

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        self[key] = value


class Desk:
    def __init__(
        self,
        data: Any = (),
        wrong: SourceError | None = None,
        labels: Mapping[str, tuple[str, ...]] = DOCUMENTED,
    ) -> None:
        self.now = float(NOON)
        self.prometheus = Telling(list(data) if isinstance(data, tuple) else data, wrong, labels)
        inventory = Inventory(self.prometheus, METRICS, lambda: self.now)  # type: ignore[arg-type]
        ribbons = Ribbons(Kept(), lambda: self.now)
        self.exemplars = LatencyExemplars(
            self.prometheus, METRICS, ribbons, inventory, "test", lambda: self.now  # type: ignore[arg-type]
        )  # fmt: skip

    def ask(self, *filters: Filter, grant: Grant = EVERY_ACCOUNT) -> list[tuple[float, float, str]]:
        found = self.exemplars.within(Scope(WINDOW, filters, grant))
        return [(each.time, each.seconds, each.trace.padded) for each in found.rows]


def test_an_exemplar_is_a_moment_a_latency_and_a_trace() -> None:
    desk = Desk((told(),))
    assert desk.ask() == [(NOON - 90.5, 7.31, TRACE)]
    assert desk.prometheus.wanted == [("fluxai_request_duration_seconds_bucket", NOON - 3600, NOON + 30)]


@pytest.mark.parametrize("name", ["trace_id", "traceID", "TraceID", "traceId"])
def test_the_label_of_the_trace_has_the_name_that_the_client_library_gave_it(name: str) -> None:
    one = told()
    one["exemplars"][0]["labels"] = {name: TRACE.upper()}
    assert Desk((one,)).ask() == [(NOON - 90.5, 7.31, TRACE)]


def test_the_filters_are_asked_for_and_looked_at_again() -> None:
    """A server that does not know the matchers, or a proxy that drops them, must not show another account's request."""
    mine, theirs = told(account_id="a", model="m"), told("9.9", account_id="b", model="m")
    desk = Desk((theirs, mine))
    assert desk.ask(Filter(ACCOUNT, ("a",)), Filter(MODEL, ("m",))) == [(NOON - 90.5, 7.31, TRACE)]
    assert desk.prometheus.wanted[0][0] == 'fluxai_request_duration_seconds_bucket{account_id="a",model="m"}'
    assert Desk((theirs, mine)).ask(Filter(REGION, ("eu",))) == []


def test_a_grant_is_a_filter_and_an_empty_one_asks_nobody() -> None:
    desk = Desk((told(account_id="a"), told("9.9", account_id="b")))
    assert desk.ask(grant=Grant(frozenset({"a"}))) == [(NOON - 90.5, 7.31, TRACE)]
    assert desk.ask(Filter(ACCOUNT, ("b",)), grant=Grant(frozenset({"a"}))) == []
    assert len(desk.prometheus.wanted) == 1


def test_an_unknown_region_is_one_that_is_not_told() -> None:
    desk = Desk((told(region=""), told("9.9", region="eu")))
    assert desk.ask(Filter(REGION, (UNKNOWN,))) == [(NOON - 90.5, 7.31, TRACE)]


def test_where_a_filter_cannot_reach_them_there_are_none() -> None:
    desk = Desk((told(),))
    assert desk.ask(Filter(CACHE_TYPE, ("exact",))) == []
    trimmed = Desk((told(),), labels={**DOCUMENTED, "fluxai_request_duration_seconds_bucket": ("model", "le")})
    assert trimmed.ask(grant=Grant(frozenset({"a"}))) == []
    assert desk.prometheus.wanted == trimmed.prometheus.wanted == []


def test_what_is_no_exemplar_of_a_trace_is_passed_over() -> None:
    odd = [told(value) for value in ("NaN", "+Inf", "-1", "slow")]
    odd += [told(trace=text) for text in ("", "0" * 32, "not hex", "<img src=x>")]
    odd += [{"seriesLabels": {}, "exemplars": [None, 3, {}, {"labels": {}, "value": "1", "timestamp": NOON - 5}]}]
    assert Desk((*odd, told())).ask() == [(NOON - 90.5, 7.31, TRACE)]


@pytest.mark.parametrize("data", [None, {}, "no", [3], [{"exemplars": {}}], [{"seriesLabels": [], "exemplars": []}]])
def test_an_answer_that_is_none_gives_none(data: Any) -> None:
    assert Desk(data).exemplars.within(Scope(WINDOW)) == NO_EXEMPLARS


@pytest.mark.parametrize("wrong", [SourceRejected("Prometheus", "refused"), SourceTimeout("Prometheus", "was late")])
def test_who_fails_is_left_alone_for_a_minute(wrong: SourceError) -> None:
    desk = Desk(wrong=wrong)
    assert desk.exemplars.within(Scope(WINDOW)) == NO_EXEMPLARS
    desk.now += 59
    assert desk.ask() == []
    assert len(desk.prometheus.wanted) == 1
    desk.now += 2
    desk.prometheus.wrong, desk.prometheus.data = None, [told()]
    assert desk.ask() == [(NOON - 90.5, 7.31, TRACE)]


def test_no_chart_waits_for_a_server_that_is_silent() -> None:
    """It accepts the connection and never says a word; the chart goes on, and the next one does not even ask."""
    desk = Desk()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstream = Upstream(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3, concurrency=1)
        desk.exemplars._prometheus = Prometheus(upstream)
        started = time.monotonic()
        assert desk.exemplars.within(Scope(WINDOW)) == NO_EXEMPLARS
        assert 0.2 < time.monotonic() - started < 2
        started = time.monotonic()
        assert desk.exemplars.within(Scope(WINDOW)) == NO_EXEMPLARS
        assert time.monotonic() - started < 0.1


def test_equal_questions_are_asked_once() -> None:
    desk = Desk((told(account_id="a"),))
    assert desk.ask() == desk.ask()
    assert len(desk.prometheus.wanted) == 1
    desk.ask(Filter(ACCOUNT, ("a",)))
    assert len(desk.prometheus.wanted) == 2


def test_a_prometheus_that_is_down_is_not_asked() -> None:
    desk = Desk((told(),))
    desk.prometheus.failure = SourceTimeout("Prometheus", "was late")
    desk.ask()
    desk.ask()
    assert len(desk.prometheus.wanted) <= 1
