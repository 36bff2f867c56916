"""The Cost page: few graphs, every panel with a picture or a reason, and one number for one thing on all of it."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.pages.cost import PAGE
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.ui.fake import ACCOUNTS, FakeGateway
from tests.views.reading import cells, marked, text

NOW = 1_795_444_345.0
GOALS = Goals(budget=500_000.0, budgets=(("acme-retail", 200_000.0), (ACCOUNTS[1][0], 1.0)))
PANELS = {each.title: each for each in PAGE.panels if isinstance(each, Panel)}


def asking(seconds: int = 3600, *, theme: str = "light", compared: bool = True) -> Asking:
    return Asking(Scope(Window.last(seconds, NOW)), Look(theme, goals=GOALS), compared, "?range=1h", now=NOW)


VARIANTS = [
    (title, slug) for title, panel in PANELS.items() for slug in ([each.slug for each in panel.variants] or [""])
]


def draw(title: str, variant: str = "", gateway: FakeGateway | None = None, **more: object) -> Picture | State:
    panel = PANELS[title]
    view = replace(asking(**more), shown=((panel.slug, variant),))  # type: ignore[arg-type]
    return panel.draw(gateway or FakeGateway(), view)


def strip() -> Strip:
    return next(each for each in PAGE.panels if isinstance(each, Strip))


def test_the_tile_and_the_running_sum_show_one_spend() -> None:
    spend = text(marked(strip().draw(FakeGateway(), asking()).drawn[0], "kpi-v")).split()[0]
    running = draw("Spend over time", "cumulative")
    assert isinstance(running, Picture)
    assert running.drawing.figure is not None
    assert running.drawing.figure["layout"]["annotations"][-1]["text"] == f"<b>{spend}</b>"


def test_the_hole_of_the_donut_is_the_sum_of_the_table_beside_it() -> None:
    models = draw("Spend by model")
    assert isinstance(models, Picture)
    total = sum(float(row[1] or 0) for row in models.table.rows)
    assert text(marked(models.drawing.beside, "hole")).split()[0] == f"${total:,.2f}"


def test_the_strip_has_five_tiles_and_asks_what_is_not_a_study_at_once() -> None:
    drawn = strip().draw(FakeGateway(), asking()).drawn
    titles = [text(each.children[0]).split("  ")[0].strip() for each in drawn]
    assert [title.partition(" n ")[0] for title in titles] == [
        "Spend", "Month to date", "Cost per request", "Cache savings", "Unpriced requests",
    ]  # fmt: skip
    assert "per day" in text(marked(drawn[0], "kpi-s"))
    assert "per successful request" in text(marked(drawn[2], "kpi-s"))
    assert "of list-price spend" in text(marked(drawn[3], "kpi-s"))


def test_the_forecast_of_each_day_stands_on_the_page_with_its_interval() -> None:
    shown = draw("Daily forecast")
    assert isinstance(shown, Picture)
    rows = cells(shown.drawing.beside)
    assert len(rows) == 8
    assert all(" – " in row[-1] for row in rows[1:])
    assert "back tests it was off by" in text(shown.drawing.beside)


def test_budgets_by_name_and_by_uuid_stand_in_one_table() -> None:
    shown = draw("Budgets")
    assert isinstance(shown, Picture)
    assert {row[0] for row in shown.table.rows} == {"All accounts", "acme-retail", "borealis-bank"}


def test_what_the_menu_says_of_each_panel_is_a_sentence() -> None:
    assert all(panel.how or panel.variants for panel in PANELS.values())
    for title, variant in VARIANTS:
        panel = PANELS[title]
        queries = panel.queries(replace(asking(), shown=((panel.slug, variant),)))
        assert queries, title
