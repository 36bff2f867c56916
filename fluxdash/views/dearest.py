"""The requests that cost most: a row each with what its tokens cost, and a card each on small screens."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import UNKNOWN
from fluxdash.semantic.records import Record, Records
from fluxdash.semantic.units import ABSENT, Unit, count, listed_price
from fluxdash.views.elements import wild
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Drawing, Look
from fluxdash.views.tables import Head, Row, bar, named, table
from fluxdash.views.tabular import Column, Table
from fluxdash.views.times import Clock

_IN, _OUT = "m-2", "m-main"
_SHOWN = 4
"""Characters of an id at each of its ends; all of it is in its tooltip."""


def dearest(found: Records, look: Look, seats: Mapping[str, int], search: str) -> Drawing:
    """Return the requests as a table; `search` is the page's own query string, for the way to all of them."""
    models = [each.model for each in found.rows if each.model]
    called, coloured = names(models), tokens(models, seats)
    clock = look.clock
    heads = [
        Head(f"Time ({clock.name(found.provenance.as_of)})", numeric=False),
        Head("Request", numeric=False),
        Head("Account", numeric=False),
        Head("Model", numeric=False),
        Head("Region", numeric=False),
        Head("Input tok"),
        Head("Output tok"),
        Head("Input and output cost", numeric=False, shown=_legend()),
        Head("Cache", numeric=False),
        Head("Cost", ranked=True),
        Head("Trace", spoken=False),
    ]
    rows = [_row(each, clock, called, coloured) for each in found.rows]
    cards = [_card(each, clock, called, coloured) for each in found.rows]
    grid = html.Div(table("Most expensive requests", heads, rows, "dearest"), className="no-s")
    total = f" of {count(found.total)}" if found.total is not None else ""
    unit = f"top {len(found.rows)}{total}"
    most = f": {listed_price(found.rows[0].cost)} the most" if found.rows else ""
    link = html.A("Open in Requests", href=f"requests{search}", className="open-all", **wild(data_nav="1"))
    return Drawing(
        None,
        f"Most expensive requests, {unit}{most}.",
        unit,
        beside=html.Div([grid, html.Div(cards, className="only-s")]),
        table=_table(found, clock),
        link=link,
    )


def _row(each: Record, clock: Clock, called: Mapping[str, str], coloured: Mapping[str, str]) -> Row:
    account, request = each.account_name or each.account, each.request_id
    return Row(
        (
            (_time(each, clock), "t2 nowrap"),
            html.Span(_short(request), className="mono", title=request) if request else _unknown(),
            html.Span(account, title=each.account) if account else _unknown(),
            _model(each, called, coloured),
            (each.region or _unknown(), "t2"),
            count(each.input_tokens),
            count(each.output_tokens),
            (_parts(each), "cost-parts"),
            (each.cache or _unknown(), "t2"),
            (listed_price(each.cost), "b"),
            _trace(each),
        )
    )


def _card(each: Record, clock: Clock, called: Mapping[str, str], coloured: Mapping[str, str]) -> Component:
    account = each.account_name or each.account or UNKNOWN
    first = [
        _model(each, called, coloured),
        html.Span(account, className="muted ell"),
        html.Span(className="grow"),
        html.B(listed_price(each.cost), className="b"),
    ]
    used = f"{count(each.input_tokens)} in · {count(each.output_tokens)} out"
    when = f"{clock.day(each.time)} {clock.time(each.time // 60 * 60)}"
    where = f"{when} · {each.region or UNKNOWN} · cache {each.cache or UNKNOWN}"
    second = [html.Span(where), html.Span(className="grow"), html.Span(used, className="nowrap")]
    lines = [html.Div(first, className="row-f"), html.Div(second, className="row-f muted")]
    if not each.trace_id:
        return html.Div(lines, className="rcard")
    return html.A(lines, href=_trace_path(each.trace_id), className="rcard")


def _time(each: Record, clock: Clock) -> str:
    moment = clock.at(each.time)
    return f"{clock.day(each.time)} {moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


def _model(each: Record, called: Mapping[str, str], coloured: Mapping[str, str]) -> Component:
    if not each.model:
        return _unknown()
    return named(called[each.model], coloured.get(each.model, OTHER_TOKEN), each.model)


def _parts(each: Record) -> Component | str:
    """Return input and output as parts of the cost; nothing where that is not told."""
    if each.input_cost is None or not each.cost:
        return ABSENT
    share = min(max(each.input_cost / each.cost, 0.0), 1.0)
    said = f"input {listed_price(each.input_cost)}, output {listed_price(each.cost - each.input_cost)}"
    return html.Span(bar((share, _IN), (1 - share, _OUT)), title=said)


def _legend() -> Component:
    return html.Span([named("Input", _IN, ""), named("output cost", _OUT, "")], className="head-legend")


def _trace(each: Record) -> Component | str:
    return html.A("Trace", href=_trace_path(each.trace_id)) if each.trace_id else ABSENT


def _trace_path(trace: str) -> str:
    """Return where a trace is shown, from any page of the dashboard: an id from outside is no part of the path."""
    return f"traces?id={quote(trace, safe='')}"


def _short(text: str) -> str:
    return text if len(text) <= 2 * _SHOWN + 3 else f"{text[:_SHOWN]}…{text[-_SHOWN:]}"


def _unknown() -> html.Span:
    return html.Span(UNKNOWN, className="unk", title="NULL in the log")


def _table(found: Records, clock: Clock) -> Table:
    columns = (
        Column(f"Time, {clock.name(found.provenance.as_of)}"),
        *(Column(name) for name in ("Request", "Trace", "Account", "Model", "Region", "Strategy")),
        Column("Input tokens", Unit.TOKENS),
        Column("Output tokens", Unit.TOKENS),
        Column("Cache"),
        Column("Input cost", Unit.DOLLARS_EACH),
        Column("Cost", Unit.DOLLARS_EACH),
    )
    rows = tuple(
        (
            clock.at(each.time).isoformat(timespec="milliseconds"),
            each.request_id,
            each.trace_id,
            each.account_name or each.account,
            each.model,
            each.region,
            each.strategy,
            each.input_tokens,
            each.output_tokens,
            each.cache,
            each.input_cost,
            each.cost,
        )
        for each in found.rows
    )
    return Table(columns, rows)
