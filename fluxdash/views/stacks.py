"""Stacks over time: areas where every bucket is known, else bars, for an area would lead through zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.semantic.measure import Amount
from fluxdash.views.elements import label
from fluxdash.views.scene import Scene
from fluxdash.views.template import clear
from fluxdash.views.traces import Trace, area, bars

_FILL, _FAINT_FILL = 0.88, 0.3
_FEWEST = 3
"""Closed buckets under which an area has no width to speak of."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its rows of heights and of hover texts, its colour as `#RRGGBB`, and what clicking it filters by.

    `uid` is made of letters, digits and hyphens; `name` may come from outside.
    """

    uid: str
    name: str
    values: Sequence[Amount]
    said: Sequence[str]
    colour: str
    filter: str | None = None


def stack(scene: Scene, layers: Sequence[Layer]) -> list[Trace]:
    """Return the traces of layers that stand on each other, the first one lowest."""
    closed = scene.window.size
    gaps = closed < _FEWEST or any(value is None for each in layers for value in each.values[:closed])
    drawn = bar_stack if gaps else _areas
    return drawn(scene, layers)


def bar_stack(scene: Scene, layers: Sequence[Layer]) -> list[Trace]:
    """Return the layers as bars: a bucket that is not known has none."""
    return [
        _meant(bars(scene, f"{each.uid}-bars", label(each.name), each.values, each.colour, each.said), each)
        for each in layers
    ]


def _areas(scene: Scene, layers: Sequence[Layer]) -> list[Trace]:
    closed = scene.window.size
    # What is not known of the bucket that is filling would be drawn as a fall to zero.
    whole = all(value is not None for each in layers for value in each.values[closed:])
    edge = {"color": scene.look.palette["surface"], "width": 1}
    return [
        _meant(trace, each)
        for each in layers
        for trace in area(
            scene,
            each.uid,
            label(each.name),
            each.values if whole else each.values[:closed],
            fill=(clear(each.colour, _FILL), clear(each.colour, _FAINT_FILL)),
            edge=edge,
            said=each.said,
        )
    ]


def _meant(trace: Trace, layer: Layer) -> Trace:
    return {**trace, "meta": {"filter": layer.filter}} if layer.filter else trace
