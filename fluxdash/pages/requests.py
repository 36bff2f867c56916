"""Requests: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/requests",
    title="Requests",
    icon="requests",
    order=60,
    soon="The request log itself, to filter, sort and export.",
)
