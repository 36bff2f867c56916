"""Keys: every one of the list does what it says, none while something is typed, and all can be switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.looking import address, settled, words

pytestmark = pytest.mark.browser

PAGES = ("Cost", "Cache", "Models", "Traces", "Requests", "Alerts", "Sources", "Overview")


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def copied(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_g_and_a_letter_open_each_page_with_the_same_view(desk: Desk) -> None:
    page = desk.at("range=6h&refresh=off&region=us-east-1")
    for letter, title in zip(
        "camtrlso", ("Cost", "Cache", "Models", "Traces", "Requests", "Alerts", "Sources", "Overview"), strict=True
    ):
        pressed(page, "g", letter)
        expect(page.locator("h1")).to_have_text(title)
        assert words(page) == {"range": ["6h"], "refresh": ["off"], "region": ["us-east-1"]}


def test_a_letter_alone_opens_no_page(desk: Desk) -> None:
    pressed(desk.page, "m", "l", "t")
    expect(desk.page.locator("h1")).to_have_text("Overview")


def test_numbers_are_ranges_and_compare_and_refresh_have_a_key(desk: Desk) -> None:
    page = desk.page
    for key, name in zip("1234567", ("5m", "15m", "1h", "6h", "24h", "7d", "30d"), strict=True):
        pressed(page, key)
        assert words(page)["range"] == [name]
        expect(page.locator(f".seg [data-range='{name}']")).to_have_attribute("aria-checked", "true")
    settled(page)
    pressed(page, "c")
    assert words(page)["compare"] == ["off"]
    expect(page.locator("#compare")).to_have_attribute("aria-pressed", "false")
    pressed(page, "c")
    assert "compare" not in words(page)
    settled(page)
    desk.seen.asked.clear()
    pressed(page, "r")
    assert desk.seen.settle(page, 1)


def test_s_copies_the_link(desk: Desk) -> None:
    pressed(desk.page, "s")
    expect(desk.page.locator("[data-toast]")).to_have_text("Link copied")
    assert copied(desk.page) == address(desk.page)


def test_rows_are_walked_and_filtered_by(desk: Desk) -> None:
    page = desk.page
    rows = page.locator(".errt tbody tr")
    pressed(page, "j")
    expect(rows.nth(0)).to_be_focused()
    pressed(page, "j", "j", "k")
    expect(rows.nth(1)).to_be_focused()
    pressed(page, "k", "+")
    assert words(page)["error_type"] == ["ThrottlingException"]
    settled(page)
    page.locator(".errt tbody tr", has_text="ThrottlingException").focus()
    pressed(page, "Enter")
    assert "error_type" not in words(page)


def test_q_and_d_are_about_the_panel_below_the_pointer(desk: Desk) -> None:
    page = desk.page
    page.locator(".panel h2", has_text="Token usage").hover()
    pressed(page, "q")
    expect(page.locator("[data-toast]")).to_have_text("Query copied")
    assert "output_tokens" in copied(page)
    with page.expect_download() as started:
        pressed(page, "d")
    assert re.fullmatch(r"fluxdash-token-usage-\d{8}T\d{6}-\d{8}T\d{6}\.csv", started.value.suggested_filename)


def test_o_opens_the_requests_behind_the_page(desk: Desk) -> None:
    pressed(desk.page, "o")
    expect(desk.page.locator("h1")).to_have_text("Requests")
    assert words(desk.page)["range"] == ["1h"]


def test_the_list_of_keys_traps_the_focus_and_gives_it_back(desk: Desk) -> None:
    page = desk.page
    page.locator("#compare").focus()
    pressed(page, "?")
    listed = page.locator("[data-dialog=keys]")
    expect(listed).to_be_visible()
    for title in ("Anywhere", "Time", "Go to", "Lists and panels"):
        expect(listed.get_by_role("heading", name=title)).to_be_visible()
    expect(listed.get_by_role("heading", name="Traces")).to_be_hidden()
    for _ in range(6):
        pressed(page, "Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    pressed(page, "5", "c", "g", "c")
    assert words(page) == {"range": ["1h"], "refresh": ["off"]}
    pressed(page, "Escape")
    expect(listed).to_be_hidden()
    expect(page.locator("#compare")).to_be_focused()


def test_a_click_on_the_scrim_closes_a_dialog(desk: Desk) -> None:
    pressed(desk.page, "?")
    desk.page.mouse.click(20, 880)
    expect(desk.page.locator("[data-dialog=keys]")).to_be_hidden()


def test_keys_are_ignored_while_something_is_typed(desk: Desk) -> None:
    page = desk.page
    page.locator("[data-open=filter-model]").click()
    expect(page.locator("[data-pop=filter-model] input[type=text]")).to_be_focused()
    page.keyboard.type("5czg?m+/")
    assert words(page) == {"range": ["1h"], "refresh": ["off"]}
    expect(page.locator("[data-pop=filter-model]")).to_be_visible()
    expect(page.locator("[data-dialog=keys]")).to_be_hidden()


def test_keys_can_be_switched_off_and_stay_off_while_the_palette_still_opens(desk: Desk) -> None:
    page = desk.page
    switch = page.get_by_role("switch")
    pressed(page, "?")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    pressed(page, "Escape")
    page.reload()
    page.wait_for_selector(".kpi-v strong")
    settled(page)
    pressed(page, "5", "?", "c")
    assert words(page) == {"range": ["1h"], "refresh": ["off"]}
    expect(page.locator("[data-dialog=keys]")).to_be_hidden()
    pressed(page, "Control+k")
    page.keyboard.type("keyboard")
    pressed(page, "Enter")
    switch.click()
    pressed(page, "Escape", "5")
    assert words(page)["range"] == ["24h"]
