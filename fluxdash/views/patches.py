"""How a figure replaces the one on screen: as a patch where the traces are the same, so that nothing is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from dash import Patch

from fluxdash.views.scene import FigureDict

_MOVING = ("name", "x", "y", "base", "customdata", "hovertemplate", "hoverinfo", "xperiod", "xperiod0")
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
    """Return the figure as it is sent: numbers as arrays, which are written at once, unknown ones null; times as text.

    Plotly takes a time that is a number for one on the browser's own clock, and one that is text as it stands.
    """
    layout = figure["layout"]
    dated = layout.get("xaxis", {}).get("type") == "date"
    data = [_packed_trace(trace, dated=dated) for trace in figure["data"]]
    return {**figure, "data": data, "layout": _packed_layout(layout) if dated else layout}


def patch(figure: FigureDict) -> Patch:
    """Return the patch that brings a graph with the same traces to this figure; zoom and legend stay as they are."""
    change = Patch()
    for place, trace in enumerate(figure["data"]):
        for key in _MOVING:
            if key in trace:
                change["data"][place][key] = trace[key]
        for key in ("size", "opacity", "color", "symbol"):
            if key in trace.get("marker", {}):
                change["data"][place]["marker"][key] = trace["marker"][key]
    layout = figure["layout"]
    for key in _MOVING_LAYOUT:
        change["layout"][key] = layout[key]
    if "meta" in layout:
        change["layout"]["meta"] = layout["meta"]
    if "margin" in layout:
        change["layout"]["margin"] = layout["margin"]
    for axis, key in _MOVING_AXES:
        change["layout"][axis][key] = layout[axis][key]
    return change


def _packed_trace(trace: FigureDict, *, dated: bool) -> FigureDict:
    sent = dict(trace)
    if "y" in trace:
        sent["y"] = np.asarray(trace["y"], dtype=np.float64)
    if "x" in trace:
        sent["x"] = _times(trace["x"]) if dated else np.asarray(trace["x"], dtype=np.int64)
    if "xperiod0" in trace:
        sent["xperiod0"] = _times([trace["xperiod0"]])[0]
    return sent


def _packed_layout(layout: FigureDict) -> FigureDict:
    given = layout["xaxis"]
    axis = {**given, **{key: _times(given[key]) for key in ("range", "tickvals") if key in given}}
    marks = {kind: [_placed(mark) for mark in layout.get(kind, ())] for kind in ("shapes", "annotations")}
    return {**layout, **marks, "xaxis": axis}


def _placed(mark: FigureDict) -> FigureDict:
    """Return a shape or an annotation with its times as text; on the paper its places are no times."""
    if mark.get("xref", "x") != "x":
        return mark
    return {**mark, **{key: _times([mark[key]])[0] for key in ("x", "x0", "x1") if key in mark}}


def _times(moments: Sequence[float]) -> list[str]:
    """Return `2026-11-23T14:32:00` for milliseconds on the page's clock, with a fraction where a second has one."""
    written = np.asarray(moments, dtype=np.int64).astype("datetime64[ms]")
    return [str(each).removesuffix(".000") for each in written]


def _plain(value: Any) -> Any:
    return value.to_plotly_json()
