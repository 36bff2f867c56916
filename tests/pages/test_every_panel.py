"""What holds of every panel of every page: it draws in whatever way, or says in its place what keeps it from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.errors import FluxDashError, NotReported, SourceTimeout
from fluxdash.pages import PAGES
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.export import written
from fluxdash.ui.insight import insight
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.pages.drawing import graphs, panels, shown, ways
from tests.ui.fake import ACCOUNTS, MODELS, FakeGateway

WINDOW = Window.last(3600, 1_795_444_345.0)
GOALS = Goals(budget=500_000.0, budgets=(("acme-retail", 200_000.0), (ACCOUNTS[1][0], 1.0)))
ASKING = Asking(Scope(WINDOW), Look(goals=GOALS), True, "?range=1h", now=WINDOW.now)
CHARTED = [each for each in PAGES if any(panels(each))]
WAYS = [(f"{page.title} {panel.slug} {dict(how)}", panel, how) for page in CHARTED for panel, how in ways(page)]

every_way = pytest.mark.parametrize(
    ("panel", "chosen"), [(panel, how) for _, panel, how in WAYS], ids=[name for name, _, _ in WAYS]
)


@pytest.mark.parametrize("page", CHARTED, ids=lambda page: page.title)
def test_a_page_has_at_most_six_graphs(page: Page) -> None:
    assert graphs(page) <= 6


@every_way
@pytest.mark.parametrize("look", [Look(goals=GOALS), Look("dark", narrow=True, goals=GOALS)], ids=["wide", "narrow"])
def test_it_draws_in_every_way(panel: Panel, chosen: tuple[tuple[str, str], ...], look: Look) -> None:
    asking = replace(ASKING, shown=chosen, look=look)
    found = shown(panel, FakeGateway(), asking)
    assert isinstance(found, Picture)
    assert written(found, asking).count("\n") > 5
    for what in ("how", "query", "table"):
        assert insight(panel, FakeGateway(), asking, what)


@every_way
@pytest.mark.parametrize("seconds", [300, 2_592_000])
def test_it_draws_for_every_range_and_without_comparison(
    panel: Panel, chosen: tuple[tuple[str, str], ...], seconds: int
) -> None:
    window = Window.last(seconds, WINDOW.now)
    asking = replace(ASKING, scope=Scope(window), shown=chosen, compared=False)
    assert isinstance(shown(panel, FakeGateway(), asking), Picture)


@every_way
@pytest.mark.parametrize(
    "error", [NotReported("it", ["None of them tells."]), SourceTimeout("Prometheus", "did not answer in 10 s")]
)
def test_it_says_why_it_has_nothing(panel: Panel, chosen: tuple[tuple[str, str], ...], error: FluxDashError) -> None:
    found = shown(panel, FakeGateway(wrong={"*": error}), replace(ASKING, shown=chosen))
    assert isinstance(found, State)
    if isinstance(error, NotReported):
        assert (found.kind, found.text) == ("absent", "None of them tells.")
    else:
        assert (found.kind, found.title) == ("failed", "Prometheus did not answer in 10 s")


@every_way
def test_an_empty_window_names_the_filters(panel: Panel, chosen: tuple[tuple[str, str], ...]) -> None:
    if panel.title == "Budgets":  # it is about the month, and all that was spent
        return
    narrowed = (Filter.of(MODEL, [MODELS[0][0]]),)
    for filters, title in ((narrowed, "Nothing matches"), ((), "No requests in this window")):
        found = shown(panel, FakeGateway(rate=0), replace(ASKING, scope=Scope(WINDOW, filters), shown=chosen))
        assert isinstance(found, State)
        assert found.title == title
