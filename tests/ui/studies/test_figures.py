"""Key figures of more than one question: asked only where there is something to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.pages.cost import PAGE
from fluxdash.semantic.answer import Answer, Line, Provenance
from fluxdash.semantic.measures import UNPRICED
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.strip import Strip
from fluxdash.ui.studies.figures import MonthSoFar, WithoutPrice
from fluxdash.ui.study import Asking
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.ui.fake import FakeGateway
from tests.views.reading import marked, text

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)


@dataclass
class Unpriced(FakeGateway):
    """A gateway with so many requests without a price, by model."""

    models: dict[str, float] = field(default_factory=dict)

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        return [
            self._counted(query) if query.measure == UNPRICED else each
            for query, each in zip(queries, super().answers(queries), strict=True)
        ]

    def _counted(self, query: Query) -> Answer:
        window, size = query.scope.window, query.scope.window.size
        rows = self.models if query.question.by else {None: sum(self.models.values())}
        lines = tuple(Line(name, total, total, (total / size,) * size, (1.0,) * size) for name, total in rows.items())
        return Answer(query, window, lines, Provenance("log", NOW, True))


def asking(goals: Goals | None = None) -> Asking:
    return Asking(Scope(WINDOW), Look(goals=goals or Goals()), True, "?range=1h", now=NOW)


def test_the_models_without_a_price_are_asked_for_only_where_there_are_any() -> None:
    calm = Unpriced()
    WithoutPrice().draw(calm, asking(), "Unpriced requests")
    assert not any(query.question.by for query in calm.asked)
    some = Unpriced(models={"cohere.command-r-v1:0": 12.0})
    drawn = WithoutPrice().draw(some, asking(), "Unpriced requests")
    assert marked(drawn, "kpi-v")[0].title == "No price in force: command-r 12."


def test_a_source_without_prices_says_so() -> None:
    gateway = FakeGateway(wrong={"unpriced": NotReported("Unpriced requests", ["Prometheus reports none."])})
    with pytest.raises(NotReported):
        WithoutPrice().draw(gateway, asking(), "Unpriced requests")


def test_the_month_is_held_against_the_budget_of_the_settings() -> None:
    tile = MonthSoFar().draw(FakeGateway(), asking(Goals(budget=200_000.0)), "Month to date")
    assert "of $200.0 k budget" in text(marked(tile, "kpi-s"))
    assert marked(tile, "delta")


def test_a_tile_of_a_study_fails_alone() -> None:
    strip = next(each for each in PAGE.panels if isinstance(each, Strip))
    gateway = FakeGateway(wrong={"unpriced": NotReported("Unpriced requests", ["Prometheus reports none."])})
    drawn = strip.draw(gateway, asking()).drawn
    assert text(marked(drawn[4], "kpi-v")).split() == ["–"]
    assert text(marked(drawn[4], "kpi-s")) == "Not reported"
    assert text(marked(drawn[0], "kpi-v")).split() != ["–"]
