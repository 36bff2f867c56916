"""Cost: a page to come."""

from fluxdash.ui.page import Page

PAGE = Page(
    path="/cost",
    title="Cost",
    icon="cost",
    order=20,
    soon="What is spent, on which models and by whom, where the month will end, and what the cache gave back.",
)
