"""A refresh changes numbers and nothing else: not what is open, not where one has scrolled to, not what is typed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.query import Query
from fluxdash.sources.source import AUTO
from tests.browser.conftest import Desk, served
from tests.browser.looking import open_view
from tests.ui.fake import FakeGateway

pytestmark = pytest.mark.browser

BEATS = "JSON.parse(fluxdash.here.last)[1]"
"""How many ticks of the clock the page has answered."""


class Slow(FakeGateway):
    """Takes longer for an answer than the shortest time between two refreshes."""

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        time.sleep(7)
        return super().answers(queries, source)


def refreshed(page: Page, at_least: int = 1) -> None:
    """Wait until the clock of the page has ticked so often, and all that it asked for has come."""
    before = page.evaluate(BEATS) or 0
    page.wait_for_function(f"was => ({BEATS} || 0) >= was", arg=before + at_least, timeout=40_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


def test_the_page_stays_where_it_was_scrolled_to_and_a_menu_stays_open(desk: Desk) -> None:
    page = desk.at("range=5m&refresh=5", "/cost")
    page.evaluate("window.scrollTo({ top: 700, behavior: 'instant' })")
    page.locator("[data-menu='cost.spend-over-time']").click()
    page.keyboard.press("ArrowDown")
    focused = page.evaluate("document.activeElement.textContent")
    at = page.evaluate("[scrollY, document.documentElement.scrollHeight]")
    assert at[0] > 500
    refreshed(page)
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight]") == at
    expect(page.locator("[data-pop=panel]")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent") == focused


def test_what_is_told_of_a_panel_stays_open(desk: Desk) -> None:
    page = desk.at("range=5m&refresh=5")
    page.locator("[data-menu='overview.latency']").click()
    page.locator("[data-do=how]").click()
    told = page.locator("dialog.how[open] dl")
    expect(told).to_be_visible()
    text = told.inner_text()
    refreshed(page)
    expect(told).to_be_visible()
    assert told.inner_text() == text


def test_what_is_typed_in_the_palette_and_for_an_interval_stays(desk: Desk) -> None:
    page = desk.at("range=5m&refresh=5")
    page.keyboard.press("Control+k")
    page.keyboard.type("mod")
    refreshed(page)
    assert page.locator("#palette").input_value() == "mod"
    expect(page.locator("#palette")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("[data-open=refresh]:visible").click()
    page.locator("#every").fill("47")
    refreshed(page)
    assert page.locator("#every").input_value() == "47"
    expect(page.locator("#every")).to_be_focused()


def test_a_table_stays_where_it_was_scrolled_to_on_a_small_screen(browser: Browser) -> None:
    with served(FakeGateway()) as url:
        context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        page = context.new_page()
        open_view(page, url + "/models", "range=5m&refresh=5")
        table = page.locator("[data-panel='models.all-models'] .scroll-x")
        table.evaluate(
            "each => { each.scrollIntoView({ block: 'center', behavior: 'instant' }); each.scrollLeft = 180; }"
        )
        at = [table.evaluate("each => each.scrollLeft"), page.evaluate("scrollY")]
        assert at[0] > 100
        refreshed(page, 2)
        assert [table.evaluate("each => each.scrollLeft"), page.evaluate("scrollY")] == at
        context.close()


def test_the_row_that_has_the_focus_keeps_it_though_the_table_is_written_anew(desk: Desk) -> None:
    page = desk.at("range=5m&refresh=5", "/models")
    page.locator("[data-panel='models.all-models']").hover()
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.evaluate("document.activeElement.getAttribute('data-filter')")
    page.evaluate("document.activeElement.setAttribute('data-old', '1')")
    assert row
    page.wait_for_function("() => !document.querySelector('[data-old]')", timeout=40_000)
    page.wait_for_timeout(300)
    assert page.evaluate("[document.activeElement.tagName, document.activeElement.dataset.filter]") == ["TR", row]
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.tagName") == "TR"
    assert page.evaluate("document.activeElement.getAttribute('data-filter')") != row


def test_a_source_slower_than_the_interval_is_waited_for(browser: Browser) -> None:
    """Dash drops the answer to a question that was asked again meanwhile: nothing would ever be drawn."""
    context = browser.new_context()
    with served(Slow()) as url:
        page = context.new_page()
        page.goto(f"{url}/?range=5m&refresh=5")
        expect(page.locator(".panel[data-state=data]")).not_to_have_count(0, timeout=60_000)
    context.close()


def test_before_the_first_answer_nothing_is_said_to_be_updated(browser: Browser) -> None:
    class Held(FakeGateway):
        release = threading.Event()

        def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
            self.release.wait(60)
            return super().answers(queries, source)

    context, held = browser.new_context(), Held()
    with served(held) as url:
        page = context.new_page()
        page.goto(f"{url}/?range=5m&refresh=off")
        expect(page.locator(".panel[data-state=loading]")).not_to_have_count(0)
        expect(page.locator(".updated")).to_be_hidden()
        held.release.set()
        expect(page.locator("[data-updated]")).not_to_be_empty()
    context.close()
