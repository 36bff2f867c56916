"""The command palette: filters first, then what can be done, then where to go; names are text whatever they hold."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from fluxdash.sources.source import Choice, Choices
from tests.browser.conftest import Desk
from tests.browser.looking import address, settled, words

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=window.__xss=1>"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def opened(desk: Desk, typed: str = "") -> Page:
    page = desk.page
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_focused()
    page.keyboard.type(typed)
    return page


def groups(page: Page) -> list[str]:
    return page.locator("#palette-list .ph").all_inner_texts()


def chosen(page: Page) -> str:
    return page.locator("#palette-list [aria-selected=true]").inner_text().split("\n")[0]


def test_it_offers_filters_then_what_to_do_then_where_to_go(desk: Desk) -> None:
    page = opened(desk, "us")
    expect(page.locator(".po", has_text="us-east-1")).to_be_visible()
    assert groups(page) == ["Filter this page", "Do", "Go to"]
    assert chosen(page) == "us-east-1"
    expect(page.locator(".po", has_text="us-east-1").locator("mark")).to_have_text("us")
    expect(page.locator(".po", has_text="us-east-1")).to_contain_text(re.compile(r"Region · \d\d\.\d\sk requests"))


def test_without_a_word_it_offers_what_to_do_and_all_pages(desk: Desk) -> None:
    page = opened(desk)
    assert groups(page) == ["Do", "Go to"]
    assert page.locator(".po", has_text="then").count() == 8


def test_enter_filters_by_the_value_and_once_more_takes_it_out(desk: Desk) -> None:
    page = opened(desk, "borealis")
    expect(page.locator(".po", has_text="borealis-bank")).to_be_visible()
    page.keyboard.press("Enter")
    assert words(page)["account"] == ["22222222-2222-4222-8222-222222222222"]
    expect(page.locator("[data-dialog=palette]")).to_be_hidden()
    settled(page)
    opened(desk, "borealis")
    expect(page.locator(".po", has_text="borealis-bank")).to_contain_text("take it out")
    page.keyboard.press("Enter")
    assert "account" not in words(page)


def test_arrows_choose_and_the_field_says_which(desk: Desk) -> None:
    page = opened(desk, "turn compare")
    assert chosen(page) == "Turn compare off"
    page.keyboard.press("Enter")
    assert words(page)["compare"] == ["off"]
    settled(page)
    opened(desk)
    first = page.locator("#palette").get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = page.locator("#palette").get_attribute("aria-activedescendant")
    assert (first, second) == ("palette-0", "palette-1")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = page.locator("#palette-list [role=option]").last
    expect(last).to_have_attribute("aria-selected", "true")


def test_control_and_enter_open_it_in_a_new_tab(desk: Desk) -> None:
    page = opened(desk, "cost")
    page.locator(".po", has=page.get_by_text("Cost", exact=True)).first.hover()
    assert chosen(page) == "Cost"
    before = address(page)
    with page.context.expect_page() as other:
        page.keyboard.press("Control+Enter")
    expect(other.value).to_have_url(re.compile(r"/cost\?range=1h"))
    other.value.close()
    assert address(page) == before


def test_a_pasted_id_opens_the_trace(desk: Desk) -> None:
    page = opened(desk)
    page.evaluate("text => navigator.clipboard.writeText(text)", TRACE)
    page.keyboard.press("Control+v")
    assert chosen(page) == f"Open the trace {TRACE}"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Traces")
    assert words(page) == {"range": ["1h"], "refresh": ["off"], "id": [TRACE]}


def test_a_name_that_is_code_is_shown_as_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.at("range=15m&refresh=off")
    monkeypatch.setattr(desk.gateway, "choices", lambda *_: Choices((Choice("evil", HOSTILE, 12.0),)))
    page = opened(desk, "onerror")
    expect(page.locator(".po").first).to_contain_text(HOSTILE)
    assert page.locator(".po img").count() == 0
    assert page.evaluate("window.__xss") is None


def test_it_can_be_reached_by_the_slash_and_gives_the_focus_back(desk: Desk) -> None:
    page = desk.page
    page.locator("#compare").focus()
    page.keyboard.press("/")
    expect(page.locator("#palette")).to_be_focused()
    page.keyboard.type("nothing is called that")
    expect(page.locator("#palette-list")).to_have_text("Nothing here is called that")
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_be_focused()
