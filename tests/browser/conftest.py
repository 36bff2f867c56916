"""A dashboard on a free port, and a page of Chromium that notes what it does.

`url` is the only thing the tests know of the app: another conftest may serve it from real sources. What needs a source
to fail, or to be watched, asks for `gateway`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request
from werkzeug.serving import make_server

from fluxdash.app import create_app
from fluxdash.settings import Settings
from tests.ui.fake import FakeGateway


@dataclass
class Seen:
    """What a page did: what it complained about, and which callbacks it asked for."""

    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def settle(self, page: Page, panels: int) -> int:
        """Wait until that many panels were asked and the page is quiet; return how many there were."""
        for _ in range(150):
            page.wait_for_timeout(100)
            if len(self.panels()) >= panels:
                break
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(600)
        return len(self.panels())

    def panels(self) -> list[str]:
        """The outputs of the panels and strips that were asked, one for each request."""
        return [each for each in self.asked if "drawn" in each or "tiles" in each]


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def url(gateway: FakeGateway) -> Iterator[str]:
    app = create_app(Settings(), gateway)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-US", timezone_id="UTC"
    )
    yield context
    context.close()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(context: BrowserContext, seen: Seen) -> Iterator[Page]:
    """A page that must end without a word in its console."""
    page = context.new_page()
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))

    def note(request: Request) -> None:
        if "_dash-update-component" in request.url:
            seen.asked.append(str((request.post_data_json or {}).get("outputs")))

    page.on("request", note)
    yield page
    assert seen.complaints == []
