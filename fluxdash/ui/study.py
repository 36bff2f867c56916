"""A study: what a panel asks of the gateway and how it draws what comes back; most just chart their questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol, runtime_checkable

from fluxdash.analysis.forecast import Forecast, Refusal, forecast
from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.answer import Answer, Provenance
from fluxdash.semantic.dimensions import MODEL, UNKNOWN, values
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.query import Query, Question
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import TITLES, Gateway
from fluxdash.ui import states
from fluxdash.ui.lastseen import last_seen
from fluxdash.ui.states import Action, State
from fluxdash.views.scene import Drawing, Look, Scene, View
from fluxdash.views.tabular import Table, of_answers

Answers = Mapping[Question, Answer | FluxDashError]
_REQUESTS = REQUESTS.over_time()
Seats = Callable[[Iterable[str]], Mapping[str, int]]
Foresee = Callable[[tuple[Amount, ...], int, tzinfo], Forecast | Refusal]


def no_seats(models: Iterable[str]) -> Mapping[str, int]:
    """Return that no model was given a colour beyond those of the design."""
    return {}


@dataclass(frozen=True, slots=True)
class Asking:
    """How the page is asked: about what, seen how, compared or not; `revision` changes when the reader moves on.

    `shown` names the variant chosen in a panel, by its slug; `every` is the seconds between refreshes, 0 for never.
    `now` is the time in epoch seconds, for what looks at today whatever the window; unset, it is the window's own.
    """

    scope: Scope
    look: Look
    compared: bool = True
    revision: str = ""
    shown: tuple[tuple[str, str], ...] = ()
    every: int = 0
    seats: Seats = no_seats
    now: float | None = None
    foresee: Foresee = forecast

    @property
    def moment(self) -> float:
        """The time, in epoch seconds."""
        return float(self.scope.window.now) if self.now is None else self.now


@dataclass(frozen=True, slots=True)
class Picture:
    """A panel with data: what was drawn, where it came from, and its numbers as a table.

    `span` (from and to, epoch seconds) and `zone` are what it is about where that is not what the page is.
    """

    drawing: Drawing
    sources: tuple[Provenance, ...]
    title: str
    table: Table
    span: tuple[int, int] | None = None
    zone: tzinfo | None = None

    @property
    def as_of(self) -> float | None:
        """When the oldest part of it was read, in epoch seconds."""
        return min((each.as_of for each in self.sources), default=None)


class Study(Protocol):
    """What stands behind a panel."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        """Return the queries about the present that it rests on, the most telling one first."""

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        """Ask and draw; raises FluxDashError where nothing can be drawn, which the panel tells."""


@runtime_checkable
class Stated(Protocol):
    """A study that rests on more than queries, and tells by itself what it runs."""

    def statements(self, gateway: Gateway, asking: Asking) -> Sequence[str]:
        """Return the PromQL or SQL, for people to copy; raises FluxDashError."""


@dataclass(frozen=True, slots=True)
class Charted:
    """The usual study: some questions within the page's scope and the window before, drawn by one view."""

    questions: tuple[Question, ...]
    view: View

    def queries(self, asking: Asking) -> Sequence[Query]:
        return [each.within(asking.scope) for each in self.questions]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        now, before = ask(gateway, self.questions, self.questions if asking.compared else (), asking.scope)
        answers = [known(now[question]) for question in self.questions]
        if all(each.is_empty for each in answers):
            return nothing(gateway, asking, answers)
        past = [maybe(before.get(question)) for question in self.questions] if asking.compared else []
        drawing = self.view(Scene(answers, past, asking.look, asking.revision, asking.seats(models(answers))))
        return pictured(drawing, answers, asking, title)


def ask(
    gateway: Gateway, questions: Sequence[Question], compared: Sequence[Question], scope: Scope
) -> tuple[Answers, Answers]:
    """Ask everything at once; an error stands in the place of the answer it kept away. Nothing else catches.

    So does one in the place of a past that hardly anybody watched, or that the source of the present does not tell:
    a change against it would be none.
    """
    now, before = asked(gateway, questions, compared, scope)
    return now, comparable(_alike(gateway, now, before))


def _alike(gateway: Gateway, now: Answers, before: Answers) -> Answers:
    """Ask again for a past that another source told than the present: what two sources differ by is no change."""
    unlike: dict[str, list[Question]] = {}
    for question, past in before.items():
        present = maybe(now.get(question))
        if present and isinstance(past, Answer) and past.provenance.source != present.provenance.source:
            unlike.setdefault(present.provenance.source, []).append(question)
    found = dict(before)
    for source, questions in unlike.items():
        again = gateway.answers([known(before[each]).query for each in questions], source)
        found.update(zip(questions, again, strict=True))
    return found


def asked(
    gateway: Gateway, questions: Sequence[Question], compared: Sequence[Question], scope: Scope
) -> tuple[Answers, Answers]:
    """Ask everything at once, and return what is known of the window before even where that is little."""
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


def comparable(before: Answers) -> Answers:
    """Return the answers about a window that was watched; groups and totals are taken at the word of a whole series."""
    series = [each for each in map(maybe, before.values()) if each is not None and _is_course(each)]
    whole = {each.provenance.source: False for each in series}
    whole |= {each.provenance.source: True for each in series if each.is_watched}

    def stands(answer: Answer) -> bool:
        own = answer.is_watched
        return own if _is_course(answer) else whole.get(answer.provenance.source, own)

    unwatched = NotReported("The window before", ("Too little of it is known.",))
    return {
        question: unwatched if isinstance(answer, Answer) and not stands(answer) else answer
        for question, answer in before.items()
    }


def _is_course(answer: Answer) -> bool:
    return answer.query.question.by is None and answer.watched is not None


def pictured(drawing: Drawing, answers: Sequence[Answer], asking: Asking, title: str) -> Picture:
    """Return the picture of a drawing that was made from answers."""
    table = drawing.table or of_answers(answers, asking.look.clock)
    return Picture(drawing, tuple(each.provenance for each in answers), answers[0].provenance.label or title, table)


def labelled(title: str, label: str | None) -> str:
    """Return the title of a panel that is not named for a measure, with what its number is where it is not quite it."""
    return f"{title} ({label[:1].lower()}{label[1:]})" if label else title


def empty(asking: Asking, answers: Sequence[Answer], last: str = "", ways: tuple[Action, ...] = ()) -> State:
    """Return the state of a panel whose answers hold nothing; `last` says when they last did, `ways` lead there."""
    source = answers[0].provenance.source
    names = {value: name for each in answers for value, name in each.names}
    return states.nothing(asking.scope, asking.look.clock, names, TITLES.get(source, source), last, ways)


def nothing(gateway: Gateway, asking: Asking, answers: Sequence[Answer]) -> State:
    """Return the state of a panel whose answers hold nothing: where all requests failed, there were some."""
    requests = maybe(asked(gateway, (_REQUESTS,), (), asking.scope)[0][_REQUESTS])
    if requests is None or not requests.total:
        return empty(asking, answers, *last_seen(gateway, asking.scope, asking.look.clock))
    return states.left_out(asking.scope, asking.look.clock, requests.total)


def known(answer: Answer | FluxDashError) -> Answer:
    """Return the answer, or raise the error that stands in its place."""
    if isinstance(answer, FluxDashError):
        raise answer
    return answer


def maybe(answer: Answer | FluxDashError | None) -> Answer | None:
    """Return the answer, or None where there is none."""
    return answer if isinstance(answer, Answer) else None


def models(answers: Iterable[Answer]) -> list[str]:
    """Return the models that answers are grouped by, alone or crossed with something else, each once."""
    found: dict[str, None] = {}
    for each in answers:
        by = each.query.question.by
        if by is not None and MODEL in by.parts:
            groups = [values(str(line.group)) for line in each.lines]
            found.update(dict.fromkeys(group[by.parts.index(MODEL)] for group in groups if len(group) == len(by.parts)))
    return [each for each in found if each != UNKNOWN]
