"""Traces: how one row of numbers becomes a line, a bar or an area, and what is drawn faint and why.

Plotly makes CSS selectors of the `uid` of a trace, so it is made of letters, digits and hyphens alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from fluxdash.semantic.measure import Amount
from fluxdash.views.scene import FigureDict, Scene
from fluxdash.views.template import FADED, PALE

Trace = dict[str, Any]

SAID = "%{customdata}"
"""The hover text: written by units.py into customdata, so that it reads as everywhere else."""


def uid(name: str) -> str:
    """Return what the trace of a name from outside is called: by the print of the name."""
    return f"x{hashlib.blake2b(name.encode(errors='replace'), digest_size=6).hexdigest()}"


def bars(scene: Scene, uid: str, name: str, values: Sequence[Amount], colour: str, said: Sequence[str]) -> Trace:
    """Return stacked bars, pale where the bucket is still filling."""
    closed = scene.window.size
    return {
        "type": "bar",
        "uid": uid,
        "name": name,
        "x": scene.moments(values),
        "y": list(values),
        "customdata": list(said),
        "hovertemplate": SAID,
        "marker": {"color": colour, "opacity": [1] * closed + [PALE] * (len(values) - closed)},
        **_in_the_middle(scene),
    }


def line(
    scene: Scene, uid: str, name: str, values: Sequence[Amount], faint: Sequence[bool], *, look: FigureDict,
    said: Sequence[str],
) -> list[Trace]:  # fmt: skip
    """Return a line as two traces: what is certain, and what is faint because it is filling or has few samples.

    A point without neighbours is marked, or it would not be seen.
    """
    solid = [None if weak else value for value, weak in zip(values, faint, strict=True)]
    weak = [value if _touches(faint, place) else None for place, value in enumerate(values)]
    common = {"type": "scatter", "name": name, "legendgroup": uid, "x": scene.moments(values)}
    spoken = [SAID if each else "" for each in faint]
    return [
        {
            **common,
            **_drawn(uid, solid, look),
            "customdata": list(said),
            "hovertemplate": SAID,
            **_in_the_middle(scene),
        },
        {
            **common,
            **_drawn(f"{uid}-faint", weak, look),
            "opacity": FADED,
            "showlegend": False,
            "customdata": [text if each else "" for text, each in zip(said, faint, strict=True)],
            "hovertemplate": spoken,
            "hoverinfo": ["all" if each else "skip" for each in faint],
            **_in_the_middle(scene),
        },
    ]


def area(
    scene: Scene, uid: str, name: str, values: Sequence[Amount], *, fill: tuple[str, str], edge: FigureDict,
    said: Sequence[str],
) -> list[Trace]:  # fmt: skip
    """Return a stacked area, and the part of it that is still filling as a fainter one that starts where it ends."""
    closed = scene.window.size
    filling = values[closed - 1 :] if len(values) > closed else []
    common = {"type": "scatter", "mode": "lines", "name": name, "legendgroup": uid, **_in_the_middle(scene)}
    return [
        {
            **common,
            "uid": uid,
            "x": scene.moments(values[:closed]),
            "y": list(values[:closed]),
            "stackgroup": "closed",
            "fillcolor": fill[0],
            "line": edge,
            "customdata": list(said[:closed]),
            "hovertemplate": SAID,
        },
        {
            **common,
            "uid": f"{uid}-faint",
            "x": scene.moments(filling, first=closed - 1),
            "y": list(filling),
            "stackgroup": "filling",
            "fillcolor": fill[1],
            "line": {"width": 0},
            "showlegend": False,
            "hoverinfo": "skip",
        },
    ]


def before(scene: Scene, uid: str, name: str, values: Sequence[Amount], *, listed: bool = True) -> Trace:
    """Return the window before as a dotted line under the present, on the present's own times."""
    look = {"color": scene.look.palette["m-prev"], "width": 1.25, "dash": "1.5px,3px"}
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": f"{uid}-before",
        "name": name,
        "legendgroup": "before",
        "legendrank": 1001,
        "showlegend": listed,
        "x": scene.moments(values),
        "y": list(values),
        "line": look,
        "hoverinfo": "skip",
        **_in_the_middle(scene),
    }


def hidden(scene: Scene, uid: str, name: str, said: Sequence[str]) -> Trace:
    """Return a trace that is only read: its texts stand last in the tooltip."""
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": uid,
        "name": name,
        "showlegend": False,
        "x": scene.moments(said),
        "y": [0] * len(said),
        "marker": {"size": 1, "opacity": 0},
        "customdata": list(said),
        "hovertemplate": SAID,
        **_in_the_middle(scene),
    }


def _in_the_middle(scene: Scene) -> FigureDict:
    """Draw a bucket in its middle while its time on hover stays its start."""
    return {"xperiod": scene.window.step * 1000, "xperiod0": scene.moments([0])[0], "xperiodalignment": "middle"}


def _drawn(uid: str, values: Sequence[Amount], look: FigureDict) -> FigureDict:
    """Draw a line, with marks where a point has no neighbour; that is another trace, for a patch can't add marks."""
    sizes = _lonely(values)
    if not any(sizes):
        return {"uid": uid, "mode": "lines", "y": list(values), "line": look}
    marker = {"size": sizes, "color": look["color"]}
    return {"uid": f"{uid}-points", "mode": "lines+markers", "y": list(values), "line": look, "marker": marker}


def _touches(flags: Sequence[bool], place: int) -> bool:
    return any(flags[max(place - 1, 0) : place + 2])


def _lonely(values: Sequence[Amount]) -> list[int]:
    padded = [None, *values, None]
    return [
        5 if here is not None and left is None and right is None else 0
        for left, here, right in zip(padded, padded[1:], padded[2:], strict=False)
    ]
