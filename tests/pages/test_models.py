"""The page of the models: what its panels show, and what is left of it when something is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.pages.models import PAGE
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.pages.drawing import panels, shown
from tests.ui.fake import MODELS, FakeGateway
from tests.views.reading import marked, text

WINDOW = Window.last(3600, 1_795_444_345.0)
ASKING = Asking(Scope(WINDOW), Look(), True, "?range=1h")


def test_a_model_has_one_colour_on_the_whole_page() -> None:
    tokens = set()
    for panel in panels(PAGE).values():
        found = shown(panel, FakeGateway(), ASKING)
        assert isinstance(found, Picture)
        names = [each for each in marked(found.drawing.beside, "mdl") if "claude-3-5-sonnet" in text(each)]
        tokens |= {each.children[0].style["background"] for each in names}
    assert tokens == {"var(--c1)"}


def test_every_model_is_named_in_every_panel() -> None:
    for panel in panels(PAGE).values():
        found = shown(panel, FakeGateway(), ASKING)
        assert isinstance(found, Picture)
        told = text(found.drawing.beside)
        assert all(name in told for name in ("claude-3-5-sonnet", "llama3-8b")), panel.title
    assert len(MODELS) == 2


@pytest.mark.parametrize("slug", ["latency", "reported_availability", "cost", "throughput", "upstream_latency"])
def test_what_one_measure_lacks_takes_no_card_and_no_row_away(slug: str) -> None:
    gateway = FakeGateway(wrong={slug: NotReported(slug, ["none"])})
    for title in ("Model status", "All models", "Availability and errors"):
        assert isinstance(shown(panels(PAGE)[title], gateway, ASKING), Picture)


def test_upstream_that_failed_leaves_end_to_end_and_says_so() -> None:
    failed = SourceTimeout("Prometheus", "did not answer in 10 s")
    gateway = FakeGateway(wrong={"upstream_latency": failed})
    found = shown(panels(PAGE)["Latency by model"], gateway, replace(ASKING, shown=(("latency-by-model", "both"),)))
    assert isinstance(found, Picture)
    assert found.drawing.foot.startswith("without upstream latency")
    assert found.drawing.foot.endswith("Prometheus did not answer in 10 s")
