"""Who answers, and what is said about it: filters that a source lacks, slow logs, missing columns, nothing to ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server
from sqlalchemy import make_url

from fluxdash.demo.request import Request
from fluxdash.errors import BadPayload, NotReported
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE, MODEL, REGION
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import (
    AVAILABILITY,
    CACHE_HITS,
    COST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    LATENCY,
    MEASURES,
    REQUESTS,
    SAVINGS,
    TOKENS,
    UNPRICED,
)
from fluxdash.sources.router import Router
from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import Requests, differs
from tests.truth.world import RECENT_END, group_lines, notes, scope, window

HOUR = window(RECENT_END - 3600, RECENT_END, 60)
NEED_CACHE_HIT = {
    "cost", "cost_per_request", "cost_per_success", "cache_hits", "cache_misses", "hit_rate", "savings", "savings_rate",
    "tokens_saved", "throughput", "unpriced", "lookups",
}  # fmt: skip
TOLD = [measure for measure in MEASURES if measure.slug not in reckoning.ONLY_METRICS]


def inside(rows: Requests) -> list[Request]:
    return reckoning.within(rows, HOUR.start, HOUR.end)


def log_of(folder: Path, rows: Requests) -> str:
    """Write requests to a new SQLite file and return its address."""
    address = f"sqlite:///{folder / 'log.db'}"
    world.write_log(address, rows)
    return address


@pytest.fixture(scope="module")
def both(
    recent: tuple[Request, ...], counted: PrometheusServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Router]:
    """FluxDash on a log and a Prometheus of the same requests."""
    address = log_of(tmp_path_factory.mktemp("both"), recent)
    with world.fluxdash(DATABASE_URL=address, PROMETHEUS_URL=counted.url) as router:
        yield router


def test_where_both_can_tell_the_exact_one_answers(both: Router, recent: tuple[Request, ...]) -> None:
    for measure in TOLD:
        answer = both.answer(measure.total().within(scope(HOUR)))
        assert answer.provenance.source == "log"
        assert not differs(str(measure), measure.slug, answer.total, reckoning.total(measure.slug, inside(recent)))


def test_a_region_filter_on_cache_hits_is_answered_from_the_log(both: Router, recent: tuple[Request, ...]) -> None:
    answer = both.answer(CACHE_HITS.total().within(scope(HOUR, region=("us-east-1",))))
    want = reckoning.total("cache_hits", reckoning.chosen(inside(recent), {"region": ("us-east-1",)}))
    assert (answer.provenance.source, answer.total) == ("log", want)
    assert "ignored_filter" not in notes(answer)


def test_a_source_that_is_named_answers_though_the_other_is_better(both: Router) -> None:
    asked = both.answer(REQUESTS.total().within(scope(HOUR)), source="prometheus")
    assert asked.provenance.source == "prometheus"
    with pytest.raises(NotReported, match="carries no region"):
        both.answer(CACHE_HITS.top(3, by=REGION).within(scope(HOUR)), source="prometheus")


def test_preferring_prometheus_keeps_the_log_for_what_prometheus_cannot_cut(
    recent: tuple[Request, ...], counted: PrometheusServer, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": log_of(tmp_path, recent), "PROMETHEUS_URL": counted.url}
    with world.fluxdash(FLUXDASH_PREFER="prometheus", **settings) as gateway:
        assert gateway.answer(REQUESTS.total().within(scope(HOUR))).provenance.source == "prometheus"
        for query in (
            CACHE_HITS.total().within(scope(HOUR, region=("us-east-1",))),
            COST.top(5, by=ACCOUNT).within(scope(HOUR)),
            UNPRICED.total().within(scope(HOUR)),
        ):
            assert gateway.answer(query).provenance.source == "log"


def test_all_parts_of_a_measure_come_from_one_source(both: Router, recent: tuple[Request, ...]) -> None:
    answer = both.answer(HIT_RATE.over_time(by=MODEL).within(scope(HOUR)))
    for group, rows in reckoning.cut(inside(recent), "model").items():
        got = group_lines(answer)[group].total
        assert not differs(group, "hit_rate", got, reckoning.total("hit_rate", rows))


def test_a_log_that_starts_late_is_better_than_a_filter_that_is_not_applied(
    recent: tuple[Request, ...], counted: PrometheusServer, tmp_path: Path
) -> None:
    late = reckoning.within(recent, RECENT_END - 1800, RECENT_END)
    with world.fluxdash(DATABASE_URL=log_of(tmp_path, late), PROMETHEUS_URL=counted.url) as gateway:
        query = CACHE_HITS.total().within(scope(HOUR, region=("us-east-1",)))
        answer = gateway.answer(query)
        assert answer.provenance.source == "log"
        assert answer.total == reckoning.total("cache_hits", reckoning.chosen(late, {"region": ("us-east-1",)}))
        assert "The log starts at" in notes(answer)["partial"]
        by_account = gateway.answer(COST.top(20, by=ACCOUNT).within(scope(HOUR)))
        assert by_account.provenance.label is None
        assert gateway.answer(REQUESTS.total().within(scope(HOUR))).provenance.source == "prometheus"


def test_accounts_have_their_names_whoever_answers(both: Router) -> None:
    for source in ("log", "prometheus"):
        answer = both.answer(REQUESTS.top(3, by=ACCOUNT).within(scope(HOUR)), source=source)
        assert answer.provenance.source == source
        assert "acme-retail" in {answer.name(str(line.group)) for line in answer.lines}


# --- a log that is too slow to read ---


def test_a_large_log_without_an_index_is_left_to_prometheus_until_it_has_one(
    recent: tuple[Request, ...],
    counted: PrometheusServer,
    in_new_york: Callable[..., str],
    postgres_server: PostgresServer,
) -> None:
    reader = in_new_york(recent)
    owner = postgres_server.address(str(make_url(reader).database))
    settings = {"DATABASE_URL": reader, "PROMETHEUS_URL": counted.url, "FLUXDASH_MAX_ROWS": "2000"}
    query = REQUESTS.total().within(scope(HOUR))
    with world.fluxdash(**settings) as gateway:
        assert gateway.answer(query).provenance.source == "prometheus"
        unpriced = gateway.answer(UNPRICED.total().within(scope(HOUR)))
        assert unpriced.provenance.source == "log", "who alone can tell answers, however slowly"
    postgres_server.execute(owner, "CREATE INDEX ON request_metrics (timestamp)", "ANALYZE")
    with world.fluxdash(**settings) as gateway:
        assert gateway.answer(query).provenance.source == "log"
        assert gateway.answer(query).total == len(inside(recent))
        longer = window(RECENT_END - 3 * 3600 - 1800, RECENT_END, 600)
        answer = gateway.answer(REQUESTS.total().within(scope(longer)))
        # More rows than are read, but Prometheus' data begin later than the window: the log it is, all the same.
        assert (answer.provenance.source, answer.total) == (
            "log", len(reckoning.within(recent, longer.start, longer.end)),
        )  # fmt: skip
    with world.fluxdash(**{**settings, "FLUXDASH_MAX_ROWS": "1000"}) as gateway:
        assert gateway.answer(query).provenance.source == "prometheus", "more than 1,000 rows lie in the hour"


# --- a database that lacks something ---


@pytest.fixture(params=["sqlite", "postgresql"])
def lacking(
    request: pytest.FixtureRequest, careless: tuple[Request, ...], postgres_server: PostgresServer, tmp_path: Path
) -> Callable[[str], str]:
    """Write an hour of requests to a database, take something away, and return its address."""
    rows = reckoning.within(reckoning.moved(careless, world.RECENT), HOUR.start, HOUR.end)

    def without(statement: str) -> str:
        if request.param == "postgresql":
            owner = postgres_server.fresh_database()
            world.write_log(owner, rows)
            postgres_server.execute(owner, statement + (" CASCADE" if statement.startswith("DROP") else ""))
            return postgres_server.read_only(owner)
        address = log_of(tmp_path, rows)
        with sqlite3.connect(tmp_path / "log.db") as connection:
            connection.execute(statement)
        connection.close()
        return address

    return without


def told(gateway: Router, measure: Measure) -> Answer | str:
    """The answer to a total, or the reason why there is none."""
    try:
        return gateway.answer(measure.total().within(scope(HOUR)))
    except NotReported as err:
        return str(err)


def test_without_a_column_only_what_needs_it_is_not_reported(
    lacking: Callable[[str], str], careless: tuple[Request, ...]
) -> None:
    rows = inside(reckoning.moved(careless, world.RECENT))
    with world.fluxdash(DATABASE_URL=lacking("ALTER TABLE request_metrics DROP COLUMN cache_hit")) as gateway:
        for measure in TOLD:
            answer = told(gateway, measure)
            if measure.slug in NEED_CACHE_HIT:
                assert isinstance(answer, str), measure
                assert "no column request_metrics.cache_hit" in answer
            else:
                assert isinstance(answer, Answer), answer
                want = reckoning.total(measure.slug, rows)
                assert not differs(str(measure), measure.slug, answer.total, want)
        by_model = group_lines(gateway.answer(REQUESTS.top(20, by=MODEL).within(scope(HOUR))))
        assert {group: line.total for group, line in by_model.items()} == {
            group: len(members) for group, members in reckoning.cut(rows, "model").items()
        }


def test_without_messages_failures_are_counted_but_not_by_cause(
    lacking: Callable[[str], str], careless: tuple[Request, ...]
) -> None:
    rows = inside(reckoning.moved(careless, world.RECENT))
    with world.fluxdash(DATABASE_URL=lacking("ALTER TABLE request_metrics DROP COLUMN error_message")) as gateway:
        assert gateway.answer(FAILURES.total().within(scope(HOUR))).total == reckoning.total("failures", rows)
        with pytest.raises(NotReported, match=r"no column request_metrics\.error_message"):
            gateway.answer(FAILURES.top(5, by=ERROR_TYPE).within(scope(HOUR)))
        with pytest.raises(NotReported, match=r"no column request_metrics\.error_message"):
            gateway.answer(FAILURES.total().within(scope(HOUR, error_type=("unknown",))))


def test_without_a_price_list_what_was_booked_for_nothing_stays_so_and_is_counted(
    lacking: Callable[[str], str], careless: tuple[Request, ...]
) -> None:
    rows = inside(reckoning.moved(careless, world.RECENT))
    booked = float(sum(one.total_cost or 0 for one in rows if one.cache_hit))
    assert booked < float(reckoning.total("savings", rows) or 0)
    with world.fluxdash(DATABASE_URL=lacking("DROP TABLE model_pricing")) as gateway:
        assert gateway.answer(SAVINGS.total().within(scope(HOUR))).total == pytest.approx(booked, abs=1e-9)
        cost = gateway.answer(COST.total().within(scope(HOUR)))
        assert not differs("cost", "cost", cost.total, reckoning.total("cost", rows))
        unpriced = [one for one in rows if not (one.failed or one.cache_hit or one.total_cost) and one.total_tokens > 0]
        assert gateway.answer(UNPRICED.total().within(scope(HOUR))).total == len(unpriced)


def test_without_accounts_only_their_names_are_missing(
    lacking: Callable[[str], str], careless: tuple[Request, ...]
) -> None:
    rows = inside(reckoning.moved(careless, world.RECENT))
    with world.fluxdash(DATABASE_URL=lacking("DROP TABLE accounts")) as gateway:
        answer = gateway.answer(REQUESTS.top(20, by=ACCOUNT).within(scope(HOUR)))
        assert {line.group: line.total for line in answer.lines} == {
            group: len(members) for group, members in reckoning.cut(rows, "account").items()
        }
        assert answer.names == ()


def test_without_its_table_the_log_reports_nothing_and_names_it(lacking: Callable[[str], str]) -> None:
    with world.fluxdash(DATABASE_URL=lacking("DROP TABLE request_metrics")) as gateway:
        for measure in MEASURES:
            answer = told(gateway, measure)
            assert isinstance(answer, str), measure
            assert "no table request_metrics" in answer


def test_a_column_that_goes_missing_under_way_is_an_error_that_names_it(
    recent: tuple[Request, ...], tmp_path: Path
) -> None:
    address = log_of(tmp_path, inside(recent))
    with world.fluxdash(DATABASE_URL=address) as gateway:
        assert gateway.answer(REQUESTS.total().within(scope(HOUR))).total == len(inside(recent))
        with sqlite3.connect(tmp_path / "log.db") as connection:
            connection.execute("ALTER TABLE request_metrics DROP COLUMN region")
        connection.close()
        with pytest.raises(BadPayload) as caught:
            gateway.answer(REQUESTS.top(5, by=REGION).within(scope(HOUR)))
        assert "region" in f"{caught.value} {caught.value.hint}"


# --- nothing to ask ---


@pytest.fixture(scope="module")
def of_somebody_else(prometheus: Callable[..., PrometheusServer]) -> Iterator[str]:
    """A Prometheus whose target is up and has not a single series of the gateway."""
    registry = CollectorRegistry()
    Gauge("python_coffee_cups", "Not ours.", registry=registry).set(3)
    port = free_port()
    server, thread = start_http_server(port, "127.0.0.1", registry)
    yield prometheus(targets=[f"127.0.0.1:{port}"], interval="1s").url
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("measure", [each for each in MEASURES if each not in (UNPRICED,)], ids=str)
def test_without_any_series_of_the_gateway_nothing_is_reported_and_nothing_is_zero(
    of_somebody_else: str, measure: Measure
) -> None:
    with world.fluxdash(PROMETHEUS_URL=of_somebody_else) as gateway, pytest.raises(NotReported) as caught:
        gateway.answer(measure.total().within(scope(HOUR)))
    if measure.slug != "throughput":
        assert "no fluxai_* series exist" in str(caught.value)


def test_without_series_the_log_answers_as_ever(
    of_somebody_else: str, recent: tuple[Request, ...], tmp_path: Path
) -> None:
    with world.fluxdash(PROMETHEUS_URL=of_somebody_else, DATABASE_URL=log_of(tmp_path, inside(recent))) as gateway:
        answer = gateway.answer(AVAILABILITY.total().within(scope(HOUR)))
        assert answer.provenance.source == "log"
        assert not differs("a", "availability", answer.total, reckoning.total("availability", inside(recent)))
        reasons = {each.reason for each in gateway.capabilities() if each.source == "prometheus"}
        assert "No fluxai metrics yet: Prometheus answers, but no fluxai_* series exist." in reasons


def test_an_empty_log_knows_of_no_request_and_no_quantile(tmp_path: Path) -> None:
    with world.fluxdash(DATABASE_URL=log_of(tmp_path, [])) as gateway:
        assert not gateway.answer(REQUESTS.total().within(scope(HOUR))).total
        for measure in (LATENCY, ERROR_RATE):
            assert gateway.answer(measure.total().within(scope(HOUR))).total is None
        assert gateway.answer(TOKENS.top(5, by=MODEL).within(scope(HOUR))).lines == ()


def test_without_any_source_every_measure_is_not_reported() -> None:
    with world.fluxdash() as gateway:
        for measure in MEASURES:
            assert isinstance(told(gateway, measure), str)
