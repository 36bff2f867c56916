"""A panel: its questions, how their answers are drawn, and what it shows when they can't be had."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash.development.base_component import Component

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import TITLES, Gateway
from fluxdash.ui import states
from fluxdash.ui.states import State
from fluxdash.views.readouts import Beside, TileScene, empty_tile, tile
from fluxdash.views.scene import Drawing, Look, Scene, View

Answers = Mapping[Question, Answer | FluxDashError]


@dataclass(frozen=True, slots=True)
class Picture:
    """A panel with data: what was drawn, and the answers it was drawn from."""

    drawing: Drawing
    answers: Sequence[Answer]
    title: str


@dataclass(frozen=True, slots=True)
class Asking:
    """How the page is asked: about what, seen how, compared or not; `revision` changes when the reader moves on."""

    scope: Scope
    look: Look
    compared: bool = True
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with a title: `width` in twelfths of the row, `height` in pixels, `unit` until its view says better."""

    title: str
    questions: tuple[Question, ...]
    view: View
    width: int = 12
    height: int = 245
    unit: str = ""

    @property
    def slug(self) -> str:
        """Its name in ids."""
        return _slug(self.title)

    def draw(self, gateway: Gateway, asking: Asking) -> Picture | State:
        """Ask and draw; what goes wrong is a state of this panel and of no other."""
        now, before = _ask(gateway, self.questions, self.questions if asking.compared else (), asking.scope)
        answers: list[Answer] = []
        for question in self.questions:
            answer = now[question]
            if isinstance(answer, FluxDashError):
                return states.of_error(answer)
            answers.append(answer)
        if all(each.is_empty for each in answers):
            source = answers[0].provenance.source
            return states.nothing(asking.scope, asking.look.clock, _names(answers), TITLES.get(source, source))
        past = [_known(before.get(question)) for question in self.questions] if asking.compared else []
        drawing = self.view(Scene(answers, past, asking.look, asking.revision))
        return Picture(drawing, answers, answers[0].provenance.label or self.title)


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of a strip, and the smaller ones beside it."""

    title: str
    question: Question
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of tiles that are asked together; each fails alone."""

    title: str
    tiles: tuple[Tile, ...]
    width: int = 12

    @property
    def slug(self) -> str:
        """Its name in ids."""
        return _slug(self.title)

    def draw(self, gateway: Gateway, asking: Asking) -> list[Component]:
        """Ask for all tiles at once and return them in their order."""
        own = [each.question for each in self.tiles]
        smaller = [each.question for every in self.tiles for each in every.beside]
        now, before = _ask(gateway, (*own, *smaller), own, asking.scope)
        usual = Counter(each.provenance.source for each in now.values() if isinstance(each, Answer))
        source = usual.most_common(1)[0][0] if usual else ""
        return [self._tile(each, now, before, asking, source) for each in self.tiles]

    def _tile(self, each: Tile, now: Answers, before: Answers, asking: Asking, source: str) -> Component:
        answer = now[each.question]
        if isinstance(answer, FluxDashError):
            state = states.of_error(answer)
            return empty_tile(each.title, state.title, state.text, failed=state.kind == "failed")
        return tile(
            TileScene(
                title=each.title,
                answer=answer,
                before=_known(before.get(each.question)),
                beside=[(small, _known(now.get(small.question))) for small in each.beside],
                clock=asking.look.clock,
                drawn_before=asking.compared,
                usual_source=source,
                source_titles=tuple(TITLES.items()),
            )
        )


def _ask(
    gateway: Gateway, questions: Sequence[Question], compared: Sequence[Question], scope: Scope
) -> tuple[Answers, Answers]:
    """Ask everything at once; an error stands in the place of the answer it kept away. Nothing else catches."""
    now, before = list(dict.fromkeys(questions)), list(dict.fromkeys(compared))
    queries = [each.within(scope) for each in now] + [each.within(scope).previous() for each in before]
    try:
        answers: Sequence[Answer | FluxDashError] = gateway.answers(queries)
    except FluxDashError as err:
        answers = [err] * len(queries)
    return (
        dict(zip(now, answers[: len(now)], strict=True)),
        dict(zip(before, answers[len(now) :], strict=True)),
    )


def _known(answer: Answer | FluxDashError | None) -> Answer | None:
    return answer if isinstance(answer, Answer) else None


def _names(answers: Sequence[Answer]) -> dict[str, str]:
    return {value: name for each in answers for value, name in each.names}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
