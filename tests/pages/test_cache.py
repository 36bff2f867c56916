"""The page of the cache: what its tiles and panels show, and what is left of it when something is missing."""

from __future__ import annotations

from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.pages.cache import PAGE
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.pages.drawing import panels, shown, strip
from tests.ui.fake import FakeGateway
from tests.views.reading import marked, text

WINDOW = Window.last(3600, 1_795_444_345.0)
ASKING = Asking(Scope(WINDOW), Look(), True, "?range=1h")


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


def test_without_a_latency_the_other_panels_stand() -> None:
    gateway = FakeGateway(wrong={"latency": SourceTimeout("request log", "did not answer in 10 s")})
    failed = [panel.title for panel in panels(PAGE).values() if isinstance(shown(panel, gateway, ASKING), State)]
    assert failed == ["Latency, hit against miss"]


def test_without_savings_the_rest_of_the_table_stands() -> None:
    gateway = FakeGateway(wrong={"savings": NotReported("savings", ["none"])})
    assert isinstance(shown(panels(PAGE)["By model"], gateway, ASKING), Picture)
    assert isinstance(shown(panels(PAGE)["Cumulative savings"], gateway, ASKING), State)
    assert "Savings" in tiles(gateway)
