"""Between a phone and a wide screen: every control can be reached, the zone is told, and nothing overlaps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Desk, served
from tests.browser.looking import open_view
from tests.ui.fake import FakeGateway

pytestmark = pytest.mark.browser

PATHS = ("/", "/cost", "/cache", "/models")

HIDDEN = """() => [...document.querySelectorAll('.topbar button, .topbar a')]
    .filter(each => each.offsetParent && !each.closest('.pop, .pills') && each.textContent + each.ariaLabel)
    .filter(each => {
        const box = each.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
        const there = document.elementFromPoint(x, y);
        return !(there && (each.contains(there) || there.contains(each)));
    }).map(each => each.textContent || each.ariaLabel)"""
"""The buttons of the bars that a pointer cannot reach."""

CROWDED = """() => [...document.querySelectorAll('.panel[data-state=data] .js-plotly-plot')].flatMap(graph => {
    if (!graph.offsetParent) return [];
    const boxes = [...graph.querySelectorAll('.annotation text, .xtick text')].filter(each => each.textContent.trim())
        .map(each => [each.textContent, each.getBoundingClientRect()]).filter(([, box]) => box.width);
    return boxes.flatMap(([text, box], i) => boxes.slice(i + 1)
        .filter(([, other]) => box.left < other.right - 2 && other.left < box.right - 2
            && box.top < other.bottom - 3 && other.top < box.bottom - 3)
        .map(([other]) => `${text} / ${other}`));
})"""
"""Words of one chart that lie on each other."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(FakeGateway()) as address:
        yield address


@pytest.fixture(params=[700, 768, 860, 992, 1100, 1280, 1440], ids=str)
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="en-US", timezone_id="UTC")
    page = context.new_page()
    open_view(page, url, "range=24h&refresh=off")
    yield page
    context.close()


def test_all_controls_are_in_sight_and_no_words_lie_on_each_other(page: Page) -> None:
    desk = Desk(page, "", FakeGateway(), None)  # type: ignore[arg-type]
    for path in PATHS:
        desk.at("range=24h&refresh=off&region=us-east-1", path)
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], path
        assert page.evaluate(HIDDEN) == [], path
        assert page.evaluate(CROWDED) == [], path
        assert page.locator(".zone").is_visible(), path
        range_ = page.locator("[data-ranges] [data-range='7d'], [data-open=range]").locator("visible=true")
        assert range_.count() == 1, path


def test_on_a_phone_no_title_is_cut_and_nothing_sticks_out(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="UTC")
    page = context.new_page()
    open_view(page, url, "range=1h&refresh=off")
    desk = Desk(page, "", FakeGateway(), None)  # type: ignore[arg-type]
    for path in PATHS:
        desk.at("range=1h&refresh=off", path)
        cut = "[...document.querySelectorAll('.panel h2')].filter(each => each.scrollWidth > each.clientWidth)"
        assert page.evaluate(f"{cut}.map(each => each.textContent)") == [], path
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
    context.close()
