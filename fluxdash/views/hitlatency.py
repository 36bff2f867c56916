"""How much faster a hit is than a miss: one line for misses and one for each type of hits, on a log scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import CACHE, CACHE_TYPE, HIT, MISS
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import LATENCY
from fluxdash.semantic.units import Unit, count, duration, figure
from fluxdash.views.axes import Scale, over_time
from fluxdash.views.cachetypes import NO_TYPE, kinds
from fluxdash.views.deltas import least
from fluxdash.views.elements import label
from fluxdash.views.points import SLOW, Rank, points
from fluxdash.views.scene import Drawing, FigureDict, Scene
from fluxdash.views.tables import filtering
from fluxdash.views.tabular import Column, by_bucket
from fluxdash.views.times import buckets
from fluxdash.views.traces import Trace, line

_FLOOR = 0.001
"""Seconds below which a latency is drawn on the floor: a log scale has no zero, and the log counts milliseconds."""

_PLOT_HEIGHT, _LABEL_HEIGHT = 215, 13
_LEFT, _EDGE = 52, 60


@dataclass(frozen=True, slots=True)
class Course:
    """One line of the chart: its name, its colour's token, its width in pixels, its numbers and what filters by it."""

    uid: str
    name: str
    token: str
    width: float
    line: Line
    group: str | None

    @property
    def values(self) -> list[Amount]:
        """Its latencies in seconds, those of buckets that are filling last."""
        return [*self.line.values, *self.line.head]


@dataclass(frozen=True, slots=True)
class LogScale(Scale):
    """A scale of powers of ten; its ticks are in seconds."""

    def layout(self) -> dict[str, Any]:
        low, high = math.log10(self.ticks[0]), math.log10(self.top)
        return {
            "type": "log",
            "range": [low, high + (high - low) / 1000],
            "tickvals": list(self.ticks),
            "ticktext": list(self.texts),
        }


def hit_latency(scene: Scene) -> Drawing:
    """Draw a quantile of the latency of misses and hits; hits by type where their type is told."""
    by_cache = scene.answers[0]
    q = by_cache.query.question.q
    courses = _courses(by_cache, scene.told(LATENCY.over_time(by=CACHE_TYPE, q=q)))
    window, palette = scene.window, scene.look.palette
    traces: list[Trace] = []
    for each in courses:
        values = each.values
        look = {"color": palette[each.token], "width": each.width}
        drawn = [None if value is None else max(value, _FLOOR) for value in values]
        traces += line(scene, each.uid, label(each.name), drawn, _faint(each.line, len(values), q), look=look,
                       said=[f"<b>{figure(Unit.SECONDS, value)}</b>" for value in values])  # fmt: skip
    scale = _scale([value for each in courses for value in each.values])
    layout = over_time(scene, scale, left=_LEFT, right=_EDGE, legend=False)
    layout["annotations"] = _end_labels(courses, scale, palette)
    ranks = [Rank(each.uid, each.name, each.values, each.line.total, each.group) for each in courses]
    layout |= points(scene, SLOW, ranks)
    rank = f"P{(q or 0) * 100:g}"
    told = ", ".join(
        f"{each.name} {figure(Unit.SECONDS, each.line.total)} of n {count(each.line.n)}" for each in courses
    )
    sentence = f"Latency of hits and misses, {rank}: {told}; {scene.look.clock.window(window)}."
    few = f" · faint under {needed}" if (needed := least(LATENCY, q)) else ""
    columns = [(Column(f"{rank} latency, {each.name}", Unit.SECONDS), each.line.values) for each in courses]
    table, foot = by_bucket(window, scene.look.clock, columns), f"{buckets(window)}{few}"
    return Drawing({"data": traces, "layout": layout}, sentence, f"{rank}, log scale", foot, table=table)


def _courses(by_cache: Answer, by_type: Answer | None) -> list[Course]:
    groups = {each.group: each for each in by_cache.lines}
    found = [Course("miss", "Miss", "m-3", 1.5, groups[MISS], filtering(CACHE, MISS))] if MISS in groups else []
    types = kinds(by_type) if by_type is not None and by_type.window == by_cache.window else []
    told = [each for each in types if len(each.groups) == 1]
    if any(each.name != NO_TYPE for each in told):
        wide = {"m-main": 2.0}
        found += [
            Course(each.uid, each.name, each.token, wide.get(each.token, 1.5), each.line, _type(each.groups[0]))
            for each in reversed(told)
        ]
    elif HIT in groups:
        found.append(Course("hit", "Hit", "m-main", 2.0, groups[HIT], filtering(CACHE, HIT)))
    return found


def _type(group: str) -> str | None:
    """Return what the hits of a type are filtered by; all hits where the type is not recorded."""
    return filtering(CACHE_TYPE, group) or filtering(CACHE, HIT)


def _faint(of: Line, size: int, q: float | None) -> list[bool]:
    needed = least(LATENCY, q)
    few = [each is not None and each < needed for each in of.counts]
    return few + [True] * (size - len(few))


def _scale(values: Sequence[Amount]) -> LogScale:
    """Return whole powers of ten around the values; inside a single one, its 2 and 5 as well."""
    known = [max(value, _FLOOR) for value in values if value is not None] or [1.0]
    low, high = math.floor(math.log10(min(known)) + 1e-9), math.ceil(math.log10(max(known)) - 1e-9)
    high = max(high, low + 1)
    steps = (1, 2, 5) if high - low == 1 else (1,)
    ticks = [step * 10.0**power for power in range(low, high) for step in steps] + [10.0**high]
    return LogScale(tuple(ticks), tuple(str(duration(tick)) if tick < 1 else f"{tick:g} s" for tick in ticks))


def _end_labels(courses: Sequence[Course], scale: LogScale, palette: Any) -> list[FigureDict]:
    """Name each line at its end; where two names would touch, the upper one moves up."""
    low, high = math.log10(scale.ticks[0]), math.log10(scale.top)
    ends = [(max(last, _FLOOR), each) for each in courses if (last := _last(each.line.values)) is not None]
    labels: list[FigureDict] = []
    ground = -math.inf
    for value, each in sorted(ends, key=lambda end: end[0]):
        place = max(math.log10(value), ground)
        ground = place + (high - low) * _LABEL_HEIGHT / _PLOT_HEIGHT
        spot = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 2, "y": place, "bgcolor": "rgba(0,0,0,0)"}
        labels.append({**spot, "text": f"<b>{label(each.name)}</b>", "font": {"color": palette["text-2"]}})
    return labels


def _last(values: Sequence[Amount]) -> Amount:
    return next((value for value in reversed(values) if value is not None), None)
