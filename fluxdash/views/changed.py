"""What changed: a sentence that says by how much, and the slices that explain it, a bar each, with the rest."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.units import count
from fluxdash.semantic.window import Window
from fluxdash.views.deltas import judged
from fluxdash.views.elements import wild
from fluxdash.views.scene import Drawing
from fluxdash.views.split import Mover, Rest, Split, explained, in_full, named, reason, signed, size, told
from fluxdash.views.tables import filtering
from fluxdash.views.tabular import Column, Table
from fluxdash.views.times import Clock

_FILLS = {"good": "good-fill", "warn": "warn-fill", "bad": "bad-fill"}
_NEUTRAL = "m-main"
_THINNEST = 3.0
"""Percent of the row's width under which a bar could not be seen."""


def what_changed(split: Split, window: Window, clock: Clock) -> Drawing:
    """Draw a change of the window against the one before: the sentence, the rows, and all slices as a table."""
    head, tail = told(split)
    tail = f"{tail} {explained(split)}".strip()
    amounts = [each.amount for each in split.movers] + ([split.rest.amount] if split.rest else [])
    rows = [_row(split, each, amounts) for each in split.movers]
    if split.rest and (split.movers or split.rest.amount):
        rows.append(_rest(split, split.rest, amounts))
    sentence = html.P([html.B(head, className="b"), f" {tail}"], className="chg-said t2")
    listed = html.Div(rows, className="chg", role="list")
    every = count(len(split.parts))
    link = html.Button(f"All {every} slices", className="link", type="button", **wild(data_perform="table"))
    return Drawing(
        figure=None,
        sentence=f"{head} {tail}",
        unit=f"vs {clock.short(window.previous())}",
        beside=html.Div([sentence, listed]),
        table=_table(split),
        link=link if len(split.parts) > 1 else None,
    )


def _row(split: Split, mover: Mover, amounts: Sequence[float]) -> html.Div:
    chosen = next((each for each in map(_filter, split.by, mover.values) if each), None)
    return html.Div(
        _cells(split, named(split, mover.values), reason(split, mover), mover.amount, amounts),
        className="chg-r",
        role="listitem",
        tabIndex=0 if chosen else None,
        **wild(data_filter=chosen),
    )


def _rest(split: Split, rest: Rest, amounts: Sequence[float]) -> html.Div:
    slices = f"{count(rest.slices)} {'slice' if rest.slices == 1 else 'slices'}" if rest.slices else ""
    most = size(split.measure.unit, rest.each, split.after)
    why = f"none above {most}" if rest.each else "unchanged" if rest.slices else "what the rows above do together"
    cells = _cells(split, ("everything else", slices), why, rest.amount, amounts)
    return html.Div(cells, className="chg-r", role="listitem")


def _cells(split: Split, name: tuple[str, str], why: str, amount: float, amounts: Sequence[float]) -> list[Component]:
    kind, word = judged(split.measure, rose=amount > 0)
    text = signed(split.measure.unit, amount, max(abs(split.after), abs(split.before)))
    heard = html.Span(f" {word}", className="sr") if word and amount else None
    first, others = html.B(name[0], className="b"), html.Span(name[1], className="t2")
    return [
        html.Div(
            [html.Span([first, " ", others], title=" ".join(filter(None, name))), html.Small(why, title=why)],
            className="what",
        ),
        _bar(amount, amounts, _FILLS.get(kind, _NEUTRAL)),
        html.Div([text, heard], className="num b", title=word if word and amount else None),
    ]


def _bar(amount: float, amounts: Sequence[float], token: str) -> html.Div:
    """Return the bar of one amount, to the right or left of a zero that all rows share."""
    right, left = max(0.0, *amounts), max(0.0, *(-each for each in amounts))
    whole = right + left or 1.0
    zero = min(max(left / whole * 100, _THINNEST if left else 0.0), 100 - _THINNEST if right else 100.0)
    width = min(max(abs(amount) / whole * 100, _THINNEST if amount else 0.0), 100 - zero if amount > 0 else zero)
    side = {"left": f"{zero:.1f}%"} if amount > 0 else {"right": f"{100 - zero:.1f}%"}
    piece = html.I(style={**side, "width": f"{width:.1f}%", "background": f"var(--{token})"})
    return html.Div(piece, className="div-bar", style={"--z": f"{zero:.1f}%"}, **wild(aria_hidden="true"))


def _filter(dimension: Dimension, value: str | None) -> str | None:
    return None if value is None else filtering(dimension, value)


def _table(split: Split) -> Table:
    unit = split.measure.unit
    columns = (Column("Before", unit), Column("After", unit), Column("Contribution", unit))
    rows = tuple(
        (*(in_full(split, at, each.values[at]) for at in range(len(split.by))), each.before, each.after, each.amount)
        for each in split.parts
    )
    return Table((*(Column(each.title) for each in split.by), *columns), rows)
