"""Rows of the log by their traces: the same on SQLite and PostgreSQL, against the requests themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.demo.traffic import Traffic
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.profile import Log
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.window import Window
from fluxdash.sources.database import Database
from fluxdash.sources.survey import Survey
from fluxdash.sources.trace_store import Ask
from fluxdash.sources.tracerows import TraceRows, nearest
from tests.servers.postgres import PostgresServer

assert PROFILE.log is not None
LOG: Log = PROFILE.log
START, END = 1_795_003_200, 1_795_010_400
SCOPE = Scope(Window(START, END, 60, END))
TWO_HOURS = Ask(START * 10**9, END * 10**9, 50)


@pytest.fixture(scope="module")
def requests() -> tuple[Request, ...]:
    """Two hours as careless installations book them: some without a trace, every seventh id upper-case and short."""
    told = Traffic(seed=3, rate=0.1, quirks=True).between(START, END)
    return tuple(
        replace(each, trace_id=each.trace_id[8:].upper()) if each.trace_id and number % 7 == 0 else each
        for number, each in enumerate(told)
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, requests: tuple[Request, ...]
) -> str:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('rows') / 'log.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.fresh_database()
    log = RequestLog(url)
    log.insert(requests)
    log.close()
    return url


def over(url: str, log: Log = LOG, most: int = 200_000) -> TraceRows:
    base = Database(url)
    return TraceRows(base, log, Survey(base, log, most))


def traced(requests: tuple[Request, ...], passes: Callable[[Request], bool] = lambda _: True) -> list[Request]:
    """The requests with a trace that should be found, newest first."""
    return [each for each in reversed(requests) if each.trace_id and passes(each)]


def assert_told(record: Record, request: Request) -> None:
    assert record.time == pytest.approx(request.time, abs=1e-6)
    assert (record.trace_id, record.account, record.model) == (request.trace_id, request.account_id, request.model)
    assert record.latency == pytest.approx(request.latency_ms / 1000)
    assert (record.status, record.input_tokens) == (request.status, request.input_tokens)
    if request.cache_hit:
        assert record.cost == 0
    elif request.total_cost:
        assert record.cost == pytest.approx(float(request.total_cost))


def test_a_row_is_found_by_any_spelling_of_its_trace(database: str, requests: tuple[Request, ...]) -> None:
    rows = over(database)
    short = next(each for each in requests if each.trace_id and len(each.trace_id) < 32)
    whole = next(each for each in requests if each.trace_id and len(each.trace_id) == 32)
    for request in (short, whole):
        for spelling in (str(request.trace_id), str(request.trace_id).lower().zfill(32), str(request.trace_id).upper()):
            (record,) = rows.of([TraceId(spelling)], START * 10**9, END * 10**9)
            assert_told(record, request)


def test_many_rows_come_with_one_question(database: str, requests: tuple[Request, ...]) -> None:
    chosen = traced(requests)[:200]
    found = over(database).of([TraceId(str(each.trace_id)) for each in chosen], START * 10**9, END * 10**9)
    assert [each.trace_id for each in found] == [each.trace_id for each in chosen]


def test_rows_are_looked_for_around_the_trace_alone(database: str, requests: tuple[Request, ...]) -> None:
    request = traced(requests)[-1]
    trace_id = TraceId(str(request.trace_id))
    end = round(request.time * 1e9)
    assert len(over(database).of([trace_id], end, end)) == 1
    assert over(database).of([trace_id], end + 3600 * 10**9, end + 3600 * 10**9) == []
    assert over(database).of([], START * 10**9, END * 10**9) == []


def test_a_search_pages_through_what_matches(database: str, requests: tuple[Request, ...]) -> None:
    account = requests[0].account_id
    scope = Scope(SCOPE.window, (Filter.of(ACCOUNT, [account]),))
    truth = traced(requests, lambda each: each.account_id == account and 0.5 <= each.latency_ms / 1000 <= 5)
    ask, seen = replace(TWO_HOURS, least=0.5, most=5.0), list[str | None]()
    end: int | None = ask.end
    while end is not None:
        records, end = over(database).search(scope, replace(ask, end=end))
        seen += [each.trace_id for each in records]
    assert seen == [each.trace_id for each in truth]
    assert len(truth) > 50


def test_the_statement_of_a_search_finds_its_rows(database: str) -> None:
    ask = replace(TWO_HOURS, least=0.5, most=20.0)
    with sa.create_engine(database).connect() as connection:
        rows = connection.execute(sa.text(over(database).statement(SCOPE, ask).replace(":", r"\:"))).all()
    records, _ = over(database).search(SCOPE, ask)
    assert [row.trace_id for row in rows][: ask.n] == [each.trace_id for each in records]
    assert records


def test_failures_are_searched_for_and_counted(database: str, requests: tuple[Request, ...]) -> None:
    ask = replace(TWO_HOURS, errors=True)
    records, older = over(database).search(SCOPE, ask)
    assert [each.trace_id for each in records] == [
        each.trace_id for each in traced(requests, lambda each: each.failed)
    ][:50]
    assert over(database).count(SCOPE, ask) == sum(each.failed for each in requests)
    assert older is None


def test_all_that_match_are_counted_those_without_a_trace_too(database: str, requests: tuple[Request, ...]) -> None:
    model = requests[0].model
    scope = Scope(SCOPE.window, (Filter.of(MODEL, [model]),))
    assert over(database).count(scope, TWO_HOURS) == sum(each.model == model for each in requests)
    assert over(database, most=10).count(scope, TWO_HOURS) is None


def test_rows_from_all_over_the_stretch_are_every_so_manieth_that_matches(
    database: str, requests: tuple[Request, ...]
) -> None:
    account = requests[0].account_id
    scope = Scope(SCOPE.window, (Filter.of(ACCOUNT, [account]),))
    truth = traced(requests, lambda each: each.account_id == account)
    step = -(-len(truth) // 20)
    records = over(database).spread(scope, replace(TWO_HOURS, n=20))
    assert records is not None
    assert [each.trace_id for each in records] == [each.trace_id for each in truth[::-1][step - 1 :: step]][::-1]
    assert 10 < len(records) <= 20
    assert over(database, most=10).spread(scope, TWO_HOURS) is None
    nobody = Scope(SCOPE.window, (Filter.of(MODEL, ["x' OR 1=1 --"]),))
    assert over(database).spread(nobody, TWO_HOURS) == []


def test_the_beginning_of_an_id_is_found(database: str, requests: tuple[Request, ...]) -> None:
    request = traced(requests)[0]
    (record,) = over(database).beginning(TraceId(str(request.trace_id)[:8]), START * 10**9, END * 10**9)
    assert record.trace_id == request.trace_id
    assert over(database).beginning(TraceId("deadbeef"), START * 10**9, END * 10**9) == []


def test_what_a_log_cannot_tell_is_said(database: str) -> None:
    assert over(database).able() == ""
    without = replace(LOG, record=tuple(each for each in LOG.record if each[0] != "trace_id"))
    assert over(database, without).able() == "The request log holds no trace ids."
    elsewhere = replace(LOG, record=(("trace_id", "{no_such}"),))
    assert over(database, elsewhere).able() == "The database has no column request_metrics.no_such."
    assert over(database).small()
    assert not over(database, most=1).small()


def test_a_large_log_without_a_time_index_is_left_alone(postgres_server: PostgresServer) -> None:
    url = postgres_server.fresh_database()
    log = RequestLog(url)
    log.insert(Traffic(seed=3, rate=0.5).between(START, START + 3600))
    log.close()
    postgres_server.execute(url, "ANALYZE request_metrics")
    assert "has no index on timestamp" in over(url, most=1000).able()


def test_words_from_outside_are_words(database: str) -> None:
    scope = Scope(SCOPE.window, (Filter.of(MODEL, ["x' OR 1=1 --"]),))
    assert over(database).search(scope, TWO_HOURS) == ([], None)
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM request_metrics"))
    engine.dispose()


def test_of_rows_that_share_a_trace_the_one_booked_nearest_is_its_own() -> None:
    rows = [Record(10.0), Record(20.0), Record(30.0)]
    assert nearest(rows, 21 * 10**9) == rows[1]
    assert nearest([], 5) is None
