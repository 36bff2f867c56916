"""Spend in the window: a stack of models for each bucket, or all of it as a running sum."""

from __future__ import annotations

from fluxdash.semantic.units import SPACE, Unit, figure, span
from fluxdash.views.axes import highest, missing, money_scale, over_time, stacked
from fluxdash.views.lines import added
from fluxdash.views.savings import ending, listed, running, said
from fluxdash.views.scene import Drawing, Scene, only
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
        Layer(f"spend-{each.uid}", each.name, row, said(row), scene.look.palette[each.token], each.filter)
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
    traces += line(scene, "spend", "Spend", values, certain, look=look, said=said(values, past))
    layout = over_time(scene, money_scale(highest([values, past])), left=_LEFT, right=_EDGE)
    layout |= missing(scene, [only(cost).values])
    layout["annotations"] += ending(scene, values)
    total = figure(Unit.DOLLARS, cost.total)
    sentence = f"Cumulative spend: {total} by the end; {scene.look.clock.window(window)}."
    foot = f"{span(window.step)} buckets"
    table = listed(scene, "Cumulative spend", values, past)
    return Drawing({"data": traces, "layout": layout}, sentence, "USD, cumulative", foot, table=table)
