"""A Prometheus that is away, slow, silent, broken or somebody else: one sentence each, in time, and never a zero."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fluxdash.demo.request import Request
from fluxdash.errors import (
    BadPayload,
    FluxDashError,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST, FAILURES, LATENCY, REQUESTS, TOKENS
from fluxdash.semantic.query import Query
from fluxdash.sources.router import Router
from tests.faults.conftest import CANARY, at_most, failure, healed, secretly
from tests.servers.fault_proxy import FaultProxy
from tests.truth import reckoning, world
from tests.truth.world import RECENT_END, notes, scope, window

TIMEOUT = 1.0
LATER = TIMEOUT + 1.0
"""When a viewer must have an answer of whatever kind."""
SLACK = 0.8
"""What a busy test machine may take on top of it."""
HEALED = 8.0
HOUR = window(RECENT_END - 3600, RECENT_END, 60)
REQUESTED = REQUESTS.total().within(scope(HOUR))
ANOTHER = TOKENS.over_time(by=MODEL).within(scope(HOUR))
"""Another question, which no cache has the answer to."""


@pytest.fixture
def alone(to_prometheus: FaultProxy) -> Iterator[Router]:
    """FluxDash with nothing but that Prometheus."""
    settings = {"PROMETHEUS_URL": secretly(to_prometheus.url), "FLUXDASH_PROMETHEUS_TIMEOUT": f"{TIMEOUT:g}"}
    with world.fluxdash(**settings) as router:
        yield router


@pytest.fixture
def with_a_log(to_prometheus: FaultProxy, sqlite_log: Path) -> Iterator[Router]:
    """FluxDash that asks that Prometheus first, and has a log as well."""
    with world.fluxdash(
        PROMETHEUS_URL=secretly(to_prometheus.url),
        DATABASE_URL=f"sqlite:///{sqlite_log}",
        FLUXDASH_PREFER="prometheus",
        FLUXDASH_PROMETHEUS_TIMEOUT=f"{TIMEOUT:g}",
    ) as router:
        yield router


def near(rows: tuple[Request, ...]) -> Any:
    """About the true number of requests: the counters of new series begin a little late."""
    return pytest.approx(len(reckoning.within(rows, HOUR.start, HOUR.end)), rel=0.05)


def said(status: int, ctype: str, body: bytes, *headers: str) -> tuple[str, dict[str, object]]:
    return "http", {"status": status, "ctype": ctype, "body": body, "headers": headers}


LOGIN = b"<!doctype html><html><title>Sign in</title></html>"
GOOD = b'{"status":"success","data":{"resultType":"matrix","result":[]}}'
FAULTS: dict[str, tuple[tuple[str, Any], type[SourceError], str]] = {
    "reset": (("reset", None), SourceUnreachable, ""),
    "silent": (("blackhole", None), SourceTimeout, "did not answer in 1 s"),
    "hangs": (("hang", None), SourceTimeout, "did not answer in 1 s"),
    "drips": (("drip", 0.05), SourceTimeout, "did not answer in 1 s"),
    "resets in the middle": (("reset_after", 150), SourceUnreachable, ""),
    "ends in the middle": (("fin_after", 150), SourceUnreachable, "broke off in the middle of an answer"),
    "login page": (said(200, "text/html", LOGIN), BadPayload, "an HTML page; a login page or a wrong address"),
    "not JSON": (said(200, "text/plain", b"it works!"), BadPayload, "something that is not JSON"),
    "truncated JSON": (said(200, "application/json", GOOD[:40]), BadPayload, "something that is not JSON"),
    "no envelope": (said(200, "application/json", b"[]"), BadPayload, "JSON that is not an envelope"),
    "no data": (said(200, "application/json", b'{"status":"success"}'), BadPayload, "success without data"),
    "nonsense inside": (
        said(200, "application/json", b'{"status":"success","data":{"resultType":"matrix","result":[7]}}'),
        BadPayload,
        "",
    ),
    "500": (said(500, "text/plain", b"panic"), SourceRejected, "answered 500"),
    "429": (said(429, "text/plain", b"slow down", "Retry-After: 5"), SourceRejected, "429"),
    "503": (said(503, "text/plain", b"Service Unavailable"), SourceUnreachable, "starting, stopping"),
    "401": (said(401, "text/plain", b"Unauthorized"), SourceForbidden, "refused the credentials"),
    "403": (said(403, "application/json", b'{"status":"error","error":"no"}'), SourceForbidden, "refused"),
    "302": (said(302, "text/html", b"", "Location: http://example.com/"), BadPayload, "a redirect"),
    "refused": (
        said(422, "application/json", b'{"status":"error","errorType":"execution","error":"too many samples"}'),
        SourceRejected,
        "refused the query",
    ),
}
LEFT_ALONE = ("resets in the middle", "ends in the middle", "503")
"""They heal as `reset` does, after two seconds in which nothing is asked; once is enough to wait for that."""


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_sentence_in_time_and_heals(
    alone: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    how, kind, words = FAULTS[fault]
    assert alone.answer(REQUESTED).total == near(rows)
    with to_prometheus.fault(*how):
        with at_most(LATER + SLACK):
            err = failure(alone, ANOTHER)
        assert type(err) is kind or isinstance(err, kind)
        assert isinstance(err, SourceError)
        assert err.source == "Prometheus"
        assert words in err.reason
        state = next(each for each in alone.states() if each.name == "prometheus")
        assert (state.status, state.reason) == ("down", err.reason)
        assert state.last_read is not None
    if fault in LEFT_ALONE:
        return
    assert any(line.total for line in healed(alone, ANOTHER, HEALED).lines)
    assert next(each for each in alone.states() if each.name == "prometheus").status == "ok"


@pytest.mark.parametrize("fault", ["silent", "login page", "500", "401"])
def test_a_fault_that_is_there_from_the_start_is_told_in_time_and_heals_without_a_restart(
    alone: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    how, kind, words = FAULTS[fault]
    with to_prometheus.fault(*how):
        with at_most(LATER + SLACK):
            err = failure(alone, REQUESTED)
        assert isinstance(err, kind)
        assert words in str(err)
    assert healed(alone, REQUESTED, HEALED).total == near(rows)


def test_a_prometheus_that_is_down_at_the_start_is_named_and_heals(
    alone: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...]
) -> None:
    to_prometheus.stop()
    err = failure(alone, REQUESTED)
    assert isinstance(err, SourceUnreachable)
    assert str(err) == "Prometheus: cannot be reached"
    assert len(alone.capabilities()) > 0, "what it can tell is believed from the documentation"
    with at_most(0.3):
        assert isinstance(failure(alone, ANOTHER), SourceUnreachable)
    to_prometheus.start()
    assert healed(alone, REQUESTED, HEALED).total == near(rows)


@pytest.mark.parametrize("fault", ["silent", "ends in the middle", "login page", "500", "401", "429"])
def test_the_log_answers_instead_and_says_why(
    with_a_log: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    how, _, words = FAULTS[fault]
    assert with_a_log.answer(REQUESTED).provenance.source == "prometheus"
    inside = reckoning.within(rows, HOUR.start, HOUR.end)
    with to_prometheus.fault(*how):
        for measure in (FAILURES, COST, LATENCY):
            with at_most(LATER + SLACK):
                answer = with_a_log.answer(measure.total().within(scope(HOUR)))
            assert answer.provenance.source == "log"
            assert notes(answer)["fallback"].startswith("Prometheus ")
            assert words in notes(answer)["fallback"]
            assert CANARY not in str(answer)
            assert not reckoning.differs("it", measure.slug, answer.total, reckoning.total(measure.slug, inside))


def test_slow_answers_are_waited_for_until_the_deadline_of_all_of_it(
    alone: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == near(rows)
    with to_prometheus.fault("slow", 0.3):
        assert alone.answer(FAILURES.total().within(scope(HOUR))).total is not None
    with to_prometheus.fault("slow", 3 * TIMEOUT), at_most(LATER + SLACK):
        assert isinstance(failure(alone, ANOTHER), SourceTimeout)


def test_looking_around_for_the_first_time_takes_no_longer_than_an_answer_may(
    alone: Router, to_prometheus: FaultProxy
) -> None:
    # Each of a dozen questions about labels answers in time by itself; together they must, too.
    with to_prometheus.fault("slow", 0.6 * TIMEOUT), at_most(LATER + SLACK):
        assert isinstance(failure(alone, REQUESTED), SourceTimeout)


def test_twenty_viewers_of_a_silent_prometheus_all_hear_in_time(alone: Router, to_prometheus: FaultProxy) -> None:
    alone.answer(REQUESTED)
    before = threading.active_count()

    def ask(step: int) -> FluxDashError:
        over = window(RECENT_END - 3600, RECENT_END - step * 60, 60)
        return failure(alone, FAILURES.total().within(scope(over)))

    with to_prometheus.fault("blackhole"), ThreadPoolExecutor(20) as viewers, at_most(2 * TIMEOUT + 2.0 + SLACK):
        errors = list(viewers.map(ask, range(20)))
    assert {type(err) for err in errors} <= {SourceTimeout, SourceSaturated}
    assert threading.active_count() <= before + 8, "calls that were given up must not pile up"
    assert healed(alone, ANOTHER, HEALED).lines


class Peak:
    """How much memory this process took at most, beyond what it had at the beginning."""

    def __enter__(self) -> Peak:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._read("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.megabytes = (self._read("VmHWM") - self._before) / 1024

    @staticmethod
    def _read(name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def test_an_endless_answer_is_cut_and_never_held(alone: Router, to_prometheus: FaultProxy) -> None:
    alone.answer(REQUESTED)

    def body() -> Iterator[bytes]:
        yield b'{"status":"success","data":{"resultType":"matrix","result":['
        for _ in range(1600):
            yield b'{"metric":{},"values":[]},' * 2521  # 64 kB, in all 100 MB

    with to_prometheus.fault("http", {"body": body()}), Peak() as peak, at_most(LATER + SLACK):
        err = failure(alone, ANOTHER)
    assert isinstance(err, BadPayload)
    assert "more than 4 MiB" in err.reason
    assert peak.megabytes < 60
    assert healed(alone, ANOTHER, HEALED).lines


def test_an_answer_that_unpacks_to_a_hundred_megabytes_is_cut_as_well(alone: Router, to_prometheus: FaultProxy) -> None:
    alone.answer(REQUESTED)
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    packed = said(200, "application/json", bomb, "Content-Encoding: gzip")
    with to_prometheus.fault(*packed), Peak() as peak, at_most(LATER + SLACK):
        err = failure(alone, ANOTHER)
    assert isinstance(err, BadPayload)
    assert "more than 4 MiB" in err.reason
    assert peak.megabytes < 60


def test_a_connection_that_was_closed_between_two_questions_is_no_fault(
    alone: Router, to_prometheus: FaultProxy, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == near(rows)
    for measure in (FAILURES, COST, TOKENS):
        to_prometheus.drop_all()
        assert alone.answer(measure.total().within(scope(HOUR))).total is not None


def test_a_warning_beside_an_answer_is_told(alone: Router, to_prometheus: FaultProxy) -> None:
    alone.answer(REQUESTED)
    values = ",".join(f'[{start + HOUR.step},"2"]' for start in HOUR.starts)
    body = '{"status":"success","warnings":["a store is away"],"data":{"resultType":"matrix","result":[{"metric":{},'
    answered = said(200, "application/json", f'{body}"values":[{values}]}}]}}}}'.encode())
    query: Query = FAILURES.total().within(scope(HOUR))
    with to_prometheus.fault(*answered):
        assert "a store is away" in notes(alone.answer(query))["partial"]
