"""Panels of a page that is being left: nobody asks for them, and what comes for them all the same is dropped."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Seen
from tests.browser.looking import open_view, painted, traces
from tests.ui.fake import FakeGateway

ASKED = "**/_dash-update-component*"


def is_panel(route: Route) -> bool:
    return '"part":"frame"' in (route.request.post_data or "")


def test_a_page_that_is_left_is_not_asked_for_again(page: Page, url: str, seen: Seen) -> None:
    open_view(page, url, "range=1h&refresh=off")
    seen.asked.clear()
    page.evaluate("() => fluxdash.go(words => words.set('range', '6h'), 'cost')")
    expect(page.locator("h1")).to_have_text("Cost")
    painted(page)
    assert seen.panels()
    assert [each for each in seen.panels() if "overview." in each] == []
    assert seen.complaints == []


def test_an_address_that_is_none_is_a_page_that_is_not_there(page: Page, url: str, seen: Seen) -> None:
    open_view(page, url, "range=1h&refresh=off")
    page.evaluate("() => fluxdash.go(words => words.set('range', '6h'), '%E0%A4%A')")
    expect(page.locator("h1")).to_have_text("No such page")
    assert seen.complaints == []


@pytest.mark.parametrize("back", [False, True], ids=["while it is away", "when it is back"])
def test_a_refresh_that_comes_when_its_page_was_left_is_dropped(
    page: Page, url: str, seen: Seen, gateway: FakeGateway, back: bool
) -> None:
    open_view(page, url, "range=1h&refresh=off")
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        if holding and is_panel(route):
            held.append(route)
        else:
            route.continue_()

    page.route(ASKED, hold)
    gateway.rate = 31.0  # so that there is something to patch
    page.keyboard.press("r")
    for _ in range(200):
        if held:
            break
        page.wait_for_timeout(50)
    refreshed = len(held)
    assert refreshed
    for name, title in (("/cost", "Cost"), *([("/", "Overview")] if back else [])):
        page.locator(f".nav-a[data-nav='{name}']").click()
        expect(page.locator("h1")).to_have_text(title)
    for route in held[:refreshed]:
        route.continue_()
    page.wait_for_timeout(1500)
    assert seen.complaints == []
    holding = False
    for route in held[refreshed:]:
        route.continue_()
    painted(page)
    assert not back or traces(page, "Request rate")
