"""What changed, in a browser: its variants, its rows as filters, and all slices as a table."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import open_view, past_hour, words

pytestmark = pytest.mark.browser

AN_HOUR = "from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z"
"""An hour in which the invented gateway's cost changes in some slices more than in others; in others all move alike."""

PANEL = "[data-panel='overview.what-changed']"


def test_overview_with_all_its_panels_needs_no_scrolling(page: Page, url: str) -> None:
    open_view(page, url, past_hour())
    assert page.locator(".panel").count() == 5
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    box = page.locator(PANEL).bounding_box()
    assert box is not None
    assert page.evaluate(f'document.querySelector("{PANEL} .beside").scrollHeight') <= box["height"]


def test_another_measure_is_a_click_away_and_stands_in_the_address(page: Page, url: str) -> None:
    open_view(page, url, past_hour())
    said = page.locator(f"{PANEL} .chg-said")
    expect(said).to_contain_text("P95")
    page.get_by_role("button", name="Cost", exact=True).click()
    expect(said).to_contain_text("Cost")
    assert words(page)["show-what-changed"] == ["cost"]
    page.go_back()
    expect(said).to_contain_text("P95")


def test_a_row_filters_the_page_by_what_it_names(page: Page, url: str) -> None:
    open_view(page, url, f"{AN_HOUR}&show-what-changed=cost")
    row = page.locator(f"{PANEL} .chg-r[data-filter]").first
    name, _, value = str(row.get_attribute("data-filter")).partition("=")
    row.click()
    page.wait_for_url(f"**{name}=*")
    assert words(page)[name] == [value]


def test_the_link_opens_all_slices_as_a_table(page: Page, url: str) -> None:
    open_view(page, url, f"{past_hour()}&show-what-changed=cost")
    link = page.locator(f"{PANEL} .panel-f button")
    expect(link).to_have_text("All 18 slices")
    link.click()
    table = page.locator("dialog[open] table")
    expect(table.locator("tbody tr")).to_have_count(18)
    expect(table.locator("th")).to_have_text(["Model", "Account", "Region", "Before", "After", "Contribution"])


def test_on_a_small_screen_the_rows_stay_inside(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_view(page, url, past_hour())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for row in page.locator(f"{PANEL} .chg-r").all():
        box = row.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
