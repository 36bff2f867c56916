"""Cache: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/cache",
    title="Cache",
    icon="cache",
    order=30,
    soon="How often the cache answers, what that saves, and for which models it does.",
)
