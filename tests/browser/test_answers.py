"""Answers that come when their page is no longer what it was: they are dropped, and the page says nothing of it."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Seen
from tests.browser.looking import open_view, painted, traces
from tests.ui.fake import FakeGateway


def test_a_refresh_that_comes_back_to_a_page_begun_anew_is_dropped(
    page: Page, url: str, seen: Seen, gateway: FakeGateway
) -> None:
    open_view(page, url, "range=1h&refresh=off")
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        if holding and '"part":"frame"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    gateway.rate = 31.0  # so that there is something to patch
    page.keyboard.press("r")
    for _ in range(200):
        if held:
            break
        page.wait_for_timeout(50)
    refreshed = len(held)
    assert refreshed
    for name, title in (("/cost", "Cost"), ("/", "Overview")):
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
    assert traces(page, "Request rate")
