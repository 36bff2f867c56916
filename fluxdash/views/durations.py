"""How long traces took, as dots over time: what failed is a cross, what is open has a ring, what is outside is grey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.tracesearch import TraceSearch, TraceSummary
from fluxdash.semantic.units import SPACE, Unit, figure
from fluxdash.views.elements import label
from fluxdash.views.models import short
from fluxdash.views.scene import FigureDict, Look
from fluxdash.views.template import template

_SHORTEST = 1e-6
_FIRST, _LAST = 1000, 1001
_HOVER = "%{customdata}<extra></extra>"


def durations(
    found: Sequence[TraceSummary],
    search: TraceSearch,
    look: Look,
    open_id: str,
    revision: str,
    around: Sequence[TraceSummary] = (),
) -> FigureDict:
    """Return the figure; each point's id is its trace's, so that a click can open it.

    `around` are traces of the same window and filters that the search leaves out; one for nothing in particular leaves
    out those that are too old for its list.
    """
    apart = "outside the search" if search.is_narrowed else "older, not listed"
    timed = [each for each in found if each.seconds is not None]
    more = [each for each in around if each.seconds is not None]
    groups = (
        ("outside", apart, [each for each in more if not each.failed], _dot("m-quiet", 5, 0.5, look)),
        ("outside-error", "error outside", [each for each in more if each.failed], _cross(look, "m-quiet", 6, 1.25)),
        ("ok", "ok", [each for each in timed if each.failed is False], _dot("m-main", 7, 0.7, look)),
        ("unknown", "outcome unknown", [each for each in timed if each.failed is None], _dot("m-quiet", 6, 0.7, look)),
        ("error", "error", [each for each in timed if each.failed], _cross(look, "bad", 8, 1.75)),
    )
    data = [
        {**_points(uid, name, rows, marker, look), "legendgroup": uid.partition("-")[0], "showlegend": "-" not in uid}
        for uid, name, rows, marker in groups
        if rows
    ]
    ringed = [each for each in (*timed, *more) if open_id and each.id.padded == open_id]
    if ringed:
        ring = {"symbol": "circle-open", "size": 17, "color": look.palette["text"], "line": {"width": 1.5}}
        named = _points("open", "open below", ringed, ring, look)
        data.append({**named, "hoverinfo": "skip", "hovertemplate": None, "legendrank": _LAST + 1})
    return {"data": data, "layout": _layout([*timed, *more], search, look, revision)}


def sentence(found: Sequence[TraceSummary]) -> str:
    """Return the figure in words."""
    known = [each.seconds for each in found if each.seconds is not None]
    if not known:
        return "Durations of the traces found: none."
    failed = sum(1 for each in found if each.failed)
    low, high = figure(Unit.SECONDS, min(known)), figure(Unit.SECONDS, max(known))
    return f"Durations of {len(known)} traces, from {low} to {high}; {failed} failed."


def _points(uid: str, name: str, rows: Sequence[TraceSummary], marker: dict[str, Any], look: Look) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": uid,
        "name": name,
        "x": [_moment(each, look) for each in rows],
        "y": [max(each.seconds or 0.0, _SHORTEST) for each in rows],
        "ids": [each.id.padded for each in rows],
        "customdata": [_said(each) for each in rows],
        "cliponaxis": False,
        "hovertemplate": _HOVER,
        "marker": marker,
        "legendrank": _LAST if uid == "outside" else _FIRST,
    }


def _said(told: TraceSummary) -> str:
    what = (told.model and short(told.model)) or told.operation or "unknown"
    return f"<b>{figure(Unit.SECONDS, told.seconds)}</b> {label(what)}<br>{told.id.shown[:8]}"


def _moment(told: TraceSummary, look: Look) -> int:
    seconds = told.start / NANOSECONDS
    return round((seconds + look.clock.offset(seconds)) * 1000)


def _dot(token: str, size: int, opacity: float, look: Look) -> dict[str, Any]:
    return {"symbol": "circle", "size": size, "color": look.palette[token], "opacity": opacity, "line": {"width": 0}}


def _cross(look: Look, token: str, size: int, width: float) -> dict[str, Any]:
    colour = look.palette[token]
    return {"symbol": "x-thin", "size": size, "color": colour, "line": {"width": width, "color": colour}}


def _layout(timed: Sequence[TraceSummary], search: TraceSearch, look: Look, revision: str) -> dict[str, Any]:
    window, clock = search.scope.window, look.clock
    ahead = clock.offset(window.end)
    known = [max(each.seconds or 0.0, _SHORTEST) for each in timed] or [0.1, 10.0]
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)) + 0.05)
    decades = [10.0**power for power in range(low, max(high, low + 1) + 1)]
    shapes, notes = [], []
    for bound, what in ((search.least, "min"), (search.most, "max")):
        if bound:
            line = {"color": look.palette["m-main"], "width": 1, "dash": "6px,4px"}
            shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": bound, "y1": bound, "line": line})
            notes.append(
                {
                    "xref": "paper", "x": 0, "xanchor": "left", "y": math.log10(bound), "yanchor": "bottom",
                    "text": f"{_tick(bound)} {what}", "showarrow": False,
                    "font": {"color": look.palette["m-main"], "size": 11},
                }
            )  # fmt: skip
    end = max(window.end, window.now)
    return {
        "template": template(look.theme),
        "margin": {"l": 52, "r": 10, "t": 30, "b": 22, "pad": 0},
        "showlegend": True,
        "legend": {"uirevision": "legend"},
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {
            "type": "date",
            "range": [(window.start + ahead) * 1000, (end + ahead) * 1000],
            "showspikes": False,
        },
        "yaxis": {
            "type": "log",
            "range": [low, math.log10(decades[-1]) * 1.001],
            "rangemode": "normal",
            "fixedrange": True,
            "tickvals": decades,
            "ticktext": [_tick(each) for each in decades],
        },
        "uirevision": revision,
        "shapes": shapes,
        "annotations": notes,
    }


def _tick(seconds: float) -> str:
    if seconds < 0.0999:
        return f"{seconds * 1e3:g}{SPACE}ms"
    return f"{seconds:g}{SPACE}s"
