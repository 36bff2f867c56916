"""What stands around the rows of the log: how many there are, what the log lacks, what came since, and the export."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.leaves import MOST_NEWER, By, Extent, Leaf, Leafing
from fluxdash.semantic.moments import precisely
from fluxdash.semantic.units import compact, count
from fluxdash.views.elements import ago, icon, wild

MOST_EXPORTED = 50_000
"""Rows of the longest export; what is cut off is announced before and in the file."""

_ROW_BYTES = 260
_ORDERS = {
    By.TIME: ("newest first", "oldest first"),
    By.LATENCY: ("slowest first", "fastest first"),
    By.INPUT_TOKENS: ("most input first", "least input first"),
    By.OUTPUT_TOKENS: ("most output first", "least output first"),
    By.COST: ("dearest first", "cheapest first"),
}
_LETTERS = ("by {} from Z to A", "by {} from A to Z")


def unit(extent: Extent, how: Leafing) -> str:
    """Return `50,512 rows, newest first`, or `about 1.2 M rows, newest first`."""
    order = _order(how)
    if extent.rows is None:
        return order
    if extent.exact:
        return f"{count(extent.rows)} row{'' if extent.rows == 1 else 's'}, {order}"
    return f"about {compact(extent.rows)} rows, {order}"


def foot(found: Leaf, last: int, now: float, begins: str = "") -> list[Component | str]:
    """Return `request log · 4 s ago · rows 1–200 · more below`; what the reader must know of the log stands out.

    `begins` is the time that the rows begin at where those before it were left out.
    """
    rows = f"{count(last)} row{'' if last == 1 else 's'} from {begins} on" if begins else f"rows 1–{count(last)}"
    rest = "" if found.reached else "more below" if found.more else "none below" if begins else "all of them"
    said = " · ".join(filter(None, (" ago", rows, rest))) if last else " ago"
    notes = [html.Span([" · ", note.text]) for note in found.provenance.notes]
    return [icon("db", 12), " request log · ", ago(found.provenance.as_of, now), said, *notes]


def further(onward: Leafing, looked: str) -> Component:
    """Return what says that looking for rows took so long that it ended at a moment, with the way on from there."""
    at = precisely(onward.at or 0)
    on = html.Button("Look further", type="button", className="link", **wild(data_ledger_at=at))
    return html.Span([f" · looked {'up' if onward.ascending else 'back'} to {looked} · ", on])


def newer(rows: int) -> Component | None:
    """Return the button that brings what came since; None where nothing did."""
    if not rows:
        return None
    said = f"{count(rows)}{'+' if rows >= MOST_NEWER else ''} newer row{'' if rows == 1 else 's'} · show"
    return html.Button([icon("up", 12), said], className="btn-f newer", type="button", **wild(data_ledger_show="1"))


def ways(newer: str | None) -> Component:
    """Return the buttons that lead from a moment in the log to the rows above it, from `newer` on, and to the top."""
    back = html.Button(
        [icon("up", 12), "Newer"],
        className="btn-f",
        type="button",
        disabled=newer is None,
        **wild(data_ledger_at=newer or ""),
    )
    top = html.Button("Newest", className="btn-f", type="button", **wild(data_ledger_at=""))
    return html.Span([back, top], className="row-f ledger-ways")


def _order(how: Leafing) -> str:
    if how.by.is_text:
        return _LETTERS[how.ascending].format(how.by.replace("_", " "))
    return _ORDERS[how.by][how.ascending]


def banner(extent: Extent) -> Component | None:
    """Return the warning of a log without a time index, with the statement that adds one."""
    if not extent.index:
        return None
    rows = f"all {compact(extent.held)} rows" if extent.held else "the whole log"
    text = f"Every page reads {rows}; with the index it reads what it shows. Its owner can add it:"
    copy = html.Button(
        [icon("copy", 14), "Copy"], className="btn-f", type="button", **wild(data_ledger_copy=extent.index)
    )
    statement = html.Div([html.Code(extent.index, tabIndex=0), copy], className="stmt")
    said = html.Div([html.B("The log has no index on its time. ", className="b"), text, statement], className="grow")
    close = html.Button(icon("x", 14), className="kebab", type="button", **wild(aria_label="Dismiss", data_dismiss="1"))
    return html.Div([icon("warn"), said, close], className="banner warn tall", role="status")


def export(extent: Extent, some: bool) -> Component:
    """Return the button of the export; its title says how many rows and bytes will come, and what is cut off."""
    capped = extent.rows is None or extent.rows > MOST_EXPORTED
    rows = MOST_EXPORTED if extent.rows is None or capped else extent.rows
    size = f"about {compact(max(rows * _ROW_BYTES / 1e6, 0.1))} MB"
    cut = f"the first {count(MOST_EXPORTED)} rows at most" if extent.rows is None else f"the first {count(rows)} rows"
    title = f"Export {cut if capped else f'{count(rows)} rows'}, {size}"
    said = f"CSV · first {count(MOST_EXPORTED)}" if capped else "CSV"
    return html.Button(
        [icon("download", 14), said],
        className="btn-f",
        type="button",
        title=title,
        disabled=not some,
        **wild(data_ledger_export=str(rows), aria_label=title),
    )
