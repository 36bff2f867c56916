"""In a frame of another site's page: only for the sites that are named, only what was asked for, and a way out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from fluxdash.settings import Settings
from tests.browser.conftest import LOOK, served
from tests.ui.fake import FakeGateway

PANEL = "/cost?embed=1&panel=spend-by-model&theme=dark&range=1h&region=us-east-1&refresh=off"


@pytest.fixture
def portal() -> Iterator[tuple[Flask, str]]:
    """Another site; what it serves is for the test to say."""
    app = Flask("portal")
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def framing(portal: Flask, address: str) -> None:
    portal.add_url_rule("/", "index", lambda: f'<iframe src="{address}" width="900" height="600"></iframe>')


def test_a_named_site_shows_one_panel_and_nothing_of_the_shell(
    page: Page, context: BrowserContext, portal: tuple[Flask, str]
) -> None:
    site, origin = portal
    with served(FakeGateway(), Settings.from_env({"FLUXDASH_EMBED_ORIGINS": origin})) as url:
        framing(site, url + PANEL)
        page.goto(origin)
        frame = page.frame_locator("iframe")
        expect(frame.locator(".panel[data-state=data]")).to_have_count(1)
        expect(frame.locator("html")).to_have_attribute("data-bs-theme", "dark")
        expect(frame.locator(".nav-side, .tabbar, .seg[data-scroll], .pill.add").locator("visible=true")).to_have_count(
            0
        )
        expect(frame.locator(".pill.on")).to_contain_text("us-east-1")
        expect(frame.locator(".span-text")).to_contain_text("UTC")
        with context.expect_page() as opened:
            frame.get_by_role("link", name="Open in FluxDash").click()
        expect(opened.value).to_have_url(f"{url}/cost?range=1h&region=us-east-1&refresh=off")
        expect(opened.value.locator(".nav-side")).to_be_visible()


def test_another_site_is_shown_nothing(context: BrowserContext, portal: tuple[Flask, str]) -> None:
    site, origin = portal
    with served(FakeGateway(), Settings.from_env({"FLUXDASH_EMBED_ORIGINS": "https://portal.example.com"})) as url:
        framing(site, url + PANEL)
        page = context.new_page()
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(origin)
        assert page.frame_locator("iframe").locator(".fluxdash").count() == 0


def test_a_page_without_its_shell_is_steered_by_its_address_alone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": LOOK["viewport"]["height"]})
    with served(FakeGateway()) as url:
        page.goto(f"{url}/?embed=1&range=1h&refresh=off")
        expect(page.locator(".panel[data-state=loading]")).to_have_count(0)
        expect(page.locator(".panel[data-state=data]").first).to_be_visible()
        expect(page.locator(".topbar > .bar").first).to_be_hidden()
        expect(page.locator(".span-text")).to_be_visible()
        page.keyboard.press("Control+k")
        page.keyboard.press("?")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.goto(f"{url}/cost?embed=1&panel=nothing")
        expect(page.get_by_role("heading", name="No such panel")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
