"""Answers as a source would give them, by hand: short rows whose picture can be said in advance."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.answer import Answer, Line, Note, Provenance
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.views.scene import Look, Scene

NOW = 1_795_444_320  # Mon 23 Nov 2026, 14:32 UTC
WINDOW = Window(NOW - 300, NOW, 60, NOW + 30)


def answer(
    question: Question,
    values: Sequence[float | None],
    *,
    head: Sequence[float | None] = (),
    counts: Sequence[float | None] | None = None,
    total: float | None = None,
    n: float | None = None,
    window: Window = WINDOW,
    source: str = "log",
    notes: tuple[Note, ...] = (),
    at_least: bool = False,
) -> Answer:
    """Return the answer of one line; counts are the values themselves unless given."""
    known = [value for value in values if value is not None]
    samples = tuple(values if counts is None else counts)
    line = Line(
        None,
        total if total is not None else sum(known) if known else None,
        n if n is not None else sum(each or 0 for each in samples),
        tuple(values),
        samples,
        tuple(head),
        at_least,
    )
    return Answer(question.within(Scope(window)), window, (line,), Provenance(source, float(NOW), True, notes))


def grouped(question: Question, rows: dict[str, Sequence[float]], window: Window = WINDOW) -> Answer:
    """Return the answer of one line for each group, largest first."""
    lines = [Line(name, sum(values), sum(values), tuple(values), tuple(values)) for name, values in rows.items()]
    lines.sort(key=lambda line: -(line.total or 0))
    return Answer(question.within(Scope(window)), window, tuple(lines), Provenance("log", float(NOW), True))


def scene(*answers: Answer, before: Sequence[Answer | None] = (), look: Look | None = None) -> Scene:
    """Return the scene of some answers."""
    return Scene(answers, before, look or Look(), "?range=5m")


def ranked(
    question: Question,
    rows: dict[str, tuple[float | None, float | None]],
    *,
    source: str = "log",
    groups: int | None = None,
    at_least: Sequence[str] = (),
) -> Answer:
    """Return the answer of a total and a sample size for each group, largest first."""
    lines = [Line(name, total, n, at_least=name in at_least) for name, (total, n) in rows.items()]
    lines.sort(key=lambda line: (line.total is None, -(line.total or 0)))
    origin = Provenance(source, float(NOW), True)
    return Answer(question.within(Scope(WINDOW)), WINDOW, tuple(lines), origin, None, groups or len(lines))


def courses(
    question: Question, rows: dict[str, Sequence[float | None]], *, n: int = 1000, source: str = "log"
) -> Answer:
    """Return the answer of a row of values for each group, each of a thousand samples unless said otherwise."""
    lines = tuple(
        Line(name, next((each for each in reversed(row) if each is not None), None), n, tuple(row), (n / 5,) * 5)
        for name, row in rows.items()
    )
    origin = Provenance(source, float(NOW), True)
    return Answer(question.within(Scope(WINDOW)), WINDOW, lines, origin, None, len(lines))
