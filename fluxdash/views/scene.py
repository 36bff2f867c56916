"""What a view draws from, the answers and the look of the page, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.exemplars import NO_EXEMPLARS, Exemplars
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.query import Question
from fluxdash.semantic.window import Window
from fluxdash.views.goals import Goals
from fluxdash.views.tabular import Table
from fluxdash.views.template import PALETTES
from fluxdash.views.times import Clock

FigureDict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """How the page is looked at: the theme, the zone of its times, the objective to draw in seconds, on how much room.

    On a narrow screen a legend has one line, so it leaves out what its neighbours say.
    """

    theme: str = "light"
    clock: Clock = field(default_factory=Clock)
    p95_objective: float | None = None
    narrow: bool = False
    goals: Goals = field(default_factory=Goals)

    @property
    def palette(self) -> Mapping[str, str]:
        """The colours of the theme by token."""
        return PALETTES[self.theme]


@dataclass(frozen=True, slots=True)
class Scene:
    """The answers to a panel's questions in their order, and to the same ones about the window before.

    `before` is empty where the page is not compared, and None in the place of what could not be answered. `seats` are
    the colour slots of models that have none of their own. `exemplars` are single requests of what is asked about.
    """

    answers: Sequence[Answer]
    before: Sequence[Answer | None]
    look: Look
    revision: str = ""
    seats: Mapping[str, int] = field(default_factory=dict)
    exemplars: Exemplars = NO_EXEMPLARS

    @property
    def window(self) -> Window:
        """The window that is drawn."""
        return self.answers[0].window

    @property
    def is_compared(self) -> bool:
        """Whether something is known about the window before."""
        return any(each is not None and each.lines for each in self.before)

    def earlier(self, index: int) -> Answer | None:
        """The answer about the window before to the question at `index`, if it is known."""
        return self.before[index] if index < len(self.before) else None

    def told(self, question: Question) -> Answer | None:
        """The answer to a question, wherever it stands; None where it could not be had."""
        return next((each for each in self.answers if each.query.question == question), None)

    def told_before(self, question: Question) -> Answer | None:
        """The answer to a question about the window before, if it is known."""
        return next((each for each in self.before if each and each.query.question == question), None)

    def moments(self, values: Sequence[object], *, first: int = 0) -> list[int]:
        """The starts of the buckets of `values`, from the one at `first` on, as Plotly's dates in the page's zone."""
        window = self.window
        ahead = self.look.clock.offset(window.end)
        return [(window.start + i * window.step + ahead) * 1000 for i in range(first, first + len(values))]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a view made: a figure, the sentence that says it, what stands beside it, and the end of the footnote.

    A panel without a graph has no figure. `table` holds its numbers where they are not just those of its answers.
    `link` stands at the end of the footnote in the place of `foot`.
    """

    figure: FigureDict | None
    sentence: str
    unit: str
    foot: str = ""
    beside: Component | None = None
    table: Table | None = None
    link: Component | None = None


View = Callable[[Scene], Drawing]


def only(answer: Answer) -> Line:
    """Return the one line of an answer that is not grouped; an unknown one where it has none."""
    return answer.lines[0] if answer.lines else Line(None, None, None)


def per(answer: Answer, line: Line, seconds: float, *, head: bool = True) -> list[Amount]:
    """Return counts a bucket as a rate per `seconds`; a bucket that is filling counts for the time it has run."""
    window = answer.window
    closed: list[Amount] = [_over(value, window.step, seconds) for value in line.values]
    if not head:
        return closed
    running = [min(window.step, window.now - start) for start in window.head]
    return closed + [_over(value, ran, seconds) for value, ran in zip(line.head, running, strict=False)]


def _over(value: Amount, passed: float, seconds: float) -> Amount:
    return None if value is None or passed <= 0 else value / passed * seconds
