"""Spend in the window: a stack of models for each bucket, or all of it as a running sum."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, figure, span
from fluxdash.views.axes import highest, missing, money_scale, over_time, stacked
from fluxdash.views.lines import added
from fluxdash.views.savings import running
from fluxdash.views.scene import Drawing, FigureDict, Scene, only
from fluxdash.views.shares import every
from fluxdash.views.stacks import Layer, bar_stack
from fluxdash.views.times import buckets, previous_name
from fluxdash.views.traces import Trace, before, line
from fluxdash.views.usage import legend, parts

_LEFT, _EDGE = 46, 64


def spend_by_bucket(scene: Scene) -> Drawing:
    """Draw cost by model: bars of the eight that spent most, and of all others together."""
    cost = scene.answers[0]
    found = parts(cost, scene)
    rows = [[*each.line.values, *each.line.head] for each in found]
    layers = [
        Layer(f"spend-{each.uid}", each.name, row, _said(row), scene.look.palette[each.token], each.filter)
        for each, row in zip(found, rows, strict=True)
    ]
    layout = over_time(scene, money_scale(stacked(rows)), left=_LEFT, legend=False)
    layout |= missing(scene, [each.line.values for each in found])
    total = figure(Unit.DOLLARS, added(line.total for line in every(cost)))
    sentence = f"Spend over time by model: {total} in all; {scene.look.clock.window(scene.window)}."
    unit = f"USD per {span(scene.window.step).removeprefix(f'1{SPACE}')}"
    figure_ = {"data": bar_stack(scene, layers), "layout": layout}
    return Drawing(figure_, sentence, unit, buckets(scene.window), legend(found))


def cumulative_spend(scene: Scene) -> Drawing:
    """Draw cost as a running sum over the closed buckets, over that of the window before."""
    cost, window = scene.answers[0], scene.window
    values, earlier = running(only(cost).values), scene.earlier(0)
    past = [] if earlier is None else running(only(earlier).values)
    traces: list[Trace] = []
    if any(each is not None for each in past):
        traces.append(before(scene, "spend", previous_name(window), past))
    look = {"color": scene.look.palette["m-main"], "width": 2.25}
    certain = [False] * len(values)
    traces += line(scene, "spend", "Spend", values, certain, look=look, said=_said(values, past))
    layout = over_time(scene, money_scale(highest([values, past])), left=_LEFT, right=_EDGE)
    layout |= missing(scene, [only(cost).values])
    layout["annotations"] += _end(scene, values)
    total = figure(Unit.DOLLARS, cost.total)
    sentence = f"Cumulative spend: {total} by the end; {scene.look.clock.window(window)}."
    return Drawing({"data": traces, "layout": layout}, sentence, "USD, cumulative", f"{span(window.step)} buckets")


def _said(values: Sequence[Amount], was: Sequence[Amount] = ()) -> list[str]:
    before = [f" was {figure(Unit.DOLLARS, each)}" if each is not None else "" for each in was]
    before += [""] * (len(values) - len(before))
    return [f"<b>{figure(Unit.DOLLARS, value)}</b>{tail}" for value, tail in zip(values, before, strict=False)]


def _end(scene: Scene, values: Sequence[Amount]) -> list[FigureDict]:
    end = next((each for each in reversed(values) if each is not None), None)
    if end is None:
        return []
    spot = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 2, "y": end, "bgcolor": "rgba(0,0,0,0)"}
    return [{**spot, "text": f"<b>{figure(Unit.DOLLARS, end)}</b>", "font": {"color": scene.look.palette["m-main"]}}]
