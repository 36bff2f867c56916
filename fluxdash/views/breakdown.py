"""Spend by group: a donut with a table of models, or bars in a table of anything else."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import MODEL, Dimension
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import COST
from fluxdash.semantic.units import ABSENT, Unit, count, figure, growth, percent, signed, span
from fluxdash.views.deltas import Delta, delta
from fluxdash.views.donut import Slice, donut
from fluxdash.views.elements import icon
from fluxdash.views.lines import added
from fluxdash.views.models import OTHER_TOKEN
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.shares import Share, every, shares
from fluxdash.views.tables import Head, Row, bar, filtering, named, table
from fluxdash.views.tabular import Column, Table

_MODELS, _OTHERS = 9, 8
_SLICES = 5


def spend_by_model(scene: Scene) -> Drawing:
    """Draw cost by model: a donut, and a table with requests and cost per request where they are told."""
    rows, total = shares(scene, MODEL, _MODELS), _total(scene)
    heads = [
        Head("Model", numeric=False),
        Head("Spend", ranked=True),
        Head("Share"),
        Head("Requests", spare=True),
        Head("$ / request", spare=True),
        *_change(scene),
    ]
    body = [
        Row(
            (
                named(row.name, row.token, _title(row)),
                (_priced(row), "b"),
                (_percent(row, total), "t2"),
                (count(row.requests), "t2"),
                (str(figure(Unit.DOLLARS_EACH, None if _is_unknown(row) else row.each)), "t2"),
                *_delta(scene, row),
            ),
            _filter(MODEL, row),
        )
        for row in rows
    ]
    grid = table("Spend by model", heads, body)
    return _drawing(scene, MODEL, rows, html.Div([_donut(scene, rows, total), grid], className="donut-table"))


def spend_by_group(scene: Scene) -> Drawing:
    """Draw cost by any dimension: bars in a table, the largest first."""
    by = scene.answers[0].query.question.by or MODEL
    rows, total = shares(scene, by, _OTHERS), _total(scene)
    most = max((row.spent or 0.0 for row in rows), default=0.0)
    heads = [
        Head(by.title, numeric=False),
        Head("Spend as a bar", numeric=False, spoken=False),
        Head("Spend", ranked=True),
        Head("Share"),
        *_change(scene),
    ]
    body = [
        Row(
            (
                (html.Span(row.name, title=_title(row)), "group-name"),
                (bar((row.part(most) or 0.0, row.token)), "group-bar"),
                (_money(row.spent), "b"),
                (_percent(row, total), "t2"),
                *_delta(scene, row),
            ),
            _filter(by, row),
        )
        for row in rows
    ]
    return _drawing(scene, by, rows, table(f"Spend by {by.title.lower()}", heads, body, "spend-by"))


def _total(scene: Scene) -> Amount:
    return added(line.total for line in every(scene.answers[0]))


def _donut(scene: Scene, rows: list[Share], total: Amount) -> Component:
    """Return at most five slices, and the rest as a grey one."""
    paid = [row for row in rows if row.spent]
    few = paid if len(paid) <= _SLICES + 1 else paid[:_SLICES]
    rest = paid[len(few) :]
    slices = [Slice(row.spent or 0.0, row.token, f"{row.name} {_money(row.spent)}", _filter(MODEL, row)) for row in few]
    note = ""
    if rest:
        together = sum(row.spent or 0.0 for row in rest)
        slices.append(Slice(together, OTHER_TOKEN, f"others {_money(together)}"))
        share = percent(together / total, 1) if total else ABSENT
        note = f"grey: all others, {share}"
    return donut(slices, figure(Unit.DOLLARS, total), span(scene.window.seconds), note)


def _change(scene: Scene) -> list[Head]:
    return [Head("Change")] if scene.is_compared else []


def _delta(scene: Scene, row: Share) -> list[Component]:
    if not scene.is_compared:
        return []
    change = delta(COST, row.spent, row.before)
    if row.spent is None or row.before is None or _is_unknown(row):
        return [Delta(ABSENT).plain(ABSENT)]
    return [change.plain(signed(growth(row.before, row.spent), row.before, row.spent))]


def _money(amount: Amount) -> str:
    return str(figure(Unit.DOLLARS, amount))


def _is_unknown(row: Share) -> bool:
    """Whether all that it spent is what nobody knows the price of: that is no zero."""
    return bool(row.unpriced) and not row.spent


def _priced(row: Share) -> Component | str:
    """Return what was spent, with a mark where requests without a price are not in it."""
    if not row.unpriced:
        return _money(row.spent)
    said = f"{count(row.unpriced)} requests used tokens that no price is in force for"
    shown: list[Component | str] = [icon("warn", 12), "no price" if _is_unknown(row) else _money(row.spent)]
    return html.Span(shown, className="unpriced", title=said)


def _percent(row: Share, total: Amount) -> str:
    return str(figure(Unit.SHARE, None if _is_unknown(row) else row.part(total)))


def _title(row: Share) -> str:
    return row.groups[0] if len(row.groups) == 1 else row.name


def _filter(by: Dimension, row: Share) -> str | None:
    return filtering(by, row.groups[0]) if len(row.groups) == 1 else None


def _drawing(scene: Scene, by: Dimension, rows: list[Share], beside: Component) -> Drawing:
    cost, title, total = scene.answers[0], by.title.lower(), _total(scene)
    number = max(cost.groups, len(cost.lines))
    shown = sum(len(row.groups) == 1 for row in rows)
    most = f"; most by {rows[0].name}, {_money(rows[0].spent)}" if rows else ""
    said = f"Spend by {title}: {_money(total)}{most}; {scene.look.clock.window(scene.window)}."
    foot = f"{shown:,} of {number:,} {by.plural}" if number != 1 else f"1 {title}"
    return Drawing(None, said, f"USD by {title}", foot, beside, _table(by, rows, total))


def _table(by: Dimension, rows: list[Share], total: Amount) -> Table:
    counted = by == MODEL  # nobody asks for the requests of anything else
    columns = (
        Column(by.title),
        Column("Spend", Unit.DOLLARS),
        Column("Share", Unit.SHARE),
        *((Column("Requests", Unit.COUNT), Column("Cost per request", Unit.DOLLARS_EACH)) if counted else ()),
        Column("Spend in the window before", Unit.DOLLARS),
    )
    body = tuple(
        (
            _title(row) if counted else row.name,
            row.spent,
            row.part(total),
            *((row.requests, row.each) if counted else ()),
            row.before,
        )
        for row in rows
    )
    return Table(columns, body)
