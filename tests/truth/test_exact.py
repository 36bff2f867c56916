"""From the request log every number is exact: on SQLite, and on a PostgreSQL that believes to be in New York."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from fluxdash.demo.request import Request
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE_TYPE,
    DIMENSIONS,
    ERROR_TYPE,
    MODEL,
    REGION,
    STATUS,
    STRATEGY,
    Dimension,
)
from fluxdash.semantic.measure import Distribution, Measure
from fluxdash.semantic.measures import (
    COST,
    COST_PER_REQUEST,
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
from tests.truth import reckoning, world
from tests.truth.reckoning import differs
from tests.truth.world import END, HOUR, START, scope, window

Logged = tuple[Router, tuple[Request, ...]]
RANKS = (0.5, 0.95, 0.9)  # two that are asked for together, and one on its own
LAST_TWO_HOURS = window(END - 2 * HOUR, END)


def asked(measure: Measure) -> list[tuple[Measure, float | None]]:
    """The measure, or one for each quantile it is asked by."""
    return [(measure, q) for q in RANKS] if isinstance(measure, Distribution) else [(measure, None)]


TOLD = [measure for measure in MEASURES if measure.slug not in reckoning.ONLY_METRICS]
EVERY = [pair for measure in TOLD for pair in asked(measure)]


def test_the_reckoning_knows_every_measure_and_dimension() -> None:
    assert {measure.slug for measure in MEASURES} == {*reckoning.SLUGS, *reckoning.ONLY_METRICS}
    assert {by.slug for by in DIMENSIONS} == set(reckoning.KEYS)


def test_every_total_is_that_of_the_requests(logged: Logged) -> None:
    gateway, rows = logged
    inside = reckoning.within(rows, LAST_TWO_HOURS.start, LAST_TWO_HOURS.end)
    wrong = []
    for measure, q in EVERY:
        answer = gateway.answer(measure.total(q=q).within(scope(LAST_TWO_HOURS)))
        wrong += differs(f"{measure} {q or ''}", measure.slug, answer.total, reckoning.total(measure.slug, inside, q))
        assert answer.provenance.source == "log"
    assert not wrong


@pytest.mark.parametrize("step", [60, 900, 3600])
def test_every_point_of_every_measure_is_that_of_its_bucket(logged: Logged, step: int) -> None:
    gateway, rows = logged
    over = window(END - 2 * HOUR, END, step)
    inside = reckoning.buckets(rows, over.start, over.step, over.size)
    wrong = []
    for measure, q in EVERY:
        answer = gateway.answer(measure.over_time(q=q).within(scope(over)))
        (line,) = answer.lines
        for at, (value, bucket) in enumerate(zip(line.values, inside, strict=True)):
            wrong += differs(
                f"{measure} {q or ''}[{at}]", measure.slug, value, reckoning.total(measure.slug, bucket, q)
            )
        assert answer.window == over
        assert not line.head
    assert not wrong


@pytest.mark.parametrize("by", DIMENSIONS, ids=str)
def test_every_measure_by_every_dimension_is_that_of_the_groups_requests(logged: Logged, by: Dimension) -> None:
    gateway, rows = logged
    groups = world.true_groups(rows, by.slug, LAST_TWO_HOURS)
    wrong = []
    for measure, q in EVERY:
        answer = gateway.answer(measure.top(200, by=by, q=q).within(scope(LAST_TWO_HOURS)))
        lines = world.group_lines(answer)
        assert set(lines) == set(groups), f"{measure} by {by}"
        assert answer.groups == len(groups)
        assert answer.other is None
        for group, line in lines.items():
            want = reckoning.total(measure.slug, groups[group], q)
            wrong += differs(f"{measure} {q or ''} {by}={group}", measure.slug, line.total, want)
    assert not wrong


@pytest.mark.parametrize("by", DIMENSIONS, ids=str)
def test_the_points_by_every_dimension_are_those_of_the_groups_bucket(logged: Logged, by: Dimension) -> None:
    gateway, rows = logged
    over = window(END - 2 * HOUR, END, 1800)
    groups = world.true_groups(rows, by.slug, over)
    wrong = []
    for measure, q in (
        (REQUESTS, None),
        (COST, None),
        (SAVINGS, None),
        (HIT_RATE, None),
        (TOKENS, None),
        (LATENCY, 0.95),
    ):
        lines = world.group_lines(gateway.answer(measure.over_time(by=by, q=q).within(scope(over))))
        assert set(lines) == set(groups), f"{measure} by {by}"
        for group, line in lines.items():
            what = f"{measure} {q or ''} {by}={group}"
            wrong += differs(what, measure.slug, line.total, reckoning.total(measure.slug, groups[group], q))
            buckets = reckoning.buckets(groups[group], over.start, over.step, over.size)
            for at, (value, bucket) in enumerate(zip(line.values, buckets, strict=True)):
                wrong += differs(f"{what}[{at}]", measure.slug, value, reckoning.total(measure.slug, bucket, q))
    assert not wrong


def test_the_sample_of_a_quantile_is_counted_in_every_bucket(logged: Logged) -> None:
    gateway, rows = logged
    over = window(END - 2 * HOUR, END, 900)
    answer = gateway.answer(LATENCY.over_time(q=0.95).within(scope(over)))
    assert answer.n == len(reckoning.within(rows, over.start, over.end))
    assert list(answer.lines[0].counts) == [
        len(bucket) for bucket in reckoning.buckets(rows, over.start, over.step, over.size)
    ]


def test_the_points_drawn_add_up_to_the_number_beside_them(logged: Logged) -> None:
    gateway, _ = logged
    for measure in (each for each in MEASURES if each.slug in reckoning.SUMS):
        answer = gateway.answer(measure.over_time().within(scope(LAST_TWO_HOURS)))
        total = gateway.answer(measure.total().within(scope(LAST_TWO_HOURS))).total
        assert answer.total == total
        assert world.drawn(answer.lines[0], measure.slug) == pytest.approx(total, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("by", [ACCOUNT, MODEL, REGION, STATUS, STRATEGY], ids=str)
def test_no_request_is_lost_by_grouping(logged: Logged, by: Dimension) -> None:
    gateway, _ = logged
    for measure in (REQUESTS, FAILURES, COST, SAVINGS, TOKENS):
        whole = gateway.answer(measure.total().within(scope(LAST_TWO_HOURS))).total
        groups = gateway.answer(measure.top(200, by=by).within(scope(LAST_TWO_HOURS)))
        assert world.everything(groups) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_the_largest_and_other_add_up(logged: Logged, n: int) -> None:
    gateway, rows = logged
    groups = world.true_groups(rows, "model", LAST_TWO_HOURS)
    for measure in (REQUESTS, COST, COST_PER_REQUEST, HIT_RATE):
        answer = gateway.answer(measure.top(n, by=MODEL).within(scope(LAST_TWO_HOURS)))
        assert answer.groups == len(groups)
        assert len(answer.lines) == n
        totals = [line.total or 0.0 for line in answer.lines]
        assert totals == sorted(totals, reverse=True)
        largest = {line.group for line in answer.lines}
        rest = [one for group, members in groups.items() if group not in largest for one in members]
        assert answer.other is not None
        assert not differs("Other", measure.slug, answer.other.total, reckoning.total(measure.slug, rest))


FILTERS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"region": ("us-east-1",)},
    {"region": ("us-east-1", "eu-central-1")},
    {"status": ("error", "throttled", "timeout")},
    {"strategy": ("unknown",)},
    {"strategy": ("auto", "unknown"), "region": ("us-west-2", "us-east-1")},
    {"cache": ("hit",)},
    {"cache": ("miss", "off"), "region": ("us-east-1",)},
    {"cache_type": ("semantic",)},
    {"cache_type": ("exact",), "region": ("us-east-1",)},
    {"error_type": ("unknown", "ValidationException")},
    {"model": ("anthropic.claude-3-5-haiku-20241022-v1:0", "cohere.command-r-plus-v1:0"), "status": ("success",)},
    {"model": ("no-such-model",)},
)


JUDGED = {
    "hit_rate": {"cache", "cache_type"},
    "savings_rate": {"cache", "cache_type"},
    "error_rate": {"status", "error_type"},
    "availability": {"status", "error_type"},
}
"""What decides of each request whether these rates count it: they stay rates of all requests under such a filter."""


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_filters_keep_exactly_the_requests_they_name(logged: Logged, filters: dict[str, tuple[str, ...]]) -> None:
    gateway, rows = logged
    over = window(END - 2 * HOUR, END, 3600)

    def kept(slug: str) -> list[Request]:
        applied = {by: values for by, values in filters.items() if by not in JUDGED.get(slug, ())}
        return reckoning.chosen(reckoning.within(rows, over.start, over.end), applied)

    wrong = []
    for measure, q in EVERY:
        answer = gateway.answer(measure.over_time(q=q).within(scope(over, **filters)))
        assert len(answer.provenance.ignored) == len(JUDGED.get(measure.slug, set()) & set(filters))
        want = reckoning.total(measure.slug, kept(measure.slug), q)
        wrong += differs(f"{measure} {q or ''}", measure.slug, answer.total, want)
    for measure, q in ((REQUESTS, None), (COST, None), (HIT_RATE, None), (ERROR_RATE, None), (LATENCY, 0.95)):
        groups = reckoning.cut(kept(measure.slug), "account")
        ranked = gateway.answer(measure.top(200, by=ACCOUNT, q=q).within(scope(over, **filters)))
        assert {line.group for line in ranked.lines} == set(groups)
        for line in ranked.lines:
            want = reckoning.total(measure.slug, groups[str(line.group)], q)
            wrong += differs(f"{measure} {q or ''} of {line.group}", measure.slug, line.total, want)
    assert not wrong


def test_one_accounts_numbers_are_its_own(logged: Logged) -> None:
    gateway, rows = logged
    for account, members in world.true_groups(rows, "account", LAST_TWO_HOURS).items():
        for measure in (REQUESTS, COST, ERROR_RATE):
            answer = gateway.answer(measure.total().within(scope(LAST_TWO_HOURS, account=(account,))))
            want = reckoning.total(measure.slug, members)
            assert not differs(f"{measure} of {account}", measure.slug, answer.total, want)


def test_the_window_before_is_answered_from_its_own_requests(logged: Logged) -> None:
    gateway, rows = logged
    before = reckoning.within(rows, START, START + 2 * HOUR)
    wrong = []
    for measure, q in EVERY:
        query = measure.total(q=q).within(scope(LAST_TWO_HOURS)).previous()
        assert (query.scope.window.start, query.scope.window.end) == (START, START + 2 * HOUR)
        got = gateway.answer(query).total
        wrong += differs(f"{measure} {q or ''}", measure.slug, got, reckoning.total(measure.slug, before, q))
    assert not wrong


def test_buckets_before_the_first_row_are_unknown_and_those_without_one_are_zero(logged: Logged) -> None:
    gateway, rows = logged
    over = window(START - HOUR, START + HOUR, 1800)
    answer = gateway.answer(REQUESTS.over_time().within(scope(over)))
    halves = [len(bucket) for bucket in reckoning.buckets(rows, START, 1800, 2)]
    assert list(answer.lines[0].values) == [None, None, *halves]
    assert "starts at" in world.notes(answer)["partial"]
    after = gateway.answer(REQUESTS.over_time().within(scope(window(END, END + HOUR, 1800))))
    assert list(after.lines[0].values) == [0, 0]
    assert gateway.answer(LATENCY.total().within(scope(window(END, END + HOUR, 1800)))).total is None
    assert gateway.answer(ERROR_RATE.total().within(scope(window(END, END + HOUR, 1800)))).total is None


def test_a_filter_offers_every_value_of_the_window_and_none_besides(logged: Logged) -> None:
    gateway, rows = logged
    names = {"acme-retail", "borealis-bank", "ember-health"}
    for by in (ACCOUNT, MODEL, REGION, STATUS, STRATEGY):
        groups = world.true_groups(rows, by.slug, LAST_TWO_HOURS)
        choices = gateway.choices(by, scope(LAST_TWO_HOURS, **{by.slug: ("something-else",)})).offered
        assert {each.value: each.requests for each in choices} == {key: len(rows) for key, rows in groups.items()}
        assert [each.requests for each in choices] == sorted((each.requests for each in choices), reverse=True)
        if by is ACCOUNT:
            assert names <= {each.name for each in choices}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def carelessly(request: pytest.FixtureRequest, databases: Callable[[str, str], str]) -> object:
    """FluxDash on a log that is booked carelessly."""
    with world.fluxdash(DATABASE_URL=databases(str(request.param), "careless")) as router:
        yield router


def test_what_the_gateway_left_empty_is_a_group_named_unknown(
    carelessly: Router, careless: tuple[Request, ...]
) -> None:
    inside = reckoning.within(careless, LAST_TWO_HOURS.start, LAST_TWO_HOURS.end)
    nobodys = sum(request.strategy is None for request in inside)
    uncaused = sum(request.failed and request.error_message is None for request in inside)
    assert nobodys
    assert uncaused
    strategies = world.group_lines(carelessly.answer(REQUESTS.top(10, by=STRATEGY).within(scope(LAST_TWO_HOURS))))
    assert strategies["unknown"].total == nobodys
    causes = world.group_lines(carelessly.answer(FAILURES.top(10, by=ERROR_TYPE).within(scope(LAST_TWO_HOURS))))
    assert causes["unknown"].total == uncaused


def test_a_hit_booked_for_nothing_saves_its_list_price_and_says_so(
    carelessly: Router, careless: tuple[Request, ...]
) -> None:
    inside = reckoning.within(careless, LAST_TWO_HOURS.start, LAST_TWO_HOURS.end)
    free = [one for one in inside if one.cache_hit and not one.total_cost and one.total_tokens]
    priced = [one for one in free if reckoning.list_price(one) is not None]
    assert len(priced) > 50
    answer = carelessly.answer(SAVINGS.total().within(scope(LAST_TWO_HOURS)))
    assert not differs("savings", "savings", answer.total, reckoning.total("savings", inside))
    assert world.notes(answer)["estimated"] == f"{len(priced):,} requests priced from the price list"
    assert not answer.provenance.exact
    by_account = carelessly.answer(SAVINGS.top(3, by=ACCOUNT).within(scope(LAST_TWO_HOURS)))
    assert world.notes(by_account)["estimated"] == f"{len(priced):,} requests priced from the price list"


def test_answers_that_nobody_could_price_are_counted(carelessly: Router, careless: tuple[Request, ...]) -> None:
    inside = reckoning.within(careless, LAST_TWO_HOURS.start, LAST_TWO_HOURS.end)
    want = reckoning.total("unpriced", inside)
    assert want
    answer = carelessly.answer(UNPRICED.top(10, by=MODEL).within(scope(LAST_TWO_HOURS)))
    assert world.group_lines(answer)["cohere.command-r-plus-v1:0"].total == want
    assert world.everything(answer) == want


def test_a_log_that_is_booked_well_is_exact_and_says_nothing_about_prices(
    databases: Callable[[str, str], str],
) -> None:
    with world.fluxdash(DATABASE_URL=databases("sqlite", "plain")) as gateway:
        for measure in (COST, SAVINGS, REQUESTS):
            provenance = gateway.answer(measure.total().within(scope(LAST_TWO_HOURS))).provenance
            assert provenance.exact
            assert provenance.notes == ()


def test_hits_by_type_stand_in_the_log_too(logged: Logged) -> None:
    gateway, rows = logged
    groups = world.true_groups(rows, "cache_type", LAST_TWO_HOURS)
    answer = gateway.answer(REQUESTS.top(10, by=CACHE_TYPE).within(scope(LAST_TWO_HOURS)))
    assert {line.group: line.total for line in answer.lines} == {key: len(hits) for key, hits in groups.items()}


def test_no_clock_of_the_server_moves_a_row(
    in_new_york: Callable[..., str], postgres_server: PostgresServer, plain: tuple[Request, ...]
) -> None:
    # 02:30 on 2026-03-08 does not exist in New York, and 01:30 on 2026-11-01 exists twice there.
    missing, twice = 1_772_937_060, 1_793_496_660
    rows = tuple(
        reckoning.moved((plain[at],), round(moment - plain[at].time))[0] for at, moment in enumerate((missing, twice))
    )
    address = in_new_york(rows)
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW timezone")) == "America/New_York"
    engine.dispose()
    with world.fluxdash(DATABASE_URL=address) as gateway:
        for moment in (missing, twice):
            over = window(moment - HOUR, moment + HOUR, 900)
            values = gateway.answer(REQUESTS.over_time().within(scope(over))).lines[0].values
            at = int((moment - over.start) // 900)
            assert [value or 0 for value in values] == [float(each == at) for each in range(over.size)]


def test_the_log_can_tell_every_measure_by_every_dimension(logged: Logged) -> None:
    gateway, _ = logged
    able = {each.measure.slug: each.dimensions for each in gateway.capabilities() if not each.reason}
    assert able == dict.fromkeys(reckoning.SLUGS, DIMENSIONS)
    reasons = {each.measure.slug: each.reason for each in gateway.capabilities() if each.reason}
    assert reasons == {
        "upstream_latency": "The request log does not tell upstream latency.",
        "reported_availability": "The request log does not tell reported availability.",
    }
