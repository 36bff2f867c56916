"""What the cache saved since the window began: a running sum that ends at the tile's number."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import Unit, figure, span
from fluxdash.views.axes import highest, missing, money_scale, over_time
from fluxdash.views.scene import Drawing, FigureDict, Scene, only
from fluxdash.views.tabular import Column, Table, by_bucket
from fluxdash.views.times import previous_name
from fluxdash.views.traces import Trace, before, line

_EDGE = 64


def cumulative(scene: Scene) -> Drawing:
    """Draw savings as a running sum over the closed buckets, over that of the window before."""
    answer = scene.answers[0]
    palette, window = scene.look.palette, scene.window
    values = running(only(answer).values)
    earlier = scene.earlier(0)
    past = running(only(earlier).values) if earlier and earlier.total is not None else []
    traces: list[Trace] = []
    if past:
        traces.append(before(scene, "savings", previous_name(window), past))
    look = {"color": palette["m-main"], "width": 2.25}
    traces += line(scene, "savings", "Savings", values, [False] * len(values), look=look, said=said(values, past))
    layout = over_time(scene, money_scale(highest([values, past])), left=46, right=_EDGE)
    layout |= missing(scene, [only(answer).values])
    layout["annotations"] += ending(scene, values)
    was = f", {figure(Unit.DOLLARS, earlier.total)} in the one before" if past and earlier else ""
    sentence = (
        f"Cumulative savings: {figure(Unit.DOLLARS, answer.total)} by the end of the window{was};"
        f" {scene.look.clock.window(window)}."
    )
    foot = f"{span(window.step)} buckets, closed ones only"
    table = listed(scene, "Cumulative savings", values, past)
    return Drawing({"data": traces, "layout": layout}, sentence, "USD, list price of the hits", foot, table=table)


def running(values: Sequence[Amount]) -> list[Amount]:
    """Return the sum of everything known so far, for each bucket; a bucket that is not known stays so."""
    total, sums = 0.0, list[Amount]()
    for value in values:
        total += value or 0.0
        sums.append(None if value is None else total)
    return sums


def said(values: Sequence[Amount], was: Sequence[Amount] = ()) -> list[str]:
    """Return what the pointer tells of each sum, with what it was in the window before."""
    before = [f" was {figure(Unit.DOLLARS, each)}" if each is not None else "" for each in was]
    before += [""] * (len(values) - len(before))
    return [f"<b>{figure(Unit.DOLLARS, value)}</b>{tail}" for value, tail in zip(values, before, strict=False)]


def ending(scene: Scene, values: Sequence[Amount]) -> list[FigureDict]:
    """Return the annotation that names the last known sum at the end of its line."""
    end = next((each for each in reversed(values) if each is not None), None)
    if end is None:
        return []
    spot = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 2, "y": end, "bgcolor": "rgba(0,0,0,0)"}
    return [{**spot, "text": f"<b>{figure(Unit.DOLLARS, end)}</b>", "font": {"color": scene.look.palette["m-main"]}}]


def listed(scene: Scene, title: str, values: Sequence[Amount], was: Sequence[Amount]) -> Table:
    """Return running sums in dollars as a table, beside those of the window before where they are drawn."""
    columns = [(Column(title, Unit.DOLLARS), values)]
    if any(each is not None for each in was):
        columns.append((Column(f"{title} in the window before", Unit.DOLLARS), was))
    return by_bucket(scene.window, scene.look.clock, columns)
