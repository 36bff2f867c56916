"""The dialogs of the shell: the list of keys, the command palette, and what the menu of a panel tells."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import ids
from fluxdash.ui.page import Book, Page
from fluxdash.views.elements import icon, wild

_LETTERS = {
    "overview": "o", "cost": "c", "cache": "a", "models": "m", "traces": "t", "requests": "r", "alerts": "l",
    "sources": "s",
}  # fmt: skip
_BETWEEN = ("then", "to", "or")
_ANYWHERE = (
    ("Search on this page", "/"),
    ("Command palette", "Ctrl K"),
    ("This list", "?"),
    ("Close what is open", "Esc"),
    ("Copy a link to this view", "s"),
)
_TIME = (
    ("Range 5m to 30d", "1 to 7"),
    ("Previous, next period", "[ ]"),
    ("Zoom out", "z"),
    ("Refresh now", "r"),
    ("Compare on, off", "c"),
)
_LISTS = (
    ("Next, previous row", "j k"),
    ("Open", "o or Enter"),
    ("Download CSV", "d"),
    ("Copy the query", "q"),
    ("Filter by this cell", "+"),
)
_SPANS = (
    ("Next, previous span", "f b"),
    ("Fold, unfold a span", "← →"),
    ("Zoom to the span, whole trace", ". ,"),
    ("Earlier, later", "Shift+← Shift+→"),
)

Listed = tuple[tuple[str, str], ...]


def letter(page: Page) -> str | None:
    """Return the letter that opens a page after `g`; a page of the user's own has none."""
    return _LETTERS.get(page.icon)


def keys(book: Book) -> html.Dialog:
    """Return the list of keys, with the switch that turns them off."""
    pages = tuple((page.title, f"g then {letter(page)}") for page in book.pages if letter(page))
    columns = [
        [_group("Anywhere", _ANYWHERE), _group("Time", _TIME)],
        [_group("Go to", pages)],
        [_group("Lists and panels", _LISTS), _group("Traces", _SPANS, when=".wf")],
    ]
    switch = html.Button(
        [html.Span(className="switch on"), html.Span("Shortcuts on", **wild(data_keys_name="1"))],
        type="button",
        role="switch",
        className="check t2",
        **wild(data_keys="1", aria_checked="true"),
    )
    head = html.Div([html.H2("Keyboard shortcuts"), html.Span(className="grow"), switch, _close()], className="dlg-h")
    foot = html.P(
        ["Letters are ignored while you type. ", html.Kbd("Ctrl"), " is ", html.Kbd("⌘"), " on a Mac."],
        className="dlg-f",
    )
    body = html.Div([html.Div(each) for each in columns], className="keys-g")
    return _dialog("keys", "Keyboard shortcuts", "dlg keys-d", [head, body, foot])


def palette() -> html.Dialog:
    """Return the command palette; the browser fills its list."""
    typed = dcc.Input(id=ids.PALETTE, type="text", autoComplete="off", spellCheck=False, maxLength=200)
    said = html.Span("Page, model, account, request id or command", className="sr")
    field = html.Label([icon("search"), said, typed, html.Kbd("Esc")], className="pal-i")
    found = html.Div(role="listbox", id=ids.PALETTE_LIST, **wild(aria_label="Results", data_palette="1"))
    ways = (("↑ ↓", "choose"), ("Enter", "do it"), ("Ctrl Enter", "in a new tab"))
    told = [part for pressed, does in ways for part in (_typed(pressed), html.Span(does))]
    hint = html.Span("Paste a request or trace id to open it", className="no-m")
    foot = html.P([*told, html.Span(className="grow"), hint], className="dlg-f")
    return _dialog("palette", "Command palette", "dlg pal", [field, found, foot])


def insight() -> html.Dialog:
    """Return the place where the menu of a panel is answered: a popover below it, or a dialog for a table."""
    return _dialog("insight", "About this panel", "insight", [html.Div(id=ids.INSIGHT)])


def _dialog(name: str, title: str, classes: str, parts: list[Component]) -> html.Dialog:
    return html.Dialog(parts, className=classes, **wild(data_dialog=name, aria_label=title))


def _close() -> html.Button:
    return html.Button(icon("x", 14), className="kebab", type="button", **wild(aria_label="Close", data_close="1"))


def _group(title: str, listed: Listed, when: str | None = None) -> html.Section:
    rows = [html.Div([html.Dt(text), html.Dd(_typed(pressed))]) for text, pressed in listed]
    return html.Section([html.H3(title), html.Dl(rows)], **wild(data_when=when))


def _typed(pressed: str) -> html.Span:
    words = pressed.split()
    return html.Span([html.I(each) if each in _BETWEEN else html.Kbd(each) for each in words], className="keys")
