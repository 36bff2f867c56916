"""The course of the month: cumulative spend, the forecast with its band, the month before and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, figure, money, whole_money
from fluxdash.views.axes import highest, money_scale
from fluxdash.views.month import HOUR, Ahead, Month
from fluxdash.views.scene import Drawing, FigureDict, Look
from fluxdash.views.template import clear, template
from fluxdash.views.times import Clock

_ABOVE = 2
"""How many times the spend a budget may be and still be drawn; one further up would press all else to the ground."""

_SAID = "%{customdata}"
_CLEAR = {"bgcolor": "rgba(0,0,0,0)", "showarrow": False}


def month_to_date(month: Month, look: Look, revision: str) -> Drawing:
    """Draw a month in the reporting zone, whatever zone the page is read in."""
    clock = Clock(look.goals.zone)
    peak = highest([month.so_far, month.comparable, [each.high for each in month.ahead]])
    budget = month.budget if month.budget is not None and month.budget <= _ABOVE * peak else None
    scale = money_scale(max(peak, budget or 0.0), lines=3)
    traces = [*_before(month, clock, look), *_ahead(month, clock, look), _so_far(month, clock, look)]
    layout = _layout(month, clock, look)
    layout["uirevision"] = revision
    layout["yaxis"] = scale.layout()
    if budget is not None:
        layout["shapes"].append(_level(budget, look.palette["warn"]))
        layout["annotations"].append(_named(f"Budget {whole_money(budget)}", budget, look.palette["warn"]))
    foot = f"up to {clock.time(month.now)}{SPACE}{clock.name(month.now)}"
    figure = {"data": traces, "layout": layout}
    return Drawing(
        figure, month.sentence(clock), "USD, cumulative", foot, month.told(clock), month.table(clock)
    )  # fmt: skip


def _at(moment: int, clock: Clock) -> int:
    """Return a moment as Plotly's date on the clock of the zone."""
    return (moment + clock.offset(moment)) * 1000


def _ends(month: Month, count: int, clock: Clock) -> list[int]:
    """Return the month's beginning and the ends of its first hours."""
    return [_at(month.start + i * HOUR, clock) for i in range(count + 1)]


def _uid(kind: str, month: Month) -> str:
    return f"{kind}-{month.start}"


def _so_far(month: Month, clock: Clock, look: Look) -> FigureDict:
    main = look.palette["m-main"]
    return {
        **_line(_uid("spent", month), "This month", {"color": main, "width": 2.25}),
        "x": _ends(month, len(month.so_far), clock),
        "y": [None if month.since else 0.0, *month.so_far],
        "legendrank": 1,
        "fill": "tozeroy",
        "fillcolor": clear(main, 0.07),
        "customdata": ["", *_bold(month.so_far)],
    }


def _before(month: Month, clock: Clock, look: Look) -> list[FigureDict]:
    past = month.comparable[: (month.end - month.start) // HOUR]
    if not past:
        return []
    dots = {"color": look.palette["m-prev"], "width": 1.25, "dash": "1.5px,3px"}
    name = f"{clock.at(month.before_start):%B}"
    return [
        {
            **_line(_uid("before", month), name, dots),
            "showlegend": not look.narrow,
            "x": _ends(month, len(past), clock),
            "y": [0.0, *past],
            "customdata": ["", *(str(figure(Unit.DOLLARS, each)) for each in past)],
        }
    ]


def _ahead(month: Month, clock: Clock, look: Look) -> list[FigureDict]:
    if not month.ahead:
        return []
    here = (month.spent or 0.0) + month.unknown
    path = [Ahead(month.now, here, here, here), *month.ahead]
    x, main = [_at(each.end, clock) for each in path], look.palette["m-main"]
    edge: dict[str, Any] = {"x": x, "showlegend": False, "hoverinfo": "skip"}
    dashes = {"color": main, "width": 1.5, "dash": "5px,3px"}
    name = "Forecast" if look.narrow else f"Forecast, 80{SPACE}% band"
    said = [f"<b>{money(each.expected)}</b> {money(each.low)} to {money(each.high)}" for each in month.ahead]
    return [
        {**_line(_uid("low", month), "Low", {"width": 0}), **edge, "y": [each.low for each in path]},
        {
            **_line(_uid("high", month), "High", {"width": 0}),
            **edge,
            "y": [each.high for each in path],
            "fill": "tonexty",
            "fillcolor": clear(main, 0.14),
        },
        {
            **_line(_uid("ahead", month), name, dashes),
            "x": x,
            "y": [each.expected for each in path],
            "customdata": ["", *said],
        },
    ]


def _line(uid: str, name: str, look: FigureDict) -> FigureDict:
    return {"type": "scatter", "mode": "lines", "uid": uid, "name": name, "line": look, "hovertemplate": _SAID}


def _bold(amounts: Sequence[Amount]) -> list[str]:
    return [f"<b>{figure(Unit.DOLLARS, each)}</b>" for each in amounts]


def _layout(month: Month, clock: Clock, look: Look) -> FigureDict:
    ticks = _ticks(month, clock)
    now = _at(month.now, clock)
    dots = {"color": look.palette["crosshair"], "dash": "2px,3px", "width": 1}
    return {
        "template": template(look.theme),
        "margin": {"l": 46, "r": 48 if month.last else 12, "t": 30, "b": 22, "pad": 0},
        "showlegend": True,
        "legend": {"uirevision": "legend"},
        "dragmode": False,
        "xaxis": {
            "type": "date",
            "range": [_at(month.start, clock), _at(month.end, clock)],
            "fixedrange": True,
            "tickvals": list(ticks),
            "ticktext": list(ticks.values()),
            "hoverformat": "until %a %-d %b, %H:%M",
        },
        "shapes": [{"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": dots}],
        "annotations": [*_here(month, now, look), *_there(month, look)],
    }


def _ticks(month: Month, clock: Clock) -> dict[int, str]:
    """Return every seventh day of the month, and its last."""
    first, last = clock.at(month.start), clock.at(month.end - 1)
    days = {first + timedelta(days=each): each for each in range(0, last.day - 3, 7)}
    ticks = {_at(int(day.timestamp()), clock): f"{day.day}{SPACE}{day:%b}" for day in days}
    final = last.replace(hour=0, minute=0, second=0, microsecond=0)
    return {**ticks, _at(int(final.timestamp()), clock): str(last.day)}


def _here(month: Month, now: int, look: Look) -> list[FigureDict]:
    if month.spent is None:
        return []
    right = month.elapsed < 0.2
    spot = {"x": now, "y": month.spent, "xanchor": "left" if right else "right", "yanchor": "bottom"}
    text = {"text": f"<b>{money(month.spent)}</b>", "font": {"color": look.palette["text"]}}
    ground = {"bgcolor": clear(look.palette["surface"], 0.8), "showarrow": False}
    return [{**ground, **spot, **text, "xshift": 6 if right else -6}]


def _there(month: Month, look: Look) -> list[FigureDict]:
    if month.last is None:
        return []
    spot = {"xref": "paper", "x": 1, "y": month.last.expected, "xanchor": "left", "yanchor": "middle", "xshift": 4}
    text = {"text": f"<b>{whole_money(month.last.expected)}</b>", "font": {"color": look.palette["m-main"]}}
    return [{**_CLEAR, **spot, **text}]


def _level(level: float, colour: str) -> FigureDict:
    dashes = {"color": colour, "dash": "6px,4px", "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": dashes}


def _named(text: str, level: float, colour: str) -> FigureDict:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 4, "y": level, "yanchor": "bottom"}
    return {**_CLEAR, **place, "text": text, "font": {"color": colour}}
