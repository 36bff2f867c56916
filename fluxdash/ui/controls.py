"""The controls of the shell: time range, refresh, compare, link, theme, and a filter for each dimension.

What they do stands in the scripts of assets/: they change the address, and everything else follows from that.
"""

from __future__ import annotations

from dash import dcc, html

from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.window import PRESETS
from fluxdash.ui import ids
from fluxdash.views.elements import icon, wild


def ranges() -> html.Div:
    """Return the range buttons, with the period before and after at their ends."""
    buttons = [_range(name) for name in PRESETS]
    custom = html.Button(
        ["Custom", icon("down", 12)], type="button", role="radio", **wild(data_open="custom", aria_haspopup="dialog")
    )
    return html.Div(
        [_step("left", "Previous period", "-1"), *buttons, custom, _step("right", "Next period", "1")],
        className="seg no-m",
        role="radiogroup",
        **wild(aria_label="Time range", data_ranges="1"),
    )


def range_button() -> html.Button:
    """Return the one button that the ranges become on a small screen."""
    return html.Button(
        [icon("clock", 14), html.Span("1h", id=ids.RANGE_NAME), icon("down", 12)],
        className="btn-f only-m",
        type="button",
        **wild(data_open="range", aria_haspopup="menu", aria_label="Time range"),
    )


def refresh() -> html.Div:
    """Return the refresh control: now, and how often."""
    now = html.Button(
        icon("refresh", 14), className="icon now", type="button", **wild(data_refresh_now="1", aria_label="Refresh now")
    )
    often = html.Button(
        [html.Span("Auto", **wild(data_refresh_name="1")), icon("down", 12)],
        className="no-m often",
        type="button",
        **wild(data_open="refresh", aria_haspopup="dialog", title="How often the page refreshes"),
    )
    line = html.Span(html.I(), className="prog")
    return html.Div([now, often, line], className="seg refresh", role="group", **wild(aria_label="Refresh"))


def compare() -> html.Button:
    """Return the switch that draws the window before."""
    return html.Button(
        [icon("compare", 14), "Compare"],
        id=ids.COMPARE,
        className="btn-f no-m",
        type="button",
        **wild(data_compare="1", aria_pressed="true"),
    )


def share() -> html.Button:
    """Return the button that copies the address."""
    return html.Button(
        icon("share"),
        className="btn-f ghost icon-b no-m",
        type="button",
        **wild(data_share="1", aria_label="Copy link to this view"),
    )


def theme() -> html.Button:
    """Return the switch between light and dark."""
    return html.Button(
        [icon("moon", 16, "when-light"), icon("sun", 16, "when-dark")],
        className="btn-f ghost icon-b",
        type="button",
        **wild(data_theme_toggle="1", aria_label="Switch theme"),
    )


def pill(dimension: Dimension, *, always: bool = True) -> html.Span:
    """Return the pill of a filter; what it says is written by the server, which knows the names.

    One that does not stand there `always` is seen while it is chosen.
    """
    kind = "pill-slot" if always else "pill-slot further"
    return html.Span(pill_content(dimension, ()), id=ids.chosen(dimension.slug), className=kind)


def add_filter() -> html.Button:
    """Return the pill that offers the other dimensions."""
    return html.Button(
        [icon("plus", 12), "Filter"],
        type="button",
        className="pill add",
        **wild(data_open="more-filters", aria_haspopup="menu"),
    )


def pill_content(dimension: Dimension, names: tuple[str, ...]) -> html.Span:
    """Return what a pill says: All, or the first name and how many more, with a cross to clear it."""
    first = names[0] if names else "All"
    more = html.Span(f"+{len(names) - 1}", className="more") if len(names) > 1 else None
    opener = html.Button(
        [html.Span(dimension.title), html.B(first), more, None if names else icon("down", 12)],
        type="button",
        className="pill-open",
        title=", ".join(names) if names else None,
        **wild(data_open=f"filter-{dimension.slug}", aria_haspopup="dialog"),
    )
    clear = html.Button(
        icon("x", 12),
        type="button",
        className="xx",
        **wild(data_clear=dimension.slug, aria_label=f"Clear {dimension.title}"),
    )
    return html.Span([opener, clear if names else None], className="pill on" if names else "pill")


def choices(dimension: Dimension) -> html.Div:
    """Return the popover of a filter; its list is filled when it opens."""
    slug = dimension.slug
    search = html.Label(
        [
            icon("search", 14),
            html.Span(f"Find {_article(dimension)} {dimension.title.lower()}", className="sr"),
            dcc.Input(
                id={"part": "find", "dimension": slug},
                type="text",
                placeholder=f"Find {_article(dimension)} {dimension.title.lower()}",
                autoComplete="off",
                debounce=False,
            ),
        ],
        className="field find",
    )
    foot = html.Div(
        [
            html.Button("Clear", type="button", className="link", **wild(data_clear=slug)),
            html.Span(className="muted counted"),
        ],
        className="choice-foot",
    )
    return html.Div(
        [
            search,
            html.Div(className="options", role="group", **wild(aria_label=dimension.plural, data_options=slug)),
            html.Hr(),
            foot,
            dcc.Store(id=ids.choices(slug)),
            dcc.Store(id=ids.asked(slug)),
        ],
        className="menu pop choose",
        role="dialog",
        **wild(data_pop=f"filter-{slug}", aria_label=f"Filter by {dimension.title.lower()}"),
    )


def toast() -> html.Div:
    """Return the place for one short word, such as that a link was copied."""
    return html.Div(className="toast-f", role="status", **wild(data_toast="1", aria_live="polite"))


def _range(name: str) -> html.Button:
    return html.Button(name, type="button", role="radio", **wild(data_range=name, aria_checked="false"))


def _step(arrow: str, text: str, direction: str) -> html.Button:
    return html.Button(
        icon(arrow, 14), className="icon", type="button", **wild(aria_label=text, title=text, data_step=direction)
    )


def _article(dimension: Dimension) -> str:
    return "an" if dimension.title[0] in "AEIOU" else "a"
