"""A page without its shell, or one panel of it, for a frame of another page: `?embed=1&panel=spend-by-model`."""

from __future__ import annotations

from urllib.parse import parse_qs

from dash import html
from dash.development.base_component import Component

from fluxdash.errors import meant
from fluxdash.ui.address import LONGEST
from fluxdash.ui.frame import framed
from fluxdash.ui.page import Page
from fluxdash.ui.strip import Strip
from fluxdash.views.elements import icon

_MOST_FIELDS = 400


def single(search: str) -> str | None:
    """Return the slug of the one panel that an embedding address asks for; None where it means the whole page."""
    if len(search) > LONGEST:
        return None
    try:
        words = parse_qs(search.removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    return words.get("panel", [None])[-1] if words.get("embed") == ["1"] else None


def alone(page: Page, slug: str) -> list[Component]:
    """Return the content of one panel by itself, or what its page has instead where there is no such panel."""
    panels = {each.slug: each for each in page.panels}
    panel = panels.get(slug)
    if panel is None:
        return [_nowhere(page, slug, sorted(panels))]
    part = framed(page.named(panel), panel)
    return [part if isinstance(panel, Strip) else html.Div(part, className="grid")]


def _nowhere(page: Page, slug: str, known: list[str]) -> html.Div:
    there = f" It has {', '.join(known)}." if known else " It has none that can stand alone."
    text = html.P([f"{page.title} has no panel ", html.Code(slug[:80]), f".{meant(slug, known)}{there}"])
    return html.Div([icon("none", 20), html.H2("No such panel"), text], className="full")
