"""What the bars above a page say of its view: the window in words, what was wrong in the address, how it refreshes."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.units import SPACE
from fluxdash.semantic.window import PRESETS
from fluxdash.ui.address import Address, interval
from fluxdash.ui.preferences import Preferences
from fluxdash.views.elements import icon, wild

_MOST_TOLD = 6


def spoken_window(address: Address, preferences: Preferences) -> list[Component | str]:
    """Return `Mon 23 Nov, 13:32 – 14:32 UTC vs 12:32 – 13:32`."""
    window = address.scope.window
    said: list[Component | str] = [preferences.clock.window(window)]
    if address.compared:
        said.append(html.Span(f" vs {preferences.clock.short(window.previous())}", className="t2"))
    return said


def notice(notices: tuple[str, ...]) -> list[Component]:
    """Return the banner that names what in the address could not be used, or nothing."""
    if not notices:
        return []
    told = list(notices[:_MOST_TOLD])
    if len(notices) > _MOST_TOLD:
        told.append(f"and {len(notices) - _MOST_TOLD} more.")
    close = html.Button(icon("x", 14), className="kebab", type="button", **wild(aria_label="Dismiss", data_dismiss="1"))
    text = html.Span([html.B("Part of this address was not used. ", className="b"), " · ".join(told)])
    return [html.Div([icon("warn"), text, close], className="banner warn", role="status")]


def window_data(address: Address, preferences: Preferences, now: float) -> dict[str, object]:
    """Return what the browser needs to know of the view: the window, how it is called, and how often it refreshes.

    `every` is seconds, 0 for never; `refresh` is the name on the control; `range` is None for a fixed range.
    """
    window = address.scope.window
    every = interval(address)
    follows = address.refresh is None
    named = "Off" if every == 0 else f"Auto · {every}{SPACE}s" if follows else f"{every}{SPACE}s"
    return {
        "start": window.start,
        "end": window.end,
        "step": window.step,
        "now": now,
        "offset": preferences.clock.offset(window.end),
        "range": address.spoken,
        "presets": PRESETS,
        "every": every,
        "refresh": named,
        "fixed": preferences.refresh,
        "live": bool(window.head),
    }
