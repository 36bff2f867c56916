"""A study with spare questions: what it needs must be there, what it lacks takes nothing else away."""

from __future__ import annotations

import pytest

from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST, FAILURES, LATENCY, REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.states import State
from fluxdash.ui.studies.partly import Partly
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Drawing, Look, Scene
from tests.ui.fake import MODELS, FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)
NEEDED, MORE, LATE = REQUESTS.over_time(), COST.over_time(), LATENCY.over_time()


class Noting:
    """A view that keeps the scene it was given."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []

    def __call__(self, scene: Scene) -> Drawing:
        self.scenes.append(scene)
        return Drawing(None, "said", "unit", "foot")


def asking(compared: bool = True) -> Asking:
    return Asking(Scope(WINDOW), Look(), compared, "?range=1h")


def drawn(gateway: FakeGateway, view: Noting, **more: object) -> Picture | State:
    study = Partly((NEEDED,), view, (MORE, LATE), **more)  # type: ignore[arg-type]
    return study.draw(gateway, asking(), "Title")


def test_everything_is_asked_at_once_and_found_by_its_question() -> None:
    gateway, view = FakeGateway(), Noting()
    drawn(gateway, view)
    assert gateway.batches == 1
    (scene,) = view.scenes
    assert scene.answers[0].query.question == NEEDED
    assert scene.told(MORE) is scene.answers[1]
    assert scene.told(FAILURES.over_time()) is None


def test_what_is_not_reported_leaves_its_place_empty_without_a_word() -> None:
    view = Noting()
    shown = drawn(FakeGateway(wrong={"cost": NotReported("cost", ["none"])}), view)
    assert isinstance(shown, Picture)
    assert shown.drawing.foot == "foot"
    assert view.scenes[0].told(MORE) is None
    assert view.scenes[0].told(LATE) is not None


def test_a_source_that_failed_is_told_once() -> None:
    failed = SourceTimeout("Prometheus", "did not answer in 10 s. Its queue may be full.")
    shown = drawn(FakeGateway(wrong={"cost": failed, "latency": failed}), Noting())
    assert isinstance(shown, Picture)
    assert shown.drawing.foot == "foot · Prometheus did not answer in 10 s"
    assert len(shown.sources) == 1


@pytest.mark.parametrize("error", [NotReported("requests", ["none"]), SourceTimeout("Prometheus", "did not answer")])
def test_without_what_it_needs_there_is_no_picture(error: Exception) -> None:
    with pytest.raises(type(error)):
        drawn(FakeGateway(wrong={"requests": error}), Noting())  # type: ignore[dict-item]


def test_a_window_without_requests_is_empty_whatever_else_is_known() -> None:
    shown = drawn(FakeGateway(rate=0), Noting())
    assert isinstance(shown, State)
    assert shown.title == "No requests in this window"


def test_only_what_is_compared_is_asked_about_the_window_before() -> None:
    gateway, view = FakeGateway(), Noting()
    drawn(gateway, view, compared=(MORE,))
    assert [each.question for each in gateway.asked if each.scope.window == WINDOW.previous()] == [MORE]
    (scene,) = view.scenes
    assert scene.told_before(MORE) is not None
    assert scene.told_before(NEEDED) is None
    assert scene.earlier(1) is scene.told_before(MORE)
    assert Partly((NEEDED,), view, compared=(NEEDED,)).draw(gateway, asking(False), "Title")
    assert view.scenes[-1].before == []


def test_models_are_seated_whatever_they_are_crossed_with() -> None:
    seen: list[list[str]] = []

    def seats(models):  # type: ignore[no-untyped-def]
        seen.append(list(models))
        return {"acme.own": 3}

    view, by_model = Noting(), Partly((REQUESTS.top(9, by=MODEL),), Noting())
    asked = Asking(Scope(WINDOW), Look(), seats=seats)
    Partly(by_model.questions, view).draw(FakeGateway(), asked, "Title")
    assert seen == [[model for model, _ in MODELS]]
    assert view.scenes[0].seats == {"acme.own": 3}


def test_its_queries_are_those_it_needs_and_then_the_spare_ones() -> None:
    study = Partly((NEEDED,), Noting(), (MORE, LATE))
    assert [each.question for each in study.queries(asking())] == [NEEDED, MORE, LATE]
