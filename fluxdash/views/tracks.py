"""Rows of marks on one scale: a name, a track, and numbers to its right; plain HTML, so that a row can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.views.axes import Scale
from fluxdash.views.elements import wild

_LATE = 0.8


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: where it stands and how wide it is, in the scale's unit; a `kind` of the stylesheet, and a colour."""

    kind: str
    at: float
    width: float | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One row; `numbers` stand right of its track, `text` on it; `hint` is its sentence; `filter` what a click does."""

    name: Component
    marks: Sequence[Mark]
    numbers: Sequence[str | Component]
    hint: str
    text: str = ""
    filter: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A dashed line across all tracks, named on it; `tone` is warn or bad."""

    at: float
    name: str
    tone: str


def tracks(
    rows: Sequence[TrackRow],
    scale: Scale,
    heads: Sequence[str],
    legend: Sequence[Component],
    thresholds: Sequence[Threshold] = (),
) -> html.Div:
    """Return the rows over their scale; `heads` name the numbers to the right."""
    return html.Div(
        [
            html.Div([html.Div(list(legend), className="legend"), *_numbers(heads)], className="trk-h"),
            html.Div([_ground(scale, thresholds), *(_row(each, scale) for each in rows)], className="trk-rows"),
        ],
        className=f"tracks n{len(heads)}",
    )


def key(kind: str, name: str, token: str | None = None) -> html.Span:
    """Return an entry of the legend: a mark of that kind and its name."""
    style = {"--c": f"var(--{token})"} if token else {}
    return html.Span([html.I(className=f"pin {kind} still", style=style), name])


def _numbers(texts: Sequence[str | Component]) -> list[html.Span]:
    return [html.Span(each, className="num") for each in texts]


def _ground(scale: Scale, thresholds: Sequence[Threshold]) -> html.Div:
    lines = [
        html.Span(html.Span(text), className="tick", style={"left": _percent(tick, scale)})
        for tick, text in zip(scale.ticks, scale.texts, strict=True)
    ]
    drawn = [
        html.Span(html.Span(each.name), className=_limit(each, scale), style={"left": _percent(each.at, scale)})
        for each in thresholds
        if each.at <= scale.top
    ]
    return html.Div([*lines, *drawn], className="trk-ground", **wild(aria_hidden="true"))


def _limit(limit: Threshold, scale: Scale) -> str:
    """Return the classes of a threshold; close to the end, its name stands before its line."""
    return f"limit {limit.tone} end" if limit.at > _LATE * scale.top else f"limit {limit.tone}"


def _row(row: TrackRow, scale: Scale) -> html.Div:
    marks = [_mark(each, scale) for each in row.marks]
    text = html.Span(row.text, className="trk-t") if row.text else None
    track = html.Span([*marks, text], className="trk")
    more = wild(data_filter=row.filter, role="button", tabIndex=0) if row.filter else {}
    parts = [html.Span(row.name, className="trk-n"), track, *_numbers(row.numbers)]
    return html.Div(parts, className=f"trk-r {row.kind}".strip(), title=row.hint, **more)


def _mark(mark: Mark, scale: Scale) -> html.I:
    style = {"left": _percent(mark.at, scale)}
    if mark.width is not None:
        style["width"] = _percent(mark.width, scale)
    if mark.token:
        style["--c"] = f"var(--{mark.token})"
    return html.I(className=f"pin {mark.kind}", style=style)


def _percent(value: float, scale: Scale) -> str:
    return f"{min(max(value / scale.top, 0), 1) * 100:.2f}%"
