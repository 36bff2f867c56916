"""Twenty viewers cost what one costs, and a refresh costs its head: counted at the sources themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, make_url
from sqlalchemy.engine import Engine

from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Distribution, Level
from fluxdash.semantic.measures import COST, LATENCY, MEASURES, REQUESTS
from fluxdash.semantic.query import Question
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import FINAL_AFTER, Ribbons
from fluxdash.sources.database import Database
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.log import LogSource
from fluxdash.sources.metrics import MetricsSource
from fluxdash.sources.prometheus import Prometheus, Upstream
from fluxdash.sources.reply import Reply
from fluxdash.sources.router import Router
from fluxdash.sources.shared import shared_cache
from fluxdash.sources.survey import Survey
from tests.servers.postgres import PostgresServer
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.world import RECENT_END, SCRAPE, scope, window

HOUR = window(RECENT_END - 3600, RECENT_END, 60)
VIEWERS = 20


@contextmanager
def statements() -> Iterator[list[Mapping[str, Any]]]:
    """The parameters of every statement that adds rows up, of whatever engine, while the block runs."""
    seen: list[Mapping[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Mapping[str, Any], *_: object) -> None:
        if "AS bucket" in statement:
            seen.append(parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def ranges_asked(url: str) -> float:
    """How many range queries a Prometheus has answered so far, by its own count."""
    counted = re.findall(
        r'^prometheus_http_requests_total\{code="200",handler="/api/v1/query_range"\} (\S+)$',
        httpx.get(f"{url}/metrics").text,
        re.MULTILINE,
    )
    return sum(map(float, counted))


def by_twenty(gateway: Router, ask: Callable[[Router], Answer]) -> list[Answer]:
    """The answers to one question that twenty viewers ask at once."""
    with ThreadPoolExecutor(VIEWERS) as pool:
        return list(pool.map(lambda _: ask(gateway), range(VIEWERS)))


@pytest.fixture(scope="module")
def reader(recent: tuple[Request, ...], in_new_york: Callable[..., str]) -> str:
    return in_new_york(recent, index=True)


def test_twenty_viewers_of_the_log_cost_one_statement(reader: str, recent: tuple[Request, ...]) -> None:
    with world.fluxdash(DATABASE_URL=reader) as gateway, statements() as seen:
        answers = by_twenty(gateway, lambda each: each.answer(REQUESTS.over_time(by=MODEL).within(scope(HOUR))))
    assert len(seen) == 1
    assert len({answer.lines for answer in answers}) == 1
    assert sum(line.total or 0 for line in answers[0].lines) == len(reckoning.within(recent, HOUR.start, HOUR.end))


def test_twenty_viewers_of_prometheus_cost_one_query(counted: PrometheusServer) -> None:
    with world.fluxdash(PROMETHEUS_URL=counted.url) as gateway:
        gateway.capabilities()
        before = ranges_asked(counted.url)
        answers = by_twenty(gateway, lambda each: each.answer(LATENCY.over_time().within(scope(HOUR))))
        assert ranges_asked(counted.url) - before == 1
    assert len({answer.lines for answer in answers}) == 1


def test_all_numbers_of_a_page_that_nothing_is_grouped_by_cost_one_statement(reader: str) -> None:
    sums = [
        measure.total().within(scope(HOUR)) for measure in MEASURES if not isinstance(measure, Distribution | Level)
    ]
    with world.fluxdash(DATABASE_URL=reader) as gateway, statements() as seen:
        answers = gateway.answers(sums)
        assert all(isinstance(answer, Answer) for answer in answers)
        assert len(seen) == 1
        quantiles = [LATENCY.total(q=q).within(scope(HOUR)) for q in (0.5, 0.95, 0.99)]
        assert all(isinstance(answer, Answer) for answer in gateway.answers(quantiles))
        assert len(seen) == 2, "the three quantiles of a chart cost one statement"


@pytest.mark.parametrize(
    "ask",
    [REQUESTS.over_time(by=MODEL), COST.top(5, by=MODEL), LATENCY.total()],
    ids=["series", "ranking", "quantile"],
)
def test_a_second_process_takes_what_the_first_left_in_redis(reader: str, redis: str, ask: Question) -> None:
    settings = {"DATABASE_URL": reader, "FLUXDASH_CACHE": redis}
    with world.fluxdash(**settings) as first, world.fluxdash(**settings) as second:
        fetched = first.answer(ask.within(scope(HOUR)))
        with statements() as seen:
            shared = second.answer(ask.within(scope(HOUR)))
        assert seen == []
        assert shared == fetched


def test_what_redis_does_not_have_yet_is_nothing_to_write_home_about(
    reader: str, redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    with world.fluxdash(DATABASE_URL=reader, FLUXDASH_CACHE=redis) as gateway:
        gateway.answer(REQUESTS.total().within(scope(HOUR)))
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_redis_holds_the_answers_of_prometheus_too(counted: PrometheusServer, redis: str) -> None:
    settings = {"PROMETHEUS_URL": counted.url, "FLUXDASH_CACHE": redis}
    with world.fluxdash(**settings) as first, world.fluxdash(**settings) as second:
        query = REQUESTS.over_time(by=MODEL).within(scope(HOUR))
        fetched = first.answer(query)
        second.capabilities()
        before = ranges_asked(counted.url)
        assert second.answer(query) == fetched
        assert ranges_asked(counted.url) == before


def test_two_installations_never_share_an_answer(
    reader: str, careless: tuple[Request, ...], redis: str, tmp_path: Path
) -> None:
    few = reckoning.within(reckoning.moved(careless, world.RECENT), HOUR.start, HOUR.start + 600)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    world.write_log(other, few)
    query = REQUESTS.total().within(scope(HOUR))
    with (
        world.fluxdash(DATABASE_URL=reader, FLUXDASH_CACHE=redis) as ours,
        world.fluxdash(DATABASE_URL=other, FLUXDASH_CACHE=redis) as theirs,
    ):
        assert ours.answer(query).total != len(few)
        assert theirs.answer(query).total == len(few)


def test_the_default_cache_is_shared_by_processes_through_files(reader: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": reader, "FLUXDASH_CACHE": "filesystem", "FLUXDASH_CACHE_DIR": str(tmp_path / "cache")}
    with world.fluxdash(**settings) as first, world.fluxdash(**settings) as second:
        fetched = first.answer(REQUESTS.over_time().within(scope(HOUR)))
        with statements() as seen:
            assert second.answer(REQUESTS.over_time().within(scope(HOUR))) == fetched
        assert seen == []


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def on_a_clock(url: str, clock: Clock, folder: Path) -> Router:
    """FluxDash on a log, living at the time of a clock."""
    assert PROFILE.log is not None
    database = Database(str(make_url(url).render_as_string(hide_password=False)))
    survey = Survey(database, PROFILE.log, 200_000, clock)
    ribbons = Ribbons(shared_cache("memory", folder), clock)
    return Router([LogSource(database, PROFILE.log, ribbons, survey, "test")], "log", survey.names, [])


def test_a_refresh_reads_only_what_may_have_changed(reader: str, recent: tuple[Request, ...], tmp_path: Path) -> None:
    clock = Clock(RECENT_END - 600.0)
    gateway = on_a_clock(reader, clock, tmp_path)
    try:
        for refresh in range(8):
            clock.now += 15
            live = Window.last(3600, clock.now)
            with statements() as seen:
                answer = gateway.answer(REQUESTS.over_time().within(scope(live)))
            (span,) = seen
            start = span["start"].replace(tzinfo=UTC).timestamp()
            assert start >= clock.now - FINAL_AFTER - live.step or (refresh == 0 and start == live.start)
            want = [len(rows) for rows in reckoning.buckets(recent, live.start, live.step, live.size)]
            assert list(answer.lines[0].values) == want
            head = reckoning.buckets(recent, live.end, live.step, len(live.head))
            assert list(answer.lines[0].head) == [len(rows) for rows in head]
            with statements() as seen:
                gateway.answer(COST.over_time().within(scope(live)))
            assert seen == [], "another panel of the same page"
    finally:
        gateway.close()


def test_a_row_that_comes_late_is_seen_at_the_next_refresh_and_a_very_late_one_within_the_hour(
    postgres_server: PostgresServer, recent: tuple[Request, ...], tmp_path: Path
) -> None:
    clock = Clock(RECENT_END - 5400.0)
    owner = postgres_server.fresh_database()
    *punctual, late, very_late = reckoning.within(recent, RECENT_END - 3 * 3600, clock.now)
    world.write_log(owner, punctual)
    gateway = on_a_clock(postgres_server.read_only(owner), clock, tmp_path)
    log = RequestLog(owner)

    def asked() -> float | None:
        live = Window(RECENT_END - 3 * 3600, int(clock.now) // 60 * 60 - 60, 60, int(clock.now) // 15 * 15)
        return gateway.answer(REQUESTS.total().within(scope(live))).total

    try:
        first = asked()
        assert first is not None
        log.insert(reckoning.moved([late], round(clock.now - 600 - late.time)))
        clock.now += 15
        assert asked() == first + 1
        log.insert(reckoning.moved([very_late], round(clock.now - 1800 - very_late.time)))
        clock.now += 15
        assert asked() == first + 1, "it lies in a bucket that is taken as final"
        clock.now += 3600
        assert asked() == first + 2 + len([one for one in punctual if RECENT_END - 5460 <= one.time < clock.now])
    finally:
        log.close()
        gateway.close()


class Watched(Prometheus):
    """A Prometheus client that remembers the spans it asked for."""

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(upstream)
        self.spans: list[tuple[int, int]] = []

    def range(self, query: str, start: int, end: int, step: int) -> Reply:
        if query.startswith("sum"):
            self.spans.append((start - step, end))
        return super().range(query, start, end, step)


def test_a_refresh_asks_prometheus_only_for_its_newest_buckets(counted: PrometheusServer, tmp_path: Path) -> None:
    assert PROFILE.metrics is not None
    clock = Clock(RECENT_END - 300.0)
    watched = Watched(Upstream(counted.url))
    ribbons = Ribbons(shared_cache("memory", tmp_path), clock)
    inventory = Inventory(watched, PROFILE.metrics, clock)
    gateway = Router([MetricsSource(watched, PROFILE.metrics, ribbons, inventory, SCRAPE, "test")], "log", tuple, [])
    with world.fluxdash(PROMETHEUS_URL=counted.url) as fresh:
        for refresh in range(6):
            clock.now += 15
            live = Window.last(3600, clock.now)
            watched.spans.clear()
            answer = gateway.answer(REQUESTS.over_time().within(scope(live)))
            (span,) = watched.spans
            moment = datetime.fromtimestamp(span[0], UTC)
            assert span[0] >= clock.now - FINAL_AFTER - live.step or (refresh == 0 and span[0] == live.start), moment
            assert span[1] <= clock.now + live.step
            assert answer.lines == fresh.answer(REQUESTS.over_time().within(scope(live))).lines
    gateway.close()
