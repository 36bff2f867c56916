"""What stops and starts again: counters that fall to zero, scrapes that fail, a log that is behind or only quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fluxdash.demo.history import History
from fluxdash.demo.ledger import REQUESTS as COUNTED
from fluxdash.demo.request import Request
from fluxdash.semantic.measures import AVAILABILITY, FAILURES, LATENCY, REQUESTS
from fluxdash.semantic.window import Window
from fluxdash.sources.router import Router
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.world import SCRAPE, Births, notes, scope, window

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Past:
    """A gateway's last 150 minutes: restarted, then not scraped for a while, then without requests until now."""

    now: int
    rows: tuple[Request, ...]
    url: str

    @property
    def started(self) -> int:
        return self.now - 150 * MINUTE

    @property
    def restarted(self) -> int:
        return self.now - 120 * MINUTE

    @property
    def out(self) -> range:
        """The end of each minute without a scrape."""
        return range(self.now - 90 * MINUTE, self.now - 70 * MINUTE, MINUTE)

    @property
    def quiet_since(self) -> int:
        return self.now - 12 * MINUTE


def scrapes(rows: tuple[Request, ...], start: float, end: float, first: float) -> Iterator[str]:
    """The lines of every scrape from `first` to `end` of a gateway that started to count at `start`."""
    history = History(first, end, SCRAPE)
    for request in rows:
        if start <= request.time < end:
            history.add(request)
    for _, text in history.text():
        yield from (line for line in text.splitlines(keepends=True) if line != "# EOF\n")


@pytest.fixture(scope="module")
def past(
    plain: tuple[Request, ...], prometheus: Callable[..., PrometheusServer], tmp_path_factory: pytest.TempPathFactory
) -> Past:
    now = int(time.time()) // MINUTE * MINUTE
    busiest = max(reckoning.cut(plain, "account").items(), key=lambda item: len(item[1]))[0]
    moved = reckoning.moved([one for one in plain if one.account_id == busiest], now - world.END)
    rows = tuple(one for one in moved if one.time < now - 12 * MINUTE)
    past = Past(now, rows, "")
    path = tmp_path_factory.mktemp("past") / "openmetrics.txt"
    with path.open("w") as file:
        file.writelines(scrapes(rows, past.started, past.restarted, past.started))
        for line in scrapes(rows, past.restarted, now, past.restarted + SCRAPE):
            moment = 0.0 if line[0] == "#" else float(line.rsplit(" ", 1)[1])
            if not past.out.start < moment <= past.out.stop:
                file.write(line)
        file.write("# EOF\n")
    return Past(now, rows, prometheus(openmetrics=path).url)


@pytest.fixture
def counted_only(past: Past) -> Iterator[Router]:
    with world.fluxdash(PROMETHEUS_URL=past.url) as router:
        yield router


def test_a_restart_of_the_gateway_loses_no_more_than_new_series_do(counted_only: Router, past: Past) -> None:
    over = window(past.restarted - 20 * MINUTE, past.restarted + 20 * MINUTE, MINUTE)
    before = [one for one in past.rows if one.time < past.restarted]
    after = [one for one in past.rows if one.time >= past.restarted]
    lost = Births.of(before, past.started).lost(COUNTED.name, over.start, over.end)
    lost += Births.of(after, past.restarted).lost(COUNTED.name, over.start, over.end)
    want = len(reckoning.within(past.rows, over.start, over.end))
    answer = counted_only.answer(REQUESTS.over_time().within(scope(over)))
    got = answer.total
    assert got is not None
    assert want - lost - 1e-6 <= got <= want + 1e-6
    assert lost < 0.2 * want, "the fall to zero itself must not count as a loss"
    assert all((value or 0) >= 0 for value in answer.lines[0].values)


def test_minutes_without_a_scrape_are_gaps_and_not_zero(counted_only: Router, past: Past) -> None:
    over = window(past.out.start - 10 * MINUTE, past.out.stop + 10 * MINUTE, MINUTE)
    for measure in (REQUESTS, FAILURES, AVAILABILITY, LATENCY):
        answer = counted_only.answer(measure.over_time().within(scope(over)))
        values = dict(zip(over.starts, answer.lines[0].values, strict=True))
        assert [values[start] for start in past.out] == [None] * len(past.out), measure
        assert notes(answer)["partial"] == f"{len(past.out)} of {over.size} buckets missing"
    answer = counted_only.answer(REQUESTS.over_time().within(scope(over)))
    known = {
        start: value for start, value in zip(over.starts, answer.lines[0].values, strict=True) if value is not None
    }
    assert len(known) == over.size - len(past.out)
    assert answer.total == pytest.approx(sum(known.values()))


def test_a_quiet_gateway_served_nothing_and_that_is_zero(counted_only: Router, past: Past) -> None:
    over = window(past.quiet_since + MINUTE, past.now - MINUTE, MINUTE)
    answer = counted_only.answer(REQUESTS.over_time().within(scope(over)))
    assert list(answer.lines[0].values) == [0] * over.size
    assert counted_only.answer(AVAILABILITY.total().within(scope(over))).total is None
    assert counted_only.answer(LATENCY.total().within(scope(over))).total is None


def log_until(past: Past, end: float, folder: Path) -> str:
    """Write the requests before `end` to a log."""
    address = f"sqlite:///{folder / 'log.db'}"
    world.write_log(address, [one for one in past.rows if one.time < end])
    return address


def test_a_log_that_is_behind_is_left_to_prometheus_which_says_so(past: Past, tmp_path: Path) -> None:
    with world.fluxdash(
        DATABASE_URL=log_until(past, past.now - 30 * MINUTE, tmp_path), PROMETHEUS_URL=past.url
    ) as gateway:
        live = Window.last(3600, time.time())
        answer = gateway.answer(REQUESTS.over_time().within(scope(live)))
        assert answer.provenance.source == "prometheus"
        assert "min behind Prometheus" in notes(answer)["fallback"]
        assert (answer.total or 0) > len([one for one in past.rows if live.start <= one.time < past.now - 30 * MINUTE])
        settled = window(past.now - 60 * MINUTE, past.now - 40 * MINUTE)
        assert gateway.answer(REQUESTS.total().within(scope(settled))).provenance.source == "log"


def test_a_log_that_is_behind_answers_alone_what_it_alone_can_tell_and_says_so(past: Past, tmp_path: Path) -> None:
    with world.fluxdash(
        DATABASE_URL=log_until(past, past.now - 30 * MINUTE, tmp_path), PROMETHEUS_URL=past.url
    ) as gateway:
        live = scope(Window.last(3600, time.time()), strategy=("cost-optimized",))
        answer = gateway.answer(REQUESTS.total().within(live))
        assert answer.provenance.source == "log"
        assert "behind Prometheus" in notes(answer)["partial"]


def test_a_quiet_log_is_not_stale(past: Past, tmp_path: Path) -> None:
    with world.fluxdash(DATABASE_URL=log_until(past, past.now, tmp_path), PROMETHEUS_URL=past.url) as gateway:
        live = Window.last(3600, time.time())
        answer = gateway.answer(REQUESTS.over_time().within(scope(live)))
        assert answer.provenance.source == "log"
        assert answer.provenance.exact
        assert answer.total == len(reckoning.within(past.rows, live.start, live.end))
        assert notes(answer) == {}


def test_an_old_log_with_nobody_to_compare_it_with_is_taken_at_its_word(past: Past, tmp_path: Path) -> None:
    with world.fluxdash(DATABASE_URL=log_until(past, past.now - 30 * MINUTE, tmp_path)) as gateway:
        answer = gateway.answer(REQUESTS.total().within(scope(Window.last(3600, time.time()))))
        assert answer.provenance.source == "log"
        assert notes(answer) == {}
