"""A dashboard on a free port, and a page of Chromium that notes what it does.

`url` is the only thing the tests know of the app: another conftest may serve it from real sources. What needs a source
to fail, or to be watched, asks for `gateway`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from werkzeug.serving import make_server

from fluxdash.app import create_app
from fluxdash.settings import Settings
from fluxdash.sources.source import Gateway
from fluxdash.sources.trace_store import Traces
from tests.browser.looking import open_view, settled
from tests.ui.fake import FakeGateway

HERE = Path(__file__).parent

# A machine that runs other tests beside these is no reason to fail; five seconds, the default, can be too few there.
expect.set_options(timeout=30_000)

LOOK: Any = {
    "viewport": {"width": 1440, "height": 900},
    "color_scheme": "light",
    "locale": "en-US",
    "timezone_id": "UTC",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder opens a browser, and `make test` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


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
    with served(gateway) as address:
        yield address


@contextmanager
def served(gateway: Gateway, settings: Settings | None = None, traces: Traces | None = None) -> Iterator[str]:
    """Serve a dashboard over a gateway; yields its address."""
    app = create_app(settings or Settings(), gateway, traces=traces)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**LOOK)
    yield context
    context.close()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(context: BrowserContext, seen: Seen) -> Iterator[Page]:
    """A page that must end without a word in its console."""
    page = context.new_page()
    watch(page, seen)
    yield page
    assert seen.complaints == []


def watch(page: Page, seen: Seen) -> None:
    """Note what a page does from now on."""
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))

    def note(request: Request) -> None:
        if "_dash-update-component" in request.url:
            seen.asked.append(str((request.post_data_json or {}).get("outputs")))

    page.on("request", note)


@dataclass
class Desk:
    """One page that the tests of a module share: loaded once, and moved from view to view as a reader would."""

    page: Page
    url: str
    gateway: FakeGateway
    seen: Seen

    def at(self, search: str = "range=1h&refresh=off", path: str = "/") -> Page:
        """Go to a view, with nothing open and nothing under the pointer, and wait until it is drawn."""
        self.page.mouse.move(0, 899)
        self.page.evaluate(
            """([path, search]) => {
                fluxdash.close();
                document.querySelectorAll('dialog[open]').forEach(each => each.close());
                if (document.activeElement) document.activeElement.blur();
                fluxdash.go(words => {
                    [...words.keys()].forEach(each => words.delete(each));
                    new URLSearchParams(search).forEach((value, name) => words.append(name, value));
                }, path.slice(1));
            }""",
            [path, search],
        )
        settled(self.page)
        return self.page


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Desk]:
    with _opened(browser, "") as desk:
        yield desk


@pytest.fixture(scope="module")
def log_desk(browser: Browser) -> Iterator[Desk]:
    """The log's page, which the tests of a module share."""
    with _opened(browser, "/requests") as desk:
        yield desk


@contextmanager
def _opened(browser: Browser, path: str) -> Iterator[Desk]:
    """A page over a gateway of its own, which may use the clipboard."""
    gateway, seen = FakeGateway(), Seen()
    context = browser.new_context(**LOOK)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    with served(gateway) as address:
        page = context.new_page()
        watch(page, seen)
        open_view(page, address + path, "range=1h&refresh=off")
        yield Desk(page, address, gateway, seen)
        context.close()


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    """The shared page at the last hour; no test may leave a word in its console."""
    shared.gateway.rate = 14.0
    shared.gateway.wrong.clear()
    shared.at()
    yield shared
    said, shared.seen.complaints = shared.seen.complaints, []
    assert said == []
