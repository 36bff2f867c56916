"""What the bars above a page say of its view: the window in words, what was wrong in the address, how it refreshes."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.units import SPACE
from fluxdash.semantic.window import PRESETS
from fluxdash.ui.address import Address, interval
from fluxdash.ui.preferences import Preferences
from fluxdash.views.elements import icon, wild
from fluxdash.views.times import Clock

_MOST_TOLD = 6


def spoken_window(address: Address, clock: Clock) -> list[Component | str]:
    """Return `Mon 23 Nov, 13:32 – 14:32 UTC vs 12:32 – 13:32`; the zone is the button that changes it."""
    window = address.scope.window
    named = clock.name(window.end)
    zone = html.Button(
        [named, icon("down", 12)],
        className="zone",
        type="button",
        title=f"Times are in {clock.zone}",
        **wild(data_open="zone", aria_haspopup="menu", aria_label=f"{named}, the time zone of this page"),
    )
    said: list[Component | str] = [f"{clock.times(window)} ", zone]
    if address.compared:
        said.append(html.Span(f" vs {clock.short(window.previous())}", className="t2"))
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

    `every` is seconds, 0 for never; `refresh` is the name on the control; `range` is None for a fixed range; `offset`
    is how far the page's zone is ahead of UTC; `days` are whole ones of the reporting zone. All times are in seconds.
    """
    window, clock = address.scope.window, preferences.seen(address.zone)
    every = interval(address)
    follows = address.refresh is None
    named = "Off" if every == 0 else f"Auto · {every}{SPACE}s" if follows else f"{every}{SPACE}s"
    return {
        "start": window.start,
        "end": window.end,
        "step": window.step,
        "now": now,
        "offset": clock.offset(window.end),
        "days": preferences.clock.days(now),
        "range": address.spoken,
        "presets": PRESETS,
        "every": every,
        "refresh": named,
        "fixed": preferences.refresh,
        "live": bool(window.head),
    }
