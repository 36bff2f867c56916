"""The conditions that requests are held against as pills, and what one more would leave."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.conditions import OPS, Condition
from fluxdash.semantic.leaves import Extent
from fluxdash.semantic.units import SPACE, compact, count
from fluxdash.views.elements import icon, wild


def pills(held: Sequence[Condition]) -> list[Component]:
    """Return a pill for each condition, with a cross that takes it out."""
    return [_pill(each) for each in held]


def leaves(left: Extent, every: Extent) -> list[Component | str]:
    """Return `leaves 1,180 of 50,512 rows`, or that there are too many to be counted."""
    if not (left.exact and every.exact) or left.rows is None or every.rows is None:
        rows = f"about {compact(every.rows)}" if every.rows is not None else "too many"
        return [html.Span(f"{rows} rows in the window: not counted before", className="muted")]
    return [
        html.Span("leaves ", className="muted"),
        html.B(count(left.rows), className="b"),
        html.Span(f" of {count(every.rows)} row{'' if every.rows == 1 else 's'}", className="muted"),
    ]


def refused(why: str) -> list[Component | str]:
    """Return what stands there instead for a condition that there is not."""
    return [html.Span([icon("warn", 12), f" {why}"], className="fe-bad")]


def _pill(held: Condition) -> html.Span:
    said: list[Component] = [html.Span(f"{held.field.title} {OPS[held.op]}")]
    if not held.op.is_bare:
        said.append(html.B(f"{held.value}{SPACE}{held.field.unit}".rstrip()))
    clear = html.Button(
        icon("x", 12),
        type="button",
        className="xx",
        **wild(data_where_drop=str(held), aria_label=f"Remove {held.said}"),
    )
    return html.Span([html.Span(said, className="pill-open", title=held.said), clear], className="pill on where")
