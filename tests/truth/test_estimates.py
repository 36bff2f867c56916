"""From counters every number is an estimate, and it is never further off than counters must be.

The bounds are computed, not chosen: see `world.Births` for counts, and `bucket_around` for quantiles. They hold because
all scrapes lie on multiples of 15 s and so do the windows' edges (backends contract, 1.7): Prometheus 2's increase()
then has a sample at both edges of every bucket, and VictoriaMetrics takes the last one before it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fluxdash.demo.ledger import AVAILABILITY as AVAILABLE
from fluxdash.demo.ledger import COST as LIST_COST
from fluxdash.demo.ledger import DURATION, ERRORS, HITS, MISSES, TOKENS, Ledger
from fluxdash.demo.ledger import MODEL_LATENCY as UPSTREAM
from fluxdash.demo.ledger import REQUESTS as COUNTED
from fluxdash.demo.ledger import SAVINGS as SAVED
from fluxdash.demo.request import Request
from fluxdash.errors import NotReported
from fluxdash.semantic.answer import Line
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE_TYPE,
    ERROR_TYPE,
    JOINT,
    MODEL,
    REGION,
    STATUS,
    STRATEGY,
    Dimension,
    cross,
)
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import (
    AVAILABILITY,
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    INPUT_TOKENS,
    LATENCY,
    MEASURES,
    OUTPUT_TOKENS,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS,
    SAVINGS_RATE,
    THROUGHPUT,
    TOKENS_SAVED,
    UNPRICED,
    UPSTREAM_LATENCY,
)
from fluxdash.semantic.measures import TOKENS as ALL_TOKENS
from fluxdash.sources.router import Router
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import Mismatch, Requests
from tests.truth.world import COUNTED_FROM, RECENT_END, Births, group_lines, notes, scope, window

HOUR = window(RECENT_END - 3600, RECENT_END, 60)
BOUNDS = (0.0, *DURATION.buckets, math.inf)
NEAR = 1e-6
"""What float64 and the six digits of the exposition forget, relatively."""

Seen = Callable[[Request], str | None]


def _used(by: Dimension) -> Seen:
    return lambda request: reckoning.group_of(request, by.slug)


def _asked_for(by: Dimension) -> Seen:
    """The cache counters' model is the one that was asked for, which may be `auto`."""
    return (lambda request: request.requested_model) if by is MODEL else _used(by)


# Each measure with the counter it is read from, the labels that cut it, and the group a request is in there.
READ: tuple[tuple[Measure, str, tuple[Dimension, ...], Callable[[Dimension], Seen]], ...] = (
    (REQUESTS, COUNTED.name, (ACCOUNT, MODEL, REGION, STATUS), _used),
    (FAILURES, COUNTED.name, (ACCOUNT, MODEL, REGION, STATUS), _used),
    (INPUT_TOKENS, TOKENS.name, (ACCOUNT, MODEL, REGION), _used),
    (OUTPUT_TOKENS, TOKENS.name, (ACCOUNT, MODEL, REGION), _used),
    (ALL_TOKENS, TOKENS.name, (ACCOUNT, MODEL, REGION), _used),
    (CACHE_HITS, HITS.name, (ACCOUNT, MODEL, CACHE_TYPE), _asked_for),
    (CACHE_MISSES, MISSES.name, (ACCOUNT, MODEL), _asked_for),
    (SAVINGS, SAVED.name, (MODEL,), _used),
)
LABELS = {metric.name: metric.labels for metric in (COUNTED, TOKENS, HITS, MISSES, SAVED, LIST_COST, ERRORS)}
LABEL = {ACCOUNT: "account_id", MODEL: "model", REGION: "region", STATUS: "status", CACHE_TYPE: "cache_type"}


@pytest.fixture(scope="module")
def births(recent: tuple[Request, ...]) -> Births:
    return Births.of(recent, COUNTED_FROM)


@pytest.fixture(scope="module", params=["counted", "counted_by_its_relative"], ids=["prometheus", "victoriametrics"])
def estimated(request: pytest.FixtureRequest) -> Iterator[Router]:
    """FluxDash on metrics alone."""
    with world.fluxdash(PROMETHEUS_URL=request.getfixturevalue(str(request.param)).url) as router:
        yield router


def inside(rows: Requests) -> list[Request]:
    return reckoning.within(rows, HOUR.start, HOUR.end)


def short(what: str, got: float | None, want: float, lost: float) -> list[Mismatch]:
    """Complain unless `want - lost <= got <= want`."""
    slack = NEAR * max(abs(want), 1)
    ok = got is not None and want - lost - slack <= got <= want + slack
    return [] if ok else [Mismatch(what, got, f"{want - lost} to {want}")]


def test_every_count_is_the_truth_less_what_new_series_lose(
    estimated: Router, recent: tuple[Request, ...], births: Births
) -> None:
    wrong = []
    for measure, metric, _, _ in READ:
        answer = estimated.answer(measure.total().within(scope(HOUR)))
        want = float(reckoning.total(measure.slug, inside(recent)) or 0)
        wrong += short(str(measure), answer.total, want, births.lost(metric, HOUR.start, HOUR.end))
        assert answer.provenance.source == "prometheus"
        assert not answer.provenance.exact
        assert "estimated" in notes(answer)["estimated"]
    assert not wrong


def test_little_is_lost_once_the_series_are_there(births: Births, recent: tuple[Request, ...]) -> None:
    assert births.lost(COUNTED.name, HOUR.start, HOUR.end) < 0.04 * len(inside(recent))


def test_every_group_is_the_truth_less_what_its_new_series_lose(
    estimated: Router, recent: tuple[Request, ...], births: Births
) -> None:
    wrong = []
    for measure, metric, dimensions, seen in READ:
        for by in dimensions:
            groups: dict[str, list[Request]] = {}
            for request in inside(recent):
                groups.setdefault(seen(by)(request) or "", []).append(request)
            lines = group_lines(estimated.answer(measure.over_time(by=by).within(scope(HOUR))))
            at = LABELS[metric].index(LABEL[by])
            for group in {*groups, *lines} - {""}:
                want = float(reckoning.total(measure.slug, groups.get(group, [])) or 0)
                lost = births.lost(metric, HOUR.start, HOUR.end, lambda labels, at=at, of=group: labels[at] == of)  # type: ignore[misc]
                if group in lines:
                    wrong += short(f"{measure} {by}={group}", lines[group].total, want, lost)
                elif want > lost:
                    wrong.append(Mismatch(f"{measure} {by}={group}", None, want))
    assert not wrong


def test_the_points_drawn_add_up_to_the_number_beside_them(estimated: Router) -> None:
    for measure, *_ in READ:
        answer = estimated.answer(measure.over_time().within(scope(HOUR)))
        total = estimated.answer(measure.total().within(scope(HOUR))).total
        assert answer.total == total
        assert world.drawn(answer.lines[0], measure.slug) == pytest.approx(total, rel=1e-12)


def test_groups_add_up_to_the_whole(estimated: Router) -> None:
    for measure, _, dimensions, _ in READ:
        whole = estimated.answer(measure.total().within(scope(HOUR))).total
        for by in dimensions:
            several = estimated.answer(measure.top(2, by=by).within(scope(HOUR)))
            assert world.everything(several) == pytest.approx(whole, rel=1e-9), f"{measure} by {by}"


def test_a_ratio_is_that_of_the_sums_beside_it(estimated: Router) -> None:
    def total(measure: Measure) -> float:
        return estimated.answer(measure.total().within(scope(HOUR))).total or 0.0

    requests, failures, cost, savings = (total(each) for each in (REQUESTS, FAILURES, COST, SAVINGS))
    hits, misses = total(CACHE_HITS), total(CACHE_MISSES)
    assert total(ERROR_RATE) == pytest.approx(failures / requests)
    assert total(AVAILABILITY) == pytest.approx(1 - failures / requests)
    assert total(COST_PER_REQUEST) == pytest.approx(cost / requests)
    assert total(HIT_RATE) == pytest.approx(hits / (hits + misses))
    assert total(SAVINGS_RATE) == pytest.approx(savings / (cost + savings))


@pytest.mark.parametrize("by", [None, MODEL], ids=str)
def test_cost_is_the_list_price_less_the_savings(
    estimated: Router, recent: tuple[Request, ...], births: Births, by: Dimension | None
) -> None:
    answer = estimated.answer(COST.over_time(by=by).within(scope(HOUR)))
    assert "relabelled" not in notes(answer)
    groups = reckoning.cut(inside(recent), "model") if by else {"None": inside(recent)}
    wrong = []
    for group, line in group_lines(answer).items():
        want = float(reckoning.total("cost", groups.get(group, [])) or 0)

        def of_the_group(metric: str, group: str = group) -> float:
            at = LABELS[metric].index("model")
            return births.lost(metric, HOUR.start, HOUR.end, lambda labels: by is None or labels[at] == group)

        low, high = want - of_the_group(LIST_COST.name), want + of_the_group(SAVED.name)
        wrong += short(f"cost of {group}", line.total, high, high - low)
    assert not wrong


def test_cost_by_account_is_labelled_list_price_hits_included(
    estimated: Router, recent: tuple[Request, ...], births: Births
) -> None:
    answer = estimated.answer(COST.top(20, by=ACCOUNT).within(scope(HOUR)))
    assert notes(answer)["relabelled"] == "List-price cost, hits included"
    assert answer.provenance.label == "List-price cost, hits included"
    wrong = []
    for account, rows in reckoning.cut(inside(recent), "account").items():
        want = float(sum(request.total_cost or 0 for request in rows))
        lost = births.lost(LIST_COST.name, HOUR.start, HOUR.end, lambda labels, of=account: labels[0] == of)  # type: ignore[misc]
        wrong += short(f"list price of {account}", group_lines(answer)[account].total, want, lost)
    assert not wrong


@pytest.mark.parametrize(
    "filters",
    [
        {"region": ("us-east-1",)},
        {"region": ("us-east-1", "eu-west-1"), "status": ("error", "timeout", "throttled")},
        {"model": ("anthropic.claude-3-5-haiku-20241022-v1:0",)},
        {"model": ("mistral.mistral-7b-instruct-v0:2", "amazon.titan-text-lite-v1"), "region": ("us-east-1",)},
    ],
    ids=str,
)
def test_a_filter_that_the_labels_carry_is_applied(
    estimated: Router, recent: tuple[Request, ...], births: Births, filters: dict[str, tuple[str, ...]]
) -> None:
    answer = estimated.answer(REQUESTS.over_time().within(scope(HOUR, **filters)))
    assert "ignored_filter" not in notes(answer)
    want = len(reckoning.chosen(inside(recent), filters))
    names = [(LABELS[COUNTED.name].index(by), values) for by, values in filters.items() if by != "account"]
    lost = births.lost(COUNTED.name, HOUR.start, HOUR.end, lambda labels: all(labels[at] in of for at, of in names))
    assert not short(str(filters), answer.total, want, lost)


def test_failures_by_cause_and_without_one_are_all_failures(
    estimated: Router, recent: tuple[Request, ...], births: Births
) -> None:
    answer = estimated.answer(FAILURES.over_time(by=ERROR_TYPE).within(scope(HOUR)))
    whole = estimated.answer(FAILURES.over_time().within(scope(HOUR))).lines[0]
    causes = reckoning.cut(inside(recent), "error_type")
    wrong = []
    for cause, line in group_lines(answer).items():
        if cause != "unknown":
            lost = births.lost(ERRORS.name, HOUR.start, HOUR.end, lambda labels, of=cause: labels[2] == of)  # type: ignore[misc]
            wrong += short(cause, line.total, len(causes.get(cause, [])), lost)
    assert not wrong
    for at, failures in enumerate(whole.values):
        of_the_bucket = {line.group: line.values[at] or 0.0 for line in answer.lines}
        named = sum(count for cause, count in of_the_bucket.items() if cause != "unknown")
        # Where a series of requests began with a failure, its cause may be counted and the failure itself be lost.
        assert sum(of_the_bucket.values()) == pytest.approx(max(failures or 0.0, named), abs=1e-9)


@pytest.fixture(scope="module")
def half_explained(
    recent: tuple[Request, ...], prometheus: Callable[..., PrometheusServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Router, list[Request], Births]]:
    """FluxDash on the metrics of a gateway that counts the cause of every other failure only."""
    rows = [replace(one, error_type=None, error_message=None) if at % 2 else one for at, one in enumerate(recent)]
    path = tmp_path_factory.mktemp("half") / "openmetrics.txt"
    world.write_metrics(path, rows, COUNTED_FROM, RECENT_END)
    with world.fluxdash(PROMETHEUS_URL=prometheus(openmetrics=path).url) as router:
        yield router, inside(rows), Births.of(rows, COUNTED_FROM)


@pytest.mark.parametrize(
    "wanted", [("unknown",), ("ValidationException", "unknown"), ("ValidationException",)], ids=str
)
@pytest.mark.parametrize("by", [None, MODEL, ERROR_TYPE], ids=str)
def test_failures_can_be_filtered_by_cause_even_by_none(
    half_explained: tuple[Router, list[Request], Births], wanted: tuple[str, ...], by: Dimension | None
) -> None:
    gateway, rows, births = half_explained
    answer = gateway.answer(FAILURES.over_time(by=by).within(scope(HOUR, error_type=wanted)))
    assert "ignored_filter" not in notes(answer)
    chosen = reckoning.chosen([one for one in rows if one.failed], {"error_type": wanted})
    assert len(chosen) > (5 if "unknown" in wanted else 0)
    # Either counter can lose the first of a new series, and a failure whose cause was lost looks like one without.
    lost = births.lost(COUNTED.name, HOUR.start, HOUR.end, lambda labels: labels[3] != "success")
    found = births.lost(ERRORS.name, HOUR.start, HOUR.end)
    lines = group_lines(answer)
    for group, members in (reckoning.cut(chosen, by.slug) if by else {"None": chosen}).items():
        got = lines[group].total if group in lines else 0.0
        assert len(members) - max(lost, found) - NEAR <= (got or 0.0) <= len(members) + found + NEAR, group
    assert not by or set(lines) <= set(reckoning.cut(rows, by.slug))


def bucket_around(
    latencies: list[float], q: float, lost: float, bounds: Sequence[float] = BOUNDS
) -> tuple[float, float]:
    """The histogram's bounds that the estimate of a quantile must lie between.

    It lies in the bucket that holds the true one: linear inside, so off by up to a bucket. Nobody knows where the
    observations `lost` by new series lay, so the rank is off by at most as many.
    """
    ordered = sorted(latencies)
    low = ordered[max(math.ceil(q * (len(ordered) - lost) - 1e-9), 1) - 1]
    high = ordered[min(math.ceil(q * len(ordered) + lost + 1e-9), len(ordered)) - 1]
    return bounds[max(bisect_left(bounds, low) - 1, 0)], bounds[bisect_left(bounds, high)]


@pytest.mark.parametrize("q", [0.25, 0.5, 0.9, 0.95, 0.99])
def test_a_quantile_lies_in_the_bucket_that_holds_the_true_one(
    estimated: Router, recent: tuple[Request, ...], births: Births, q: float
) -> None:
    def lost(start: float, end: float, at: int | None = None, group: str = "") -> float:
        # The +Inf bucket of a new series counts all of its first observations; so does each request's own counter.
        return births.lost(DURATION.name, start, end, lambda labels: at is None or labels[at] == group)

    over = window(HOUR.start, HOUR.end, 900)
    whole = estimated.answer(LATENCY.over_time(q=q).within(scope(over))).lines[0]
    wrong = []

    def check(what: str, got: float | None, rows: Requests, gone: float) -> None:
        latencies = [request.latency_ms / 1000 for request in rows]
        low, high = bucket_around(latencies, q, gone)
        if got is None or not low <= got <= high:
            wrong.append(Mismatch(what, got, (low, high)))

    check("window", whole.total, inside(recent), lost(over.start, over.end))
    rows = reckoning.buckets(recent, over.start, over.step, over.size)
    for start, value, bucket in zip(over.starts, whole.values, rows, strict=True):
        check(f"bucket {start}", value, bucket, lost(start, start + over.step))
    for by, at in ((MODEL, 1), (REGION, 2), (ACCOUNT, 0)):
        groups = reckoning.cut(inside(recent), by.slug)
        for line in estimated.answer(LATENCY.top(50, by=by, q=q).within(scope(over))).lines:
            group = str(line.group)
            gone = lost(over.start, over.end, at, group)
            if len(groups[group]) > 20 * gone:
                check(f"{by}={group}", line.total, groups[group], gone)
    assert not wrong


@pytest.mark.parametrize("q", [0.25, 0.5, 0.9, 0.95, 0.99])
def test_upstream_latency_is_that_of_the_calls_to_a_model_and_of_no_hit(
    estimated: Router, recent: tuple[Request, ...], births: Births, q: float
) -> None:
    bounds = (0.0, *UPSTREAM.buckets, math.inf)
    called = [one for one in inside(recent) if one.upstream_ms is not None and not one.failed]
    assert not any(one.cache_hit for one in called)
    assert len(called) < 0.8 * len(inside(recent)), "hits and failures make no call that is timed"
    over, wrong = window(HOUR.start, HOUR.end, 900), []

    def check(what: str, line: Line, rows: Requests, gone: float) -> None:
        low, high = bucket_around([(one.upstream_ms or 0) / 1000 for one in rows], q, gone, bounds)
        if line.total is None or not low <= line.total <= high:
            wrong.append(Mismatch(what, line.total, (low, high)))
        wrong.extend(short(f"n of {what}", line.n, len(rows), gone))

    whole = estimated.answer(UPSTREAM_LATENCY.over_time(q=q).within(scope(over))).lines[0]
    check("window", whole, called, births.lost(UPSTREAM.name, over.start, over.end))
    for by, at in ((MODEL, 0), (REGION, 1)):
        groups = reckoning.cut(called, by.slug)
        for line in estimated.answer(UPSTREAM_LATENCY.top(50, by=by, q=q).within(scope(over))).lines:
            gone = births.lost(
                UPSTREAM.name, over.start, over.end, lambda labels, at=at, of=line.group: labels[at] == of
            )  # type: ignore[misc]
            if len(groups[str(line.group)]) > 20 * gone:
                check(f"{by}={line.group}", line, groups[str(line.group)], gone)
    one = estimated.answer(UPSTREAM_LATENCY.total(q=q).within(scope(over, account=(recent[0].account_id,))))
    assert "Account filter not applied" in notes(one)["ignored_filter"]
    assert not wrong


def stated(rows: Requests, at: float) -> dict[tuple[str, str], float]:
    """What the gauge of each model and region said at a moment, by the gateway's own rule: the last it was set to."""
    ledger, values = Ledger(), dict[tuple[str, str], float]()
    for request in rows:
        if COUNTED_FROM <= request.time <= at:
            for metric, labels, value in ledger.entries(request):
                if metric is AVAILABLE:
                    values[labels[0], labels[1]] = value
    return values


def test_the_stated_availability_is_the_lowest_that_any_series_said_last(
    estimated: Router, recent: tuple[Request, ...]
) -> None:
    over = window(HOUR.start, HOUR.end, 900)
    answer = estimated.answer(REPORTED_AVAILABILITY.over_time().within(scope(over)))
    at_the_ends = [stated(recent, start + over.step) for start in over.starts]
    assert list(answer.lines[0].values) == [pytest.approx(min(each.values())) for each in at_the_ends]
    assert answer.total == answer.lines[0].values[-1]
    assert (answer.n, answer.provenance.exact, answer.is_empty) == (None, True, False)
    last = at_the_ends[-1]
    for by, place in ((MODEL, 0), (REGION, 1), (cross(MODEL, REGION), slice(None))):
        lines = group_lines(estimated.answer(REPORTED_AVAILABILITY.top(200, by=by).within(scope(over))))
        wanted: dict[str, float] = {}
        for lane, value in last.items():
            group = JOINT.join(lane[place]) if isinstance(place, slice) else lane[place]
            wanted[group] = min(value, wanted.get(group, 1.0))
        assert {group: line.total for group, line in lines.items()} == pytest.approx(wanted)
    (model, region), value = next(iter(last.items()))
    one = estimated.answer(REPORTED_AVAILABILITY.total().within(scope(over, model=(model,), region=(region,))))
    assert one.total == pytest.approx(value)
    several = estimated.answer(REPORTED_AVAILABILITY.top(2, by=MODEL).within(scope(over)))
    assert several.other is not None
    assert several.other.total == pytest.approx(min(last.values()))


def test_what_was_not_stated_is_unknown(estimated: Router) -> None:
    before = window(COUNTED_FROM - 1800, COUNTED_FROM + 900, 900)
    answer = estimated.answer(REPORTED_AVAILABILITY.over_time().within(scope(before)))
    assert answer.lines[0].values[:2] == (None, None)
    assert answer.lines[0].values[2] is not None
    nowhere = estimated.answer(REPORTED_AVAILABILITY.total().within(scope(HOUR, region=("nowhere",))))
    assert nowhere.total is None
    assert nowhere.is_empty


def test_the_quantile_of_a_window_comes_from_merged_counts_and_not_from_the_points(estimated: Router) -> None:
    answer = estimated.answer(LATENCY.over_time(q=0.99).within(scope(HOUR)))
    known = [value for value in answer.lines[0].values if value is not None]
    mean = sum(known) / len(known)
    one = estimated.answer(LATENCY.total(q=0.99).within(scope(window(HOUR.start, HOUR.end, 3600)))).total
    assert answer.total == pytest.approx(one, rel=0.02)
    assert abs(mean - (answer.total or 0)) > 0.02 * mean
    assert notes(answer)["estimated"] == "from histogram buckets"


def test_a_rank_beyond_the_last_bound_is_at_least_that_bound(estimated: Router, recent: tuple[Request, ...]) -> None:
    timed_out = {"status": ("timeout",)}
    beyond = sum(request.latency_ms > 30_000 for request in inside(recent))
    assert beyond >= 1
    q = round(1 - beyond / len(inside(recent)) / 2, 6)
    answer = estimated.answer(LATENCY.total(q=q).within(scope(HOUR)))
    assert answer.total == 30
    assert answer.lines[0].at_least
    assert notes(answer)["at_least"]
    assert not estimated.answer(LATENCY.total(q=0.5).within(scope(HOUR))).lines[0].at_least
    # No histogram has the status as a label, so that filter would be ignored, and the answer says so.
    assert (
        "Status filter not applied"
        in notes(estimated.answer(LATENCY.total(q=0.5).within(scope(HOUR, **timed_out))))["ignored_filter"]
    )


def test_a_region_filter_cannot_narrow_cache_hits_and_the_answer_says_so(estimated: Router) -> None:
    everywhere = estimated.answer(CACHE_HITS.total().within(scope(HOUR)))
    somewhere = estimated.answer(CACHE_HITS.total().within(scope(HOUR, region=("us-east-1",))))
    assert notes(somewhere)["ignored_filter"].startswith("Region filter not applied: Prometheus")
    assert somewhere.total == everywhere.total
    assert "ignored_filter" not in notes(everywhere)


@pytest.mark.parametrize(
    ("measure", "by"),
    [(CACHE_HITS, REGION), (SAVINGS, ACCOUNT), (REQUESTS, STRATEGY), (THROUGHPUT, None), (UNPRICED, None)],
    ids=str,
)
def test_what_no_counter_carries_is_not_reported(estimated: Router, measure: Measure, by: Dimension | None) -> None:
    question = measure.top(5, by=by) if by else measure.total()
    with pytest.raises(NotReported) as caught:
        estimated.answer(question.within(scope(HOUR)))
    assert "Prometheus" in str(caught.value) or "fluxai_" in str(caught.value)


def test_tokens_saved_are_told_where_an_installation_counts_them(
    estimated: Router, recent: tuple[Request, ...]
) -> None:
    want = float(reckoning.total("tokens_saved", inside(recent)) or 0)
    got = estimated.answer(TOKENS_SAVED.total().within(scope(HOUR))).total
    assert got == pytest.approx(want, rel=0.05)


def test_the_window_before_is_answered_from_its_own_scrapes(
    estimated: Router, recent: tuple[Request, ...], births: Births
) -> None:
    half = window(RECENT_END - 1800, RECENT_END, 60)
    query = REQUESTS.total().within(scope(half)).previous()
    before = query.scope.window
    want = len(reckoning.within(recent, before.start, before.end))
    lost = births.lost(COUNTED.name, before.start, before.end)
    assert not short("before", estimated.answer(query).total, want, lost)


def test_a_window_from_before_the_data_says_since_when_there_are_any(estimated: Router) -> None:
    answer = estimated.answer(REQUESTS.total().within(scope(window(COUNTED_FROM - 4 * 3600, RECENT_END, 600))))
    assert "Prometheus' data start at" in notes(answer)["partial"]


def test_narrow_buckets_are_coarsened_to_four_scrapes(estimated: Router) -> None:
    answer = estimated.answer(REQUESTS.over_time().within(scope(window(RECENT_END - 900, RECENT_END, 15))))
    assert (answer.window.step, answer.window.start, answer.window.end) == (60, RECENT_END - 900, RECENT_END)
    assert len(answer.lines[0].values) == 15


@pytest.fixture(scope="module")
def carelessly_counted(
    careless: tuple[Request, ...], prometheus: Callable[..., PrometheusServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Router]:
    """FluxDash on a Prometheus whose gateway never writes savings, causes or gauges."""
    path = tmp_path_factory.mktemp("careless") / "openmetrics.txt"
    rows = reckoning.moved(careless, world.RECENT)
    world.write_metrics(path, rows, RECENT_END - 1800, RECENT_END, quirks=True)
    with world.fluxdash(PROMETHEUS_URL=prometheus(openmetrics=path).url) as router:
        yield router


def test_without_savings_there_is_only_a_list_price(carelessly_counted: Router) -> None:
    quarter = scope(window(RECENT_END - 900, RECENT_END, 60))
    assert notes(carelessly_counted.answer(COST.total().within(quarter)))["relabelled"].startswith("List-price cost")
    each = carelessly_counted.answer(COST_PER_REQUEST.total().within(quarter))
    assert notes(each)["relabelled"] == "Cost per request (list-price cost, hits included)"
    with pytest.raises(NotReported, match="fluxai_cache_savings_dollars_total"):
        carelessly_counted.answer(SAVINGS.total().within(quarter))
    with pytest.raises(NotReported, match="error_type"):
        carelessly_counted.answer(FAILURES.top(5, by=ERROR_TYPE).within(quarter))
    with pytest.raises(NotReported, match="fluxai_cache_tokens_saved_total"):
        carelessly_counted.answer(TOKENS_SAVED.total().within(quarter))


def test_what_prometheus_can_tell_it_lists(estimated: Router) -> None:
    able = {
        each.measure.slug: {by.slug for by in each.dimensions} for each in estimated.capabilities() if not each.reason
    }
    assert set(able) == {each.slug for each in MEASURES} - {"throughput", "unpriced"}
    assert able["requests"] == {"account", "model", "region", "status"}
    assert able["failures"] == {"account", "model", "region", "status", "error_type"}
    assert able["cache_hits"] == able["cache_misses"] | {"cache_type"} == {"account", "model", "cache_type"}
    assert able["lookups"] == able["hit_rate"] == {"account", "model"}
    assert able["upstream_latency"] == able["reported_availability"] == {"model", "region"}
    assert not [slug for slug, dimensions in able.items() if "cache" in dimensions]


def test_a_history_is_read_from_scrapes_on_the_edges_of_buckets(history: Path) -> None:
    with history.open() as file:
        times = {float(line.rsplit(" ", 1)[1]) for line, _ in zip(file, range(3000), strict=False) if line[0] != "#"}
    assert times
    assert all(time % 15 == 0 for time in times)
