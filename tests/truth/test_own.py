"""A user's own measure is a measure like any other: exact from rows, estimated from counters, in every scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fluxdash.demo.request import Request
from fluxdash.errors import NotReported, SourceError
from fluxdash.profiles.extension import Written, extended
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.dimensions import ACCOUNT, CACHE, MODEL, REGION
from fluxdash.semantic.measure import Additive
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.units import Unit
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.world import END, HOUR, RECENT_END, group_lines, notes, scope, window

OVER = window(END - 2 * HOUR, END)
NOW = window(RECENT_END - 3600, RECENT_END, 60)
SLOW = Additive(slug="slow", title="Slow requests", unit=Unit.COUNT, meaning="that took more than five seconds")
LOST = Additive(slug="lost", title="Lost requests", unit=Unit.COUNT, meaning="that were throttled or timed out")
AGAIN = Additive(slug="again", title="Retries", unit=Unit.COUNT, meaning="calls that were made again")
WRITTEN = (
    Written(AGAIN, sql="CAST(COALESCE({metadata} ->> 'retries', '0') AS INTEGER)"),
    Written(SLOW, sql="CASE WHEN {latency_ms} > 5000 THEN 1 ELSE 0 END"),
    Written(
        LOST, 'fluxai_requests_total{status=~"throttled|timeout"}', ("account_id", "model", "region"),
        "CASE WHEN {status} IN ('throttled', 'timeout') THEN 1 ELSE 0 END",
    ),
)  # fmt: skip


def slow(rows: reckoning.Requests) -> int:
    return sum(one.latency_ms > 5000 for one in rows)


def lost(rows: reckoning.Requests) -> int:
    return sum(one.status in ("throttled", "timeout") for one in rows)


def fluxdash(**settings: str) -> Router:
    return connect(Settings.from_env({"FLUXDASH_CACHE": "memory", **settings}), extended(PROFILE, WRITTEN))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gateway(request: pytest.FixtureRequest, databases: Callable[[str, str], str]) -> Iterator[Router]:
    made = fluxdash(DATABASE_URL=databases(str(request.param), "plain"))
    yield made
    made.close()


def test_it_is_added_up_from_the_rows_that_the_scope_lets_pass(gateway: Router, plain: tuple[Request, ...]) -> None:
    inside = reckoning.within(plain, OVER.start, OVER.end)
    account = plain[0].account_id
    again = sum(int(str((one.metadata or {}).get("retries", 0))) for one in inside)
    assert again > 0
    assert gateway.answer(AGAIN.total().within(scope(OVER))).total == again
    assert slow(inside) > 20
    assert gateway.answer(SLOW.over_time().within(scope(OVER))).total == slow(inside)
    own = Scope(OVER, (Filter(REGION, ("us-east-1", "us-west-2")),), Grant(frozenset({account})))
    mine = [one for one in inside if one.account_id == account and one.region in ("us-east-1", "us-west-2")]
    assert gateway.answer(SLOW.total().within(own)).total == slow(mine)
    for by in (MODEL, ACCOUNT, CACHE):
        lines = group_lines(gateway.answer(SLOW.top(200, by=by).within(scope(OVER))))
        assert {group: line.total for group, line in lines.items()} == {
            group: slow(members) for group, members in reckoning.cut(inside, by.slug).items()
        }


def test_it_is_listed_and_described_like_any_other(gateway: Router) -> None:
    assert gateway.measures()[-3:] == (AGAIN, SLOW, LOST)
    told = {(each.measure.slug, each.source): each for each in gateway.capabilities()}
    assert not told["slow", "log"].reason
    assert CACHE in told["slow", "log"].dimensions
    assert "5000" in gateway.statements(SLOW.total().within(scope(OVER)))[0]


def test_it_is_counted_by_prometheus_with_the_labels_it_carries(
    counted: PrometheusServer, recent: tuple[Request, ...]
) -> None:
    gateway = fluxdash(PROMETHEUS_URL=counted.url)
    inside = reckoning.within(recent, NOW.start, NOW.end)
    births = world.Births.of(recent, world.COUNTED_FROM)

    def bounds(rows: reckoning.Requests, at: int | None = None, group: str = "") -> tuple[float, float]:
        gone = births.lost(
            "fluxai_requests_total", NOW.start, NOW.end,
            lambda labels: labels[3] in ("throttled", "timeout") and (at is None or labels[at] == group),
        )  # fmt: skip
        return lost(rows) - gone - 1e-6, lost(rows) + 1e-6

    assert lost(inside) > 2
    low, high = bounds(inside)
    assert low <= (gateway.answer(LOST.total().within(scope(NOW))).total or 0) <= high
    for region, members in reckoning.cut(inside, "region").items():
        low, high = bounds(members, 2, region)
        assert low <= (gateway.answer(LOST.total().within(scope(NOW, region=(region,)))).total or 0) <= high
    answer = gateway.answer(LOST.total().within(scope(NOW, strategy=("auto",))))
    assert "Strategy filter not applied" in notes(answer)["ignored_filter"]
    with pytest.raises(NotReported, match=r"Prometheus reports no slow requests\."):
        gateway.answer(SLOW.total().within(scope(NOW)))
    gateway.close()


def test_one_that_the_database_does_not_understand_takes_no_other_with_it(
    databases: Callable[[str, str], str], plain: tuple[Request, ...]
) -> None:
    address = databases("sqlite", "plain")
    wrong = extended(
        PROFILE, [Written(SLOW, sql="NO_SUCH_FUNCTION({latency_ms})"), Written(LOST, sql="{no_such_column}")]
    )
    gateway = connect(Settings.from_env({"FLUXDASH_CACHE": "memory", "DATABASE_URL": address}), wrong)
    inside = reckoning.within(plain, OVER.start, OVER.end)
    assert gateway.answer(REQUESTS.total().within(scope(OVER))).total == len(inside)
    with pytest.raises(NotReported, match=r"no column request_metrics\.no_such_column"):
        gateway.answer(LOST.total().within(scope(OVER)))
    with pytest.raises(SourceError):
        gateway.answer(SLOW.total().within(scope(OVER)))
    gateway.close()


def test_what_was_kept_under_another_definition_is_not_taken_for_the_new_one(
    databases: Callable[[str, str], str], plain: tuple[Request, ...], tmp_path: Path
) -> None:
    inside = reckoning.within(plain, OVER.start, OVER.end)
    settings = {
        "DATABASE_URL": databases("sqlite", "plain"), "FLUXDASH_CACHE": "filesystem",
        "FLUXDASH_CACHE_DIR": str(tmp_path / "cache"),
    }  # fmt: skip
    for most in (5000, 1000):
        written = Written(SLOW, sql=f"CASE WHEN {{latency_ms}} > {most} THEN 1 ELSE 0 END")
        gateway = connect(Settings.from_env(settings), extended(PROFILE, [written]))
        want = sum(one.latency_ms > most for one in inside)
        assert gateway.answer(SLOW.total().within(scope(OVER))).total == want
        gateway.close()
