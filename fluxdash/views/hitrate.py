"""How often the cache answers: hits as a share of lookups by type of hit, with the target; and hits as counts."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import CACHE_TYPE
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import CACHE_HITS, HIT_RATE
from fluxdash.semantic.units import SPACE, Unit, count, figure, full
from fluxdash.views.axes import highest, missing, over_time, plain_scale, share_scale, stacked
from fluxdash.views.cachetypes import Kind, kinds
from fluxdash.views.scene import Drawing, FigureDict, Scene, only, per
from fluxdash.views.stacks import Layer, bar_stack, stack
from fluxdash.views.tabular import Column, Table, by_bucket
from fluxdash.views.times import buckets, previous_name
from fluxdash.views.traces import before, hidden

_NEAR_THE_TOP = 0.9
_BY_TYPE = CACHE_HITS.over_time(by=CACHE_TYPE)


def hit_share(scene: Scene) -> Drawing:
    """Draw the hit rate, from it and the lookups: stacked by type where the same source tells types of hits.

    A type's share is its hits ÷ all lookups, so that the stack is as high as the hit rate; where a filter is on what
    the rate judges by, and so applied to the types alone, it is not drawn by type.
    """
    rate, lookups = scene.answers[:2]
    asked = _asked(rate, lookups)
    found = _types(scene, lookups) if _is_alike(rate, lookups) else []
    layers = [_layer(scene, each, [_share(hits, of) for hits, of in zip(_line(each), _all(lookups), strict=True)])
              for each in found]  # fmt: skip
    if not layers:
        values = _all(rate)
        layers = [Layer("rate", "Hit rate", values, _said(values), scene.look.palette["m-main"])]
    traces = stack(scene, layers)
    earlier = scene.told_before(HIT_RATE.over_time())
    past = [] if earlier is None else list(only(earlier).values)
    if any(each is not None for each in past):
        named = previous_name(scene.window) + (", all types" if len(layers) > 1 else "")
        traces.append(before(scene, "rate", named, past, listed=not scene.look.narrow))
    traces.append(hidden(scene, "n", "n", [count(each) for each in asked.values]))
    target = scene.look.goals.cache_target
    peak = max(stacked([each.values for each in layers]), highest([past]), target or 0)
    scale = share_scale(peak)
    layout = _with_gaps(scene, over_time(scene, scale, left=40), asked)
    layout["shapes"] += _target_line(scene)
    layout["annotations"] += _target_name(scene, scale.top)
    shares = ", ".join(
        f"{each.name.lower()} {figure(Unit.SHARE, _share(each.line.total, asked.total))}" for each in found
    )
    sentence = (
        f"Hit rate: {figure(Unit.SHARE, rate.total)} of {full(Unit.COUNT, asked.total)} lookups"
        f"{f', {shares}' if shares else ''}{f'; the target is {_percent(target)}' if target else ''};"
        f" {scene.look.clock.window(scene.window)}."
    )
    unit = "% of lookups, stacked by type" if len(layers) > 1 else "% of lookups"
    listed = _listed(scene, layers if found else [], past)
    return Drawing({"data": traces, "layout": layout}, sentence, unit, buckets(scene.window), table=listed)


def hit_counts(scene: Scene) -> Drawing:
    """Draw hits a minute, from the lookups and the hits: bars by type where it is told, over the ones before."""
    lookups, hits = scene.answers[:2]
    palette = scene.look.palette
    found = _types(scene, lookups)
    rows = [(each.name, f"{each.uid}-count", per(hits, each.line, 60), each.token) for each in found]
    rows = rows or [("Hits", "hits-count", per(hits, only(hits), 60), "m-main")]
    layers = [Layer(uid, name, values, _counted(values), palette[token]) for name, uid, values, token in rows]
    traces = bar_stack(scene, layers)
    earlier = scene.told_before(CACHE_HITS.over_time())
    past = [] if earlier is None else per(earlier, only(earlier), 60, head=False)
    if any(each is not None for each in past):
        named = f"{previous_name(scene.window)}, total"
        traces.append(before(scene, "hits", named, past, listed=not scene.look.narrow))
    scale = plain_scale(max(stacked([each.values for each in layers]), highest([past])))
    layout = _with_gaps(scene, over_time(scene, scale, left=40), only(lookups))
    told = ", ".join(f"{each.name.lower()} {count(each.line.total)}" for each in found)
    sentence = (
        f"Cache hits: {full(Unit.COUNT, hits.total)} of {full(Unit.COUNT, lookups.total)} lookups"
        f"{f', {told}' if told else ''}; {scene.look.clock.window(scene.window)}."
    )
    return Drawing({"data": traces, "layout": layout}, sentence, "hits per minute", buckets(scene.window))


def _listed(scene: Scene, layers: Sequence[Layer], past: Sequence[Amount]) -> Table:
    rate, lookups = scene.answers[:2]
    columns: list[tuple[Column, Sequence[Amount]]] = [(Column("Hit rate", Unit.SHARE), only(rate).values)]
    columns += [(Column(f"Hit rate, {each.name}", Unit.SHARE), each.values) for each in layers]
    if any(each is not None for each in past):
        columns.append((Column("Hit rate in the window before", Unit.SHARE), past))
    columns.append((Column("Lookups", Unit.COUNT), _asked(rate, lookups).values))
    return by_bucket(scene.window, scene.look.clock, columns)


def _is_alike(rate: Answer, lookups: Answer) -> bool:
    return rate.provenance.ignored == lookups.provenance.ignored


def _asked(rate: Answer, lookups: Answer) -> Line:
    """Return the lookups that the rate is of: its own sample, where other filters apply to the lookups."""
    own = only(rate)
    return only(lookups) if _is_alike(rate, lookups) else Line(None, own.n, own.n, own.counts)


def _types(scene: Scene, lookups: Answer) -> list[Kind]:
    """Return the types of hits, where they were counted by who counted the lookups, on the same buckets."""
    hits = scene.told(_BY_TYPE)
    if hits is None or hits.window != lookups.window or hits.provenance.source != lookups.provenance.source:
        return []
    return kinds(hits)


def _layer(scene: Scene, kind: Kind, values: Sequence[Amount]) -> Layer:
    return Layer(kind.uid, kind.name, values, _said(values), scene.look.palette[kind.token])


def _all(answer: Answer) -> list[Amount]:
    line = only(answer)
    return [*line.values, *line.head]


def _line(kind: Kind) -> list[Amount]:
    return [*kind.line.values, *kind.line.head]


def _share(hits: Amount, lookups: Amount) -> Amount:
    """Return hits as a share of lookups; a type that is not there among lookups that are had none of them."""
    return (hits or 0) / lookups if lookups else None


def _with_gaps(scene: Scene, layout: FigureDict, lookups: Line) -> FigureDict:
    gaps = missing(scene, [lookups.values])
    return {**layout, "shapes": gaps["shapes"], "annotations": gaps["annotations"]}


def _target_line(scene: Scene) -> list[FigureDict]:
    target = scene.look.goals.cache_target
    if not target:
        return []
    dashes = {"color": scene.look.palette["warn"], "dash": "6px,4px", "width": 1}
    return [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": target, "y1": target, "line": dashes}]


def _target_name(scene: Scene, top: float) -> list[FigureDict]:
    """Name the target above its line, or below it where the plot ends there."""
    target = scene.look.goals.cache_target
    if not target:
        return []
    side = "top" if target > _NEAR_THE_TOP * top else "bottom"
    place = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 2, "y": target, "yanchor": side}
    font = {"color": scene.look.palette["warn"]}
    return [{**place, "text": f"target {_percent(target)}", "font": font, "bgcolor": "rgba(0,0,0,0)"}]


def _percent(ratio: float) -> str:
    return f"{ratio * 100:g}{SPACE}%"


def _said(values: Sequence[Amount]) -> list[str]:
    return [f"<b>{figure(Unit.SHARE, value)}</b>" for value in values]


def _counted(values: Sequence[Amount]) -> list[str]:
    return [f"<b>{full(Unit.COUNT, value)}</b> a minute" for value in values]
