"""A study some of whose questions may stay unanswered: what is left is drawn, and what failed is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxdash.errors import SourceError
from fluxdash.semantic.query import Query, Question
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import State
from fluxdash.ui.study import Answers, Asking, Picture, ask, known, maybe, models, nothing, pictured
from fluxdash.views.scene import Scene, View


@dataclass(frozen=True, slots=True)
class Partly:
    """`questions` must be answered; `spare` ones add to the picture where they can be had.

    All are asked at once, the `compared` ones about the window before as well. The view finds the answers to
    `questions` first and in their order, and looks for the others by their question.
    """

    questions: tuple[Question, ...]
    view: View
    spare: tuple[Question, ...] = ()
    compared: tuple[Question, ...] = ()

    def queries(self, asking: Asking) -> Sequence[Query]:
        return [each.within(asking.scope) for each in (*self.questions, *self.spare)]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        now, before = self.ask(gateway, asking)
        return self.drawn(gateway, now, before, asking, title)

    def ask(self, gateway: Gateway, asking: Asking, *more: Question) -> tuple[Answers, Answers]:
        """Ask everything, and `more` with it; return what is answered now and about the window before."""
        compared = self.compared if asking.compared else ()
        return ask(gateway, (*self.questions, *self.spare, *more), compared, asking.scope)

    def drawn(self, gateway: Gateway, now: Answers, before: Answers, asking: Asking, title: str) -> Picture | State:
        """Return the picture of what was answered; raises the error that stands in the place of a needed answer."""
        needed = [known(now[each]) for each in self.questions]
        if all(each.is_empty for each in needed):
            return nothing(gateway, asking, needed)
        found = [maybe(now[each]) for each in self.spare]
        answers = [*needed, *(each for each in found if each is not None)]
        past = [maybe(before.get(each.query.question)) for each in answers] if asking.compared else []
        drawing = self.view(Scene(answers, past, asking.look, asking.revision, asking.seats(models(answers))))
        failed = [now[each] for each in self.spare]
        told = dict.fromkeys(_brief(each) for each in failed if isinstance(each, SourceError))
        foot = " · ".join(filter(None, (drawing.foot, *told)))
        return pictured(replace(drawing, foot=foot), answers, asking, title)


def _brief(error: SourceError) -> str:
    return f"{error.source} {error.reason.partition('. ')[0].rstrip('.')}"
