"""The most expensive requests from the gateway: only a log can name them."""

from __future__ import annotations

from fluxdash.errors import NotReported
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.insight import statements
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.studies.dearest import Dearest
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.ui.fake import FakeGateway
from tests.views.reading import cells

NOW = 1_795_444_345.0
PANEL = Panel("Most expensive requests", height=0, study=Dearest())
ASKING = Asking(Scope(Window.last(3600, NOW)), Look(), True, "?range=1h")


def test_the_ten_dearest_are_listed_of_all() -> None:
    shown = PANEL.draw(FakeGateway(), ASKING)
    assert isinstance(shown, Picture)
    rows = cells(shown.drawing.beside)[1:]
    assert [row[9] for row in rows] == [f"${(200 - i) / 1000:.4f}" for i in range(10)]
    assert shown.drawing.unit.startswith("top 10 of 46,")
    assert shown.drawing.link is not None
    assert shown.drawing.link.href == "requests?range=1h"


def test_without_a_log_the_panel_says_why_there_is_no_list() -> None:
    reason = "Prometheus counts requests; it keeps none of them."
    shown = PANEL.draw(FakeGateway(wrong={"records": NotReported("The list of requests", [reason])}), ASKING)
    assert isinstance(shown, State)
    assert (shown.kind, shown.text) == ("absent", reason)


def test_the_query_to_copy_is_that_of_the_list() -> None:
    assert statements(PANEL, FakeGateway(), ASKING) == "SELECT requests BY cost LIMIT 10"
