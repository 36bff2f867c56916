"""What a page must withstand in a browser: names from telemetry that are code, and its own content security policy."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from fluxdash.app import create_app
from fluxdash.semantic.answer import Note, NoteKind
from fluxdash.settings import Settings
from tests.browser.looking import open_view, painted
from tests.ui.fake import FakeGateway

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=window.__xss=1>",
    "<a href='https://evil'>x</a>",
    "javascript:window.__xss=1",
    "%{customdata}{{7*7}}",
    "unknown",
)


def test_names_that_are_code_are_shown_as_text(page: Page, url: str, gateway: FakeGateway) -> None:
    gateway.causes, gateway.rate = HOSTILE, 400.0
    gateway.notes = (Note(NoteKind.IGNORED_FILTER, "<b onmouseover=window.__xss=1>region</b> filter not applied"),)
    gateway.labels["cost"] = "<script>window.__xss=1</script>"
    open_view(page, url, "refresh=off")
    graph = page.locator(".panel", has_text="Errors by cause").locator(".nsewdrag")
    box = graph.bounding_box()
    assert box is not None
    for share in (0.2, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        page.wait_for_timeout(200)
    assert page.evaluate("window.__xss") is None
    assert page.locator("a[href*=evil]").count() == 0
    assert page.locator(".errt").inner_text().count("<img src=x onerror=window.__xss=1>") == 1


def test_nothing_breaks_the_policy_and_an_inline_script_is_stopped(page: Page, url: str, seen: object) -> None:
    page.add_init_script(
        """window.__broken = [];
        document.addEventListener('securitypolicyviolation', event => window.__broken.push(event.violatedDirective))"""
    )
    open_view(page, url)
    page.locator("[data-theme-toggle]").click()
    painted(page)
    assert page.evaluate("window.__broken") == []
    page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.__ran = 1';
            document.body.appendChild(script); }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.__ran") is None
    assert page.evaluate("window.__broken") == ["script-src-elem"]
    seen.complaints.clear()  # type: ignore[attr-defined]


def test_nothing_is_loaded_from_elsewhere(page: Page, url: str) -> None:
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if "://" in request.url else None)
    open_view(page, url)
    assert hosts == {url.split("/")[2]}


def test_it_works_below_a_prefix(page: Page, gateway: FakeGateway) -> None:
    app = create_app(Settings(), gateway, prefix="/obs/")
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        open_view(page, f"http://127.0.0.1:{server.port}/obs/", "refresh=off")
        page.locator(".nav-a[data-nav='/cost']").click()
        page.wait_for_url("**/obs/cost*")
        page.locator(".nav-a[data-nav='/']").click()
        painted(page)
        assert page.locator(".kpi").count() == 6
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
