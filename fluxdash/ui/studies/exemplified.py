"""A chart of latencies with single requests marked on it, where Prometheus keeps exemplars of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxdash.semantic.exemplars import Exemplars
from fluxdash.semantic.query import Query, Question
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Charted, Picture
from fluxdash.views.scene import Drawing, Scene, View


@dataclass(frozen=True, slots=True)
class Exemplified:
    """`questions` charted by `view`, with the exemplars of the same scope in its scene; whole without them."""

    questions: tuple[Question, ...]
    view: View

    def queries(self, asking: Asking) -> Sequence[Query]:
        return [each.within(asking.scope) for each in self.questions]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        marked = gateway.exemplars(asking.scope)
        shown = Charted(self.questions, _marking(self.view, marked)).draw(gateway, asking, title)
        if not isinstance(shown, Picture) or marked.provenance is None or not marked.rows:
            return shown
        return replace(shown, sources=(*shown.sources, marked.provenance))


def _marking(view: View, marked: Exemplars) -> View:
    def draw(scene: Scene) -> Drawing:
        return view(replace(scene, exemplars=marked))

    return draw
