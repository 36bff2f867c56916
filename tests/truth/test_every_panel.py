"""Every panel of every page, in each of its ways, on each kind of source alone: it draws, or says what is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fluxdash.demo.request import Request
from fluxdash.pages import PAGES
from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, STATUS, STRATEGY, Dimension
from fluxdash.semantic.scope import Filter
from fluxdash.sources.router import Router
from fluxdash.ui.export import written
from fluxdash.ui.insight import insight
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.pages.drawing import shown, ways
from tests.servers.prometheus import PrometheusServer
from tests.truth import world
from tests.truth.world import RECENT_END, scope, window
from tests.views.reading import marked, text

HALF_HOUR = window(RECENT_END - 1800, RECENT_END, 60)
GOALS = Goals(budget=1000.0, budgets=(("acme-retail", 10.0),))
ASKING = Asking(scope(HALF_HOUR), Look(goals=GOALS), True, "?range=30m", now=RECENT_END + 30.0)
EVERY = [(page, panel, chosen) for page in PAGES for panel, chosen in ways(page)]
STRIPS = [(page, each) for page in PAGES for each in page.panels if isinstance(each, Strip)]

NO_FORECAST = "0 full days of history: a forecast needs at least 3."
NO_LOG = "There is no request log."
SILENT = {
    "prometheus": {
        "cost.spend-by-group strategy": "fluxai_cost_dollars_total carries no strategy.",
        "cost.daily-forecast": NO_FORECAST,
        "cost.most-expensive-requests": NO_LOG,
        "cache.latency-hit-against-miss p50": "fluxai_request_duration_seconds carries no cache.",
        "cache.latency-hit-against-miss p95": "fluxai_request_duration_seconds carries no cache.",
    },
    "postgresql": {
        "cost.daily-forecast": NO_FORECAST,
        "models.latency-by-model upstream": "The request log does not tell upstream latency.",
    },
    "sqlite": {
        "cost.daily-forecast": NO_FORECAST,
        "models.latency-by-model upstream": "The request log does not tell upstream latency.",
    },
}
"""What is not drawn, by source, with the reason that is given."""

MUTE = {"prometheus": {"Unpriced requests"}, "postgresql": set[str](), "sqlite": set[str]()}
"""The tiles without a number."""


def named(page: Page, panel: Panel, chosen: tuple[tuple[str, str], ...]) -> str:
    return " ".join([page.named(panel), *dict(chosen).values()])


@pytest.fixture(scope="module", params=list(SILENT))
def alone(
    request: pytest.FixtureRequest,
    recent: tuple[Request, ...],
    counted: PrometheusServer,
    in_new_york: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Router]]:
    """FluxDash on one source, and which it is."""
    match request.param:
        case "prometheus":
            settings = {"PROMETHEUS_URL": counted.url}
        case "postgresql":
            settings = {"DATABASE_URL": in_new_york(recent)}
        case _:
            folder: Path = tmp_path_factory.mktemp("alone")
            settings = {"DATABASE_URL": f"sqlite:///{folder / 'log.db'}"}
            world.write_log(settings["DATABASE_URL"], recent)
    with world.fluxdash(**settings) as router:
        yield request.param, router


@pytest.mark.parametrize(("page", "panel", "chosen"), EVERY, ids=[named(*each) for each in EVERY])
def test_it_draws_or_says_what_is_not_told_and_why(
    alone: tuple[str, Router], page: Page, panel: Panel, chosen: tuple[tuple[str, str], ...]
) -> None:
    source, gateway = alone
    asking = replace(ASKING, shown=chosen)
    found = shown(panel, gateway, asking)
    reason = SILENT[source].get(named(page, panel, chosen))
    for what in ("how", "query", "table"):
        assert insight(panel, gateway, asking, what)
    if reason is None:
        assert isinstance(found, Picture), found
        assert found.table.rows
        assert written(found, asking).count("\n") > 5
        assert {each.source for each in found.sources} == {"prometheus" if source == "prometheus" else "log"}
    else:
        assert isinstance(found, State), found.drawing.sentence
        assert found.kind == "absent"
        assert reason in found.text


@pytest.mark.parametrize(("page", "strip"), STRIPS, ids=[page.title for page, _ in STRIPS])
def test_each_tile_has_its_number_or_says_why_not(alone: tuple[str, Router], page: Page, strip: Strip) -> None:
    source, gateway = alone
    for tile, drawn in zip(strip.tiles, strip.draw(gateway, ASKING).drawn, strict=True):
        value, below = text(marked(drawn, "kpi-v")), text(marked(drawn, "kpi-s"))
        assert (value.strip() == "–") == (tile.title in MUTE[source]), (tile.title, value, below)
        assert below.strip(), tile.title


@pytest.mark.parametrize("by", [ACCOUNT, MODEL, REGION, STATUS, STRATEGY], ids=str)
def test_a_filter_that_does_not_reach_a_panel_is_named_on_it(alone: tuple[str, Router], by: Dimension) -> None:
    """Whatever filter an answer behind a panel left out, the panel's own footnote says."""
    _, gateway = alone
    busiest = gateway.choices(by, ASKING.scope).offered[0].value if by in _cuts(gateway) else "x"
    narrowed = replace(ASKING, scope=replace(ASKING.scope, filters=(Filter.of(by, [busiest]),)))
    unsaid: list[tuple[str, frozenset[str]]] = []
    for page, panel, chosen in EVERY:
        asking = replace(narrowed, shown=chosen)
        found = shown(panel, gateway, asking)
        if isinstance(found, State):
            continue
        told = {note.text for each in found.sources for note in each.notes if note.kind is NoteKind.IGNORED_FILTER}
        behind = [each for each in gateway.answers(panel.queries(asking)) if isinstance(each, Answer)]
        left_out = [each.provenance.ignored - told for each in behind]
        unsaid += [(named(page, panel, chosen), each) for each in left_out if each]
    assert not unsaid


def _cuts(gateway: Router) -> set[Dimension]:
    return {each for told in gateway.capabilities() if told.measure.slug == "requests" for each in told.dimensions}
