"""The traces in a browser: find, open, fold, walk, and nothing that a span says is anything but text."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fluxdash.errors import SourceUnreachable
from tests.browser.conftest import LOOK, Seen, served, watch
from tests.browser.looking import words
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import HARM, HARMFUL, HUGE, RETRIED, FakeTraces

VIEW = "range=1h&refresh=off"


@pytest.fixture(scope="module")
def traces() -> FakeTraces:
    return FakeTraces()


@pytest.fixture(scope="module")
def address(traces: FakeTraces) -> Iterator[str]:
    with served(FakeGateway(), traces=traces) as url:
        yield f"{url}/traces"


@pytest.fixture(scope="module")
def shared_page(browser: Browser) -> Iterator[tuple[Page, Seen]]:
    context, seen = browser.new_context(**LOOK), Seen()
    page = context.new_page()
    watch(page, seen)
    yield page, seen
    context.close()


@pytest.fixture
def page(shared_page: tuple[Page, Seen], traces: FakeTraces) -> Iterator[Page]:
    """A page that must end without a word in its console."""
    page, seen = shared_page
    traces.wrong, traces.count, traces.older = None, 30, None
    page.set_viewport_size({"width": 1440, "height": 900})
    yield page
    said, seen.complaints = seen.complaints, []
    assert said == []


def opened(page: Page, address: str, more: str = "") -> None:
    page.goto(f"{address}?{VIEW}{more}")
    page.wait_for_selector(".trace-row, .trace-list .blank", timeout=20_000)


def rows(page: Page) -> list[str]:
    return [each.strip() for each in page.locator(".wf-all .wf-n").all_inner_texts()]


def test_a_click_in_the_list_opens_the_trace_and_its_first_failure(page: Page, address: str) -> None:
    opened(page, address)
    expect(page.locator(".trace-row")).to_have_count(30)
    page.locator(".trace-row").first.click()
    expect(page.locator(".wf-all .wf-r")).to_have_count(6)
    assert words(page)["id"] == [RETRIED.padded]
    expect(page.locator(".span-drawer .span-name")).to_have_text("invoke")
    expect(page.locator(".span-drawer .errbox")).to_have_count(1)
    expect(page.locator(".span-drawer .span-dh")).to_contain_text("recorded 2 times")
    expect(page.locator("#trace-head")).to_contain_text("$0.01278")
    expect(page.locator("#trace-head a[target=_blank]")).to_have_attribute(
        "href", f"https://jaeger.example/trace/{RETRIED}"
    )
    expect(page.locator("#trace-alike")).to_contain_text("n\u00a040")


def test_an_address_opens_a_trace_however_its_id_is_written(page: Page, address: str) -> None:
    for text in (RETRIED.padded.upper(), RETRIED.padded[:8], HUGE.digits):
        opened(page, address, f"&id={text}")
        expect(page.locator(".wf-all .wf-r").first).to_be_visible()
    opened(page, address, "&id=../api/services")
    expect(page.locator("#trace-head")).to_contain_text("8 to 32 hex digits")
    opened(page, address, "&id=abcdefabcdef")
    expect(page.locator("#trace-head")).to_contain_text("No such trace")


def test_keys_walk_fold_and_close(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}")
    expect(page.locator(".span-drawer .span-name")).to_have_text("invoke")
    page.keyboard.press("f")
    expect(page.locator(".wf-r[aria-selected=true] .wf-n")).to_contain_text("invoke")
    page.keyboard.press("b")
    page.keyboard.press("b")
    expect(page.locator(".span-drawer .span-name")).to_have_text("embeddings.generate")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".span-drawer .span-name")).to_have_text("cache.lookup")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".wf-all .wf-r")).to_have_count(5)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wf-all .wf-r")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(page.locator(".span-drawer")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#trace-head")).to_contain_text("No trace is open")
    assert "id" not in words(page)


def test_the_span_that_is_picked_is_part_of_the_address(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}&span=cache.lookup")
    expect(page.locator(".span-drawer .span-name")).to_have_text("cache.lookup")
    page.locator(".wf-r", has_text="chat_completion").click()
    expect(page.locator(".span-drawer .span-name")).to_have_text("chat_completion")
    assert words(page)["span"] == ["chat_completion"]


def test_what_is_odd_is_said(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}")
    expect(page.locator(".trace-notes")).to_contain_text("One span names a parent that never came")
    expect(page.locator(".wf-gap")).to_have_count(1)
    expect(page.locator(".wf-all")).to_contain_text("ThrottlingException · try 1 of 2")
    expect(page.locator(".cp-b")).to_contain_text("waiting between tries")


def test_the_search_is_written_into_the_address_and_asked(page: Page, address: str, traces: FakeTraces) -> None:
    opened(page, address)
    page.fill("#trace-min", "2 s")
    page.fill("#trace-operation", "invoke")
    page.fill("#trace-tags", 'cache.type=exact note="a b"')
    page.locator("[data-trace-search]").click()
    page.wait_for_function("() => location.search.includes('min=')")
    page.locator("[data-trace-errors]").click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    last = traces.asked[-1]
    assert (last.least, last.operation, last.errors) == (2.0, "invoke", True)
    assert last.tags == (("cache.type", "exact"), ("note", "a b"))
    page.locator("[data-trace-clear]").click()
    expect(page.locator("#trace-min")).to_have_value("")
    assert "min" not in words(page)


def test_a_wrong_word_is_told_and_left_out(page: Page, address: str, traces: FakeTraces) -> None:
    opened(page, address, "&min=soon&max=5s")
    expect(page.locator("#trace-banner")).to_contain_text("min duration='soon' is not allowed")
    assert (traces.asked[-1].least, traces.asked[-1].most) == (None, 5.0)


def test_older_goes_on_where_the_list_ends(page: Page, address: str, traces: FakeTraces) -> None:
    traces.older = (int(time.time()) - 60) * 10**9
    opened(page, address)
    expect(page.locator("#trace-dots-foot")).to_contain_text("newest 30 of 480 that match")
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    assert traces.asked[-1].before == traces.older


def test_a_dot_opens_its_trace(page: Page, address: str) -> None:
    opened(page, address)
    page.wait_for_selector("#trace-dots .scatterlayer .points path")
    assert page.locator("#trace-dots .points path").count() == 30
    page.wait_for_timeout(300)
    dot = page.locator("#trace-dots .scatterlayer .points path").first.bounding_box()
    assert dot is not None
    page.mouse.move(dot["x"] + dot["width"] / 2 - 2, dot["y"] + dot["height"] / 2)
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('id=')")


def test_nothing_that_a_span_says_is_more_than_text(page: Page, address: str) -> None:
    opened(page, address, f"&id={HARMFUL.padded}")
    expect(page.locator(".span-drawer .span-name")).to_have_text(HARM)
    for tab in ("events", "process", "tags"):
        page.locator(f"[data-span-tab={tab}]").click()
    page.locator(".wf-all .wf-r").first.hover()
    page.wait_for_timeout(200)
    assert page.evaluate("() => window.__xss") is None
    assert page.locator("#traces img, #traces .wf b, .span-drawer a").count() == 0
    assert page.locator("#traces a[href^='javascript']").count() == 0
    expect(page.locator("#trace-head a[target=_blank]")).to_have_count(0)


def opening(page: Page) -> float:
    """Open the largest trace and return how long that took, in seconds of a machine that does nothing else.

    Where more runs than there are processors for, each gets but its share of them.
    """
    page.wait_for_load_state("networkidle")
    began = time.monotonic()
    page.locator(".trace-row").nth(2).click()
    page.wait_for_selector(".wf-map")
    page.wait_for_selector(".wf-all .wf-r[aria-selected=true]")
    return (time.monotonic() - began) / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_ten_thousand_spans_open_scroll_and_fold_without_freezing(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate(
        """() => new PerformanceObserver(list => {
            window.__long = Math.max(window.__long || 0, ...list.getEntries().map(each => each.duration));
        }).observe({type: 'longtask'})"""
    )
    assert opening(page) < 2.0
    assert page.locator(".wf-all .wf-r").count() < 100
    assert page.evaluate("() => document.querySelector('.wf-scroll').getAttribute('aria-rowcount')") == "10000"
    page.wait_for_load_state("networkidle")
    page.evaluate("() => { window.__long = 0 }")
    frames = page.evaluate(
        """async () => {
            const box = document.querySelector('.wf-scroll'); let slowest = 0, last = performance.now();
            for (let i = 0; i < 60; i++) {
                box.scrollTop = i / 60 * box.scrollHeight;
                await new Promise(requestAnimationFrame);
                slowest = Math.max(slowest, performance.now() - last); last = performance.now();
            }
            box.scrollTop = 0;
            await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
            return slowest;
        }"""
    )
    assert frames < 250
    page.locator("[data-wf-fold='0']").click()
    expect(page.locator(".wf-all .wf-r")).to_have_count(1)
    page.locator("[data-wf-fold='0']").click()
    expect(page.locator(".wf-all .wf-r").nth(5)).to_be_visible()
    assert page.evaluate("() => window.__long") < 500


def test_beyond_ten_thousand_some_are_left_out_and_it_is_said(page: Page, address: str, traces: FakeTraces) -> None:
    traces.size = 12_000
    opened(page, address, f"&id={HUGE.padded}")
    expect(page.locator("#trace-head")).to_contain_text("2,000 of 12,000 spans are left out")
    expect(page.locator(".wf-r[aria-selected=true] .wf-bad")).to_be_visible()
    traces.size = 10_000


def test_a_store_that_is_down_is_said_in_words(page: Page, address: str, traces: FakeTraces) -> None:
    traces.wrong = SourceUnreachable("Jaeger", "did not answer")
    opened(page, address, f"&id={RETRIED.padded}")
    expect(page.locator("#trace-list")).to_contain_text("Jaeger did not answer")
    expect(page.locator("#trace-head")).to_contain_text("Jaeger did not answer")


def test_nothing_found_is_said_with_a_way_to_look_for_less(page: Page, address: str, traces: FakeTraces) -> None:
    traces.count = 0
    opened(page, address, "&min=10s")
    expect(page.locator("#trace-list")).to_contain_text("No trace matches")
    page.get_by_role("button", name="Clear the search").click()
    expect(page.locator("#trace-list")).to_contain_text("No requests in this window")


def test_a_small_screen_shows_the_list_or_the_trace(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address)
    expect(page.locator(".trace-detail")).to_be_hidden()
    page.locator(".trace-row").first.click()
    expect(page.locator(".trace-list-p")).to_be_hidden()
    page.get_by_role("button", name="Older trace").click()
    page.wait_for_function(f"() => location.search.includes('{HARMFUL.padded}')")
    page.get_by_role("button", name="Traces", exact=True).click()
    expect(page.locator(".trace-list-p")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
