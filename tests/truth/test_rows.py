"""Single requests, latencies and the parts of the cost bridge are those of the requests themselves, on every log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import pytest

from fluxdash.analysis.bridge import Facts, bridge
from fluxdash.demo.request import Request
from fluxdash.errors import NotReported
from fluxdash.semantic.dimensions import ACCOUNT, CACHE, JOINT, MODEL, REGION, STATUS, STRATEGY, Dimension, cross
from fluxdash.semantic.measures import (
    CACHE_HITS,
    COST,
    INPUT_COST,
    LATENCY,
    PAID_INPUT_TOKENS,
    PAID_OUTPUT_TOKENS,
    REQUESTS,
)
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.router import Router
from tests.truth import reckoning, world
from tests.truth.reckoning import Requests, differs
from tests.truth.world import END, HOUR, START, scope, window

OVER = window(END - 2 * HOUR, END)
HIDDEN = (PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS, INPUT_COST)
Logged = tuple[Router, tuple[Request, ...]]


def lanes(rows: Requests, *by: str) -> dict[str, list[Request]]:
    """The requests of the window by the values of several dimensions."""
    found: dict[str, list[Request]] = {}
    for request in reckoning.within(rows, OVER.start, OVER.end):
        found.setdefault(JOINT.join(str(reckoning.group_of(request, each)) for each in by), []).append(request)
    return found


FINEST = cross(ACCOUNT, MODEL, REGION, STATUS, STRATEGY, CACHE)


@pytest.mark.parametrize("by", [cross(MODEL, REGION), cross(ACCOUNT, MODEL, REGION), CACHE, FINEST], ids=str)
def test_the_parts_of_the_cost_bridge_are_those_of_each_lanes_requests(logged: Logged, by: Dimension) -> None:
    gateway, rows = logged
    groups = lanes(rows, *(part.slug for part in by.parts))
    wrong = []
    for part in (*HIDDEN, COST, REQUESTS, CACHE_HITS):
        answer = gateway.answer(part.top(200, by=by).within(scope(OVER)))
        found = {str(line.group): line.total for line in answer.lines}
        assert set(found) <= set(groups)
        assert answer.groups == len(groups)
        for group, got in found.items():
            wrong += differs(f"{part} of {group}", part.slug, got, reckoning.total(part.slug, groups[group]))
        rest = [request for group, members in groups.items() if group not in found for request in members]
        assert (answer.other is None) == (not rest)
        if answer.other is not None:
            wrong += differs(f"{part} of the rest", part.slug, answer.other.total, reckoning.total(part.slug, rest))
    assert not wrong


def test_there_are_more_lanes_than_are_ever_ranked(logged: Logged) -> None:
    gateway, rows = logged
    assert len(lanes(rows, *(part.slug for part in FINEST.parts))) > 200
    assert gateway.answer(COST.top(200, by=FINEST).within(scope(OVER))).other is not None


def test_what_input_costs_is_a_part_of_the_cost_of_every_lane(logged: Logged) -> None:
    gateway, _ = logged
    by = cross(MODEL, REGION, CACHE)
    cost, of_input = (
        {line.group: line.total or 0.0 for line in gateway.answer(each.top(200, by=by).within(scope(OVER))).lines}
        for each in (COST, INPUT_COST)
    )
    assert set(cost) == set(of_input)
    assert all(-1e-12 <= of_input[group] <= cost[group] + 1e-12 for group in cost)
    assert 0 < sum(of_input.values()) < sum(cost.values())


def test_the_bridge_between_two_windows_adds_up_to_the_cents(logged: Logged) -> None:
    gateway, rows = logged

    def facts(over: Window) -> list[Facts]:
        asked = (REQUESTS, COST, CACHE_HITS, *HIDDEN)
        by = cross(MODEL, REGION)
        answers = [gateway.answer(each.top(200, by=by).within(scope(over))) for each in asked]
        totals = [{str(line.group): line.total or 0.0 for line in answer.lines} for answer in answers]
        return [
            Facts(*group.split(JOINT), *(each[group] for each in totals))  # type: ignore[arg-type, misc]
            for group in totals[0]
        ]

    before, after = facts(OVER.previous()), facts(OVER)
    split = bridge(before, after)
    change = (reckoning.total("cost", reckoning.within(rows, OVER.start, END)) or 0) - (
        reckoning.total("cost", reckoning.within(rows, START, OVER.start)) or 0
    )
    assert split.cents == sum(part.cents or 0 for part in split.parts) == round(float(change) * 100)
    assert all(part.amount is not None for part in split.parts)
    assert not split.blended


@pytest.mark.parametrize("by", [MODEL, cross(MODEL, REGION), cross(ACCOUNT, MODEL, REGION)], ids=str)
def test_samples_hold_the_latency_of_every_request_of_every_lane(logged: Logged, by: Dimension) -> None:
    gateway, rows = logged
    found = gateway.samples(scope(OVER), by)
    groups = lanes(rows, *(part.slug for part in by.parts))
    assert set(found.groups) == set(groups)
    for group, members in groups.items():
        told = {round(seconds * 1000): count for seconds, count in found.groups[group]}
        assert told == Counter(request.latency_ms for request in members), group
        assert list(found.groups[group]) == sorted(found.groups[group])
    assert found.provenance.exact
    assert bool(found.names) == (ACCOUNT in by.parts)


def test_a_quantile_of_all_samples_is_that_of_the_window(logged: Logged) -> None:
    gateway, _ = logged
    found = gateway.samples(scope(OVER, region=("us-east-1",)), cross(ACCOUNT, MODEL))
    told = sorted(seconds for sample in found.groups.values() for seconds, count in sample for _ in range(count))
    for q in (0.5, 0.95):
        answer = gateway.answer(LATENCY.total(q=q).within(scope(OVER, region=("us-east-1",))))
        assert (answer.n, answer.total) == (len(told), told[math.ceil(round(q * len(told), 6)) - 1])


def test_binned_samples_are_within_a_hundredth(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, rows = logged
    monkeypatch.setattr("fluxdash.sources.rows.EXACT_ROWS", 100)
    over = window(OVER.start, OVER.end, 600)  # another window than the exact ones, which are kept
    found = gateway.samples(Scope(over.previous()), REGION)
    before = reckoning.within(rows, START, OVER.start)
    assert not found.provenance.exact
    for region, members in reckoning.cut(before, "region").items():
        told = [seconds for seconds, count in found.groups[region] for _ in range(count)]
        want = sorted(request.latency_ms / 1000 for request in members)
        assert len(told) == len(want)
        assert all(abs(got - one) <= 0.01 * one for got, one in zip(told, want, strict=True))


def truth(request: Request) -> Record:
    """What must be told of a request."""
    worth = float(reckoning.total("savings" if request.cache_hit else "cost", [request]) or 0)
    unpriced = request.total_tokens > 0 and not request.total_cost and reckoning.list_price(request) is None
    cost, input_cost = (None if unpriced and not request.cache_hit else 0.0 if request.cache_hit else each for each in (
        worth, float(reckoning.total("input_cost", [request]) or 0)
    ))  # fmt: skip
    return Record(
        time=request.time, request_id=request.request_id, trace_id=request.trace_id, account=request.account_id,
        model=request.model, region=request.region, status=request.status, strategy=request.strategy,
        latency=request.latency_ms / 1000, input_tokens=request.input_tokens, output_tokens=request.output_tokens,
        cost=cost, list_price=None if unpriced else worth, input_cost=input_cost,
        cache=reckoning.group_of(request, "cache"),
        cache_type=reckoning.KEYS["cache_type"](request) if request.cache_hit else None, error=request.error_message,
        estimated=not request.total_cost and request.total_tokens > 0 and not unpriced,
        error_type=reckoning.KEYS["error_type"](request) if request.failed else None,
    )  # fmt: skip


def agree(got: Record, request: Request) -> None:
    want = truth(request)
    for name in Record.__slots__:
        if name != "account_name":
            value, true = getattr(got, name), getattr(want, name)
            assert value == (pytest.approx(true, rel=1e-14, abs=1e-9) if isinstance(true, float) else true), name
    assert got.account_name


def test_the_newest_requests_are_listed_as_they_were(logged: Logged) -> None:
    gateway, rows = logged
    found = gateway.records(scope(OVER), "newest", 200)
    inside = sorted(reckoning.within(rows, OVER.start, OVER.end), key=lambda request: -request.time)
    assert found.total == len(inside)
    assert len(found.rows) == 200
    for got, request in zip(found.rows, inside, strict=False):
        agree(got, request)


def test_the_dearest_requests_are_listed_first(logged: Logged) -> None:
    gateway, rows = logged
    filters = {"region": ("us-east-1", "us-west-2"), "status": ("success",)}
    found = gateway.records(scope(OVER, **filters), "cost", 200)
    inside = reckoning.chosen(reckoning.within(rows, OVER.start, OVER.end), filters)
    by_id = {request.request_id: request for request in inside if request.request_id}
    dearest = sorted((float(reckoning.total("cost", [request]) or 0) for request in inside), reverse=True)
    assert [row.cost for row in found.rows] == pytest.approx(dearest[:200])
    assert found.total == len(inside)
    for got in found.rows:
        if got.request_id:
            agree(got, by_id[got.request_id])


def test_nobody_sees_requests_of_accounts_that_were_not_granted(logged: Logged) -> None:
    gateway, rows = logged
    account = rows[0].account_id
    own = Scope(OVER, (), Grant(frozenset({account})))
    inside = [request for request in reckoning.within(rows, OVER.start, OVER.end) if request.account_id == account]
    found = gateway.records(own, "newest", 200)
    assert found.total == len(inside)
    assert {row.account for row in found.rows} == {account}
    samples = gateway.samples(own, ACCOUNT)
    assert {group: sum(n for _, n in sample) for group, sample in samples.groups.items()} == {account: len(inside)}


def test_a_list_of_a_window_with_too_many_rows_is_refused(databases: Callable[[str, str], str]) -> None:
    """What a quantile rests on is read like every number that nobody else can tell."""
    with world.fluxdash(DATABASE_URL=databases("postgresql", "plain"), FLUXDASH_MAX_ROWS="1000") as gateway:
        assert gateway.samples(scope(OVER), MODEL).groups
        for ask in (
            lambda: gateway.records(scope(OVER), "cost", 5),
            lambda: gateway.records(scope(OVER), "newest", 5),
        ):
            said = r"request_metrics has no index on timestamp: with one it can be read\. .* `CREATE INDEX CONCURRENTLY"
            with pytest.raises(NotReported, match=said):
                ask()
