"""What changed, against the requests themselves: every slice, every row, and the change they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from fluxdash.demo.ledger import DURATION
from fluxdash.demo.request import Request
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import ACCOUNT, JOINT, MODEL, REGION, Dimension, cross, values
from fluxdash.semantic.measures import COST, ERROR_RATE, FAILURES, LATENCY, REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.sources.router import Router
from fluxdash.ui.studies import changed
from fluxdash.ui.studies.changed import Changed
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Drawing, Look
from fluxdash.views.split import Mover, Split
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import Requests
from tests.truth.world import COUNTED_FROM, END, HOUR, RECENT_END, Births, scope, window

Logged = tuple[Router, tuple[Request, ...]]
BY = ("model", "account", "region")
SCOPES = (
    scope(window(END - HOUR, END)),
    scope(window(END - 600, END, 60)),
    scope(window(END - 2 * HOUR, END), region=["us-east-1", "us-west-2"]),
)
STUDIES = {
    "cost": Changed(COST, "Cost"),
    "requests": Changed(REQUESTS, "Requests"),
    "error_rate": Changed(ERROR_RATE, "Error rate"),
    "latency": Changed(LATENCY, "P95", 0.95),
}
HELD = replace(SCOPES[0], conditions=(condition("status:not:success"),))
NEAR = 1e-9


@pytest.fixture
def splits(monkeypatch: pytest.MonkeyPatch) -> list[Split]:
    """The splits that were drawn."""
    seen: list[Split] = []

    def draw(split: Split, *rest: object) -> Drawing:
        seen.append(split)
        return drawn(split, *rest)  # type: ignore[arg-type]

    drawn = changed.what_changed
    monkeypatch.setattr(changed, "what_changed", draw)
    return seen


def place(request: Request) -> tuple[str, ...]:
    return tuple(reckoning.group_of(request, by) or "" for by in BY)


def lanes(rows: Requests) -> dict[str, list[Request]]:
    """The requests by what tells their slice in an answer."""
    found: dict[str, list[Request]] = {}
    for one in rows:
        found.setdefault(JOINT.join(place(one)), []).append(one)
    return found


def member(request: Request, values: tuple[str | None, ...]) -> bool:
    return all(value in (None, own) for value, own in zip(values, place(request), strict=True))


def windows(rows: Requests, asked: Scope) -> tuple[list[Request], list[Request]]:
    """The requests of the window before, and those of the window."""
    inside = reckoning.chosen(rows, {each.dimension.slug: each.values for each in asked.filters})
    over = asked.window
    now = reckoning.within(inside, over.start, over.end)
    return reckoning.within(inside, over.start - over.seconds, over.start), now


def number(slug: str, requests: Requests) -> Fraction | None:
    """The measure of some requests; what adds up is 0 without any, and a rate or a quantile is unknown."""
    return reckoning.total(slug, requests, 0.95 if slug == "latency" else None)


def contributed(slug: str, before: Requests, now: Requests, values: tuple[str | None, ...]) -> Fraction:
    """What some slices contribute to a change, as the documentation of the analysis defines it."""
    own = [[one for one in side if member(one, values)] for side in (before, now)]
    if slug == "latency":
        others = [one for one in now if not member(one, values)]
        swapped = [(one.latency_ms, len(before)) for one in others] + [(one.latency_ms, len(now)) for one in own[0]]
        last = number(slug, now)
        assert last is not None
        return last - Fraction(nearest_rank(sorted(swapped or [(one.latency_ms, 1) for one in before])), 1000)
    if slug == "error_rate":
        failed = [Fraction(sum(one.status != "success" for one in side)) for side in own]
        sizes = [Fraction(len(side)) for side in (before, now)]
        mean = sum((number(slug, side) or Fraction(0)) for side in (before, now)) / 2
        shares = [len(side) / size for side, size in zip(own, sizes, strict=True)]
        return failed[1] / sizes[1] - failed[0] / sizes[0] - mean * (shares[1] - shares[0])
    return (number(slug, own[1]) or Fraction(0)) - (number(slug, own[0]) or Fraction(0))


def nearest_rank(pairs: list[tuple[int, int]]) -> int:
    """The value that 95 of 100 do not exceed, of rising values with a weight each."""
    rank, reached = -(-95 * sum(weight for _, weight in pairs) // 100), 0
    for value, weight in pairs:
        reached += weight
        if reached >= rank:
            return value
    raise AssertionError("nothing was weighed")


def near(got: float | None, want: Fraction | None) -> bool:
    if got is None or want is None:
        return got is None and want is None
    return math.isclose(got, want, rel_tol=NEAR, abs_tol=NEAR)


def check_the_reason(slug: str, mover: Mover, before: Requests, now: Requests) -> None:
    own = [[one for one in side if member(one, mover.values)] for side in (before, now)]
    want: list[Fraction | None]
    match mover.kind:
        case "share":
            want = [Fraction(len(part), len(side)) for part, side in zip(own, (before, now), strict=True)]
        case "count":
            want = [Fraction(len(part)) for part in own]
        case "value" if slug == "cost":
            want = [(number(slug, part) or Fraction(0)) / len(part) for part in own]
        case _:
            want = [number(slug, part) for part in own]
    assert near(mover.before, want[0]), (mover, want)
    assert near(mover.after, want[1]), (mover, want)


@pytest.mark.parametrize("slug", STUDIES)
def test_every_number_of_a_change_is_that_of_the_requests(logged: Logged, slug: str, splits: list[Split]) -> None:
    gateway, rows = logged
    for asked in SCOPES:
        before, now = windows(rows, asked)
        shown = STUDIES[slug].draw(gateway, Asking(asked, Look()), "What changed")
        assert isinstance(shown, Picture)
        assert {each.source for each in shown.sources} == {"log"}
        split = splits.pop()
        assert split.by == (MODEL, ACCOUNT, REGION)
        first, last = number(slug, before), number(slug, now)
        assert near(split.before, first)
        assert near(split.after, last)
        assert {part.values for part in split.parts} == {place(one) for one in (*before, *now)}
        assert len(split.parts) > 10
        for part in split.parts:
            own = [[one for one in side if place(one) == part.values] for side in (before, now)]
            assert near(part.before, number(slug, own[0])), part
            assert near(part.after, number(slug, own[1])), part
            assert near(part.amount, contributed(slug, before, now, part.values)), part
        assert split.movers
        for mover in split.movers:
            assert near(mover.amount, contributed(slug, before, now, mover.values)), mover
            assert mover.slices == len({place(one) for one in (*before, *now) if member(one, mover.values)})
            check_the_reason(slug, mover, before, now)
        held = sum(each.amount for each in split.movers) + (split.rest.amount if split.rest else 0)
        assert last is not None
        assert near(held, last - (first or 0))


def test_the_change_is_that_between_the_tiles_of_both_windows(logged: Logged, splits: list[Split]) -> None:
    gateway, _ = logged
    for slug, measure in (("cost", COST), ("error_rate", ERROR_RATE), ("latency", LATENCY)):
        STUDIES[slug].draw(gateway, Asking(SCOPES[0], Look()), "What changed")
        split = splits.pop()
        query = measure.over_time().within(SCOPES[0])
        assert split.after == pytest.approx(gateway.answer(query).total, rel=NEAR)
        assert split.before == pytest.approx(gateway.answer(query.previous()).total, rel=NEAR)


@pytest.mark.parametrize("narrowed", [scope(SCOPES[0].window, status=["error"]), HELD], ids=["filter", "condition"])
def test_what_a_rate_judges_by_narrows_neither_it_nor_its_change(
    logged: Logged, splits: list[Split], narrowed: Scope
) -> None:
    gateway, rows = logged
    shown = STUDIES["error_rate"].draw(gateway, Asking(narrowed, Look()), "What changed")
    assert isinstance(shown, Picture)
    before, now = windows(rows, SCOPES[0])
    split = splits.pop()
    assert near(split.before, number("error_rate", before))
    assert near(split.after, number("error_rate", now))
    assert len(split.parts) == len({place(one) for one in (*before, *now)})
    said = "Status filter not applied: it decides what counts for the error rate"
    assert said in {note.text for each in shown.sources for note in each.notes}


@pytest.fixture(scope="module")
def metrics(counted: PrometheusServer) -> Iterator[Router]:
    """FluxDash on Prometheus alone."""
    with world.fluxdash(PROMETHEUS_URL=counted.url) as router:
        yield router


HALF_HOUR = Asking(scope(window(RECENT_END - 1800, RECENT_END, 60)), Look())


@pytest.mark.parametrize(
    ("slug", "by"),
    [("cost", (MODEL,)), ("requests", (MODEL, ACCOUNT, REGION)), ("error_rate", (MODEL, ACCOUNT, REGION))],
)
def test_counters_explain_what_adds_up_by_the_labels_they_carry(
    metrics: Router, slug: str, by: tuple[Dimension, ...], splits: list[Split]
) -> None:
    """The savings that make a cost of the list price carry the model alone: finer, it would be another number."""
    study = STUDIES[slug]
    shown = study.draw(metrics, HALF_HOUR, "What changed")
    assert isinstance(shown, Picture)
    assert {each.source for each in shown.sources} == {"prometheus"}
    (split,) = splits
    assert split.by == by
    assert split.title == study.title
    told = {note.text for each in shown.sources for note in each.notes if note.kind is NoteKind.FALLBACK}
    assert told == ({"by model only: cut finer, it is list-price cost, hits included"} if slug == "cost" else set())
    query = study.measure.total().within(HALF_HOUR.scope)
    assert split.after == pytest.approx(metrics.answer(query).total, rel=1e-6)
    assert split.before == pytest.approx(metrics.answer(query.previous()).total, rel=1e-6)
    held = sum(each.amount for each in split.movers) + (split.rest.amount if split.rest else 0)
    assert held == pytest.approx(split.after - split.before, rel=NEAR)


def test_counters_say_where_the_requests_were(metrics: Router, recent: Requests, splits: list[Split]) -> None:
    """No slice is counted more than it had; all but the first increments of new series are counted."""
    STUDIES["requests"].draw(metrics, HALF_HOUR, "What changed")
    before, now = windows(recent, HALF_HOUR.scope)
    for part in splits[0].parts:
        had = [sum(place(one) == part.values for one in side) for side in (before, now)]
        assert (part.before or 0) <= had[0] + NEAR
        assert (part.after or 0) <= had[1] + NEAR
    seen = sum(part.after or 0 for part in splits[0].parts)
    assert len(now) * 0.9 < seen <= len(now)


def test_a_histogram_tells_whose_latency_a_quantile_is(metrics: Router, recent: Requests, splits: list[Split]) -> None:
    """Every slice has as many latencies in each bucket as it had requests there, but those that its birth took."""
    shown = STUDIES["latency"].draw(metrics, HALF_HOUR, "What changed")
    assert isinstance(shown, Picture)
    assert {each.source for each in shown.sources} == {"prometheus"}
    assert {note.text for each in shown.sources for note in each.notes} >= {"from histogram buckets", "estimate"}
    (split,) = splits
    assert split.by == (MODEL, ACCOUNT, REGION)
    query = LATENCY.total(q=0.95).within(HALF_HOUR.scope)
    assert split.after == pytest.approx(metrics.answer(query).total, rel=1e-6)
    assert split.before == pytest.approx(metrics.answer(query.previous()).total, rel=1e-6)
    held = sum(each.amount for each in split.movers) + (split.rest.amount if split.rest else 0)
    assert held == pytest.approx(split.after - split.before, rel=NEAR)
    births, bounds = Births.of(recent, COUNTED_FROM), sorted(DURATION.buckets)
    told = metrics.samples(HALF_HOUR.scope, cross(MODEL, ACCOUNT, REGION)).groups
    over, counted = HALF_HOUR.scope.window, 0
    for group, members in lanes(reckoning.within(recent, over.start, over.end)).items():
        where = values(group)
        lost = births.lost(
            DURATION.name, over.start, over.end, lambda labels, where=where: (labels[1], labels[0], labels[2]) == where
        )
        found = told.get(group, ())
        counted += sum(count for _, count in found)
        for bound in bounds:
            true = sum(one.latency_ms <= bound * 1000 for one in members)
            below = sum(count for seconds, count in found if seconds <= bound * (1 + NEAR))
            assert true - lost <= below <= true or bound == bounds[-1], (group, bound, lost)
    assert counted > 400


def test_what_the_labels_of_a_filter_can_reach_is_still_explained(metrics: Router, splits: list[Split]) -> None:
    asked = replace(HALF_HOUR, scope=scope(HALF_HOUR.scope.window, region=["us-east-1"]))
    for study in (STUDIES["cost"], STUDIES["error_rate"]):
        assert isinstance(study.draw(metrics, asked, "What changed"), Picture)
        split = splits.pop()
        assert all(
            dict(zip(split.by, part.values, strict=True)).get(REGION, "us-east-1") == "us-east-1"
            for part in split.parts
        )


def test_failures_and_requests_of_a_rate_are_one_sources(logged: Logged) -> None:
    gateway, _ = logged
    shown = STUDIES["error_rate"].draw(gateway, Asking(SCOPES[0], Look()), "What changed")
    assert isinstance(shown, Picture)
    queries = STUDIES["error_rate"].queries(Asking(SCOPES[0], Look()))
    assert [each.measure for each in queries] == [FAILURES, REQUESTS]
