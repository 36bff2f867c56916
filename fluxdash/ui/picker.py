"""The popover for any range: two fields to type in, a calendar that fills them, and whole days.

The fields are the truth; the calendar only writes into them, so what was typed is never lost to a click on a day.
"""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import ids
from fluxdash.ui.preferences import Preferences
from fluxdash.views.elements import wild

_DAYS = (("today", "Today so far"), ("yesterday", "Yesterday"), ("month", "This month"))


def custom_range(preferences: Preferences) -> html.Div:
    """Return the popover; what is wrong is said below the fields."""
    days: list[Component] = [html.Button(text, type="button", **wild(data_days=name)) for name, text in _DAYS]
    zone = str(preferences.clock.zone)
    return html.Div(
        [
            html.Div(html.Span(f"Custom range, {zone}", **wild(data_zone_here="1")), className="hd"),
            html.Div(_field("From", ids.RANGE_FROM, "now-6h"), className="typed"),
            html.Div(_field("To", ids.RANGE_TO, "now"), className="typed"),
            html.Div(_calendar(), className="typed"),
            html.Div(id=ids.RANGE_ERROR, className="typed-error", role="alert"),
            html.Div(
                html.Button("Apply", id=ids.RANGE_APPLY, className="btn-f primary", type="button"), className="typed"
            ),
            html.P("now-6h, 2026-11-23 14:00, or seconds since 1970", className="typed-hint"),
            html.Hr(),
            html.Div(f"Whole days of {zone}", className="hd"),
            *days,
        ],
        className="menu pop custom",
        role="dialog",
        **wild(data_pop="custom", aria_label="Custom range"),
    )


def _calendar() -> dcc.DatePickerRange:
    return dcc.DatePickerRange(
        id=ids.RANGE_DAYS,
        start_date_placeholder_text="First day",
        end_date_placeholder_text="Last day",
        display_format="D MMM YYYY",
        first_day_of_week=1,
        number_of_months_shown=1,
        minimum_nights=0,
        updatemode="bothdates",
    )


def _field(name: str, field_id: str, example: str) -> html.Label:
    typed = dcc.Input(id=field_id, type="text", value=example, autoComplete="off", debounce=False, maxLength=64)
    return html.Label([html.Span(name, className="muted"), typed], className="field")
