"""Nothing that axe-core looks for is wrong: on every page, in both themes, wide and narrow, with all that can open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from fluxdash.demo.simulator import Simulator
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from tests.browser.conftest import Desk, served
from tests.browser.looking import open_view, settled
from tests.ui.fake import FakeGateway

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = {"type": "rule", "values": ["color-contrast"]}
"""The one rule that the theme is for; all others are about what both themes share."""

ASK = "([within, options]) => axe.run(within || document, options).then(each => each.violations)"
OPEN = ".pop.open, dialog[open]"
WIDE, NARROW = (1440, 900), (390, 844)


def wrong(page: Page, within: str | None = None) -> list[str]:
    """Return what is wrong on the page or within a part of it: the rule, and the first elements that break it."""
    dark = page.evaluate("fluxdash.theme()") == "dark"
    options = {"resultTypes": ["violations"], "runOnly": OF_COLOUR if dark else RULES}
    found: list[dict[str, Any]] = page.evaluate(ASK, [within, options])
    return [f"{each['id']}: {[node['target'] for node in each['nodes'][:3]]}" for each in found]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(FakeGateway()) as address:
        yield address


@pytest.fixture(params=[(*WIDE, "light"), (*WIDE, "dark"), (*NARROW, "light"), (*NARROW, "dark")], ids=str)
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, theme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US", has_touch=width < 640
    )
    page = context.new_page()
    open_view(page, url, "range=1h&refresh=off&region=us-east-1&zone=nowhere")
    page.evaluate(Axe().axe_script)
    yield page
    context.close()


def test_every_page_and_everything_that_opens_on_it_is_accessible(page: Page) -> None:
    found: dict[str, list[str]] = {}
    desk = Desk(page, "", FakeGateway(), None)  # type: ignore[arg-type]
    for each in PAGES:
        found[each.title] = wrong(desk.at("range=1h&refresh=off&region=us-east-1&zone=nowhere", each.path))
    desk.at("range=1h&refresh=off")
    for name, opened in _layers(page):
        found[name] = wrong(page, OPEN)
        opened()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over a real log of two hours: nine models, twelve accounts, NULLs and failures."""
    folder, now = tmp_path_factory.mktemp("lived"), time.time()
    simulator = Simulator(f"sqlite:///{folder / 'log.db'}", None, rate=1.0, quirks=True)
    simulator.backfill(now - 7200, now)
    simulator.stop()
    told = {"DATABASE_URL": f"sqlite:///{folder / 'log.db'}", "FLUXDASH_CACHE": "memory", "FLUXDASH_BUDGET": "1"}
    settings = Settings.from_env(told)
    gateway = connect(settings, profile(settings.profile))
    with served(gateway, settings) as address:
        yield address
    gateway.close()


@pytest.mark.parametrize(("width", "height", "theme"), [(*WIDE, "light"), (*NARROW, "light")])
def test_every_page_over_a_log_as_it_is_in_life_is_accessible(
    browser: Browser, lived: str, width: int, height: int, theme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US", has_touch=width < 640
    )
    page = context.new_page()
    open_view(page, lived, "range=1h&refresh=off")
    page.evaluate(Axe().axe_script)
    desk = Desk(page, "", FakeGateway(), None)  # type: ignore[arg-type]
    found = {each.title: wrong(desk.at("range=1h&refresh=off", each.path)) for each in PAGES}
    context.close()
    assert {name: each for name, each in found.items() if each} == {}


def _layers(page: Page) -> Iterator[tuple[str, Any]]:
    """Open one layer after the other; each is closed by what comes with its name."""

    def close() -> None:
        page.keyboard.press("Escape")

    page.keyboard.press("?")
    yield "keys", close
    page.keyboard.press("Control+k")
    page.keyboard.type("us")
    page.wait_for_timeout(600)
    yield "palette", close
    for name in ("range", "more", "refresh", "zone", "more-filters", "filter-model"):
        opener = page.locator(f"[data-open='{name}']:visible")
        if opener.count():
            opener.first.click()
            page.wait_for_timeout(300)
            yield name, close
    page.evaluate("fluxdash.open('custom', document.querySelector('[data-theme-toggle]'))")
    page.locator(".dash-datepicker input").first.click()
    page.locator(".dash-datepicker-content").wait_for()
    page.wait_for_timeout(100)
    yield "calendar", lambda: (close(), close())
    for what in ("how", "table"):
        page.locator("[data-menu='overview.latency']").click()
        yield "menu", lambda: None
        page.locator(f"[data-do={what}]").click()
        page.locator("dialog[open] h3").wait_for()
        yield what, close


def test_nothing_to_press_is_smaller_than_a_finger(page: Page) -> None:
    settled(page)
    touch = page.evaluate("matchMedia('(pointer: coarse)').matches")
    least = 40 if touch else 24
    small = page.evaluate(
        """least => [...document.querySelectorAll('button, a[href], input, [role=option]')]
            .filter(each => each.offsetParent && !each.closest('.skip, .sr, .js-plotly-plot, p'))
            .map(each => [each.closest('.pill, .seg, label') || each, each.outerHTML.slice(0, 90)])
            .map(([target, text]) => [target.getBoundingClientRect(), text])
            .filter(([box]) => box.width && (box.height < least || box.width < Math.min(least, 24)))
            .map(([box, text]) => `${Math.round(box.width)}x${Math.round(box.height)} ${text}`)""",
        least,
    )
    assert small == []


def test_in_forced_colours_what_is_chosen_has_an_outline_and_marks_keep_theirs(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, forced_colors="active")
    page = context.new_page()
    open_view(page, url, "range=1h&refresh=off&region=us-east-1")
    for chosen in (".seg [data-range='1h']", "#compare", ".pill.on", ".nav-a[aria-current]"):
        assert page.locator(chosen).first.evaluate("each => getComputedStyle(each).outlineStyle") == "solid", chosen
    plain = page.locator(".seg [data-range='6h']").first
    assert plain.evaluate("each => getComputedStyle(each).outlineStyle") == "none"
    colours = page.locator(".errt .sw").evaluate_all("all => all.map(each => getComputedStyle(each).backgroundColor)")
    assert len(set(colours)) == len(colours) > 1
    context.close()
