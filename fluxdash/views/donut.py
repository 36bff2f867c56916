"""A donut without a graph: wedges that are elements, so that each can be read, pointed at and clicked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.units import Figure
from fluxdash.views.elements import wild

_GAP = 0.012
"""Radians that a wedge gives up at each side: the line between two of them."""

_ARC = math.pi / 24
_BEYOND = 1 / math.cos(_ARC / 2)
"""How far out the corners of a wedge lie, so that its straight edges are outside of the circle that cuts it."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the whole: its amount, its colour's token, what is said of it, and what clicking it filters by."""

    amount: float
    token: str
    said: str
    filter: str | None = None


def donut(slices: Sequence[Slice], total: Figure, below: str, note: str = "") -> html.Div:
    """Return the slices clockwise from the top, the total in the hole, `below` under it and a `note` under all."""
    whole = sum(each.amount for each in slices)
    wedges, angle = [], 0.0
    for each in slices:
        turn = each.amount / whole * 2 * math.pi if whole else 0.0
        wedges.append(_wedge(each, angle, angle + turn, alone=len(slices) == 1))
        angle += turn
    hole = html.Div([html.Strong([total.number, html.Small(total.unit)]), html.Span(below)], className="hole")
    said = ", ".join(each.said for each in slices) or "nothing"
    ring = html.Div([*wedges, hole], className="ring", role="img", **wild(aria_label=f"{total}: {said}"))
    return html.Div([ring, html.P(note, className="muted") if note else None], className="donut")


def _wedge(slice_: Slice, start: float, end: float, *, alone: bool) -> html.I:
    gap = 0.0 if alone else min(_GAP, (end - start) / 4)
    style = {"background": f"var(--{slice_.token})", "clipPath": _polygon(start + gap, end - gap)}
    chosen = wild(data_filter=slice_.filter) if slice_.filter else {}
    return html.I(style=style, title=slice_.said, **chosen)


def _polygon(start: float, end: float) -> str:
    """Return the wedge between two angles, clockwise from the top, as CSS cuts it out of the square around it."""
    steps = max(math.ceil((end - start) / _ARC), 1)
    angles = [start + (end - start) * i / steps for i in range(steps + 1)]
    corners = [(50 + 50 * _BEYOND * math.sin(each), 50 - 50 * _BEYOND * math.cos(each)) for each in angles]
    return f"polygon(50% 50%,{','.join(f'{x:.2f}% {y:.2f}%' for x, y in corners)})"
