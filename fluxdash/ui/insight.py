"""What a panel's menu tells: how its numbers are computed, the query behind them, and the numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash import html
from dash.development.base_component import Component

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.measure import Distribution
from fluxdash.semantic.query import Query
from fluxdash.semantic.units import SPACE, count
from fluxdash.sources.source import LOG, PROMETHEUS, TITLES, Gateway
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.deltas import least
from fluxdash.views.elements import icon, wild

_MOST_QUERIES = 6


def insight(panel: Panel, gateway: Gateway, asking: Asking, what: str) -> list[Component]:
    """Return the content of the popover or dialog that was asked for: `how`, `query` or `table`."""
    if what == "query":
        return [query_block(statements(panel, gateway, asking))]
    shown = panel.draw(gateway, asking)
    if isinstance(shown, State):
        behind = [query_block(statements(panel, gateway, asking))] if shown.kind == "failed" else []
        return [_head(panel.title), replace(shown, actions=()).block(), *behind]
    if what == "table":
        return [_head(shown.title), shown.table.drawn(shown.title)]
    return [_head(f"How {_small(shown.title)} is computed"), *_how(panel, shown, gateway, asking)]


def statements(panel: Panel, gateway: Gateway, asking: Asking) -> str:
    """Return the PromQL or SQL that a panel rests on, as text to copy; what can't be had says why."""
    found: dict[str, None] = {}
    if own := panel.stated(asking):
        try:
            return "\n\n".join(own.statements(gateway, asking))
        except FluxDashError as err:
            return f"-- {panel.title}: {err}"
    queries = panel.queries(asking)
    for query in queries[:_MOST_QUERIES]:
        try:
            found.update(dict.fromkeys(gateway.statements(query)))
        except FluxDashError as err:
            found[f"-- {query.measure.title}: {err}"] = None
    if len(queries) > _MOST_QUERIES:
        found[f"-- {_MOST_QUERIES} of {len(queries)} queries shown"] = None
    return "\n\n".join(found)


def _head(title: str) -> html.Div:
    close = html.Button(icon("x", 14), className="kebab", type="button", **wild(aria_label="Close", data_close="1"))
    return html.Div([html.H3(title, className="grow"), close], className="row-f")


def _how(panel: Panel, shown: Picture, gateway: Gateway, asking: Asking) -> list[Component]:
    queries = panel.queries(asking)
    # What looks at a window of its own, such as the month, has no delta and leaves nothing of this one out.
    ranged = any(each.scope.window == asking.scope.window for each in queries)
    rows = [
        ("From", " · ".join(dict.fromkeys(TITLES.get(each.source, each.source) for each in shown.sources))),
        # Its answers stand first; what is only marked beside them was not computed.
        ("How", _computed(queries[0], {each.source for each in shown.sources[: len(queries)]}) if queries else ""),
        ("Certainty", _certainty(shown)),
        ("Sample", _sample(queries)),
        ("Leaves out", _left_out(asking) if ranged else ""),
        ("Filters", _filters(shown, asking)),
        ("Delta", _against(asking) if ranged and asking.compared else ""),
    ]
    told = html.Dl([html.Div([html.Dt(name), html.Dd(said)]) for name, said in rows if said])
    first = panel.how or ("; ".join(dict.fromkeys(each.measure.meaning for each in queries[:2])))
    return [html.P(f"{first[:1].upper()}{first[1:]}."), told, query_block(statements(panel, gateway, asking))]


def _computed(query: Query, sources: set[str]) -> str:
    match query.measure:
        case Distribution():
            told = {LOG: "nearest rank of the rows", PROMETHEUS: "histogram buckets summed first, linear inside one"}
            return "; ".join(said for source, said in told.items() if source in sources) or told[LOG]
        case measure:
            parts = [each.title.lower() for each in measure.parts]
            return f"sums of {', '.join(parts)} over the window" if len(parts) > 1 else "added up over the window"


def _certainty(shown: Picture) -> str:
    notes = [note.text for each in shown.sources for note in each.notes]
    exact = all(each.exact for each in shown.sources)
    return "; ".join(dict.fromkeys(["exact" if exact else "estimated", *notes]))


def _sample(queries: Sequence[Query]) -> str:
    """Return under which sample a number fades, each rank by itself where there are several."""
    needed = {each.question.q: least(each.measure, each.question.q) for each in queries}
    named = {f"P{q * 100:g} " if q and len(needed) > 1 else "": n for q, n in needed.items() if n}
    return " · ".join(f"{name}fades under n{SPACE}{count(n)}" for name, n in named.items())


def _left_out(asking: Asking) -> str:
    head = asking.scope.window.head
    return f"what is filling since {asking.look.clock.time(head[0])}" if head else ""


def _against(asking: Asking) -> str:
    return f"against {asking.look.clock.short(asking.scope.window.previous())}, same filters"


def _filters(shown: Picture, asking: Asking) -> str:
    ignored = [note.text for each in shown.sources for note in each.notes if note.kind is NoteKind.IGNORED_FILTER]
    scope = asking.scope
    chosen = ", ".join([*(each.dimension.title for each in scope.filters), *(each.said for each in scope.conditions)])
    return "; ".join(dict.fromkeys(ignored)) or (f"{chosen}: all applied" if chosen else "none chosen")


def query_block(text: str) -> html.Div:
    copy = html.Button([icon("copy", 14), "Copy query"], className="btn-f", type="button", **wild(data_copy_query="1"))
    query = html.Pre(text, className="mono", tabIndex=0, **wild(data_copy="1"))
    return html.Div([query, html.Div(copy, className="row-f")])


def _small(title: str) -> str:
    return title if title[1:2].isupper() or title[1:2].isdigit() else title[:1].lower() + title[1:]
