"""Tiles: one number with its sample size, its course, what stands beside it, and its change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.measure import Additive, Amount
from fluxdash.semantic.query import Question
from fluxdash.semantic.units import ABSENT, SPACE, Figure, Unit, compact_as, count, figure, full, per_second, seconds_as
from fluxdash.views.deltas import Delta, delta, least
from fluxdash.views.elements import icon, wild
from fluxdash.views.scene import only
from fluxdash.views.sparkline import sparkline
from fluxdash.views.times import Clock

WARNED = (NoteKind.IGNORED_FILTER, NoteKind.PARTIAL)
"""The notes that change what a number means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A smaller number beside a tile's own: `P50 0.92`, `1,180 failed`, `14.03 req/s`.

    `before` and `after` are the words around it; `rate` divides by the seconds that were watched, `per` makes it
    what falls on that many seconds; `group` picks one line. `joint` stands between it and the number before it.
    """

    question: Question
    before: str = ""
    after: str = ""
    rate: bool = False
    per: int | None = None
    group: str | None = None
    joint: str = " · "

    def amount(self, answer: Answer) -> Amount:
        """Return its number from the answer to its question."""
        line = next((each for each in answer.lines if each.group == self.group), None)
        total = line.total if line else None
        if total is None or not (self.rate or self.per):
            return total
        return total / answer.watched_seconds * (self.per or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TileScene:
    """What a tile draws from: its answer, the one before, and the answers beside it that could be had."""

    title: str
    answer: Answer
    before: Answer | None
    beside: Sequence[tuple[Beside, Answer | None]]
    clock: Clock
    drawn_before: bool
    usual_source: str
    source_titles: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """A tile as it is written: `aside` stands beside the title, `under` below the number, `foot` at the bottom.

    `hint` is its tooltip; `course` the CSS value of its sparkline; `tone` is `warn` or `bad` where the number is so.
    """

    title: str
    value: Figure
    aside: Component | None = None
    course: str = ""
    under: Sequence[str | Component] = ()
    foot: Sequence[str | Component | None] = ()
    hint: str = ""
    notes: str | None = None
    sentence: str = ""
    tone: str = ""
    weak: bool = False

    def drawn(self) -> html.Div:
        """Return it as the tile of a strip."""
        kind = " ".join(filter(None, ("kpi-v", self.tone, "weak" if self.weak else "")))
        spark = html.Span(className="spark", style={"--sp": self.course}) if self.course else None
        number = html.Strong([self.value.number, html.Small(self.value.unit)])
        return html.Div(
            [
                html.Div([self.title, self.aside], className="kpi-h"),
                html.Div([number, spark], className=kind, title=self.hint),
                html.Div(list(self.under), className="kpi-s", title=self.notes),
                html.Div(list(self.foot), className="kpi-d"),
            ],
            className="kpi",
            **wild(aria_label=self.sentence or f"{self.title}: {self.value}", role="group"),
        )


def tile(scene: TileScene) -> html.Div:
    """Return the tile of one number."""
    answer, before = scene.answer, scene.before
    measure, q = answer.query.measure, answer.query.question.q
    line, past = only(answer), only(before) if before else None
    shown = figure(measure.unit, line.total)
    value = Figure(f"≥{SPACE}{shown.number}", shown.unit) if line.at_least else shown
    n = line.n
    weak = n is not None and n < least(measure, q)
    change = delta(measure, line.total, past.total if past else None, n=(n, past.n if past else None), q=q)
    # Half an hour of requests is not fewer than a whole one of them; a rate or a quantile of it can be compared.
    if past and isinstance(measure, Additive) and not answer.is_watched:
        change = Delta(ABSENT, "part is missing")
    dotted = past.values if past and scene.drawn_before else ()
    course = sparkline(line.values, dotted)
    start = scene.clock.start(answer.window.previous())
    return Readout(
        title=answer.provenance.label or scene.title,
        value=value,
        aside=_n(n, answer),
        course=course,
        under=_sub(scene),
        foot=(change.chip(), f"vs {start}" if past else None),
        hint=f"{scene.title}: {full(measure.unit, line.total)}; {measure.meaning}",
        notes=_notes(answer),
        sentence=_sentence(scene, value),
        weak=weak,
    ).drawn()


def empty_tile(title: str, reason: str, more: str = "", *, failed: bool) -> html.Div:
    """Return the tile of a number that could not be had: an en dash and the reason, never a zero."""
    mark = icon("bad" if failed else "info", 12)
    return html.Div(
        [
            html.Div([title, html.Span(mark, className="n")], className="kpi-h"),
            html.Div(html.Strong([ABSENT, html.Small()]), className="kpi-v"),
            html.Div(reason, className="kpi-s"),
            html.Div(className="kpi-d"),
        ],
        className="kpi failed" if failed else "kpi",
        title=f"{reason}. {more}".strip(),
        **wild(role="group", aria_label=f"{title}: {reason}"),
    )


def waiting_tile(title: str) -> html.Div:
    """Return a tile before its first answer: its size and title are there at once."""
    return html.Div(
        [
            html.Div(title, className="kpi-h"),
            html.Div(html.Span(className="sk late kpi-sk"), className="kpi-v"),
            html.Div(html.Span(className="sk late kpi-sk small"), className="kpi-s"),
            html.Div(className="kpi-d"),
        ],
        className="kpi",
    )


def _n(n: Amount, answer: Answer) -> html.Span:
    warned = [note.text for note in answer.provenance.notes if note.kind in WARNED]
    mark = html.Span(icon("warn", 12), className="w", title=" ".join(warned)) if warned else None
    return html.Span([mark, f"n{SPACE}{count(n)}"], className="n", title="sample size")


def _sub(scene: TileScene) -> list[str | Component]:
    # What other filters narrow is about other requests: beside the number it would be read as a part of it.
    said: list[tuple[str, list[str | Component]]] = []
    ignored = scene.answer.provenance.ignored
    alike = [
        (each, answer if answer and answer.provenance.ignored == ignored else None) for each, answer in scene.beside
    ]
    amounts = [each.amount(answer) if answer else None for each, answer in alike]
    largest = max((each for each in amounts if each is not None), default=None)
    units = {answer.query.measure.unit for _, answer in alike if answer}
    shared = len(alike) > 1 and len(units) == 1
    for place, ((each, answer), amount) in enumerate(zip(alike, amounts, strict=True)):
        if answer is None or amount is None:
            continue
        unit = answer.query.measure.unit
        shown = _written(each, unit, amount, largest if shared else None)
        if each.before:
            # The unit stands once, at the end: `P50 0.92 · P99 8.12 s`.
            alone = shared and place + 1 < len(alike) and shown.unit == figure(unit, largest).unit
            number = shown.number if alone else str(shown)
            said.append((each.joint, [f"{each.before}{SPACE}", html.I(SPACE.join(filter(None, (number, each.after))))]))
        else:
            words = SPACE.join(filter(None, [shown.unit] if each.rate else [shown.unit, each.after]))
            said.append((each.joint, [f"{shown.number}{SPACE}", html.I(words)] if words else [shown.number]))
    source = scene.answer.provenance.source
    if source != scene.usual_source:
        named = dict(scene.source_titles).get(source, source)
        said.append((" · ", [html.Span(f"from {named.removeprefix('request ')}", className="t2")]))
    return [part for place, (joint, words) in enumerate(said) for part in ([html.I(joint), *words] if place else words)]


def _written(beside: Beside, unit: Unit, amount: float, like: Amount) -> Figure:
    if beside.rate:
        return per_second(amount, beside.after)
    if unit is Unit.SECONDS:
        return seconds_as(amount, like)
    if unit is Unit.TOKENS:
        return compact_as(amount, like)
    return Figure(count(amount)) if unit is Unit.COUNT else figure(unit, amount)


def _notes(answer: Answer) -> str | None:
    return " ".join(note.text for note in answer.provenance.notes) or None


def _sentence(scene: TileScene, value: Figure) -> str:
    n = only(scene.answer).n
    return f"{scene.answer.provenance.label or scene.title}: {value}, of n {count(n)}"
