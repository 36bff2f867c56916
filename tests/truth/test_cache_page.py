"""What the page of the cache draws is what the requests say: shares, sums, latencies and every row of the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from fluxdash.demo.request import Request
from fluxdash.pages.cache import PAGE
from fluxdash.semantic.measures import CACHE_HITS, HIT_RATE, SAVINGS
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.units import Unit, count, figure
from fluxdash.sources.router import Router
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.pages.drawing import panels, shown, strip, ways
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import Requests, differs
from tests.truth.world import END, HOUR, RECENT_END, scope, window
from tests.views.reading import cells, marked, text

Logged = tuple[Router, tuple[Request, ...]]
OVER = window(END - 2 * HOUR, END)
WAYS = list(ways(PAGE))


def asking(over: Scope, **chosen: str) -> Asking:
    return Asking(over, Look(), True, "?", tuple((name.replace("_", "-"), to) for name, to in chosen.items()))


def drawn(gateway: Router, title: str, **chosen: str) -> Picture:
    found = shown(panels(PAGE)[title], gateway, asking(scope(OVER), **chosen))
    assert isinstance(found, Picture), found
    return found


def rows_of(picture: Picture) -> dict[str, list[Any]]:
    """The heights of each trace by its uid, which is the same whether it is drawn as bars or as an area."""
    assert picture.drawing.figure is not None
    return {
        trace["uid"].removesuffix("-bars").removesuffix("-points"): trace["y"]
        for trace in picture.drawing.figure["data"]
    }


def buckets(rows: Requests) -> list[list[Request]]:
    return reckoning.buckets(rows, OVER.start, OVER.step, OVER.size)


def hits(rows: Requests, kind: str | None = None) -> list[Request]:
    every = [one for one in rows if one.cache_hit]
    return every if kind is None else [one for one in every if reckoning.group_of(one, "cache_type") == kind]


def close(got: float | None, want: Fraction | float | None) -> bool:
    return got is None if want is None else got is not None and math.isclose(got, want, rel_tol=1e-12, abs_tol=1e-12)


def test_shares_of_types_are_those_of_the_rows_and_add_up_to_the_hit_rate(logged: Logged) -> None:
    gateway, rows = logged
    traces = rows_of(drawn(gateway, "Hit rate"))
    kinds = sorted(
        {str(reckoning.group_of(one, "cache_type")) for one in hits(reckoning.within(rows, OVER.start, OVER.end))}
    )
    assert kinds in (["exact", "semantic"], ["semantic"])
    for at, bucket in enumerate(buckets(rows)):
        lookups = reckoning.total("lookups", bucket)
        shares = [len(hits(bucket, kind)) / lookups for kind in kinds]  # type: ignore[operator]
        assert all(close(traces[kind][at], share) for kind, share in zip(kinds, shares, strict=True))
        assert close(sum(traces[kind][at] for kind in kinds), reckoning.total("hit_rate", bucket))


@pytest.mark.parametrize("narrowed", [{"cache": ["hit"]}, {"cache_type": ["semantic"]}], ids=str)
def test_a_filter_on_what_the_rate_judges_by_makes_no_share_of_it_and_no_lookups_that_it_is_not_of(
    logged: Logged, narrowed: dict[str, list[str]]
) -> None:
    gateway, rows = logged
    found = shown(panels(PAGE)["Hit rate"], gateway, asking(scope(OVER, **narrowed)))
    assert isinstance(found, Picture), found
    assert [each.name for each in found.table.columns if "," in each.name] == ["Bucket start, UTC"]
    lookups = reckoning.total("lookups", reckoning.within(rows, OVER.start, OVER.end))
    assert f" of {int(lookups or 0):,} lookups;" in found.drawing.sentence
    for row, bucket in zip(found.table.rows, buckets(rows), strict=True):
        assert close(row[1], reckoning.total("hit_rate", bucket))  # type: ignore[arg-type]
        assert row[-1] == reckoning.total("lookups", bucket)


def test_the_dotted_line_is_the_hit_rate_of_the_window_before(logged: Logged) -> None:
    gateway, rows = logged
    before = reckoning.buckets(rows, OVER.start - OVER.seconds, OVER.step, OVER.size)
    dotted = rows_of(drawn(gateway, "Hit rate"))["rate-before"]
    assert all(close(got, reckoning.total("hit_rate", bucket)) for got, bucket in zip(dotted, before, strict=True))


def test_hits_a_minute_add_up_to_the_hits_of_each_type(logged: Logged) -> None:
    gateway, rows = logged
    traces = rows_of(drawn(gateway, "Hit rate", hit_rate="hits"))
    inside, minutes = reckoning.within(rows, OVER.start, OVER.end), OVER.step / 60
    found = {uid.removesuffix("-count"): sum(row) * minutes for uid, row in traces.items() if uid.endswith("-count")}
    groups = reckoning.cut(inside, "cache_type")
    assert found == {kind: pytest.approx(len(members)) for kind, members in groups.items()}
    assert sum(found.values()) == pytest.approx(len(hits(inside)))


def test_savings_run_bucket_by_bucket_and_end_at_the_tile(logged: Logged) -> None:
    gateway, rows = logged
    course = rows_of(drawn(gateway, "Cumulative savings"))["savings"]
    so_far = Fraction(0)
    for got, bucket in zip(course, buckets(rows), strict=True):
        so_far += reckoning.total("savings", bucket) or 0
        assert math.isclose(got, so_far, abs_tol=1e-9)
    tile = gateway.answer(SAVINGS.over_time().within(scope(OVER))).total
    assert course[-1] == tile
    assert not differs("savings", "savings", tile, so_far)


def test_the_tiles_say_the_numbers_of_the_rows(logged: Logged) -> None:
    gateway, rows = logged
    inside = reckoning.within(rows, OVER.start, OVER.end)
    total: Callable[[str], float] = lambda slug: float(reckoning.total(slug, inside) or 0)  # noqa: E731
    drawn = strip(PAGE).draw(gateway, asking(scope(OVER))).drawn
    rate, of_hits, saved, tokens = [" ".join(text(each).split()) for each in drawn]
    assert f"{figure(Unit.SHARE, total('hit_rate')).number} %" in rate
    assert f"{count(total('cache_hits'))} of {count(total('lookups'))} lookups" in rate
    for kind, members in reckoning.cut(inside, "cache_type").items():
        assert f"{count(len(members))} {kind}" in of_hits
    assert str(figure(Unit.DOLLARS, total("savings"))) in saved
    assert str(figure(Unit.SHARE, total("savings_rate"))).replace("\u00a0", " ") in saved
    assert figure(Unit.TOKENS, total("tokens_saved")).number in tokens
    assert f"{count(total('cache_hits'))} hits" in tokens


def test_every_row_of_the_table_is_its_models_and_they_add_up_to_the_tiles(logged: Logged) -> None:
    gateway, rows = logged
    picture = drawn(gateway, "By model")
    groups = world.true_groups(rows, "model", OVER)
    *each, whole = picture.table.rows
    wrong = []
    for model, *numbers in each:
        for slug, got in zip(("cache_hits", "cache_misses", "hit_rate", "savings"), numbers, strict=True):
            wrong += differs(f"{slug} of {model}", slug, got, reckoning.total(slug, groups[str(model)]))  # type: ignore[arg-type]
    assert not wrong
    assert {row[0] for row in each} == {
        model for model, members in groups.items() if reckoning.total("lookups", members)
    }
    assert [sum(row[place] for row in each) for place in (1, 2)] == [whole[1], whole[2]]  # type: ignore[misc]
    assert sum(row[4] for row in each) == pytest.approx(whole[4], abs=1e-9)  # type: ignore[misc]
    tiles = [
        gateway.answer(measure.over_time().within(scope(OVER))).total for measure in (CACHE_HITS, HIT_RATE, SAVINGS)
    ]
    assert [whole[1], whole[3]] == tiles[:2]
    assert whole[4] == pytest.approx(tiles[2], abs=1e-9)
    written = cells(picture.drawing.beside)[1:]
    assert [row[1] for row in written] == [count(row[1]) for row in picture.table.rows]  # type: ignore[arg-type]
    assert [row[4] for row in written] == [
        str(figure(Unit.SHARE, row[3])).replace("\u00a0", " ")  # type: ignore[arg-type]
        for row in picture.table.rows
    ]


def test_a_bar_is_split_as_the_models_hits_are(logged: Logged) -> None:
    gateway, rows = logged
    picture = drawn(gateway, "By model")
    groups = world.true_groups(rows, "model", OVER)
    highest = max(row[3] for row in picture.table.rows[:-1])  # type: ignore[type-var]
    for row, bar in zip(picture.table.rows[:-1], marked(picture.drawing.beside, "hb"), strict=True):
        members = groups[str(row[0])]
        found = {part.style["background"]: float(part.style["width"].rstrip("%")) for part in bar.children}
        want = {
            token: len(hits(members, kind)) / float(reckoning.total("lookups", members) or 1) / highest * 100  # type: ignore[operator]
            for kind, token in (("exact", "var(--m-main)"), ("semantic", "var(--m-2)"))
            if hits(members, kind)
        }
        assert found == {token: pytest.approx(share, abs=0.051) for token, share in want.items()} or not want


@pytest.mark.parametrize(("slug", "q"), [("p50", 0.5), ("p95", 0.95)])
def test_latencies_of_hits_and_misses_are_the_nearest_ranks_of_their_rows(logged: Logged, slug: str, q: float) -> None:
    gateway, rows = logged
    picture = drawn(gateway, "Latency, hit against miss", latency_hit_against_miss=slug)
    assert picture.drawing.figure is not None
    found: dict[str, list[float | None]] = {}
    for trace in picture.drawing.figure["data"]:
        # A line is drawn in two traces, of which the faint one reaches over to its neighbours.
        name = trace["uid"].removesuffix("-points").removesuffix("-faint").removesuffix("-points")
        row = found.setdefault(name, [None] * OVER.size)
        found[name] = [a if a is not None else b for a, b in zip(row, trace["y"], strict=True)]
    kinds = sorted(reckoning.cut(reckoning.within(rows, OVER.start, OVER.end), "cache_type"))
    assert sorted(found) == sorted(["miss", *kinds])
    for at, bucket in enumerate(buckets(rows)):
        missed = [one for one in bucket if one.cache_hit is False]
        assert close(found["miss"][at], reckoning.quantile(missed, q))
        for kind in kinds:
            assert close(found[kind][at], reckoning.quantile(hits(bucket, kind), q)), (kind, at)


@pytest.mark.parametrize("panel", panels(PAGE).values(), ids=lambda panel: panel.slug)
def test_the_cache_of_an_account_that_never_asks_it_is_off_and_not_at_0_percent(logged: Logged, panel: Panel) -> None:
    gateway, rows = logged
    accounts = reckoning.cut(reckoning.within(rows, OVER.start, OVER.end), "account")
    never = [account for account, members in accounts.items() if reckoning.total("lookups", members) == 0]
    assert never
    found = shown(panel, gateway, asking(scope(OVER, account=(never[0],))))
    assert isinstance(found, State)
    assert found.title == "The cache is off"
    assert f"None of the {len(accounts[never[0]]):,} requests" in found.text


@pytest.fixture(scope="module")
def estimated(counted: PrometheusServer) -> Iterator[Router]:
    """FluxDash on Prometheus alone."""
    with world.fluxdash(PROMETHEUS_URL=counted.url) as router:
        yield router


@pytest.mark.parametrize(("panel", "chosen"), WAYS, ids=[f"{each.slug}-{dict(how)}" for each, how in WAYS])
def test_on_prometheus_alone_a_panel_draws_or_says_why(
    estimated: Router, panel: Panel, chosen: tuple[tuple[str, str], ...]
) -> None:
    asked = replace(asking(scope(window(RECENT_END - HOUR, RECENT_END, 60))), shown=chosen)
    found = shown(panel, estimated, asked)
    if panel.title == "Latency, hit against miss":
        assert isinstance(found, State)
        assert found.title == "Not reported"
        assert "Only a request log tells which requests were hits" in found.text
    else:
        assert isinstance(found, Picture)
        assert {each.source for each in found.sources} == {"prometheus"}


def test_on_prometheus_alone_the_types_still_add_up_to_the_hit_rate(estimated: Router) -> None:
    over = window(RECENT_END - HOUR, RECENT_END, 60)
    found = shown(panels(PAGE)["Hit rate"], estimated, asking(scope(over)))
    assert isinstance(found, Picture)
    traces = rows_of(found)
    rate = estimated.answer(HIT_RATE.over_time().within(scope(over))).lines[0].values
    for exact, semantic, want in zip(traces["exact"], traces["semantic"], rate, strict=True):
        assert close(exact + semantic, want)


def test_on_prometheus_alone_the_course_of_savings_ends_at_the_tile(estimated: Router) -> None:
    over = window(RECENT_END - HOUR, RECENT_END, 60)
    found = shown(panels(PAGE)["Cumulative savings"], estimated, asking(scope(over)))
    assert isinstance(found, Picture)
    assert rows_of(found)["savings"][-1] == estimated.answer(SAVINGS.over_time().within(scope(over))).total
