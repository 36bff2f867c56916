"""Tiles: one number with its sample size, its course, what stands beside it, and its change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.query import Question
from fluxdash.semantic.units import ABSENT, SPACE, Figure, Unit, compact_as, count, figure, full, per_second, seconds_as
from fluxdash.views.deltas import delta, least
from fluxdash.views.elements import icon, wild
from fluxdash.views.scene import only
from fluxdash.views.sparkline import sparkline
from fluxdash.views.times import Clock

WARNED = (NoteKind.IGNORED_FILTER, NoteKind.PARTIAL)
"""The notes that change what a number means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A smaller number beside a tile's own: `P50 0.92`, `1,180 failed`, `14.03 req/s`.

    `before` and `after` are the words around it; `rate` divides by the seconds of the window; `group` picks one line.
    """

    question: Question
    before: str = ""
    after: str = ""
    rate: bool = False
    group: str | None = None

    def amount(self, answer: Answer) -> Amount:
        """Return its number from the answer to its question."""
        line = next((each for each in answer.lines if each.group == self.group), None)
        total = line.total if line else None
        return total if total is None or not self.rate else total / answer.window.seconds


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
    dotted = past.values if past and scene.drawn_before else ()
    course = sparkline(line.values, dotted)
    start = scene.clock.start(answer.window.previous())
    return html.Div(
        [
            html.Div([answer.provenance.label or scene.title, _n(n, answer)], className="kpi-h"),
            html.Div(
                [
                    html.Strong([value.number, html.Small(value.unit)]),
                    html.Span(className="spark", style={"--sp": course}) if course else None,
                ],
                className="kpi-v weak" if weak else "kpi-v",
                title=f"{scene.title}: {full(measure.unit, line.total)}; {measure.meaning}",
            ),
            html.Div(_sub(scene), className="kpi-s", title=_notes(answer)),
            html.Div([change.chip(), f"vs {start}" if past else None], className="kpi-d"),
        ],
        className="kpi",
        **wild(aria_label=_sentence(scene, value), role="group"),
    )


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
    said: list[list[str | Component]] = []
    amounts = [each.amount(answer) if answer else None for each, answer in scene.beside]
    largest = max((each for each in amounts if each is not None), default=None)
    units = {answer.query.measure.unit for _, answer in scene.beside if answer}
    shared = len(scene.beside) > 1 and len(units) == 1
    for place, ((each, answer), amount) in enumerate(zip(scene.beside, amounts, strict=True)):
        if answer is None or amount is None:
            continue
        unit = answer.query.measure.unit
        shown = _written(each, unit, amount, largest if shared else None)
        if each.before:
            # The unit stands once, at the end: `P50 0.92 · P99 8.12 s`.
            alone = shared and place + 1 < len(scene.beside) and shown.unit == figure(unit, largest).unit
            said.append([f"{each.before}{SPACE}", html.I(shown.number if alone else str(shown))])
        else:
            words = [shown.unit] if each.rate else [shown.unit, each.after]
            said.append([f"{shown.number}{SPACE}", html.I(SPACE.join(filter(None, words)))])
    source = scene.answer.provenance.source
    if source != scene.usual_source:
        named = dict(scene.source_titles).get(source, source)
        said.append([html.Span(f"from {named.removeprefix('request ')}", className="t2")])
    return [part for place, words in enumerate(said) for part in ([html.I(" · "), *words] if place else words)]


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
