"""The cost bridge: what moved the cost, from the window before to this one, as bars that add up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.units import ABSENT, MINUS, Unit, growth, money, signed, to_the_cent
from fluxdash.views.axes import Scale, change_scale
from fluxdash.views.elements import label
from fluxdash.views.scene import Drawing, FigureDict, Look
from fluxdash.views.tabular import Column, Table
from fluxdash.views.template import template

_WIDTH = 0.6
_FLAT = 0.012
"""The height of a bar for what moved nothing, as a share of the axis."""

_CLEAR = {"bgcolor": "rgba(0,0,0,0)", "showarrow": False}


@dataclass(frozen=True, slots=True)
class Step:
    """What one thing did to the cost, in whole cents (None cannot be told), and the fact that says most about it.

    A note of two parts has them on two lines.
    """

    name: str
    cents: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """The cost of two windows in dollars, the change in whole cents, and the steps that it is the sum of.

    `untold` are sentences about what one of the steps holds that would be another's, were it reported.
    """

    before: float
    after: float
    cents: int
    steps: tuple[Step, ...]
    untold: tuple[str, ...] = ()

    @property
    def net(self) -> Step:
        """The change as a whole."""
        return Step("Net", self.cents, signed(growth(self.before, self.after), self.before, self.after))


@dataclass(frozen=True, slots=True)
class _Bar:
    """A step on the axis, in cents: each begins where the last one ended, and the net at zero."""

    step: Step
    start: int
    end: int
    token: str

    @property
    def written(self) -> str:
        return written(self.step.cents)


def written(cents: int | None) -> str:
    """Return cents as dollars with a sign: `+$2,104.20`, `unchanged`; an en dash where unknown."""
    if cents is None:
        return ABSENT
    return f"{'+' if cents > 0 else MINUS}{to_the_cent(abs(cents))}" if cents else "unchanged"


def bridge_chart(bridge: Bridge, look: Look, revision: str, was: str) -> Drawing:
    """Draw the steps from left to right, and as a list for small screens; `was` names the window before."""
    bars = _bars(bridge)
    scale = change_scale(_low(bars) / 100, _high(bars) / 100)
    layout = {
        "template": template(look.theme),
        "margin": {"l": 54, "r": 10, "t": 20, "b": 50, "pad": 0},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "range": [-0.5, len(bars) - 0.5],
            "fixedrange": True,
            "showticklabels": False,
            "showspikes": False,
            "hoverformat": "",
        },
        "yaxis": scale.layout(),
        "uirevision": revision,
        "shapes": [_zero(look), *_connectors(bars, look)],
        "annotations": [text for i, bar in enumerate(bars) for text in _texts(bar, i, look)],
    }
    steps = "; ".join(f"{each.name.lower()} {written(each.cents)}" for each in bridge.steps if each.cents is not None)
    return Drawing(
        {"data": [_trace(bars, scale, look)], "layout": layout},
        f"What moved the cost: {written(bridge.cents)} against {was}; {steps}.",
        f"{money(bridge.before)} → {money(bridge.after)}, vs {was}",
        f"net {written(bridge.cents)}",
        html.Div([_list(bars), html.P(" ".join(bridge.untold), className="told-below") if bridge.untold else None]),
        _table(bars),
    )


def _bars(bridge: Bridge) -> list[_Bar]:
    bars, end = list[_Bar](), 0
    for step in bridge.steps:
        moved = step.cents or 0
        token = "warn-fill" if moved > 0 else "good-fill" if moved < 0 else "m-prev"
        bars.append(_Bar(step, end, end + moved, token))
        end += moved
    return [*bars, _Bar(bridge.net, 0, bridge.cents, "m-quiet")]


def _low(bars: Sequence[_Bar]) -> int:
    return min(0, *(each.end for each in bars))


def _high(bars: Sequence[_Bar]) -> int:
    return max(0, *(each.end for each in bars))


def _trace(bars: Sequence[_Bar], scale: Scale, look: Look) -> FigureDict:
    flat = (scale.top - scale.ticks[0]) * _FLAT
    moved = [each.start != each.end for each in bars]
    return {
        "type": "bar",
        "uid": "bridge",
        "x": list(range(len(bars))),
        "base": [bar.start / 100 - (0 if own else flat / 2) for bar, own in zip(bars, moved, strict=True)],
        "y": [(bar.end - bar.start) / 100 if own else flat for bar, own in zip(bars, moved, strict=True)],
        "width": _WIDTH,
        "marker": {
            "color": [look.palette[each.token] for each in bars],
            "opacity": [0 if each.step.cents is None else 1 for each in bars],
        },
        "customdata": [f"{each.step.name} <b>{each.written}</b><br>{_lines(each)}" for each in bars],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _zero(look: Look) -> FigureDict:
    axis = {"color": look.palette["crosshair"], "width": 1}
    return {"type": "line", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": axis}


def _connectors(bars: Sequence[_Bar], look: Look) -> list[FigureDict]:
    dots = {"color": look.palette["m-prev"], "dash": "2px,2px", "width": 1}
    levels = [each.end / 100 for each in bars[:-1]]
    return [
        {"type": "line", "x0": i + _WIDTH / 2, "x1": i + 1 - _WIDTH / 2, "y0": level, "y1": level, "line": dots}
        for i, level in enumerate(levels)
    ]


def _texts(bar: _Bar, place: int, look: Look) -> list[FigureDict]:
    """Write the amount above a bar, its name and its note below the axis."""
    ink, quiet = ({"font": {"color": look.palette[each]}} for each in ("text", "tick"))
    above = {"y": max(bar.start, bar.end) / 100, "yanchor": "bottom", "yshift": 2}
    below = {"yref": "paper", "y": 0, "yanchor": "top"}
    return [
        {**_CLEAR, **ink, **above, "x": place, "text": f"<b>{bar.written}</b>"},
        {**_CLEAR, **ink, **below, "x": place, "yshift": -4, "text": f"<b>{bar.step.name}</b>"},
        {**_CLEAR, **quiet, **below, "x": place, "yshift": -19, "text": _lines(bar)},
    ]


def _lines(bar: _Bar) -> str:
    return "<br>".join(label(each) for each in bar.step.note.split("\n"))


def _list(bars: Sequence[_Bar]) -> Component:
    low, spread = _low(bars), (_high(bars) - _low(bars)) or 1
    return html.Div([_row(each, low, spread) for each in bars], className="chg v-m")


def _row(bar: _Bar, low: int, spread: int) -> Component:
    left, width = (min(bar.start, bar.end) - low) / spread, max(abs(bar.end - bar.start) / spread, 0.008)
    style = {"left": f"{left * 100:.1f}%", "width": f"{width * 100:.1f}%", "background": f"var(--{bar.token})"}
    mark = None if bar.step.cents is None else html.I(style=style)
    what = html.Div(
        [html.Span(bar.step.name, className="b"), html.Small(bar.step.note.replace("\n", " "))], className="what"
    )
    track = html.Div(mark, className="div-bar", style={"--z": f"{-low / spread * 100:.1f}%"})
    return html.Div([what, track, html.Div(bar.written, className="num b")], className="chg-r wide")


def _table(bars: Sequence[_Bar]) -> Table:
    columns = (Column("Step"), Column("Change", Unit.DOLLARS), Column("What moved"))
    rows = ((each.step, each.step.cents) for each in bars)
    return Table(
        columns,
        tuple(
            (step.name, None if cents is None else cents / 100, step.note.replace("\n", " ")) for step, cents in rows
        ),
    )
