"""How a figure replaces the one on screen: as a patch where the traces are the same, so that nothing is lost."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import orjson
from dash import Patch

from fluxdash.views.scene import FigureDict

_MOVING = ("x", "y", "base", "customdata", "hovertemplate", "hoverinfo", "xperiod", "xperiod0")
_ROWS = (("x", np.int64), ("y", np.float64))
_MOVING_LAYOUT = ("uirevision", "shapes", "annotations")
_MOVING_AXES = (
    ("xaxis", "range"),
    ("xaxis", "hoverformat"),
    ("yaxis", "range"),
    ("yaxis", "tickvals"),
    ("yaxis", "ticktext"),
)


def traces(figure: FigureDict, theme: str) -> str:
    """Return what must be equal for a patch to do: the theme and the traces in their order."""
    return "|".join([theme, *(str(trace["uid"]) for trace in figure["data"])])


def printed(value: object) -> str:
    """Return a short print of anything that can be sent: equal prints, equal content."""
    raw = orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)
    return hashlib.blake2b(raw, digest_size=9).hexdigest()


def packed(figure: FigureDict) -> FigureDict:
    """Return the figure with its long rows as arrays, which are written at once; unknown numbers become null."""
    data = [
        {**trace, **{key: np.asarray(trace[key], dtype=kind) for key, kind in _ROWS if key in trace}}
        for trace in figure["data"]
    ]
    return {**figure, "data": data}


def patch(figure: FigureDict) -> Patch:
    """Return the patch that brings a graph with the same traces to this figure; zoom and legend stay as they are."""
    change = Patch()
    for place, trace in enumerate(figure["data"]):
        for key in _MOVING:
            if key in trace:
                change["data"][place][key] = trace[key]
        for key in ("size", "opacity", "color"):
            if key in trace.get("marker", {}):
                change["data"][place]["marker"][key] = trace["marker"][key]
    layout = figure["layout"]
    for key in _MOVING_LAYOUT:
        change["layout"][key] = layout[key]
    for axis, key in _MOVING_AXES:
        change["layout"][axis][key] = layout[axis][key]
    return change


def _plain(value: Any) -> Any:
    return value.to_plotly_json()
