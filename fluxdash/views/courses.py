"""Any measure over time: as a line for each question or group, or as a stack of groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Additive, Amount, Measure, Sum
from fluxdash.semantic.measures import AVAILABILITY, ERROR_RATE, FAILURES, LATENCY
from fluxdash.semantic.units import SPACE, Unit, compact, figure
from fluxdash.views.axes import (
    Scale,
    highest,
    missing,
    money_scale,
    over_time,
    plain_scale,
    seconds_scale,
    share_scale,
    stacked,
)
from fluxdash.views.deltas import least
from fluxdash.views.elements import label
from fluxdash.views.lines import together
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.points import FAILED, SLOW, Rank, points
from fluxdash.views.scene import Drawing, FigureDict, Scene, only, per
from fluxdash.views.stacks import Layer, stack
from fluxdash.views.tables import filtering
from fluxdash.views.times import buckets, previous_name
from fluxdash.views.traces import Trace, before, line, uid
from fluxdash.views.usage import Part, legend

_MOST_NAMED = 4
_OF_FAILURES = (FAILURES, ERROR_RATE, AVAILABILITY)
_INKS = ("m-main", "m-2", "m-3", "m-quiet")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a unit is drawn: what falls on so many seconds, None for what is no amount; its words, scale and margin."""

    seconds: int | None
    unit: str
    scale: Callable[[float], Scale]
    left: int = 40


_PACES = {
    Unit.COUNT: Pace(60, "per minute", plain_scale, 34),
    Unit.TOKENS: Pace(60, "tokens per minute", plain_scale, 44),
    Unit.DOLLARS: Pace(3600, "USD per hour", money_scale, 46),
    Unit.DOLLARS_EACH: Pace(None, "USD per request", money_scale, 52),
    Unit.SECONDS: Pace(None, "seconds", seconds_scale),
    Unit.RATIO: Pace(None, "of all", share_scale),
    Unit.SHARE: Pace(None, "of all", share_scale),
    Unit.TOKENS_PER_SECOND: Pace(None, "tokens/s", plain_scale, 34),
}
_SECONDS_ADDED = Pace(60, "seconds per minute", plain_scale)


@dataclass(frozen=True, slots=True)
class Course:
    """One row of numbers over time: its name, its colour's token, and what clicking it filters by."""

    uid: str
    name: str
    token: str
    answer: Answer
    line: Line
    filter: str | None = None


def lines(scene: Scene) -> Drawing:
    """Draw a line for each question, or for the largest groups of one; all questions must have one unit."""
    pace, found = _pace(scene), [each for answer in scene.answers for each in _courses(scene, answer)]
    palette, traces, rows = scene.look.palette, list[Trace](), list[list[Amount]]()
    past = scene.earlier(0)
    if len(found) == 1 and past is not None and found[0].line.group is None:
        was = _values(pace, past, only(past))[: scene.window.size]
        traces.append(before(scene, found[0].uid, previous_name(scene.window), was))
        rows.append(was)
    for each in found:
        values = _values(pace, each.answer, each.line)
        look = {"color": palette[each.token], "width": 2.25 if each.token == "m-main" else 1.5}
        said = _said(pace, each.answer, values)
        drawn = line(scene, each.uid, label(each.name), values, _faint(each, values), look=look, said=said)
        traces += [{**trace, "meta": {"filter": each.filter}} for trace in drawn] if each.filter else drawn
        rows.append(values)
    grouped = any(each.line.group is not None for each in found)
    layout = over_time(scene, pace.scale(highest(rows)), left=pace.left, legend=len(traces) > 2 and not grouped)
    layout |= missing(scene, [each.line.values for each in found]) | _points(scene, found)
    figure_, below = {"data": traces, "layout": layout}, _legend(found) if grouped else None
    return Drawing(figure_, _sentence(scene, found), pace.unit, _foot(scene, found), below)


def stacks(scene: Scene) -> Drawing:
    """Draw the groups of a measure that adds up on top of each other, the largest by name and the rest as Other."""
    answer, pace = scene.answers[0], _pace(scene)
    if not _adds_up(answer.query.measure):
        raise ValueError(f"{answer.query.measure.title} does not add up, so it cannot be stacked: draw lines")
    found = _courses(scene, answer)
    rows = [_values(pace, answer, each.line) for each in found]
    layers = [
        Layer(each.uid, each.name, row, _said(pace, answer, row), scene.look.palette[each.token], each.filter)
        for each, row in zip(found, rows, strict=True)
    ]
    layout = over_time(scene, pace.scale(stacked(rows)), left=pace.left, legend=False)
    layout |= missing(scene, [each.line.values for each in found]) | _points(scene, found)
    figure_ = {"data": stack(scene, layers), "layout": layout}
    unit = f"{pace.unit}, stacked"
    return Drawing(figure_, _sentence(scene, found), unit, _foot(scene, found), _legend(found))


def _points(scene: Scene, found: Sequence[Course]) -> FigureDict:
    """Say what the points are about: failures, long latencies, or just requests."""
    measure = scene.answers[0].query.measure
    if measure in _OF_FAILURES:
        return points(scene, FAILED)
    if measure != LATENCY:
        return points(scene)
    ranks = [Rank(each.uid, each.name, [*each.line.values, *each.line.head], each.line.total) for each in found]
    return points(scene, SLOW, ranks)


def _courses(scene: Scene, answer: Answer) -> list[Course]:
    question = answer.query.question
    place = list(scene.answers).index(answer)
    title = answer.provenance.label or question.measure.title
    if question.by is None:
        name = f"P{question.q * 100:g}" if question.q else title
        return [Course(f"course-{place}", name, _INKS[place % len(_INKS)], answer, only(answer))]
    there = [each for each in answer.lines if each.total is not None]
    groups = [str(each.group) for each in there]
    called = names(groups) if question.by == MODEL else {each: answer.name(each) for each in groups}
    coloured = tokens(groups, scene.seats) if question.by == MODEL else dict(zip(groups, _INKS, strict=False))
    room = _MOST_NAMED if len(there) > _MOST_NAMED + (question.by == MODEL) or answer.other else len(there)
    found = [
        Course(uid(group), called[group], coloured[group], answer, each, filtering(question.by, group))
        for group, each in zip(groups[:room], there, strict=False)
    ]
    rest = [*there[room:], *([answer.other] if answer.other else [])]
    if rest and _adds_up(question.measure):
        found.append(Course("other", OTHER, OTHER_TOKEN, answer, together(rest)))
    return found


def _pace(scene: Scene) -> Pace:
    measures = [each.query.measure for each in scene.answers]
    units = {each.unit for each in measures}
    if len(units) > 1:
        raise ValueError(f"questions with the units {', '.join(sorted(units))} cannot share one axis")
    measure = measures[0]
    return _SECONDS_ADDED if measure.unit is Unit.SECONDS and _adds_up(measure) else _PACES[measure.unit]


def _adds_up(measure: Measure) -> bool:
    return isinstance(measure, Additive | Sum)


def _values(pace: Pace, answer: Answer, course: Line) -> list[Amount]:
    return per(answer, course, pace.seconds) if pace.seconds else [*course.values, *course.head]


def _faint(course: Course, values: Sequence[Amount]) -> list[bool]:
    """Say where a point is still filling, or rests on too few samples."""
    needed = least(course.answer.query.measure, course.answer.query.question.q)
    counts = course.line.counts
    return [at >= len(counts) or (needed > 0 and (counts[at] or 0) < needed) for at in range(len(values))]


def _said(pace: Pace, answer: Answer, values: Sequence[Amount]) -> list[str]:
    unit = answer.query.measure.unit
    if pace.seconds is None:
        return [f"<b>{figure(unit, value)}</b>" for value in values]
    span = f"{SPACE}{'an hour' if pace.seconds == 3600 else 'a minute'}"
    amounts = [figure(unit, value) if value is None or unit is Unit.DOLLARS else compact(value) for value in values]
    return [f"<b>{amount}</b>{span}" for amount in amounts]


def _legend(found: Sequence[Course]) -> html.Div:
    return legend([Part(each.uid, each.name, each.token, each.line, each.filter) for each in found])


def _foot(scene: Scene, found: Sequence[Course]) -> str:
    """Say how many groups are named, where there are more; then the width of a bucket."""
    answer = found[0].answer if found else scene.answers[0]
    by, groups = answer.query.question.by, [each for each in found if each.uid != "other"]
    every = max(answer.groups, len(answer.lines))
    cut = [f"the largest {len(groups)} of {every} {by.plural}"] if by and 0 < len(groups) < every else []
    return " · ".join([*cut, buckets(scene.window)])


def _sentence(scene: Scene, found: Sequence[Course]) -> str:
    told = "; ".join(f"{each.name} {figure(each.answer.query.measure.unit, each.line.total)}" for each in found)
    return f"{scene.answers[0].query.measure.title}: {told or 'none'}; {scene.look.clock.window(scene.window)}."
