"""Traces: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/traces",
    title="Traces",
    icon="traces",
    order=50,
    soon="Single requests as their spans: search them, open one, and see where its time went.",
)
