"""The days ahead: what each is expected to cost, with the band that holds it four times in five."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.units import SPACE, Unit, money
from fluxdash.views.scene import Drawing
from fluxdash.views.tables import Head, Row, table
from fluxdash.views.tabular import Column, Table
from fluxdash.views.times import Clock

_HEADS = (
    Head("Day", numeric=False),
    Head("Band", numeric=False, spoken=False),
    Head("Expected"),
    Head(f"80{SPACE}% between"),
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """One day (its beginning in epoch seconds): dollars expected, and the band; the first one is running."""

    start: int
    expected: float
    low: float
    high: float


def days_ahead(days: Sequence[Outlook], clock: Clock, trust: str) -> Drawing:
    """Return the days as a table with their bands on one scale; `trust` says how the forecast did so far."""
    most = max((each.high for each in days), default=0.0)
    rows = [_row(each, most, clock, running=not place) for place, each in enumerate(days)]
    grid = table("Daily forecast", _HEADS, rows, "days")
    total = sum(each.expected for each in days)
    first, last = (clock.day(each.start) for each in (days[0], days[-1]))
    columns = (Column(f"Day, {clock.name(days[0].start)}"), *(Column(name, Unit.DOLLARS) for name in _NUMBERS))
    figures = tuple((clock.at(each.start).date().isoformat(), each.expected, each.low, each.high) for each in days)
    return Drawing(
        None,
        f"Daily forecast: {money(total)} from {first} to {last}.",
        f"USD a day, next {len(days)} days",
        f"{money(total)} in {len(days)} days",
        html.Div([grid, html.P(trust, className="told-below")]),
        Table(columns, figures),
    )


_NUMBERS = ("Expected", "Low", "High")


def _row(day: Outlook, most: float, clock: Clock, *, running: bool) -> Row:
    name = clock.day(day.start, weekday=True)
    named = html.Span([name, html.Span(" today", className="muted") if running else None], className="nowrap")
    between = f"{money(day.low)} – {money(day.high)}"
    return Row((named, _band(day, most), (str(money(day.expected)), "b"), (between, "t2")))


def _band(day: Outlook, most: float) -> html.Span:
    def place(amount: float) -> str:
        return f"{amount / most * 100 if most else 0:.1f}%"

    width = f"{(day.high - day.low) / most * 100 if most else 0:.1f}%"
    band = html.I(style={"left": place(day.low), "width": width})
    return html.Span([band, html.B(style={"left": place(day.expected)})], className="band-bar")
