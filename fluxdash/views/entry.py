"""One request as its drawer shows it: outcome, error, the ways on, what it cost, and the log's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE, HIT, MODEL, UNKNOWN, Dimension
from fluxdash.semantic.leaves import Whole
from fluxdash.semantic.records import Record
from fluxdash.semantic.units import SPACE, Unit, count, figure, price
from fluxdash.views.elements import icon, wild
from fluxdash.views.ledger import moment
from fluxdash.views.scene import Look
from fluxdash.views.tables import bar, named

_IN, _OUT = "m-2", "m-main"
_SUCCESS = "success"


def entry(found: Whole, look: Look, words: Mapping[Dimension, str]) -> list[Component]:
    """Return the drawer's content; `words` are what filters would say, by dimension, where they are not set yet."""
    told = found.record
    return [
        _head(told, look),
        _outcome(told, look),
        *_error(told),
        _ways(told, words),
        *_cost(told),
        html.H3("Fields", className="dh"),
        html.Dl([part for name, text in found.fields for part in _field(name, text)], className="kv"),
    ]


def missing() -> list[Component]:
    """Return what the drawer says of a row that is not there, or not for this viewer: nobody learns which."""
    head = html.Div(
        [html.H3("No such request", className="b grow"), _button("x", "Close row", "close")], className="row-f"
    )
    return [head, html.P("The log no longer holds this row.", className="muted")]


def failed(title: str, text: str) -> list[Component]:
    """Return what the drawer says when the log could not be asked."""
    head = html.Div([html.H3(title, className="b grow"), _button("x", "Close row", "close")], className="row-f")
    return [head, html.P(text, className="muted")]


def _head(told: Record, look: Look) -> html.Div:
    name = told.request_id or UNKNOWN
    title = html.H3(name, className="b mono grow drawer-id", title=name)
    steps = [_button("up", "Newer row", "-1"), _button("dn", "Older row", "1"), _button("x", "Close row", "close")]
    clock = look.clock
    zone = clock.name(told.time)
    when = f"{clock.day(told.time, weekday=True)}, {moment(told.time, clock, dated=False)} {zone}"
    return html.Div([html.Div([title, *steps], className="row-f"), html.P(when, className="muted drawer-when")])


def _button(mark: str, said: str, does: str) -> html.Button:
    return html.Button(icon(mark, 14), className="kebab", type="button", **wild(aria_label=said, data_ledger_step=does))


def _outcome(told: Record, look: Look) -> html.Div:
    took = None if told.latency is None else f"after{SPACE}{figure(Unit.SECONDS, told.latency)}"
    good = told.status == _SUCCESS
    said = html.Span(
        [icon("ok" if good else "bad", 14), told.status or UNKNOWN], className="st off" if good else "st bad"
    )
    slow = told.latency is not None and look.p95_objective is not None and told.latency > look.p95_objective
    objective = html.Span("past the objective", className="tag warn") if slow else None
    hit = html.Span("cache hit", className="tag acc") if told.cache == HIT else None
    return html.Div([said, html.Span(took, className="t2"), objective, hit], className="row-f drawer-outcome")


def _error(told: Record) -> list[Component]:
    if not told.error:
        return []
    return [html.Div(html.Div(told.error, className="t2"), className="errbox")]


def _ways(told: Record, words: Mapping[Dimension, str]) -> html.Div:
    ways: list[Component] = []
    if told.trace_id:
        ways.append(
            html.A(
                "Trace", href=f"traces?id={quote(told.trace_id, safe='')}", className="btn-f", **wild(data_trace="1")
            )
        )
    if told.request_id:
        ways.append(html.Button("Copy id", className="btn-f", type="button", **wild(data_ledger_copy=told.request_id)))
    for dimension, title in ((ERROR_TYPE, "Same error"), (MODEL, "Same model"), (ACCOUNT, "Same account")):
        if value := words.get(dimension):
            wanted = f"{dimension.slug}={value}"
            ways.append(html.Button(title, className="btn-f", type="button", title=value, **wild(data_filter=wanted)))
    return html.Div(ways, className="row-f drawer-ways")


def _cost(told: Record) -> list[Component]:
    spent = told.list_price if told.cache == HIT else told.cost
    total = (
        "0, hit" if told.cache == HIT else UNKNOWN if told.cost is None else str(price(told.cost)) if told.cost else "0"
    )
    head = html.H3(["Cost ", html.B(total, className="b end")], className="dh")
    notes = ["priced from the price list: nobody booked a cost"] if told.estimated else []
    if told.cache == HIT and told.list_price is not None:
        notes.append(f"a hit costs nothing; its list price is {price(told.list_price)}")
    note = html.P(" · ".join(notes), className="muted drawer-note") if notes else None
    rows: list[tuple[str, str, int | None, float | None]] = [
        ("Input", _IN, told.input_tokens, None),
        ("Output", _OUT, told.output_tokens, None),
    ]
    split = told.cache != HIT and told.input_cost is not None and told.cost is not None and spent
    if split and told.cost is not None and told.input_cost is not None:
        rows = [
            ("Input", _IN, told.input_tokens, told.input_cost),
            ("Output", _OUT, told.output_tokens, max(told.cost - told.input_cost, 0.0)),
        ]
    body = [_part(*each) for each in rows]
    heads = html.Tr([html.Th("Part"), html.Th("Tokens", className="num"), html.Th("Cost", className="num")])
    caption = html.Caption("What it cost", className="sr")
    table = html.Table([caption, html.Thead(heads), html.Tbody(body)], className="tbl compact drawer-cost")
    shares = None
    if split and told.cost and told.input_cost is not None:
        share = min(max(told.input_cost / told.cost, 0.0), 1.0)
        shares = bar((share, _IN), (1 - share, _OUT))
    return [each for each in (head, table, shares, note) if each is not None]


def _part(name: str, token: str, used: int | None, spent: float | None) -> html.Tr:
    cost = "–" if spent is None else str(price(spent)) if spent else "0"
    tokens: str | Component = _null() if used is None else count(used)
    return html.Tr([html.Td(named(name, token)), html.Td(tokens, className="num"), html.Td(cost, className="num b")])


def _field(name: str, text: str | None) -> tuple[Component, Component]:
    return html.Dt(name, title=name), html.Dd(_null() if text is None else text)


def _null() -> html.Span:
    return html.Span(UNKNOWN, className="unk", title="NULL in the log")


def ways(told: Record) -> dict[Dimension, str]:
    """Return what a filter would have to say to list the requests that are like this one."""
    found = {ERROR_TYPE: told.error_type, MODEL: told.model, ACCOUNT: told.account}
    return {dimension: value for dimension, value in found.items() if value}
