"""A chart with exemplars: they are of its own scope, its sources say so, and without them it is as it was."""

from __future__ import annotations

from fluxdash.errors import SourceUnreachable
from fluxdash.semantic.exemplars import Exemplar
from fluxdash.semantic.measures import LATENCY
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.window import Window
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.studies.exemplified import Exemplified
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.charts import latency_percentiles
from fluxdash.views.exemplars import UID
from fluxdash.views.scene import Look
from tests.ui.fake import FakeGateway

NOW = 1_795_444_320
STUDY = Exemplified(tuple(LATENCY.over_time(q=q) for q in (0.5, 0.95, 0.99)), latency_percentiles)
ASKING = Asking(Scope(Window(NOW - 3600, NOW, 60, NOW)), Look())
SLOW = Exemplar(NOW - 100.0, 5.5, TraceId("1" * 32))


def drawn(gateway: FakeGateway) -> Picture:
    shown = STUDY.draw(gateway, ASKING, "Latency")
    assert isinstance(shown, Picture)
    return shown


def uids(picture: Picture) -> list[str]:
    assert picture.drawing.figure is not None
    return [each["uid"] for each in picture.drawing.figure["data"]]


def test_exemplars_of_the_window_are_marked_and_their_source_is_named() -> None:
    shown = drawn(FakeGateway(exemplified=(SLOW, Exemplar(NOW - 7200.0, 9.0, TraceId("2" * 32)))))
    assert uids(shown)[-1] == UID
    assert shown.drawing.figure is not None
    assert shown.drawing.figure["data"][-1]["y"] == [5.5]
    assert [each.source for each in shown.sources] == ["log", "log", "log", "prometheus"]


def test_without_exemplars_the_chart_is_as_it_was() -> None:
    shown = drawn(FakeGateway())
    assert UID not in uids(shown)
    assert {each.source for each in shown.sources} == {"log"}


def test_a_chart_that_cannot_be_had_says_so_with_exemplars_too() -> None:
    gateway = FakeGateway(wrong={"*": SourceUnreachable("Prometheus", "cannot be reached")}, exemplified=(SLOW,))
    assert isinstance(Panel("Latency", study=STUDY).draw(gateway, ASKING), State)
