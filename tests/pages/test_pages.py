"""Pages: eight of them, each a declaration, and only one path and one name for everything."""

from __future__ import annotations

import pytest

from fluxdash.errors import BadRequest
from fluxdash.pages import PAGES
from fluxdash.ui.page import Book, Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.strip import Strip


def test_the_navigation_has_eight_entries_in_order() -> None:
    titles = [page.title for page in Book(PAGES).pages]
    assert titles == ["Overview", "Cost", "Cache", "Models", "Traces", "Requests", "Alerts", "Sources"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_a_page_has_panels_or_says_what_will_be_there(page: Page) -> None:
    assert bool(page.rows or page.traces) != bool(page.soon)
    assert not page.soon or page.soon.endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_the_panels_of_a_row_fill_it(page: Page) -> None:
    for row in page.rows:
        assert sum(panel.width for panel in row) == 12


def test_a_panel_is_found_by_its_name_and_by_nothing_else() -> None:
    book = Book(PAGES)
    assert isinstance(book.panel("overview.latency"), Panel)
    assert isinstance(book.tiles("overview.key-figures"), Strip)
    for name in ("overview.key-figures", "latency", "", "overview.latency "):
        with pytest.raises(BadRequest):
            book.panel(name)


def test_two_pages_of_one_path_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="one path"):
        Book([*PAGES, Page(path="/cost", title="Cost again", icon="cost2", order=1, soon="Later.")])


def test_a_path_is_found_with_and_without_its_slash() -> None:
    book = Book(PAGES)
    assert book.page("/cost/") is book.page("/cost")
    assert book.page("") is book.page("/")
    assert book.page("/nothing") is None
