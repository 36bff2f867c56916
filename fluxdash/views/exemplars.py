"""Exemplars on a chart of latencies: small diamonds where single requests were, each of which opens its trace."""

from __future__ import annotations

import math

from fluxdash.semantic.units import SPACE, Unit, count, figure
from fluxdash.views.scene import Scene
from fluxdash.views.traces import Trace

UID = "exemplars"

_SIZE = 7


def diamonds(scene: Scene, top: float) -> list[Trace]:
    """Return the trace of the scene's exemplars below `top` seconds; none where there are none.

    One that took longer is a triangle at the top: making room for it would press the percentiles to the ground. Its
    tooltip is the browser's own, or the crosshair would snap to it.
    """
    found = scene.exemplars.rows
    if not found:
        return []
    palette, clock = scene.look.palette, scene.look.clock
    ahead = clock.offset(scene.window.end)
    over = [each.seconds > top for each in found]
    marker = {
        "symbol": ["triangle-up" if each else "diamond" for each in over],
        "size": _SIZE,
        "color": palette["surface"],
        "line": {"color": palette["text-2"], "width": 1.25},
    }
    said = [
        f"{figure(Unit.SECONDS, each.seconds)} at {clock.time(each.time)}: open trace {each.trace.padded[:8]}…"
        for each in found
    ]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "uid": UID,
            "name": "Trace",
            "legendrank": 1002,
            "showlegend": not scene.look.narrow,
            "x": [round((each.time + ahead) * 1000) for each in found],
            "y": [min(each.seconds, top) for each in found],
            "marker": marker,
            "cliponaxis": False,
            "customdata": [
                [each.trace.padded, text, math.ceil(each.seconds)] for each, text in zip(found, said, strict=True)
            ],
            "hoverinfo": "skip",
        }
    ]


def told(scene: Scene, foot: str) -> str:
    """Return the end of the footnote with how many traces are marked."""
    n = len(scene.exemplars.rows)
    return f"{foot} · {count(n)}{SPACE}trace{'' if n == 1 else 's'} marked" if n else foot
