"""The numbers of a panel as a table: for those who read rather than look, and for the CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import JOINT
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.query import Shape
from fluxdash.semantic.units import ABSENT, Unit, full
from fluxdash.semantic.window import Window
from fluxdash.views.elements import wild
from fluxdash.views.times import Clock

Cell = str | float | int | None
_MOST_ROWS = 1000
_IN_WORDS = {
    Unit.SECONDS: "seconds",
    Unit.DOLLARS: "USD",
    Unit.DOLLARS_EACH: "USD",
    Unit.RATIO: "ratio",
    Unit.SHARE: "ratio",
    Unit.TOKENS_PER_SECOND: "tokens per second",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and the unit of its numbers; None for text and plain numbers.

    `timed` is one of moments in RFC 3339, in the zone that the name says.
    """

    name: str
    unit: Unit | None = None
    timed: bool = False

    @property
    def heading(self) -> str:
        """The name with the base unit that raw numbers are in."""
        words = _IN_WORDS.get(self.unit) if self.unit else None
        return f"{self.name} ({words})" if words else self.name

    def written(self, cell: Cell) -> str:
        """Return a cell as people read it."""
        if cell is None:
            return ABSENT
        if isinstance(cell, str):
            return _moment(cell) if self.timed else cell
        return full(self.unit, cell) if self.unit else f"{cell:,g}"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; numbers in base units, None where nothing is known."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def drawn(self, caption: str) -> html.Div:
        """Return it as a table to read; very long ones are cut, and say so."""
        head = html.Thead(html.Tr([html.Th(each.name, className=_kind(each), scope="col") for each in self.columns]))
        body = [
            html.Tr(
                [
                    html.Td(each.written(cell), className=_kind(each))
                    for each, cell in zip(self.columns, row, strict=True)
                ]
            )
            for row in self.rows[:_MOST_ROWS]
        ]
        more = len(self.rows) - len(body)
        note = html.P(f"{more:,} more rows are in the CSV.", className="muted") if more > 0 else None
        table = html.Table([html.Caption(caption, className="sr"), head, html.Tbody(body)], className="tbl compact")
        return html.Div([table, note], className="scroll-x", tabIndex=0, role="group", **wild(aria_label=caption))


def of_answers(answers: Sequence[Answer], clock: Clock) -> Table:
    """Return answers side by side: a row a bucket where they are drawn over time, else a row a group."""
    over_time = [each for each in answers if each.query.question.shape is Shape.SERIES]
    return _series(over_time, clock) if over_time else _groups(answers)


def by_bucket(window: Window, clock: Clock, columns: Sequence[tuple[Column, Sequence[Amount]]]) -> Table:
    """Return a row for each closed bucket of a window; a column that ends early is unknown from there on."""
    rows = tuple(
        (clock.at(start).isoformat(), *(values[i] if i < len(values) else None for _, values in columns))
        for i, start in enumerate(window.starts)
    )
    start = Column(f"Bucket start, {clock.name(window.end)}", timed=True)
    return Table((start, *(each for each, _ in columns)), rows)


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%b}, {moment:%H:%M:%S}".removesuffix(":00")


def _series(answers: Sequence[Answer], clock: Clock) -> Table:
    window = answers[0].window
    alike = [each for each in answers if each.window == window]
    lines = [(answer, line) for answer in alike for line in _lines(answer)]
    columns = [(Column(_title(answer, line), answer.query.measure.unit), line.values) for answer, line in lines]
    return by_bucket(window, clock, columns)


def _groups(answers: Sequence[Answer]) -> Table:
    by = next((each.query.question.by for each in answers if each.query.question.by), None)
    groups = dict.fromkeys(line.group for answer in answers for line in _lines(answer))
    totals = [{line.group: line.total for line in _lines(answer)} for answer in answers]
    named = dict(pair for answer in answers for pair in answer.names)
    columns = [Column(_title(answer, Line(None, None, None)), answer.query.measure.unit) for answer in answers]
    rows = tuple(
        (_named(named, group), *(each.get(group) for each in totals))
        if by
        else tuple(each.get(group) for each in totals)
        for group in groups
    )
    return Table((*((Column(by.title),) if by else ()), *columns), rows)


def _lines(answer: Answer) -> tuple[Line, ...]:
    return (*answer.lines, answer.other) if answer.other else answer.lines


def _title(answer: Answer, line: Line) -> str:
    question = answer.query.question
    rank = f"P{question.q * 100:g} " if question.q else ""
    title = answer.provenance.label or f"{rank}{question.measure.title.lower() if rank else question.measure.title}"
    return title if line.group is None else f"{title}, {_named(dict(answer.names), line.group)}"


def _named(names: dict[str, str], group: str | None) -> str:
    return " · ".join(names.get(part, part) for part in (group or "").split(JOINT))


def _kind(column: Column) -> str | None:
    return "num" if column.unit else None
