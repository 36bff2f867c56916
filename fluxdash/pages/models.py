"""Models: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/models",
    title="Models",
    icon="models",
    order=40,
    soon="How fast and how reliable each model is, in each region, side by side.",
)
