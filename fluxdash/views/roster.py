"""All models in one table: state, traffic, errors, latency, speed and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Amount, Measure
from fluxdash.semantic.measures import (
    AVAILABILITY,
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    LATENCY,
    REQUESTS,
    THROUGHPUT,
)
from fluxdash.semantic.query import MOST_GROUPS, Question
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count, figure, full
from fluxdash.views.deltas import least
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.status import Health, healths
from fluxdash.views.tables import Content, Head, Row, filtering, named, table
from fluxdash.views.tabular import Column, Table

_MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """A column of numbers: its name, what is asked of each model and of all, and the class of its cells."""

    name: str
    each: Question
    whole: Question
    tone: str = ""


def _column(name: str, measure: Measure, q: float | None = None, tone: str = "") -> Figures:
    return Figures(name, measure.top(MOST_GROUPS, by=MODEL, q=q), measure.total(q=q), tone)


_COLUMNS = (
    _column("Available", AVAILABILITY),
    _column("Errors", ERROR_RATE),
    _column("P50", LATENCY, 0.5, "t2"),
    _column("P95", LATENCY, 0.95, "b"),
    _column("P99", LATENCY, 0.99, "t2"),
    _column("Output tok/s", THROUGHPUT),
    _column("$ / request", COST_PER_REQUEST),
    _column("Spend", COST, None, "b"),
)

NEEDED = (ERROR_RATE.top(MOST_GROUPS, by=MODEL), AVAILABILITY.top(MOST_GROUPS, by=MODEL))
"""What the states are judged by."""

_ASKED = Figures("Requests", REQUESTS.top(MOST_GROUPS, by=MODEL), REQUESTS.total())

SPARE = (
    FAILURES.top(MOST_GROUPS, by=MODEL),
    ERROR_RATE.total(),
    AVAILABILITY.total(),
    *(question for each in (_ASKED, *_COLUMNS[2:]) for question in (each.each, each.whole)),
)
"""What fills the other columns and the last row, where it can be had."""


def roster(scene: Scene) -> Drawing:
    """Draw NEEDED as a table, worst first, with the columns of SPARE that could be had, and a row of everything."""
    errors, availability = scene.answers[:2]
    every = healths(errors, availability, scene.told(SPARE[0]), scene.look.goals)
    shown = every[:_MOST_ROWS]
    called, colours = names(each.model for each in every), tokens((each.model for each in every), scene.seats)
    rows = [_row(scene, each, called[each.model], colours[each.model]) for each in shown]
    if len(every) > 1:
        rows.append(_sums(scene, len(every)))
    unit = f"{count(len(every))} models" if len(every) != 1 else "one model"
    foot = f"{len(shown)} of {len(every)} models, the worst" if len(shown) < len(every) else ""
    sentence = f"All models: {unit}; {scene.look.clock.window(scene.window)}."
    beside = table("All models", _heads(scene), rows, "roster")
    return Drawing(None, sentence, unit, foot, beside, _listed(scene, every))


def _heads(scene: Scene) -> list[Head]:
    """Return the heads; a number that is not quite what its column says goes by its own name."""
    first = [Head("Model", numeric=False), Head("Full id", numeric=False, spare=True)]
    status = [Head("Status", numeric=False, ranked=True), Head("Requests")]
    return [*first, *status, *(Head(_named(each, scene.told(each.each))) for each in _COLUMNS)]


def _named(column: Figures, answer: Answer | None) -> str:
    return answer.provenance.label or column.name if answer else column.name


def _row(scene: Scene, each: Health, name: str, token: str) -> Row:
    cells: list[Content | tuple[Content, str]] = [
        named(name, token, each.model),
        (each.model, "muted mono"),
        each.status.chip(),
        count(_requests(scene, each)),
    ]
    for column in _COLUMNS:
        line = _line(scene.told(column.each), each.model)
        cells.append((_written(column, line), column.tone))
    return Row(tuple(cells), filtering(MODEL, each.model))


def _sums(scene: Scene, models: int) -> Row:
    name = (f"All {count(models)} models", "b")
    cells: list[Content | tuple[Content, str]] = [name, "", "", (count(_all_requests(scene)), "b")]
    cells += [(_written(column, _line(scene.told(column.whole), None)), "b") for column in _COLUMNS]
    return Row(tuple(cells))


def _requests(scene: Scene, each: Health) -> Amount:
    """Return a model's requests, as its spend is of: the sample of its rates may be of more, where a filter is on what
    they judge by."""
    asked = scene.told(_ASKED.each)
    line = _line(asked, each.model)
    if asked is None or (line is None and asked.other):
        return each.n
    return line.total if line else 0.0


def _all_requests(scene: Scene) -> Amount:
    requests = _line(scene.told(_ASKED.whole), None)
    if requests is not None:
        return requests.total
    errors = _line(scene.told(ERROR_RATE.total()), None)
    return errors.n if errors else None


def _line(answer: Answer | None, group: str | None) -> Line | None:
    return next((line for line in answer.lines if line.group == group), None) if answer else None


def _written(column: Figures, line: Line | None) -> Content:
    """Return a cell; what rests on too few samples is faint and says on how many."""
    if line is None or line.total is None:
        return ABSENT
    measure, q = column.each.measure, column.each.q
    text = _number(measure.unit, line.total)
    if line.at_least:
        text = f"≥{SPACE}{text}"
    if line.n is not None and line.n < least(measure, q):
        return html.Span(text, className="few", title=f"n{SPACE}{count(line.n)}: too few to rely on")
    return text


def _number(unit: Unit, amount: float) -> str:
    """Return a number as its column writes it: the head of tokens a second says their unit."""
    return figure(unit, amount).number if unit is Unit.TOKENS_PER_SECOND else full(unit, amount)


def _listed(scene: Scene, every: Sequence[Health]) -> Table:
    columns = (
        Column("Model"),
        Column("Status"),
        Column("Requests", Unit.COUNT),
        *(Column(_named(each, scene.told(each.each)), each.each.measure.unit) for each in _COLUMNS),
    )
    rows = [(each.model, each.status.word, _requests(scene, each), *_amounts(scene, each.model)) for each in every]
    whole = (_line(scene.told(each.whole), None) for each in _COLUMNS)
    last = ("All models", "", _all_requests(scene), *(line.total if line else None for line in whole))
    return Table(columns, (*rows, last))


def _amounts(scene: Scene, model: str) -> list[Amount]:
    found = (_line(scene.told(each.each), model) for each in _COLUMNS)
    return [line.total if line else None for line in found]
