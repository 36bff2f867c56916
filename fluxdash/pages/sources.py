"""Sources: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/sources",
    title="Sources",
    icon="sources",
    order=80,
    soon="What each source can answer, what is missing, and whether the sources agree; for now, how each of them is.",
)
