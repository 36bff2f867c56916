"""The page of the cache: what its tiles and panels show, and what is left of it when something is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.errors import FluxDashError, NotReported, SourceTimeout
from fluxdash.pages.cache import PAGE
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.export import written
from fluxdash.ui.insight import insight
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.pages.drawing import graphs, panels, shown, strip, ways
from tests.ui.fake import MODELS, FakeGateway
from tests.views.reading import marked, text

WINDOW = Window.last(3600, 1_795_444_345.0)
ASKING = Asking(Scope(WINDOW), Look(), True, "?range=1h")
WAYS = list(ways(PAGE))


def tiles(gateway: FakeGateway) -> dict[str, str]:
    return {
        text(marked(each, "kpi-h")).split(" n ")[0].strip(): text(each)
        for each in strip(PAGE).draw(gateway, ASKING).drawn
    }


def test_the_tiles_are_the_four_key_figures_with_what_stands_beside_them() -> None:
    found = tiles(FakeGateway())
    assert list(found) == ["Hit rate", "Hits", "Savings", "Tokens saved"]
    assert " of " in found["Hit rate"]
    assert "lookups" in found["Hit rate"]
    assert "exact" in found["Hits"]
    assert "semantic" in found["Hits"]
    assert "list price of the hits · savings rate" in found["Savings"]
    assert "hits" in found["Tokens saved"]


def test_the_page_has_at_most_six_graphs() -> None:
    assert graphs(PAGE) <= 6


@pytest.mark.parametrize(("panel", "chosen"), WAYS, ids=[f"{each.slug}-{dict(how)}" for each, how in WAYS])
@pytest.mark.parametrize("look", [Look(), Look("dark", narrow=True)], ids=["wide", "narrow"])
def test_every_panel_draws_in_every_way(panel: Panel, chosen: tuple[tuple[str, str], ...], look: Look) -> None:
    asking = replace(ASKING, shown=chosen, look=look)
    found = shown(panel, FakeGateway(), asking)
    assert isinstance(found, Picture)
    assert written(found, asking).count("\n") > 5
    for what in ("how", "query", "table"):
        assert insight(panel, FakeGateway(), asking, what)


@pytest.mark.parametrize(("panel", "chosen"), WAYS, ids=[f"{each.slug}-{dict(how)}" for each, how in WAYS])
@pytest.mark.parametrize(
    "error", [NotReported("it", ["None of them tells."]), SourceTimeout("Prometheus", "did not answer in 10 s")]
)
def test_every_panel_says_why_it_has_nothing(
    panel: Panel, chosen: tuple[tuple[str, str], ...], error: FluxDashError
) -> None:
    found = shown(panel, FakeGateway(wrong={"*": error}), replace(ASKING, shown=chosen))
    assert isinstance(found, State)
    assert found.kind == ("absent" if isinstance(error, NotReported) else "failed")


@pytest.mark.parametrize("panel", panels(PAGE).values(), ids=lambda panel: panel.slug)
def test_an_empty_window_names_the_filters(panel: Panel) -> None:
    asking = replace(ASKING, scope=Scope(WINDOW, (Filter.of(MODEL, [MODELS[0][0]]),)))
    found = shown(panel, FakeGateway(rate=0), asking)
    assert isinstance(found, State)
    assert found.title == "Nothing matches"


def test_without_a_latency_the_other_panels_stand() -> None:
    gateway = FakeGateway(wrong={"latency": SourceTimeout("request log", "did not answer in 10 s")})
    failed = [panel.title for panel in panels(PAGE).values() if isinstance(shown(panel, gateway, ASKING), State)]
    assert failed == ["Latency, hit against miss"]


def test_without_savings_the_rest_of_the_table_stands() -> None:
    gateway = FakeGateway(wrong={"savings": NotReported("savings", ["none"])})
    assert isinstance(shown(panels(PAGE)["By model"], gateway, ASKING), Picture)
    assert isinstance(shown(panels(PAGE)["Cumulative savings"], gateway, ASKING), State)
    assert "Savings" in tiles(gateway)
