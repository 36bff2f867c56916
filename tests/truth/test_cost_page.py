"""Every number on the Cost page is that of the requests themselves, read off the panels as they are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest

from fluxdash.analysis.bridge import Factor
from fluxdash.demo.reference import account_rows
from fluxdash.demo.request import Request
from fluxdash.pages.cost import PAGE
from fluxdash.semantic.dimensions import ACCOUNT, REGION
from fluxdash.semantic.scope import Filter
from fluxdash.semantic.units import Unit, count, figure
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import FINAL_AFTER
from fluxdash.sources.router import Router
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import CENT, Requests
from tests.truth.test_economy import Clock, on_a_clock, statements
from tests.truth.world import DAY, END, HOUR, RECENT_END, START, scope, window
from tests.views.reading import marked, text

Logged = tuple[Router, tuple[Request, ...]]
PANELS = {each.title: each for each in PAGE.panels if isinstance(each, Panel)}
NAMES = {str(row["id"]): str(row["name"]) for row in account_rows()}
LATE = window(END - 2 * HOUR, END, 900)
EARLY = LATE.previous()


def asking(over: Window = LATE, goals: Goals | None = None, *filters: Filter, now: float = END + 60) -> Asking:
    return Asking(replace(scope(over), filters=filters), Look(goals=goals or Goals()), True, "?", now=now)


def draw(gateway: Router, title: str, variant: str = "", view: Asking | None = None) -> Picture | State:
    panel = PANELS[title]
    return panel.draw(gateway, replace(view or asking(), shown=((panel.slug, variant),)))


def picture(gateway: Router, title: str, variant: str = "", view: Asking | None = None) -> Picture:
    shown = draw(gateway, title, variant, view)
    assert isinstance(shown, Picture), shown
    return shown


def inside(rows: Requests, over: Window = LATE) -> list[Request]:
    return reckoning.within(rows, over.start, over.end)


def spent(rows: Requests) -> Fraction:
    return reckoning.total("cost", rows) or Fraction(0)


def same(got: object, want: Fraction | None) -> bool:
    if got is None or want is None:
        return got is None and want is None
    return math.isclose(float(str(got)), float(want), rel_tol=1e-11, abs_tol=CENT)


# Spend by group, over time, and the tiles


@pytest.mark.parametrize(
    ("title", "variant", "by"),
    [("Spend by model", "", "model"), ("Spend by group", "account", "account"),
     ("Spend by group", "region", "region"), ("Spend by group", "strategy", "strategy")],
)  # fmt: skip
def test_spend_by_group_its_share_and_what_it_was_before(logged: Logged, title: str, variant: str, by: str) -> None:
    gateway, rows = logged
    now, before = reckoning.cut(inside(rows), by), reckoning.cut(inside(rows, EARLY), by)
    total = spent(inside(rows))
    table = picture(gateway, title, variant).table
    assert [each.name for each in table.columns][1:3] == ["Spend", "Share"]
    shown = {str(row[0]): row for row in table.rows}
    called = {NAMES.get(group, group): group for group in now}
    rest = next((row for name, row in shown.items() if name not in called), None)
    for name, row in shown.items():
        if row is rest:
            continue
        group = called[name]
        assert same(row[1], spent(now[group])), name
        assert same(row[2], spent(now[group]) / total), name
        assert same(row[-1], spent(before.get(group, []))), name
    left = [group for name, group in called.items() if name not in shown]
    assert (rest is None) == (not left)
    if rest is not None:
        assert rest[0] == f"{len(left)} more"
        assert same(rest[1], sum(map(spent, (now[group] for group in left)), Fraction(0)))
        assert same(
            rest[-1], spent(inside(rows, EARLY)) - sum(spent(before.get(called[n], [])) for n in shown if n in called)
        )
    assert same(sum(float(str(row[1])) for row in table.rows), total)
    assert sorted((float(str(row[1])) for row in table.rows if row is not rest), reverse=True) == [
        row[1] for row in table.rows if row is not rest
    ]


def test_a_model_s_requests_its_price_and_those_without_a_price(logged: Logged) -> None:
    gateway, rows = logged
    now = reckoning.cut(inside(rows), "model")
    shown = picture(gateway, "Spend by model")
    for name, _, _, requests, each, _ in shown.table.rows:
        if str(name) not in now:
            continue
        own = now[str(name)]
        assert requests == len(own)
        assert same(each, spent(own) / len(own)), name
    unpriced = {group: reckoning.total("unpriced", own) for group, own in now.items()}
    marks = marked(shown.drawing.beside, "unpriced")
    listed = {str(row[0]) for row in shown.table.rows}
    assert len(marks) == sum(1 for group, number in unpriced.items() if number and group in listed)


def test_the_tiles_are_the_sums_and_ratios_of_the_requests(logged: Logged) -> None:
    gateway, rows = logged
    own = inside(rows)
    strip = next(each for each in PAGE.panels if isinstance(each, Strip))
    tiles = strip.draw(gateway, asking()).drawn
    total, saved = spent(own), reckoning.total("savings", own) or Fraction(0)

    def plain(value: object) -> str:
        return str(value).replace("\u00a0", " ")

    values = [" ".join(text(marked(each, "kpi-v")).split()) for each in tiles]
    assert values[0] == plain(figure(Unit.DOLLARS, float(total)))
    assert values[2] == plain(figure(Unit.DOLLARS_EACH, float(total / len(own))))
    assert values[3] == plain(figure(Unit.DOLLARS, float(saved)))
    assert values[4] == count(float(reckoning.total("unpriced", own) or 0))
    beside = [" ".join(text(marked(each, "kpi-s")).split()) for each in tiles]
    assert beside[0] == f"{plain(figure(Unit.DOLLARS, float(total / LATE.seconds * DAY)))} per day"
    successes = reckoning.total("requests", own) - reckoning.total("failures", own)  # type: ignore[operator]
    assert beside[2] == f"{plain(figure(Unit.DOLLARS_EACH, float(total / successes)))} per successful request"
    assert beside[3] == f"{plain(figure(Unit.SHARE, float(saved / (total + saved))))} of list-price spend"
    unpriced = reckoning.total("unpriced", own)
    if unpriced:
        models = {each.model for each in own if reckoning.SUMS["unpriced"](each)}
        assert beside[4].startswith(plain(figure(Unit.RATIO, float(unpriced / len(own)))))
        assert f"no price for {len(models)} model" in beside[4]
        told = marked(tiles[4], "kpi-v")[0].title
        assert all(each.split(".")[-1].split("-v")[0][:8] in told for each in models)
    else:
        assert beside[4] == "all requests have a price"


def test_the_bars_of_each_bucket_and_the_running_sum(logged: Logged) -> None:
    gateway, rows = logged
    buckets = reckoning.buckets(inside(rows), LATE.start, LATE.step, LATE.size)
    bars = picture(gateway, "Spend over time", "per-bucket").drawing.figure
    running = picture(gateway, "Spend over time", "cumulative").drawing.figure
    assert bars is not None
    assert running is not None
    course = next(each for each in running["data"] if each["uid"] == "spend")["y"]
    so_far = Fraction(0)
    for place, own in enumerate(buckets):
        assert same(sum(trace["y"][place] for trace in bars["data"]), spent(own))
        so_far += spent(own)
        assert same(course[place], so_far)
    was = next(each for each in running["data"] if each["uid"] == "spend-before")["y"]
    assert same(was[-1], spent(inside(rows, EARLY)))


def test_a_filter_by_account_narrows_every_number(logged: Logged) -> None:
    gateway, rows = logged
    account = max(reckoning.cut(inside(rows), "account").items(), key=lambda pair: spent(pair[1]))[0]
    own = [each for each in rows if each.account_id == account]
    view = asking(LATE, None, Filter.of(ACCOUNT, [account]))
    table = picture(gateway, "Spend by model", view=view).table
    assert same(sum(float(str(row[1])) for row in table.rows), spent(inside(own)))
    (row,) = picture(gateway, "Spend by group", "account", view).table.rows
    assert row[0] == NAMES[account]
    shown = picture(gateway, "Month to date", view=view)
    assert same(shown.table.rows[-1][1], spent(reckoning.within(own, START, END)))


# The most expensive requests


def test_the_most_expensive_requests_are_those_of_the_log(logged: Logged) -> None:
    gateway, rows = logged
    own = inside(rows)
    shown = picture(gateway, "Most expensive requests")
    assert shown.drawing.unit == f"top 10 of {len(own):,}"
    costs = sorted((reckoning.SUMS["cost"](each) for each in own), reverse=True)[:10]
    assert [round(float(str(row[-1])) * 1e9) for row in shown.table.rows] == costs
    by_moment = {math.floor(each.time * 1e3): each for each in own}
    for moment, request, trace, account, model, region, strategy, into, out, cache, of_input, cost in shown.table.rows:
        real = by_moment[round(datetime.fromisoformat(str(moment)).timestamp() * 1e3)]
        assert (request, trace, model, region, strategy) == (
            real.request_id, real.trace_id, real.model, real.region, real.strategy,
        )  # fmt: skip
        assert account == NAMES[real.account_id]
        assert (into, out) == (real.input_tokens, real.output_tokens)
        assert cache == {True: "hit", False: "miss", None: "off"}[real.cache_hit]
        assert same(cost, Fraction(reckoning.SUMS["cost"](real), 1_000_000_000))
        if real.input_cost:
            assert same(of_input, Fraction(real.input_cost))


# The month


@pytest.mark.parametrize(("ahead", "hours"), [(0, 4), (2, 4), (-2, 2), (-3, 1)])
def test_the_month_is_cut_at_midnight_of_the_reporting_zone(logged: Logged, ahead: int, hours: int) -> None:
    """The world's first request is at 2026-11-01 00:00 UTC: east of it the month is older, west of it younger."""
    gateway, rows = logged
    zone = timezone(timedelta(hours=ahead))
    shown = picture(gateway, "Month to date", view=asking(goals=Goals(zone=zone)))
    own = reckoning.within(rows, END - hours * HOUR, END)
    course = [row for row in shown.table.rows if row[2] is None]
    assert same(course[-1][1], spent(own))
    assert datetime.fromisoformat(str(course[-1][0])).timestamp() == END
    by_hour = reckoning.buckets(own, END - hours * HOUR, HOUR, hours)
    assert same(course[-hours][1], spent(by_hour[0]))
    if ahead > 0:
        assert [row[1] for row in course[:ahead]] == [None] * ahead, "before the first row nobody knows"


@pytest.fixture(scope="module")
def season(plain: tuple[Request, ...]) -> tuple[Request, ...]:
    """Forty days up to the world's end, each with a few of its requests: more on some days than on others."""
    found = []
    for day in range(40):
        some = plain[day % 5 :: 29 + 7 * (day % 3)]
        for each in reckoning.moved(some, -day * DAY):
            name = f"{each.id}-{day}"
            told = None if each.request_id is None else f"{each.request_id[:48]}-{day}"
            found.append(replace(each, id=str(uuid5(NAMESPACE_OID, name)), request_id=told))
    return tuple(sorted(found, key=lambda each: each.time))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seasoned(
    request: pytest.FixtureRequest,
    season: tuple[Request, ...],
    in_new_york: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Logged]:
    """FluxDash on a log of forty days."""
    if request.param == "postgresql":
        address = in_new_york(season, index=True)
    else:
        address = f"sqlite:///{tmp_path_factory.mktemp('season') / 'log.db'}"
        world.write_log(address, season)
    with world.fluxdash(DATABASE_URL=address) as router:
        yield router, season


MIDDLE = END - 10 * DAY  # 2026-10-22 04:00 UTC, so that a month lies behind and days of it ahead
OCTOBER = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
NOVEMBER = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())


def test_the_month_and_the_tile_say_one_number_and_the_forecast_goes_on_from_it(seasoned: Logged) -> None:
    gateway, rows = seasoned
    view = asking(window(MIDDLE - 7 * DAY, MIDDLE, 7200), Goals(budget=1.0), now=MIDDLE + 60)
    want = spent(reckoning.within(rows, OCTOBER, MIDDLE))
    table = picture(gateway, "Month to date", view=view).table
    course, ahead = [row for row in table.rows if row[2] is None], [row for row in table.rows if row[2] is not None]
    assert same(course[-1][1], want)
    assert len(course) == (MIDDLE - OCTOBER) // HOUR
    assert len(ahead) == 10
    assert datetime.fromisoformat(str(ahead[-1][0])).timestamp() == NOVEMBER
    least = float(want) - CENT
    assert all(least <= low <= expected <= high for _, _, expected, low, high in ahead)  # type: ignore[operator]
    strip = next(each for each in PAGE.panels if isinstance(each, Strip))
    tile = strip.draw(gateway, view).drawn[1]
    assert text(marked(tile, "kpi-v")).split() == [str(figure(Unit.DOLLARS, float(want)))]
    assert text(marked(tile, "delta")).split() == ["over"] if want > 1 else True


def test_the_days_ahead_begin_with_the_running_one(seasoned: Logged) -> None:
    gateway, rows = seasoned
    view = asking(window(MIDDLE - DAY, MIDDLE, 900), now=MIDDLE + 60)
    days = picture(gateway, "Daily forecast", view=view).table.rows
    assert [row[0] for row in days] == [f"2026-10-{day}" for day in range(22, 29)]
    today = spent(reckoning.within(rows, MIDDLE - 4 * HOUR, MIDDLE))
    assert today > 0
    assert days[0][2] >= float(today) - 1e-9  # type: ignore[operator]


def test_budgets_are_what_accounts_spent_since_the_month_began(seasoned: Logged) -> None:
    gateway, rows = seasoned
    month = reckoning.cut(reckoning.within(rows, OCTOBER, MIDDLE), "account")
    week = reckoning.cut(reckoning.within(rows, MIDDLE - 7 * DAY, MIDDLE), "account")
    most, *others = sorted(month, key=lambda each: -spent(month[each]))
    goals = Goals(
        budget=1e6, budgets=((NAMES[most], float(spent(month[most])) * 2), *((each, 1e-6) for each in others))
    )
    view = asking(window(MIDDLE - DAY, MIDDLE, 900), goals, now=MIDDLE + 60)
    shown = {str(row[0]): row[1:] for row in picture(gateway, "Budgets", view=view).table.rows}
    assert set(shown) == {"All accounts", *(NAMES[each] for each in month)}
    assert same(shown["All accounts"][0], spent(reckoning.within(rows, OCTOBER, MIDDLE)))
    for each in month:
        row = shown[NAMES[each]]
        assert same(row[0], spent(month[each])), each
        assert same(row[4], spent(week.get(each, [])) / 7), each
        assert row[6] == ("over" if each != most else row[6])
    burn = Fraction(1, 2) / Fraction(MIDDLE - OCTOBER, NOVEMBER - OCTOBER)
    assert same(shown[NAMES[most]][3], burn)


def test_a_refresh_of_the_month_reads_its_newest_hours_and_never_ninety_days_again(
    season: tuple[Request, ...], tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'log.db'}"
    world.write_log(address, season)
    clock = Clock(MIDDLE + 60.0)
    gateway = on_a_clock(address, clock, tmp_path)
    panels = ("Month to date", "Daily forecast")

    def refreshed() -> list[float]:
        """Draw both panels, and return from when on the log was read."""
        view = asking(Window.last(7 * DAY, clock.now), now=clock.now)
        with statements() as seen:
            for title in panels:
                picture(gateway, title, view=view)
        first = [next(value for value in each if isinstance(value, str)) for each in seen]
        return [datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in first]

    try:
        assert min(refreshed()) == MIDDLE - 90 * DAY
        clock.now += 15
        assert refreshed() == []
        # An hour after it was read all is read again, for rows that came late; until then only what may be new.
        clock.now = MIDDLE + HOUR + 40.0
        assert min(refreshed()) >= MIDDLE - HOUR - FINAL_AFTER
    finally:
        gateway.close()


def test_all_that_is_told_of_the_money_of_each_model_costs_one_statement(
    databases: Callable[[str, str], str],
) -> None:
    with world.fluxdash(DATABASE_URL=databases("postgresql", "plain")) as gateway, statements() as seen:
        for title in ("Spend by model", "Spend over time"):
            picture(gateway, title, view=replace(asking(), compared=False))
        assert len(seen) == 2, "one by model, and one of everything to know whether anybody watched"
        picture(gateway, "What moved the cost")
        assert len(seen) == 5, "two windows by model and region, and the window before as a whole"


# What moved the cost


def cents(label: object) -> int:
    return round(float(str(label)) * 100)


def steps(gateway: Router, view: Asking) -> dict[str, int]:
    return {
        str(name): cents(amount) for name, amount, _ in picture(gateway, "What moved the cost", view=view).table.rows
    }


def test_the_parts_of_the_bridge_add_up_to_the_change_of_the_cost(logged: Logged) -> None:
    gateway, rows = logged
    found = steps(gateway, asking())
    change = (spent(inside(rows)) - spent(inside(rows, EARLY))) * 100
    assert found["Net"] == int(abs(change) + Fraction(1, 2)) * (1 if change > 0 else -1)
    assert sum(found.values()) - found["Net"] == found["Net"]
    unit = picture(gateway, "What moved the cost").drawing.unit.replace("\u00a0", " ")
    was, now = (figure(Unit.DOLLARS, float(spent(inside(rows, each)))) for each in (EARLY, LATE))
    assert unit.startswith(f"{was} → {now}, vs ")


def tiny(plain: Requests) -> tuple[Request, ...]:
    """Forty-odd requests by hand: two models in two regions, later more of the dear one and more hits."""
    made = []

    def some(
        number: int, model: str, region: str, at: int, into: int, out: int, dollars: str, hit: bool | None
    ) -> None:
        for place in range(number):
            name = f"{model}-{region}-{at}-{hit}-{place}"
            half = Decimal(dollars) / 4
            made.append(
                replace(
                    plain[0], id=str(uuid5(NAMESPACE_OID, name)), request_id=name, trace_id=None, model=model,
                    requested_model=model, region=region, time=float(at + 10 * place), input_tokens=into,
                    output_tokens=out, input_cost=half, output_cost=Decimal(dollars) - half,
                    total_cost=Decimal(dollars), cache_hit=hit, cache_type="exact" if hit else None, status="success",
                    error_type=None, error_message=None, metadata={"cache_type": "exact"} if hit else None,
                )
            )  # fmt: skip

    early, late = EARLY.start + 60, LATE.start + 60
    some(4, "opus", "us-east-1", early, 4000, 400, "0.120000", False)
    some(1, "opus", "us-east-1", early, 4000, 400, "0.120000", True)
    some(3, "opus", "eu-west-1", early, 4100, 380, "0.133333", None)
    some(9, "haiku", "us-east-1", early, 900, 150, "0.004321", False)
    some(7, "opus", "us-east-1", late, 4400, 410, "0.140001", False)
    some(3, "opus", "us-east-1", late, 4400, 410, "0.140001", True)
    some(5, "opus", "eu-west-1", late, 4300, 450, "0.150009", None)
    some(6, "haiku", "us-east-1", late, 950, 140, "0.004444", False)
    some(4, "haiku", "us-east-1", late, 950, 140, "0.004444", True)
    return tuple(sorted(made, key=lambda each: each.time))


def by_hand(rows: Requests) -> dict[str, Fraction]:
    """The Shapley values of the five factors, averaged over all orders of changing them, one stream of tokens each."""

    def rates(over: Window, model: str, region: str, kind: str) -> list[Fraction]:
        every = inside(rows, over)
        of_model = [each for each in every if each.model == model]
        own = [each for each in of_model if each.region == region]
        paid = [each for each in own if each.cache_hit is not True]
        tokens = sum(each.input_tokens if kind == "input" else each.output_tokens for each in paid)
        cost = sum(Fraction((each.input_cost if kind == "input" else each.output_cost) or 0) for each in paid)
        return [
            Fraction(len(every)), Fraction(len(of_model), len(every)), Fraction(tokens, len(paid)),
            Fraction(len(own), len(of_model)) * cost / tokens, Fraction(len(paid), len(own)),
        ]  # fmt: skip

    parts = dict.fromkeys(Factor, Fraction(0))
    for model, region in {(each.model, each.region) for each in rows}:
        for kind in ("input", "output"):
            before, after = (rates(each, model, region, kind) for each in (EARLY, LATE))
            for order in permutations(range(5)):
                now = list(before)
                for place in order:
                    was = math.prod(now, start=Fraction(1))
                    now[place] = after[place]
                    parts[tuple(Factor)[place]] += (math.prod(now, start=Fraction(1)) - was) / 120
    return {each.value: amount for each, amount in parts.items()}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_bridge_of_a_tiny_world_is_what_all_orders_of_change_average_to(
    engine: str, plain: tuple[Request, ...], in_new_york: Callable[..., str], tmp_path: Path
) -> None:
    rows = tiny(plain)
    address = in_new_york(rows, index=True) if engine == "postgresql" else f"sqlite:///{tmp_path / 'log.db'}"
    if engine == "sqlite":
        world.write_log(address, rows)
    want = by_hand(rows)
    change = spent(inside(rows)) - spent(inside(rows, EARLY))
    assert sum(want.values()) == change
    with world.fluxdash(DATABASE_URL=address) as gateway:
        found = steps(gateway, asking())
    titles = {"volume": "Volume", "mix": "Model mix", "tokens": "Tokens / req", "price": "Price", "cache": "Cache"}
    for factor, title in titles.items():
        assert abs(found[title] - want[factor] * 100) < 1, title
        assert abs(want[factor]) > Fraction(1, 100), "a part of this world that moves nothing tests nothing"
    assert sum(found[title] for title in titles.values()) == found["Net"] == round(float(change * 100))


# Prometheus alone


def variants() -> Sequence[tuple[str, str]]:
    return [(t, each) for t, panel in PANELS.items() for each in ([v.slug for v in panel.variants] or [""])]


@pytest.mark.parametrize(("title", "variant"), variants())
def test_on_prometheus_alone_every_panel_is_drawn_or_says_why_not(
    counted: PrometheusServer, title: str, variant: str
) -> None:
    over = window(RECENT_END - 1800, RECENT_END, 300)
    goals = Goals(budget=100.0)
    with world.fluxdash(PROMETHEUS_URL=counted.url) as gateway:
        shown = draw(gateway, title, variant, asking(over, goals, now=RECENT_END + 60))
    if isinstance(shown, State):
        expected = {
            ("Spend by group", "strategy"): "carries no strategy",
            ("Daily forecast", ""): "0 full days of history",
            ("Most expensive requests", ""): "There is no request log",
        }
        assert expected[title, variant] in shown.text
        assert shown.kind == "absent"
        return
    assert {each.source for each in shown.sources} == {"prometheus"}
    assert not all(each.exact for each in shown.sources)


def test_on_prometheus_alone_the_bridge_splits_what_its_labels_tell(
    counted: PrometheusServer, recent: tuple[Request, ...]
) -> None:
    over = window(RECENT_END - 1800, RECENT_END, 300)
    with world.fluxdash(PROMETHEUS_URL=counted.url) as gateway:
        shown = picture(gateway, "What moved the cost", view=asking(over, now=RECENT_END + 60))
        total = picture(gateway, "Spend over time", "cumulative", asking(over, now=RECENT_END + 60))
    found = {str(name): amount for name, amount, _ in shown.table.rows}
    assert found["Tokens / req"] is None
    assert found["Cache"] is not None
    assert cents(found["Net"]) == sum(cents(found[each]) for each in ("Volume", "Model mix", "Price", "Cache"))
    assert "so they are part of the price" in text(marked(shown.drawing.beside, "told-below"))
    assert total.drawing.figure is not None
    estimate = total.drawing.figure["data"][-2]["y"][-1]
    truth = spent(reckoning.within(recent, over.start, over.end))
    assert float(truth) * 0.5 < estimate <= float(truth) + 1e-6


def test_on_prometheus_alone_a_region_filter_leaves_the_bridge_with_list_prices_and_says_so(
    counted: PrometheusServer,
) -> None:
    over = window(RECENT_END - 1800, RECENT_END, 300)
    view = asking(over, None, Filter.of(REGION, ["us-east-1"]), now=RECENT_END + 60)
    with world.fluxdash(PROMETHEUS_URL=counted.url) as gateway:
        shown = picture(gateway, "What moved the cost", view=view)
    assert shown.title == "What moved the cost (list-price cost, hits included)"
    assert {str(name): amount for name, amount, _ in shown.table.rows}["Cache"] is None
