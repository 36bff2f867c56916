"""Alerts: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/alerts",
    title="Alerts",
    icon="alerts",
    order=70,
    soon="What Prometheus raises, and how much of each objective's error budget is left.",
)
