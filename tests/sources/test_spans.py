"""The table of spans as a store: the same answers on SQLite and PostgreSQL, by the spans themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from fluxdash.demo.request import Request
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.spans import spans
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import BadPayload, SourceUnreachable
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources.database import Database
from fluxdash.sources.spans import SpanTable
from fluxdash.sources.trace_store import Ask, Hit
from tests.servers.postgres import PostgresServer

assert PROFILE.tracing is not None
TRACING: Tracing = PROFILE.tracing
START, END = 1_795_003_200, 1_795_006_800
HOUR = Ask(START * 10**9, END * 10**9, 100)

Requests = dict[TraceId, tuple[Span, ...]]


@pytest.fixture(scope="module")
def written() -> tuple[Request, ...]:
    return tuple(Traffic(seed=5, rate=0.15).between(START, END))


@pytest.fixture(scope="module")
def kept(written: tuple[Request, ...]) -> Requests:
    """The spans of each request, in the order in which the requests began."""
    told = {TraceId(str(each.trace_id)): spans(each) for each in written}
    return dict(sorted(told.items(), key=lambda each: each[1][0].start))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, written: tuple[Request, ...]
) -> SpanTable:
    if request.param == "sqlite":
        owner = url = f"sqlite:///{tmp_path_factory.mktemp('spans') / 'spans.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        owner = server.fresh_database()
        url = server.read_only(owner)
    log = SpanLog(owner)
    log.insert(written)
    log.insert(written[:50])  # what is written twice is there once
    log.close()
    return SpanTable(Database(url), TRACING)


def wanted(kept: Requests, passes: Callable[[tuple[Span, ...]], bool] = lambda _: True) -> list[TraceId]:
    """The requests of the hour that should be found, newest first."""
    inside = [
        trace_id for trace_id, told in kept.items() if START * 10**9 <= told[0].start < END * 10**9 and passes(told)
    ]
    return inside[::-1]


def pages(store: SpanTable, ask: Ask) -> list[TraceId]:
    """Everything that is found, page by page."""
    seen: list[TraceId] = []
    end: int | None = ask.end
    while end is not None:
        haul = store.search(replace(ask, end=end))
        seen += found(haul.hits)
        end = haul.older
    return seen


def found(hits: tuple[Hit, ...]) -> list[TraceId]:
    return [hit.summary.id for hit in hits]


def same(each: Span) -> Span:
    """A span without the order of what it carries: PostgreSQL keeps objects in an order of its own."""
    events = tuple(replace(event, attributes=tuple(sorted(event.attributes))) for event in each.events)
    process = replace(each.process, attributes=tuple(sorted(each.process.attributes)))
    return replace(each, attributes=tuple(sorted(each.attributes)), events=events, process=process)


def test_the_table_is_there(store: SpanTable) -> None:
    assert store.exists()
    assert store.state().status == "ok"


def test_the_newest_are_found_and_the_older_ones_go_on(store: SpanTable, kept: Requests) -> None:
    first = store.search(HOUR)
    assert found(first.hits) == wanted(kept)[:100]
    assert pages(store, HOUR) == wanted(kept)
    assert len(wanted(kept)) > 400


def test_the_statement_of_a_search_finds_its_traces(store: SpanTable, kept: Requests) -> None:
    ask = replace(HOUR, least=2.0, n=20)
    rows = store._database.rows(sa.text(store.statement(ask)).columns(sa.column("trace_id"), sa.column("start_ns")))
    assert [TraceId(row.trace_id) for row in rows[:20]] == found(store.search(ask).hits)
    assert len(rows) == 21  # the one more tells whether there are older ones


def test_how_long_the_request_took_is_searched_for(store: SpanTable, kept: Requests) -> None:
    truth = wanted(kept, lambda told: 2.0 <= told[0].seconds <= 4.0)
    assert pages(store, replace(HOUR, least=2.0, most=4.0)) == truth
    assert truth


def test_errors_are_those_of_any_span(store: SpanTable, kept: Requests) -> None:
    truth = wanted(kept, lambda told: any(each.failed for each in told))
    assert pages(store, replace(HOUR, errors=True)) == truth
    assert any(not kept[trace_id][0].failed for trace_id in truth)


def test_an_operation_and_its_tags_must_stand_on_one_span(store: SpanTable, kept: Requests) -> None:
    exact = (("cache.type", "exact"),)
    truth = wanted(kept, lambda told: any(each.attribute("cache.type") == "exact" for each in told))
    assert pages(store, replace(HOUR, operation="cache.lookup", tags=exact)) == truth
    assert truth
    assert pages(store, replace(HOUR, operation="chat_completion", tags=exact)) == []
    hits = wanted(kept, lambda told: told[0].attribute("cache_hit") is True)
    assert pages(store, replace(HOUR, tags=(("cache_hit", "true"),))) == hits


def test_a_trace_comes_as_it_was_written(store: SpanTable, kept: Requests) -> None:
    failed = next(each for each in kept if any(span.events for span in kept[each]))
    for trace_id in (failed, wanted(kept)[0]):
        trace = store.trace(TraceId(str(trace_id).upper()))
        assert trace is not None
        assert [same(each) for each in trace.spans] == [same(each) for each in Trace.of(trace_id, kept[trace_id]).spans]
    assert store.trace(TraceId("deadbeef" * 4)) is None


def test_the_first_digits_are_enough(store: SpanTable, kept: Requests) -> None:
    newest = wanted(kept)[0]
    assert store.beginning(TraceId(newest.text[:8]), HOUR.start, HOUR.end) == [newest]
    assert store.beginning(TraceId("deadbeef"), HOUR.start, HOUR.end) == []
    assert store.link(newest) is None


def test_words_from_outside_are_words(store: SpanTable) -> None:
    hostile = "x' OR 1=1 --"
    assert store.search(replace(HOUR, operation=hostile)).hits == ()
    assert store.search(replace(HOUR, tags=((hostile, hostile),))).hits == ()


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    file = tmp_path / "log.db"
    sqlite3.connect(file).close()
    return file


def test_a_log_without_such_a_table_has_no_spans(empty: Path) -> None:
    store = SpanTable(Database(f"sqlite:///{empty}"), TRACING)
    assert not store.exists()
    assert (store.state().status, store.state().reason) == ("absent", "The database has no table trace_spans.")


def test_a_table_of_the_same_name_is_not_taken_for_it(empty: Path) -> None:
    with sqlite3.connect(empty) as connection:
        connection.execute("CREATE TABLE trace_spans (trace_id TEXT, something TEXT)")
    assert not SpanTable(Database(f"sqlite:///{empty}"), TRACING).exists()


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    store = SpanTable(Database(f"sqlite:///{tmp_path / 'none.db'}"), TRACING)
    assert not store.exists()
    with pytest.raises(SourceUnreachable):
        store.trace(TraceId("ab" * 16))
    assert store.state().status != "ok"
    assert store.state().reason == "The database did not say whether it has a table trace_spans."


def test_rows_that_are_broken_are_a_bad_payload(empty: Path, written: tuple[Request, ...]) -> None:
    url = f"sqlite:///{empty}"
    log = SpanLog(url)
    log.insert(written[:1])
    log.close()
    engine = sa.create_engine(url)
    for column, value in (("events", '[{"name": "no time"}]'), ("status", "lost")):
        with engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE trace_spans SET {column} = :value"), {"value": value})
        with pytest.raises(BadPayload):
            SpanTable(Database(url), TRACING).trace(TraceId(str(written[0].trace_id)))
    engine.dispose()
