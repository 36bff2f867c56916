"""What the page of the models draws is what the requests say: states, percentiles, failures, usage, places, prices."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import dash
import pytest

from fluxdash.app import create_app
from fluxdash.demo.request import Request
from fluxdash.pages.models import PAGE
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import REPORTED_AVAILABILITY
from fluxdash.semantic.query import MOST_GROUPS
from fluxdash.semantic.units import count
from fluxdash.settings import Settings
from fluxdash.sources.router import Router
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.failing import is_throttling
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.pages.drawing import panels, shown, ways
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.reckoning import Requests, differs
from tests.truth.world import END, HOUR, RECENT_END, scope, window
from tests.ui.wire import body, callback
from tests.views.reading import marked, text

Logged = tuple[Router, tuple[Request, ...]]
OVER = window(END - 2 * HOUR, END)
WAYS = list(ways(PAGE))
RANKS = (0.5, 0.95, 0.99)


def asking(goals: Goals | None = None, **chosen: str) -> Asking:
    variants = tuple((name.replace("_", "-"), to) for name, to in chosen.items())
    return Asking(scope(OVER), Look(goals=goals or Goals()), True, "?", variants)


def drawn(gateway: Router, title: str, goals: Goals | None = None, **chosen: str) -> Picture:
    found = shown(panels(PAGE)[title], gateway, asking(goals, **chosen))
    assert isinstance(found, Picture), found
    return found


def by_model(rows: Requests) -> dict[str, list[Request]]:
    return world.true_groups(rows, "model", OVER)


def amount(slug: str, rows: Requests, q: float | None = None) -> Fraction:
    return reckoning.total(slug, rows, q) or Fraction(0)


def verdict(members: Requests, healthy: Fraction, degraded: Fraction, least: int) -> str:
    available = reckoning.total("availability", members)
    if len(members) < least or available is None:
        return "Unknown"
    return "Healthy" if available >= healthy else "Degraded" if available >= degraded else "Unhealthy"


def test_every_card_says_what_its_models_requests_say(logged: Logged) -> None:
    gateway, rows = logged
    picture = drawn(gateway, "Model status")
    groups = by_model(rows)
    assert {row[0] for row in picture.table.rows} == set(groups)
    wrong = []
    for model, status, n, available, errors, tail, _reported, _why in picture.table.rows:
        members = groups[str(model)]
        assert n == len(members)
        assert status == verdict(members, Fraction(99, 100), Fraction(95, 100), 59), model
        for slug, got in (("availability", available), ("error_rate", errors)):
            wrong += differs(f"{slug} of {model}", slug, got, reckoning.total(slug, members))  # type: ignore[arg-type]
        wrong += differs(f"P95 of {model}", "latency", tail, reckoning.quantile(members, 0.95))  # type: ignore[arg-type]
    assert not wrong


def test_a_state_changes_exactly_where_the_models_own_share_is_the_threshold(logged: Logged) -> None:
    gateway, rows = logged
    for model, members in by_model(rows).items():
        share, n = float(amount("availability", members)), len(members)
        hair = 1e-6

        def state(model: str = model, **goals: float) -> object:
            picture = drawn(gateway, "Model status", Goals(**goals))  # type: ignore[arg-type]
            return next(row[1] for row in picture.table.rows if row[0] == model)

        assert state(healthy=share, degraded=0.0, least=n) == "Healthy"
        assert state(healthy=share + hair, degraded=share, least=n) == "Degraded"
        assert state(healthy=1.1, degraded=share + hair, least=n) == "Unhealthy"
        assert state(healthy=share, degraded=0.0, least=n + 1) == "Unknown"


def test_a_reason_counts_what_happened(logged: Logged) -> None:
    gateway, rows = logged
    # Against such a goal every model that failed at all has a reason to tell.
    picture = drawn(gateway, "Model status", Goals(healthy=1.0, degraded=0.99, least=1))
    groups, told = by_model(rows), 0
    for model, status, _n, _available, _errors, _tail, _reported, why in picture.table.rows:
        if status == "Healthy":
            continue
        members = groups[str(model)]
        failed = [one for one in members if one.failed]
        causes = reckoning.cut(members, "error_type")
        largest = max(causes.values(), key=len)
        number = str(why).split()[0]
        if str(why).endswith(f"of {count(len(members))}"):
            assert f"failed, {count(len(failed))} of" in str(why)
        else:
            assert number == count(len(largest))
            assert len(largest) * 2 > len(failed)
            told += 1
    assert told


def test_quantiles_by_model_are_the_nearest_ranks_of_its_rows(logged: Logged) -> None:
    gateway, rows = logged
    table = drawn(gateway, "Latency by model").table
    groups = by_model(rows)
    assert {row[0] for row in table.rows} == set(groups)
    wrong = []
    for model, *numbers, n in table.rows:
        assert n == len(groups[str(model)])
        for q, got in zip(RANKS, numbers, strict=True):
            wrong += differs(f"{q} of {model}", "latency", got, reckoning.quantile(groups[str(model)], q))  # type: ignore[arg-type]
    assert not wrong
    tails = [row[2] for row in table.rows]
    assert tails == sorted(tails, reverse=True)  # type: ignore[type-var]


def test_failures_and_what_of_them_was_throttled_are_counted_from_the_rows(logged: Logged) -> None:
    gateway, rows = logged
    table = drawn(gateway, "Availability and errors").table
    groups = by_model(rows)
    assert {row[0] for row in table.rows} == set(groups)
    for model, n, failures, throttled, errors, available in table.rows:
        members = groups[str(model)]
        failed = [one for one in members if one.failed]
        causes = [str(reckoning.group_of(one, "error_type")) for one in failed]
        assert (n, failures) == (len(members), len(failed))
        assert throttled == sum(map(is_throttling, causes))
        assert not differs("errors", "error_rate", errors, reckoning.total("error_rate", members))  # type: ignore[arg-type]
        assert not differs("availability", "availability", available, reckoning.total("availability", members))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variant", "slug", "pace"), [("requests", "requests", 1), ("tokens", "tokens", 60), ("cost", "cost", 3600)]
)
def test_the_layers_of_usage_are_each_models_own_and_nothing_is_lost(
    logged: Logged, variant: str, slug: str, pace: int
) -> None:
    gateway, rows = logged
    figure = drawn(gateway, "Usage by model", usage_by_model=variant).drawing.figure
    assert figure is not None
    layers = {
        trace.get("meta", {}).get("filter", "other").removeprefix("model="): trace["y"]
        for trace in figure["data"]
        if not trace["uid"].endswith("-faint")
    }
    groups = by_model(rows)
    assert set(layers) <= {*groups, "other"}
    named = [model for model in layers if model != "other"]
    rest = [one for model, members in groups.items() if model not in named for one in members]
    for model, row in layers.items():
        members = rest if model == "other" else groups[model]
        cut = reckoning.buckets(members, OVER.start, OVER.step, OVER.size)
        for got, bucket in zip(row, cut, strict=True):
            assert math.isclose(got, amount(slug, bucket) / OVER.step * pace, rel_tol=1e-9, abs_tol=1e-9)
    whole = sum(sum(row) for row in layers.values()) * OVER.step / pace
    assert whole == pytest.approx(
        float(amount(slug, [one for members in groups.values() for one in members])), rel=1e-9
    )


@pytest.mark.parametrize(
    ("variant", "slug", "q"), [("p95", "latency", 0.95), ("errors", "error_rate", None), ("requests", "requests", None)]
)
def test_every_cell_of_the_heat_map_is_that_of_its_place(
    logged: Logged, variant: str, slug: str, q: float | None
) -> None:
    gateway, rows = logged
    picture = drawn(gateway, "Model × region", model_region=variant)
    places = {
        (model, region): members
        for model, each in by_model(rows).items()
        for region, members in reckoning.cut(each, "region").items()
    }
    assert {(row[0], row[1]) for row in picture.table.rows} == set(places)
    wrong = []
    for model, region, got, n in picture.table.rows:
        members = places[str(model), str(region)]
        wrong += differs(f"{slug} of {model} in {region}", slug, got, reckoning.total(slug, members, q))  # type: ignore[arg-type]
        assert n == len(members)
    assert not wrong
    models, regions = {model for model, _ in places}, {region for _, region in places}
    assert len(marked(picture.drawing.beside, "none")) == len(models) * len(regions) - len(places)


def test_every_cell_of_the_table_is_that_of_its_model_and_the_last_row_that_of_all(logged: Logged) -> None:
    gateway, rows = logged
    *each, whole = drawn(gateway, "All models").table.rows
    groups = by_model(rows)
    inside = [one for members in groups.values() for one in members]
    assert {row[0] for row in each} == set(groups)
    slugs: tuple[tuple[str, float | None], ...] = (
        ("requests", None), ("availability", None), ("error_rate", None), ("latency", 0.5), ("latency", 0.95),
        ("latency", 0.99), ("throughput", None), ("cost_per_request", None), ("cost", None),
    )  # fmt: skip
    wrong = []
    for model, _status, *numbers in [*each, whole]:
        members = groups.get(str(model), inside)
        for (slug, q), got in zip(slugs, numbers, strict=True):
            wrong += differs(f"{slug} {q or ''} of {model}", slug, got, reckoning.total(slug, members, q))  # type: ignore[arg-type]
    assert not wrong
    assert sum(row[2] for row in each) == whole[2]  # type: ignore[misc]
    assert sum(row[-1] for row in each) == pytest.approx(whole[-1], abs=1e-9)  # type: ignore[misc]


def test_no_count_stands_beside_a_rate_that_it_is_no_part_of(logged: Logged) -> None:
    """A filter on the status narrows what adds up, and no rate: what the page says of both must hold of both."""
    gateway, rows = logged
    narrowed = replace(asking(Goals(healthy=1.0, degraded=0.99, least=1)), scope=scope(OVER, status=["error"]))
    every = by_model(rows)
    failed = {model: [one for one in own if one.status == "error"] for model, own in every.items()}

    def told(title: str, **chosen: str) -> Picture:
        found = shown(panels(PAGE)[title], gateway, replace(narrowed, shown=tuple(chosen.items())))
        assert isinstance(found, Picture), found
        return found

    *each, whole = told("All models").table.rows
    for model, _status, n, _available, errors, *_, price, spend in [*each, whole]:
        own = failed.get(str(model), [one for some in failed.values() for one in some])
        assert n == len(own), model
        assert not own or spend == pytest.approx(float(amount("cost", own)), abs=1e-9), model
        assert price is None or price * n == pytest.approx(spend, abs=1e-9), model  # type: ignore[operator]
        all_of_it = every.get(str(model), [one for some in every.values() for one in some])
        assert errors == pytest.approx(float(amount("error_rate", all_of_it))), model
    for model, status, n, *_, why in told("Model status").table.rows:
        assert n == len(every[str(model)])
        assert status == "Healthy" or str(why).endswith("failed"), why
    for model, n, failures, throttled, *_ in told("Availability and errors").table.rows:
        assert (n, failures, throttled) == (len(every[str(model)]), None, None)
    for model, region, rate, n in told("Model × region", **{"model-region": "errors"}).table.rows:
        own = [one for one in every[str(model)] if reckoning.group_of(one, "region") == region]
        assert n == len(own)
        assert rate == pytest.approx(float(amount("error_rate", own)))


@pytest.fixture(scope="module")
def estimated(counted: PrometheusServer) -> Iterator[Router]:
    """FluxDash on Prometheus alone."""
    with world.fluxdash(PROMETHEUS_URL=counted.url) as router:
        yield router


RECENT = window(RECENT_END - HOUR, RECENT_END, 60)


@pytest.mark.parametrize(("panel", "chosen"), WAYS, ids=[f"{each.slug}-{dict(how)}" for each, how in WAYS])
def test_on_prometheus_alone_every_panel_draws(
    estimated: Router, panel: Panel, chosen: tuple[tuple[str, str], ...]
) -> None:
    found = shown(panel, estimated, replace(asking(), scope=scope(RECENT), shown=chosen))
    assert isinstance(found, Picture)
    assert {each.source for each in found.sources} == {"prometheus"}


def test_what_the_gateway_reports_of_itself_stands_on_the_card(estimated: Router) -> None:
    found = shown(panels(PAGE)["Model status"], estimated, replace(asking(), scope=scope(RECENT)))
    assert isinstance(found, Picture)
    stated = estimated.answer(REPORTED_AVAILABILITY.top(MOST_GROUPS, by=MODEL).within(scope(RECENT)))
    assert {str(row[0]): row[6] for row in found.table.rows} == {str(line.group): line.total for line in stated.lines}
    assert "the gateway reports" in text(found.drawing.beside)


def test_on_prometheus_alone_what_only_rows_tell_is_a_dash(estimated: Router) -> None:
    found = shown(panels(PAGE)["All models"], estimated, replace(asking(), scope=scope(RECENT)))
    assert isinstance(found, Picture)
    speed = [each.name for each in found.table.columns].index("Output tok/s")
    assert {row[speed] for row in found.table.rows} == {None}


def test_on_the_log_alone_upstream_is_not_reported_and_end_to_end_stays(logged: Logged) -> None:
    gateway, _ = logged
    panel = panels(PAGE)["Latency by model"]
    alone = shown(panel, gateway, asking(latency_by_model="upstream"))
    assert isinstance(alone, State)
    assert alone.title == "Not reported"
    assert "upstream latency" in alone.text
    beside = drawn(gateway, "Latency by model", latency_by_model="both")
    assert beside.drawing.foot.startswith("without upstream latency")
    assert beside.table == drawn(gateway, "Latency by model").table


def test_two_workers_give_a_stranger_the_same_colour_and_it_keeps_it(
    databases: Callable[[str, str], str], tmp_path: Path
) -> None:
    environ = {"DATABASE_URL": databases("sqlite", "careless"), "FLUXDASH_CACHE_DIR": str(tmp_path / "cache")}
    stranger = "cohere.command-r-plus-v1:0"

    def colour(search: str) -> str:
        app = create_app(Settings.from_env(environ), now=lambda: float(END + HOUR))
        return _swatch(app, search, stranger)

    few = f"?from={END - HOUR}&to={END}&model={stranger}&model=anthropic.claude-3-5-sonnet-20241022-v2:0"
    first = colour(few)
    assert first == "var(--c2)"
    assert colour(few) == first
    assert colour(f"?from={END - HOUR}&to={END}&model={stranger}") == first
    # Beside all nine models of the design there is no seat for a tenth: it has the colour of Other, once and for all.
    assert colour(f"?from={END - HOUR}&to={END}") == "var(--c-other)"
    assert colour(few) == "var(--c-other)"


def _swatch(app: dash.Dash, search: str, model: str) -> str:
    """The colour of a model in the legend that a worker sends."""
    view = {"search": search, "theme": "light", "narrow": False, "beat": 1}
    asked = body(app, callback(app, '"part":"graph"'), [view, None], match="models.usage-by-model")
    sent = app.server.test_client().post("/_dash-update-component", json=asked).get_json()["response"]
    (beside,) = [value["children"] for key, value in sent.items() if '"beside"' in key]
    entries = beside["props"]["children"]
    (entry,) = [each for each in entries if each["props"].get("data-filter") == f"model={model}"]
    swatch = entry["props"]["children"][0]["props"]
    assert json.dumps(swatch)
    return str(swatch["style"]["background"])
