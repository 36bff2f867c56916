"""Availability and errors by model: the failed share as a bar, what was throttled apart, against the thresholds."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL, cross
from fluxdash.semantic.measures import AVAILABILITY, ERROR_RATE, FAILURES
from fluxdash.semantic.query import MOST_GROUPS, MOST_SLICES
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count, figure
from fluxdash.views.axes import Scale, highest, share_scale
from fluxdash.views.failing import causes_of, is_throttling
from fluxdash.views.goals import Goals
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.status import UNKNOWN, Health, healths
from fluxdash.views.tables import filtering, named
from fluxdash.views.tabular import Column, Table
from fluxdash.views.tracks import Mark, Threshold, TrackRow, key, tracks

_MOST_ROWS = 15
_ROOM = 1.2
"""How far the scale reaches past the first threshold, or its line would be the end of it."""

_APART, _APART_NARROW = 0.2, 0.5
"""The share of a track that the names of two thresholds need between them."""

NEEDED = tuple(measure.top(MOST_GROUPS, by=MODEL) for measure in (ERROR_RATE, AVAILABILITY, FAILURES))
BY_CAUSE = FAILURES.top(MOST_SLICES, by=cross(MODEL, ERROR_TYPE))


def availability(scene: Scene) -> Drawing:
    """Draw NEEDED as bars of the failed share, split where causes could be had; too few requests have no bar."""
    errors, available, failures = scene.answers[:3]
    goals = scene.look.goals
    every = healths(errors, available, failures, goals)
    ranked = sorted(every, key=lambda each: (each.status is UNKNOWN, -(each.errors or 0.0), -(each.n or 0.0)))
    shown = ranked[:_MOST_ROWS]
    called, colours = names(each.model for each in shown), tokens((each.model for each in shown), scene.seats)
    throttled = _throttled(scene)
    told = [each.errors for each in shown if each.status is not UNKNOWN]
    scale = _scale(told, goals)
    rows = [_row(each, named(called[each.model], colours[each.model], each.model), throttled) for each in shown]
    limits = _limits(goals, scale, _APART_NARROW if scene.look.narrow else _APART)
    split = [key("fill", "throttled", "err-1"), key("fill", "other", "err-3")]
    legend = [key("fill", "failed", "err-3")] if throttled is None else split
    beside = tracks(rows, scale, ["errors", f"avail.{SPACE}%"], legend, limits)
    worst = "; ".join(f"{called[each.model]} {figure(Unit.RATIO, each.errors)}" for each in shown[:3])
    sentence = f"Failed share by model, largest first: {worst}; {scene.look.clock.window(scene.window)}."
    cut = [] if len(shown) == len(ranked) else [f"the worst {len(shown)} of {len(ranked)} models"]
    foot = " · ".join([*cut, "availability = 1 − failed ÷ requests"])
    return Drawing(None, sentence, "% of requests failed", foot, beside, _listed(ranked, throttled))


def _throttled(scene: Scene) -> dict[str, float] | None:
    """Return the throttled requests of each model; None where causes are not told by who counted the failures.

    Nor are they where other filters apply to them than to the error rate.
    """
    causes, errors = scene.told(BY_CAUSE), scene.answers[0].provenance
    if causes is None or causes.provenance.source != errors.source or causes.provenance.ignored != errors.ignored:
        return None
    return {
        model: sum(line.total or 0.0 for cause, line in rows if is_throttling(cause))
        for model, rows in causes_of(causes).items()
    }


def _scale(told: Sequence[float | None], goals: Goals) -> Scale:
    """Return a scale that holds the first threshold, and the second where that does not flatten the bars."""
    peak, first, second = highest([told]), 1 - goals.healthy, 1 - goals.degraded
    return share_scale(max(peak, first * _ROOM, second if second <= 2 * peak else 0.0))


def _limits(goals: Goals, scale: Scale, apart: float) -> list[Threshold]:
    first, second = 1 - goals.healthy, 1 - goals.degraded
    if scale.top >= second and (second - first) / scale.top < apart:
        return [Threshold(first, "", "warn"), Threshold(second, "degraded, unhealthy", "bad")]
    return [Threshold(first, "degraded", "warn"), Threshold(second, "unhealthy", "bad")]


def _row(each: Health, name: html.Span, throttled: dict[str, float] | None) -> TrackRow:
    chosen = filtering(MODEL, each.model)
    n = f"n{SPACE}{count(each.n)}"
    if each.status is UNKNOWN or each.errors is None:
        dashes = [html.Span(ABSENT, className="muted")] * 2
        return TrackRow(name, [], dashes, f"too few requests to judge, {n}", f"too few requests ({n})", chosen)
    share = _share(each, throttled)
    marks = [Mark("fill", 0, share, "err-1")] if share else []
    if each.errors > share:
        marks.append(Mark("fill", share, each.errors - share, "err-3"))
    numbers = [
        html.Span(str(figure(Unit.RATIO, each.errors)), className="b"),
        html.Span(figure(Unit.RATIO, each.availability).number, className="t2"),
    ]
    failed = figure(Unit.RATIO, each.errors) if each.failures is None else count(each.failures)
    hint = f"{failed} of {count(each.n)} failed"
    if throttled is not None:
        hint += f", {count(throttled.get(each.model, 0.0))} of them throttled"
    return TrackRow(name, marks, numbers, hint, "", chosen)


def _share(each: Health, throttled: dict[str, float] | None) -> float:
    """Return the throttled requests as a share of all; never more than failed, where both are estimates."""
    if not throttled or not each.n or each.errors is None:
        return 0.0
    return min(throttled.get(each.model, 0.0) / each.n, each.errors)


def _listed(every: Sequence[Health], throttled: dict[str, float] | None) -> Table:
    columns = (
        Column("Model"),
        Column("Requests", Unit.COUNT),
        Column("Failures", Unit.COUNT),
        Column("Throttled", Unit.COUNT),
        Column("Error rate", Unit.RATIO),
        Column("Availability", Unit.RATIO),
    )
    rows = [
        (
            each.model,
            each.n,
            each.failures,
            None if throttled is None else throttled.get(each.model, 0.0),
            each.errors,
            each.availability,
        )
        for each in every
    ]
    return Table(columns, tuple(rows))
