"""Axes: few round ticks in one unit, and the layout that every chart over time shares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import MINUS, SPACE
from fluxdash.views.points import points
from fluxdash.views.scene import FigureDict, Scene
from fluxdash.views.template import clear, template

_ROUND = (1, 2, 2.5, 3, 4, 5, 10)
_ROUND_WHOLE = (1, 2, 3, 4, 5, 10)
_PAST_THE_LAST_TICK = 1.001
_LETTER, _BESIDE = 6.2, 8
"""Pixels that a letter of a tick takes, and those between the longest of them, the plot and the edge."""

_NO_MONEY = 1e-9
"""Dollars under which there is nothing to draw a scale for."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The ticks of a value axis, from zero up or from below it, and how each is written."""

    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    @property
    def top(self) -> float:
        """The last tick."""
        return self.ticks[-1]

    @property
    def width(self) -> int:
        """The pixels that the longest text needs beside the plot."""
        return math.ceil(max(map(len, self.texts)) * _LETTER + _BESIDE)

    def layout(self) -> dict[str, Any]:
        """Return it as Plotly's axis; a little past the last tick, or its grid line is not drawn."""
        return {
            "range": [self.ticks[0] * _PAST_THE_LAST_TICK, self.top * _PAST_THE_LAST_TICK],
            "tickvals": list(self.ticks),
            "ticktext": list(self.texts),
        }


def highest(rows: Iterable[Sequence[Amount]]) -> float:
    """Return the largest number in several rows; 0 where none is known."""
    return max((value for row in rows for value in row if value is not None), default=0.0)


def stacked(rows: Sequence[Sequence[Amount]]) -> float:
    """Return the height of the highest stack of several rows."""
    return max((sum(value or 0 for value in column) for column in zip(*rows, strict=False)), default=0.0)


def plain_scale(peak: float, lines: int = 4) -> Scale:
    """Return a scale for rates and counts: `0`, `5`, `10`, in thousands or millions where that is shorter."""
    ticks = _ticks(peak or 1, lines)
    size, letter = _letter(ticks[-1])
    return Scale(ticks, tuple(f"{tick / size:g}{SPACE}{letter}" if tick and letter else f"{tick:g}" for tick in ticks))


def seconds_scale(peak: float, lines: int = 4) -> Scale:
    """Return a scale for durations: `0`, `3 s`, `6 s`, or in milliseconds where the peak is under a second."""
    if 0 < peak < 0.9:
        ticks = _ticks(peak * 1000, lines)
        texts = tuple(f"{tick:g}{SPACE}ms" if tick else "0" for tick in ticks)
        return Scale(tuple(tick / 1000 for tick in ticks), texts)
    ticks = _ticks(peak or 1, lines)
    return Scale(ticks, tuple(f"{tick:g}{SPACE}s" if tick else "0" for tick in ticks))


def share_scale(peak: float, lines: int = 4) -> Scale:
    """Return a scale for ratios 0–1 in percent: `0`, `10 %`, `20 %`, never past 100 %."""
    ticks = _ticks(min(peak or 1, 1) * 100, lines)
    kept = tuple(tick for tick in ticks if tick <= 100)
    return Scale(tuple(tick / 100 for tick in kept), tuple(f"{tick:g}{SPACE}%" if tick else "0" for tick in kept))


def money_scale(peak: float, lines: int = 4) -> Scale:
    """Return a scale for dollars: `0`, `$0.02`, `$50 k`."""
    ticks = _ticks(peak if peak > _NO_MONEY else 1, lines)
    return Scale(ticks, tuple(_dollars(ticks)))


def change_scale(low: float, high: float, lines: int = 4) -> Scale:
    """Return a scale for changes in dollars, with a sign, that holds zero and both ends: `−$1 k`, `0`, `+$2 k`."""
    spread = max(high, 0.0) - min(low, 0.0)
    step = _ticks(spread if spread > _NO_MONEY else 1, lines)[1]
    first, last = math.floor(min(low, 0.0) / step + 1e-9), math.ceil(max(high, 0.0) / step - 1e-9)
    ticks = tuple(round(i * step, 12) for i in range(first, max(last, first + 1) + 1))
    signs = ("" if not tick else "+" if tick > 0 else MINUS for tick in ticks)
    return Scale(ticks, tuple(sign + text for sign, text in zip(signs, _dollars(ticks), strict=True)))


def over_time(scene: Scene, scale: Scale, *, left: int = 34, right: int = 8, legend: bool = True) -> dict[str, Any]:
    """Return the layout of a chart over the window; what the user did to it stays until the view itself changes."""
    window, clock = scene.window, scene.look.clock
    ahead = clock.offset(window.end)
    last = window.end + len(window.head) * window.step
    return {
        "template": template(scene.look.theme),
        "margin": {"l": max(left, scale.width), "r": right, "t": 30 if legend else 8, "b": 22, "pad": 0},
        "showlegend": legend,
        "legend": {"uirevision": "legend"},
        "xaxis": {
            "type": "date",
            "range": [(window.start + ahead) * 1000, (last + ahead) * 1000],
            "hoverformat": "%a %-d %b, %H:%M" if window.step % 60 == 0 else "%a %-d %b, %H:%M:%S",
        },
        "yaxis": scale.layout(),
        "uirevision": scene.revision,
        "shapes": [],
        "annotations": [],
        **points(scene),
    }


def missing(scene: Scene, rows: Sequence[Sequence[Amount]]) -> FigureDict:
    """Return shapes and annotations that mark gaps of several buckets: nothing is known there, which is not zero."""
    palette, shapes, notes = scene.look.palette, [], []
    for first, last in _runs([all(value is None for value in column) for column in zip(*rows, strict=False)]):
        start, end = scene.moments([0], first=first)[0], scene.moments([0], first=last + 1)[0]
        box = {"type": "rect", "x0": start, "x1": end, "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}}
        shapes.append({**box, "layer": "above", "fillcolor": palette["surface"]})
        shapes.append({**box, "layer": "above", "fillcolor": clear(palette["axis"], 0.25)})
        place = {"x": (start + end) / 2, "yref": "paper", "y": 1, "yanchor": "top"}
        notes.append({**place, "text": "no data", "bgcolor": "rgba(0,0,0,0)"})
    return {"shapes": shapes, "annotations": notes}


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the first and the last place of every run of two or more."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for place, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = place
        elif not flag and start is not None:
            if place - start > 1:
                runs.append((start, place - 1))
            start = None
    return runs


def _ticks(peak: float, lines: int) -> tuple[float, ...]:
    raw = peak / lines
    size = 10.0 ** math.floor(math.log10(raw))
    steps = _ROUND if raw < 1 or size >= 10 else _ROUND_WHOLE
    step = next(each * size for each in steps if raw <= each * size * (1 + 1e-9))
    return tuple(round(i * step, 12) for i in range(math.ceil(peak / step - 1e-9) + 1))


def _dollars(ticks: Sequence[float]) -> list[str]:
    """Return ticks without their signs, all with as many decimals; cents where there are any."""
    size, letter = _letter(max(map(abs, ticks)))
    numbers = [Decimal(repr(round(abs(tick) / size, 10))).normalize() for tick in ticks]
    decimals = max(max(-int(each.as_tuple().exponent), 0) for each in numbers)
    places = max(decimals, 2) if decimals and not letter else decimals
    unit = f"{SPACE}{letter}" if letter else ""
    return [f"${each:,.{places}f}{unit}" if each else "0" for each in numbers]


def _letter(top: float) -> tuple[float, str]:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # 1000 k reads better than 1 M where the ticks below it would be fractions.
        if top > size * (1.0 if letter == "k" else 1.999):
            return size, letter
    return 1.0, ""
