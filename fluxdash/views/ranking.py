"""Any measure by any dimension as a table: the largest groups with a bar each, their change, and the rest."""

from __future__ import annotations

from dash import html

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Additive, Amount, Sum
from fluxdash.semantic.units import ABSENT, count, difference, full, signed
from fluxdash.views.deltas import delta
from fluxdash.views.lines import together
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.tables import Content, Head, Row, bar, filtering, table

_MOST = 8


def ranking(scene: Scene) -> Drawing:
    """Draw a question such as `COST.top(8, by=ACCOUNT)` as rows with a bar each; its panel has no graph."""
    answer, earlier = scene.answers[0], scene.earlier(0)
    question = answer.query.question
    if question.by is None:
        raise ValueError(f"{question.measure.title} is not asked by a dimension, so there is nothing to rank")
    shown, rest = _split(answer)
    groups = [str(each.group) for each in shown]
    called = names(groups) if question.by == MODEL else {each: answer.name(each) for each in groups}
    coloured = tokens(groups, scene.seats) if question.by == MODEL else dict.fromkeys(groups, "m-main")
    most = max((each.total or 0 for each in shown), default=0)
    title = f"P{question.q * 100:g}" if question.q else answer.provenance.label or question.measure.title
    heads = [
        Head(question.by.title, numeric=False),
        Head(f"{title} as a bar", numeric=False, spoken=False),
        Head(title, ranked=True),
        *([Head("Change")] if earlier is not None else []),
    ]
    rows = [
        Row(
            (*_cells(answer, each, called[group], coloured[group], most), *_change(earlier, each)),
            filtering(question.by, group),
        )
        for group, each in zip(groups, shown, strict=True)
    ]
    if rest is not None:
        rows.append(Row((*_cells(answer, rest, OTHER, OTHER_TOKEN, most), *([] if earlier is None else [ABSENT]))))
    grid = table(f"{title} by {question.by.title.lower()}", heads, rows, "ranked")
    unit = question.measure.unit
    largest = [f"{called[group]} {full(unit, each.total)}" for group, each in zip(groups, shown, strict=True)]
    told = "; ".join(largest[:3]) or "none"
    sentence = f"{title} by {question.by.title.lower()}: {told}."
    every = max(answer.groups, len(answer.lines))
    return Drawing(None, sentence, "", f"{count(len(shown))} of {count(every)} {question.by.plural}", grid)


def _split(answer: Answer) -> tuple[list[Line], Line | None]:
    """Return the groups with a row of their own, and all others as one where they add up."""
    there = [each for each in answer.lines if each.total is not None]
    room = _MOST if len(there) > _MOST + 1 or answer.other else _MOST + 1
    left = [*there[room:], *([answer.other] if answer.other else [])]
    adds_up = isinstance(answer.query.measure, Additive | Sum)
    return there[:room], together(left) if left and adds_up else None


def _cells(answer: Answer, line: Line, name: str, token: str, most: float) -> list[tuple[Content, str]]:
    share = (line.total or 0) / most if most > 0 else 0
    return [
        (html.Span(name, title=name), "group-name"),
        (bar((share, token)), "group-bar"),
        (full(answer.query.measure.unit, line.total), "b"),
    ]


def _change(earlier: Answer | None, line: Line) -> list[Content]:
    if earlier is None:
        return []
    question, was = earlier.query.question, _before(earlier, line.group)
    n = next((each.n for each in earlier.lines if each.group == line.group), None)
    change = delta(question.measure, line.total, was, n=(line.n, n), q=question.q)
    if was is None or line.total is None:
        return [change.plain(ABSENT)]
    return [change.plain(signed(difference(question.measure.unit, was, line.total), was, line.total))]


def _before(earlier: Answer, group: str | None) -> Amount:
    """Return what a group had: 0 of what adds up where all groups are known, and it is none of them."""
    found = next((each.total for each in earlier.lines if each.group == group), None)
    adds_up = isinstance(earlier.query.measure, Additive | Sum)
    return 0.0 if found is None and adds_up and earlier.lines and earlier.other is None else found
