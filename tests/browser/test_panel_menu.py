"""The menu of a panel: the requests behind it, its CSV, its query, its numbers as a table, how they came about."""

from __future__ import annotations

import re
import urllib.request
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LOOK, Desk
from tests.browser.looking import open_view, past_hour, settled, words

pytestmark = pytest.mark.browser


def menu(page: Page, panel: str, item: str) -> None:
    page.get_by_role("button", name=f"Menu of {panel}").click()
    page.get_by_role("menuitem", name=item).click()


def test_it_has_the_items_of_the_design_and_is_walked_with_arrows(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("button", name="Menu of Latency").click()
    items = page.locator("[data-pop=panel] [role=menuitem]")
    texts = [re.sub(r"[0-9.]+\u00a0s$", "P95", each.replace("\n", " ")) for each in items.all_inner_texts()]
    assert texts == [
        "Open in Requests o", "Open in Traces ≥\u00a0P95", "Download CSV d", "Copy query q", "View as table",
        "How this is computed",
    ]  # fmt: skip
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu of Latency")).to_be_focused()


def test_how_it_is_computed_is_told_below_the_menu(desk: Desk) -> None:
    page = desk.page
    menu(page, "Latency", "How this is computed")
    told = page.locator("dialog.how")
    expect(told.get_by_role("heading")).to_have_text("How latency is computed")
    box = told.bounding_box()
    assert box is not None
    assert box["width"] == 404
    assert box["x"] + box["width"] <= 1440
    page.evaluate("fluxdash.pulse()")
    settled(page)
    expect(told).to_be_visible()
    told.get_by_role("button", name="Copy query").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("SELECT latency")
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_hidden()


def test_the_table_holds_the_numbers_of_the_csv(desk: Desk) -> None:
    view = past_hour() + "&refresh=off"
    page = desk.at(view)
    menu(page, "Latency", "View as table")
    rows = page.locator("dialog.told tbody tr")
    expect(rows).to_have_count(60)
    with urllib.request.urlopen(f"{desk.url}/panels/overview.latency.csv?{view}") as answer:
        lines = answer.read().decode().splitlines()
    start, p50 = lines[-60].split(",")[:2]
    cells = rows.first.locator("td").all_inner_texts()
    moment = datetime.fromisoformat(start)
    assert cells[0] == f"{moment.day} {moment:%b, %H:%M}"
    assert cells[1] == f"{float(p50) * 1000:.0f}\u00a0ms"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu of Latency")).to_be_focused()


def test_the_csv_is_of_the_view_on_screen(desk: Desk) -> None:
    page = desk.at(past_hour() + "&refresh=off&region=us-east-1")
    with page.expect_download() as started:
        menu(page, "Request rate", "Download CSV")
    assert "# filters,region = us-east-1" in started.value.path().read_text()


def test_the_requests_behind_a_panel_are_those_of_its_view(desk: Desk) -> None:
    page = desk.at("range=6h&refresh=off&region=us-east-1")
    menu(page, "Errors by cause", "Open in Requests")
    expect(page.locator("h1")).to_have_text("Requests")
    assert words(page) == {"range": ["6h"], "refresh": ["off"], "region": ["us-east-1"]}


def test_a_query_that_may_not_be_copied_is_shown(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(**LOOK)
    page = context.new_page()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    open_view(page, desk.url, "range=1h&refresh=off")
    menu(page, "Token usage", "Copy query")
    expect(page.locator("dialog.told pre")).to_contain_text("SELECT output_tokens")
    context.close()


def test_another_way_to_see_a_panel_is_part_of_the_address(desk: Desk) -> None:
    page = desk.page
    second = page.locator(".seg [data-variant]").nth(1)
    wanted = second.get_attribute("data-variant") or ""
    second.click()
    name, _, value = wanted.partition("=")
    assert words(page)[f"show-{name}"] == [value]
    expect(second).to_have_attribute("aria-pressed", "true")
    settled(page)
    page.locator(".seg [data-variant]").first.click()
    assert f"show-{name}" not in words(page)
    expect(second).to_have_attribute("aria-pressed", "false")
