"""Leaf by leaf, the log is told row for row as it was written, on every engine and in every order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from fluxdash.demo.request import Request, utc
from fluxdash.semantic.leaves import By, Entry, Leafing, Place, place
from fluxdash.semantic.scope import Grant, Scope
from fluxdash.sources.router import Router
from tests.servers.postgres import PostgresServer
from tests.truth import reckoning, world
from tests.truth.test_rows import OVER, Logged, agree, truth
from tests.truth.world import scope


def through(gateway: Router, over: Scope, how: Leafing, n: int) -> list[Entry]:
    """All rows, each leaf begun from the cursor of the last one's end."""
    found: list[Entry] = []
    after: Place | None = None
    while True:
        leaf = gateway.leaf(over, how, after, n)
        found += leaf.entries
        if not leaf.more:
            return found
        after = place(str(leaf.entries[-1].place))


def test_every_request_comes_once_newest_first_as_it_was_written(logged: Logged) -> None:
    gateway, rows = logged
    inside = sorted(reckoning.within(rows, OVER.start, OVER.end), key=lambda request: -request.time)
    found = through(gateway, scope(OVER), Leafing(), 170)
    assert len(found) == len(inside) == gateway.extent(scope(OVER), Leafing()).rows
    for got, request in zip(found, inside, strict=True):
        agree(got.record, request)
    backwards = through(gateway, scope(OVER), Leafing(ascending=True), 170)
    assert [each.place for each in backwards] == [each.place for each in reversed(found)]


@pytest.mark.parametrize("by", [By.LATENCY, By.COST, By.INPUT_TOKENS], ids=str)
@pytest.mark.parametrize("ascending", [False, True])
def test_every_order_has_every_request_once(logged: Logged, by: By, ascending: bool) -> None:
    gateway, rows = logged
    inside = reckoning.within(rows, OVER.start, OVER.end)
    found = [getattr(each.record, by) for each in through(gateway, scope(OVER), Leafing(by, ascending), 130)]
    wanted = [getattr(truth(request), by) for request in inside]
    known = sorted((each for each in wanted if each is not None), reverse=not ascending)
    assert found[: len(known)] == pytest.approx(known)
    assert found[len(known) :] == [None] * (len(wanted) - len(known))


def test_filters_and_a_search_leave_the_requests_that_match(logged: Logged) -> None:
    gateway, rows = logged
    filters = {"region": ("us-east-1",), "status": ("error",)}
    inside = reckoning.chosen(reckoning.within(rows, OVER.start, OVER.end), filters)
    assert len(through(gateway, scope(OVER, **filters), Leafing(), 7)) == len(inside) > 0
    word = next(request.error_message for request in inside if request.error_message)[3:12]
    said = [each for each in inside if word.lower() in (each.error_message or "").lower()]
    found = through(gateway, scope(OVER, **filters), Leafing.of(find=word.upper()), 3)
    assert len(found) == len(said) == gateway.extent(scope(OVER, **filters), Leafing.of(find=word.upper())).rows


def test_a_request_is_found_by_its_ids(logged: Logged) -> None:
    gateway, rows = logged
    request = next(each for each in reckoning.within(rows, OVER.start, OVER.end) if each.request_id and each.trace_id)
    trace = str(request.trace_id)
    for text in (request.request_id, trace, trace.upper(), trace.zfill(32), trace.lstrip("0")):
        (found,) = through(gateway, scope(OVER), Leafing.of(find=str(text)), 5)
        agree(found.record, request)


def test_a_whole_row_has_the_logs_own_words_and_only_for_those_who_may_see_it(logged: Logged) -> None:
    gateway, rows = logged
    by_id = {each.request_id: each for each in rows if each.request_id}
    entry = next(each for each in gateway.leaf(scope(OVER), Leafing(), None, 50).entries if each.record.request_id)
    request = by_id[entry.record.request_id]
    whole = gateway.whole(scope(OVER), entry.place)
    assert whole is not None
    agree(whole.record, request)
    fields = dict(whole.fields)
    assert fields["id"] == request.id
    assert str(fields["timestamp"]).startswith(f"{request.timestamp:%Y-%m-%d %H:%M:%S}")
    assert fields["api_key_id"] == request.api_key_id
    assert fields["latency_ms"] == str(request.latency_ms)
    other = next(each.account_id for each in rows if each.account_id != request.account_id)
    assert gateway.whole(Scope(OVER, (), Grant(frozenset({other}))), entry.place) is None
    assert gateway.whole(Scope(OVER, (), Grant(frozenset())), entry.place) is None
    assert gateway.whole(scope(OVER), replace(entry.place, key="1")) is None


def test_rows_written_meanwhile_are_newer_and_take_none_of_the_others_place(
    in_new_york: Callable[..., str], plain: tuple[Request, ...], postgres_server: PostgresServer
) -> None:
    reader = in_new_york(plain, index=True)
    owner = postgres_server.address(reader.rpartition("/")[2])
    with world.fluxdash(DATABASE_URL=reader) as gateway:
        first = gateway.leaf(scope(OVER), Leafing(), None, 100)
        at = f"SELECT id FROM request_metrics WHERE timestamp < '{utc(OVER.end)}' ORDER BY timestamp DESC LIMIT 5"
        edge = first.entries[-1].place.time
        columns = "account_id, model_id, region, status"
        postgres_server.execute(
            owner,
            f"INSERT INTO request_metrics (id, timestamp, {columns}) SELECT gen_random_uuid(),"
            f" timestamp '{first.entries[0].place.time}' + interval '1 microsecond', {columns}"
            f" FROM request_metrics WHERE id IN ({at})",
            f"INSERT INTO request_metrics (id, timestamp, {columns}) SELECT gen_random_uuid(), '{edge}', {columns}"
            f" FROM request_metrics WHERE id IN ({at})",
        )
        rest = through(gateway, scope(OVER), Leafing(), 100)
        begun = gateway.leaf(scope(OVER), Leafing(), first.entries[-1].place, 1000).entries
        keys = [each.place.key for each in (*first.entries, *begun)]
        assert len(set(keys)) == len(keys)
        written = {each.id for each in reckoning.within(plain, OVER.start, OVER.end)}
        below = [each.place.key for each in rest if each.place.key in written]
        seen = [key for key in keys if key in written]
        assert seen == below[: len(seen)]
        assert gateway.newer(scope(OVER), Leafing(), first.entries[0].place) == 5
        assert len(rest) == len(written) + 10


def test_an_index_is_asked_for_where_there_is_none_and_then_serves(
    in_new_york: Callable[..., str], plain: tuple[Request, ...], postgres_server: PostgresServer
) -> None:
    reader = in_new_york(plain)
    owner = postgres_server.address(reader.rpartition("/")[2])
    with world.fluxdash(DATABASE_URL=reader) as gateway:
        statement = gateway.extent(scope(OVER), Leafing()).index
    assert statement == 'CREATE INDEX CONCURRENTLY ON "request_metrics" ("timestamp");'
    postgres_server.execute(owner, statement)
    with world.fluxdash(DATABASE_URL=reader) as gateway:
        assert gateway.extent(scope(OVER), Leafing()).index == ""
        started = time.monotonic()
        gateway.leaf(scope(OVER), Leafing(), None, 200)
        assert time.monotonic() - started < 3
