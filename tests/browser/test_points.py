"""From a point of a chart to the traces and requests of its bucket, with a mouse, a finger and keys, and back again."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fluxdash.semantic.exemplars import Exemplar
from tests.browser.conftest import LOOK, Seen, served, watch
from tests.browser.looking import HOUR, address, open_view, past_hour, words
from tests.browser.test_accessible import wrong
from tests.ui.fake import FakeGateway, _latency
from tests.ui.faketraces import RETRIED, FakeTraces

pytestmark = pytest.mark.browser

START = int(time.time() - 2 * HOUR) // HOUR * HOUR
BUCKET = 25
BEGIN = START + BUCKET * 60
VIEW = f"{past_hour()}&refresh=off&region=us-east-1&compare=off"
SPOT = """([title, uid, at]) => {
    const panel = [...document.querySelectorAll('.panel')].find(each => each.querySelector('h2').textContent === title);
    panel.scrollIntoView({block: 'center'});
    const graph = panel.querySelector('.js-plotly-plot'), full = graph._fullLayout, box = graph.getBoundingClientRect();
    const named = each => uid ? each.uid.replace('-points', '') === uid : each.type === 'bar';
    const drawn = graph.calcdata[graph._fullData.findIndex(named)][at];
    const bar = drawn.b !== undefined && drawn.s !== undefined, y = bar ? drawn.b + drawn.s / 2 : drawn.y;
    return {x: box.left + full.xaxis._offset + full.xaxis.c2p(bar ? drawn.p : drawn.x),
            y: box.top + full.yaxis._offset + full.yaxis.c2p(y)};
}"""
SLOW = Exemplar(BEGIN + 20.0, 5.4, RETRIED)
"""Away from all lines, and from where the last test pressed."""


@pytest.fixture(scope="module")
def traces() -> FakeTraces:
    return FakeTraces()


@pytest.fixture(scope="module")
def url(traces: FakeTraces) -> Iterator[str]:
    with served(FakeGateway(exemplified=(SLOW,)), traces=traces) as address:
        yield address


@pytest.fixture
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, theme = getattr(request, "param", (1440, "light"))
    look: dict[str, Any] = {**LOOK, "color_scheme": theme, "has_touch": width < 640, "is_mobile": width < 640}
    context, seen = browser.new_context(**{**look, "viewport": {"width": width, "height": 844}}), Seen()
    page = context.new_page()
    watch(page, seen)
    open_view(page, url, VIEW)
    yield page
    context.close()
    assert seen.complaints == []


def spot(page: Page, panel: str, uid: str | None, at: int = BUCKET) -> dict[str, float]:
    """Return where a point is, once nothing moves any more."""
    found: dict[str, float] = {}
    while found != (now := page.evaluate(SPOT, [panel, uid, at])):
        found = now
        page.wait_for_timeout(200)
    return found


def press(page: Page, at: dict[str, float], button: Any = "left") -> None:
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):
        page.touchscreen.tap(at["x"], at["y"])
        return
    page.mouse.move(at["x"] - 3, at["y"])
    page.mouse.move(at["x"], at["y"], steps=2)
    page.wait_for_timeout(150)
    page.mouse.click(at["x"], at["y"], button=button)


def choose(page: Page, name: str) -> None:
    page.locator("[data-pop=point].open").get_by_role("menuitem", name=name).click()


def back(page: Page) -> None:
    page.go_back()
    page.wait_for_function("() => document.querySelector('.errt') && !document.querySelector('[data-state=loading]')")


def rfc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def of_the_bucket(page: Page, reach: int = 0) -> None:
    assert (words(page)["from"], words(page)["to"]) == ([rfc(BEGIN - reach)], [rfc(BEGIN + 60)])
    assert (words(page)["region"], words(page)["compare"]) == (["us-east-1"], ["off"])


@pytest.mark.parametrize("page", [(1440, "light"), (390, "dark")], ids=["wide", "narrow"], indirect=True)
def test_a_point_of_a_latency_opens_the_slow_traces_of_its_bucket_and_back_returns(
    page: Page, traces: FakeTraces
) -> None:
    press(page, spot(page, "Latency", "p95"))
    menu = page.locator("[data-pop=point].open")
    expect(menu.locator(".hd")).to_have_text(f"{rfc(BEGIN)[11:16]} – {rfc(BEGIN + 60)[11:16]}")
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    page.evaluate(Axe().axe_script)
    assert wrong(page, ".pop.open") == []
    before, scrolled = address(page), page.evaluate("scrollY")
    least = int(_latency(0.95, BEGIN) * 10) / 10
    choose(page, f"Traces of {least:g}")
    page.wait_for_selector(".trace-row")
    assert "/traces?" in address(page)
    # What took as long as the P99 and ended in the bucket may have begun that long before it.
    of_the_bucket(page, math.ceil(_latency(0.99, BEGIN)))
    assert words(page)["min"] == [f"{least:g}s"]
    asked = next(each for each in reversed(traces.asked) if each.least is not None)
    assert asked.least == least
    assert BEGIN - 30 < asked.scope.window.start <= BEGIN - _latency(0.99, BEGIN)
    assert asked.scope.window.end == BEGIN + 60
    assert [(each.dimension.slug, each.values) for each in asked.scope.filters] == [("region", ("us-east-1",))]
    page.go_back()
    page.wait_for_function("() => document.querySelector('[data-panel=\"overview.latency\"] .js-plotly-plot')")
    assert address(page) == before
    page.wait_for_function("at => Math.abs(scrollY - at) < 2", arg=scrolled)


def test_a_cause_opens_its_failed_traces_and_the_requests_behind_it(page: Page, traces: FakeTraces) -> None:
    press(page, spot(page, "Errors by cause", None), "right")
    menu = page.locator("[data-pop=point].open")
    expect(menu.locator(".hd")).to_contain_text("ThrottlingException")
    expect(menu.get_by_role("menuitem", name="Filter by ThrottlingException")).to_be_visible()
    choose(page, "Failed traces")
    page.wait_for_selector(".trace-row")
    of_the_bucket(page)
    assert (words(page)["errors"], words(page)["error_type"]) == (["on"], ["ThrottlingException"])
    assert any(each.errors and each.scope.window.start == BEGIN for each in traces.asked)
    back(page)
    press(page, spot(page, "Latency", "p50"))
    choose(page, "Requests")
    page.wait_for_selector(".ag-row[row-id]")
    assert "/requests?" in address(page)
    of_the_bucket(page)
    assert words(page)["sort"] == ["latency"]
    assert {"errors", "error_type", "min"}.isdisjoint(words(page))


def test_a_mark_opens_its_trace_and_the_menu_of_a_panel_its_window(page: Page, traces: FakeTraces) -> None:
    press(page, spot(page, "Latency", "exemplars", 0))
    expect(page.locator("#trace-head")).to_contain_text("$0.01278")
    of_the_bucket(page, math.ceil(SLOW.seconds))
    assert words(page)["id"] == [RETRIED.padded]
    back(page)
    page.get_by_role("button", name="Menu of Errors by cause").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-pop=panel] :focus")).to_contain_text("Open in Tracesfailed")
    page.keyboard.press("Enter")
    page.wait_for_selector(".trace-row")
    assert (words(page)["errors"], words(page)["from"]) == (["on"], [rfc(START)])
    assert "id" not in words(page)
