"""The body of a page before its first answers: every panel with its size, title and place, and a quiet skeleton."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from fluxdash.sources.source import TITLES, SourceState
from fluxdash.ui.frame import framed
from fluxdash.ui.ledger import ledger
from fluxdash.ui.page import Page
from fluxdash.ui.strip import Strip
from fluxdash.ui.traceviewer import viewer
from fluxdash.views.elements import ago, icon, wild

_STATUS = {
    "ok": ("ok", "answering"),
    "down": ("bad", "not answering"),
    "absent": ("none", "not set up"),
}


def body(page: Page, states: tuple[SourceState, ...], now: float) -> list[Component]:
    """Return what stands in the content of a page."""
    if page.soon:
        listed = source_list(states, now, told=True) if page.icon == "sources" else None
        return [_soon(page, listed)]
    rows: list[Component] = []
    for each in page.rows:
        parts = [framed(page.named(panel), panel) for panel in each]
        rows.append(parts[0] if isinstance(each[0], Strip) else html.Div(parts, className="grid"))
    rows += [viewer(page.traces)] if page.traces else []
    return [*rows, ledger(page.ledger)] if page.ledger else rows


def lost(path: str) -> list[Component]:
    """Return the content for a path that no page has."""
    text = html.P(["There is no page at ", html.Code(path[:80]), ". All pages are in the navigation."])
    return [html.Div([icon("none", 20), html.H2("No such page"), text], className="full")]


def source_list(states: tuple[SourceState, ...], now: float, *, told: bool = False) -> list[Component]:
    """Return the sources one below the other, each with the age of what was last read; if `told`, how it is and why."""
    lines: list[Component] = []
    for each in states:
        mark, word = _STATUS.get(each.status, ("stale", each.status))
        named = _capital(TITLES.get(each.name, each.name))
        read = ago(each.last_read, now) if each.last_read is not None else html.Span("–", className="none")
        why = each.reason or word
        said = f"{named}: {why}"
        kind = {"down": "src bad", "absent": "src off"}.get(each.status, "src")
        lines.append(
            html.Div(
                [icon(mark, 14), html.Span(named), html.Span(why, className="why") if told else None, read],
                className=kind,
                title=said,
                **wild(aria_label=said, role="listitem"),
            )
        )
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _soon(page: Page, listed: list[Component] | None) -> html.Div:
    return html.Div(
        [
            icon(page.icon, 20),
            html.H2(f"{page.title} is still to come"),
            html.P(page.soon),
            html.Div(listed, className="source-list", role="list") if listed is not None else None,
        ],
        className="full soon-page",
    )
