"""The traces in a browser: find, open, fold, walk, and nothing that a span says is anything but text."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from fluxdash.errors import SourceUnreachable
from fluxdash.semantic.tracesearch import TraceSearch
from fluxdash.sources.source import SourceState
from tests.browser.conftest import LOOK, Seen, served, watch
from tests.browser.looking import words
from tests.browser.test_accessible import wrong
from tests.traced import EPOCH, MS
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import GROWING, HARM, HARMFUL, HUGE, RETRIED, FakeTraces

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
    traces.wrong, traces.count, traces.older, traces.grown = None, 30, None, 1
    page.set_viewport_size({"width": 1440, "height": 900})
    yield page
    said, seen.complaints = seen.complaints, []
    assert said == []


def opened(page: Page, address: str, more: str = "") -> None:
    page.goto(f"{address}?{VIEW}{more}")
    page.wait_for_selector(".trace-row, .trace-list .blank", timeout=60_000)


def rows(page: Page) -> list[str]:
    return [each.strip() for each in page.locator(".wf-all .wf-n").all_inner_texts()]


def searched(traces: FakeTraces) -> TraceSearch:
    """The last search for anything; what is around it is asked for as well."""
    return [each for each in traces.asked if each.least or each.most or each.errors][-1]


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


def test_a_long_note_beside_a_bar_is_cut_at_its_end_and_not_at_its_beginning(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}")
    page.wait_for_selector(".wf-all .wf-r")
    outside = page.evaluate(
        """() => {
            const trace = fluxdash.trace, track = document.querySelector(".wf-all");
            return trace.sheet.start.map((_, i) => {
                trace.sheet.notes[i] = "ValidationException · try 2 of 3 · after 6 ms ".repeat(5);
                const row = track.appendChild(trace.row(i, 0)), note = row.querySelector(".wf-l");
                const inside = row.querySelector(".wf-t").getBoundingClientRect();
                const box = note && note.getBoundingClientRect();
                row.remove();
                return box ? Math.max(inside.left - box.left, box.right - inside.right) : 0;
            });
        }"""
    )
    assert max(outside) < 1, outside


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
    last = searched(traces)
    assert (last.least, last.operation, last.errors) == (2.0, "invoke", True)
    assert last.tags == (("cache.type", "exact"), ("note", "a b"))
    page.locator("[data-trace-clear]").click()
    expect(page.locator("#trace-min")).to_have_value("")
    assert "min" not in words(page)


def test_a_wrong_word_is_told_and_left_out(page: Page, address: str, traces: FakeTraces) -> None:
    opened(page, address, "&min=soon&max=5s")
    expect(page.locator("#trace-banner")).to_contain_text("min duration='soon' is not allowed")
    assert (searched(traces).least, searched(traces).most) == (None, 5.0)


def test_a_wrong_word_is_repeated_as_text(page: Page, address: str) -> None:
    opened(page, address, f"&min={quote(HARM)}&tags={quote(HARM)}&operation={quote(HARM)}")
    expect(page.locator("#trace-banner")).to_contain_text("<img src=x")
    expect(page.locator("#trace-operation")).to_have_value(HARM)
    assert page.locator("#trace-banner img, #trace-banner a, #trace-banner b b").count() == 0
    assert page.evaluate("() => window.__xss") is None


def test_before_a_first_answer_there_are_no_axes(browser: Browser, address: str) -> None:
    context = browser.new_context(**LOOK)
    waiting = context.new_page()

    def hold(route: Route) -> None:
        if "trace-list.children" not in (route.request.post_data or ""):
            route.continue_()

    waiting.route("**/_dash-update-component*", hold)
    waiting.goto(f"{address}?{VIEW}")
    waiting.wait_for_selector("#trace-dots .main-svg", state="attached")
    expect(waiting.locator("#trace-dots .main-svg").first).to_be_hidden()
    expect(waiting.locator(".trace-list .sk")).to_have_count(8)
    context.close()


def test_the_sources_say_that_traces_were_read_as_soon_as_they_are_listed(browser: Browser) -> None:
    class Table(FakeTraces):
        def states(self) -> tuple[SourceState, ...]:
            return (SourceState("spans", "ok", time.time() if self.asked else None),)

    context = browser.new_context(**LOOK)
    page = context.new_page()
    with served(FakeGateway(), traces=Table()) as url:
        opened(page, f"{url}/traces")
        expect(page.get_by_role("listitem", name="Table of spans")).to_be_visible()
        context.close()


def test_what_is_listed_comes_as_csv(page: Page, address: str) -> None:
    opened(page, address, "&min=5s")
    with page.expect_download() as clicked:
        page.get_by_role("button", name="Menu of Traces").click()
        page.get_by_role("menuitem", name="Download CSV").click()
    assert re.fullmatch(r"fluxdash-traces-[0-9T]+-[0-9T]+\.csv", clicked.value.suggested_filename)
    lines = clicked.value.path().read_text().splitlines()
    assert "# search,min = 5 s" in lines
    assert sum(not each.startswith("#") for each in lines) == 1 + page.locator(".trace-row").count()
    page.locator(".trace-list").focus()
    with page.expect_download():
        page.keyboard.press("d")


def test_the_menu_of_a_list_has_what_a_list_can_do(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, address, "&min=5s")
    page.get_by_role("button", name="Menu of Duration").click()
    items = page.locator("[data-pop=panel] [role=menuitem]")
    expect(items.locator("visible=true")).to_have_text(["Open in Requestso", "Download CSVd", "Copy queryq"])
    items.filter(has_text="Copy query").click()
    expect(page.locator("#insight pre")).to_contain_text("/api/traces?service=gateway")
    page.wait_for_function(
        "async asked => (await navigator.clipboard.readText()).includes(asked)", arg="/api/traces?service=gateway"
    )
    page.keyboard.press("Escape")
    opened(page, address, "&min=900s")
    page.get_by_role("button", name="Menu of Traces").click()
    expect(items.filter(has_text="Download CSV")).to_be_disabled()
    items.filter(has_text="Open in Requests").click()
    expect(page.locator("h1")).to_have_text("Requests")


def test_the_request_is_found_whatever_the_window(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}")
    page.get_by_role("link", name="Request", exact=True).click()
    page.wait_for_function("() => location.pathname.endsWith('/requests')")
    found = words(page)
    assert found["find"] == ["req_1"]
    assert found["from"] < [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((EPOCH + 1000 * MS) / 1e9))] < found["to"]


def test_a_way_to_a_trace_keeps_the_window_and_the_filters(page: Page, address: str) -> None:
    page.goto(f"{address.removesuffix('traces')}cost?range=7d&refresh=off&region=us-east-1")
    page.locator("a[href^='traces?id=']:visible").first.click()
    page.wait_for_selector(".trace-row, .trace-list .blank")
    kept = words(page)
    assert (kept["range"], kept["region"], len(kept["id"])) == (["7d"], ["us-east-1"], 1)


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


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_dots_lie_on_the_clock_of_the_page_and_not_on_that_of_the_browser(
    browser: Browser, address: str, zone: str
) -> None:
    context = browser.new_context(**{**LOOK, "timezone_id": zone})
    there = context.new_page()
    opened(there, address)
    there.wait_for_selector("#trace-dots .scatterlayer .points path")
    shown = there.evaluate("fluxdash.one('#trace-dots .js-plotly-plot')._fullLayout.xaxis.range")
    window = there.evaluate("[fluxdash.here.window.start, fluxdash.here.window.end]")
    assert shown[0][:19].replace("T", " ") == time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(window[0]))
    box = there.locator("#trace-dots .nsewdrag").bounding_box()
    assert box is not None
    there.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
    there.mouse.down()
    there.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=5)
    there.mouse.up()
    there.wait_for_function("() => location.search.includes('from=')")
    (chosen,) = words(there)["from"]
    assert window[0] < calendar.timegm(time.strptime(chosen, "%Y-%m-%dT%H:%M:%SZ")) < window[1]
    context.close()


def test_nothing_that_a_span_says_is_more_than_text(page: Page, address: str) -> None:
    opened(page, address, f"&id={HARMFUL.padded}")
    expect(page.locator(".span-drawer .span-name")).to_have_text(HARM)
    for tab in ("events", "process", "tags"):
        page.locator(f"[data-span-tab={tab}]").click()
    page.locator(".wf-all .wf-r").first.hover()
    page.locator(".trace-row").nth(1).hover()
    page.evaluate(
        """harm => {
            const graph = document.querySelector('#trace-dots .js-plotly-plot');
            const curve = graph.data.findIndex(each => each.ids.includes(harm));
            Plotly.Fx.hover(graph, [{curveNumber: curve, pointNumber: graph.data[curve].ids.indexOf(harm)}]);
        }""",
        HARMFUL.padded,
    )
    shown = page.locator("#trace-dots .hovertext").text_content() or ""
    assert shown.startswith("500")
    assert "<img src=x" in shown
    assert "{{7*7}}%{customdata}" in shown
    page.wait_for_timeout(200)
    assert page.evaluate("() => window.__xss") is None
    assert (
        page.locator("#traces img, #traces .wf b, .span-drawer a, #trace-dots a, .hovertext tspan[style*=bold]").count()
        <= 1
    )
    assert page.locator("#traces a[href^='javascript']").count() == 0
    expect(page.locator("#trace-head a[target=_blank]")).to_have_count(0)


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
    expect(page.locator("#trace-head").get_by_role("link", name="Request", exact=True)).to_be_visible()
    page.get_by_role("button", name="Older trace").click()
    page.wait_for_function(f"() => location.search.includes('{HARMFUL.padded}')")
    page.get_by_role("button", name="Traces", exact=True).click()
    expect(page.locator(".trace-list-p")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def drag(page: Page, selector: str, first: float, last: float) -> None:
    """Drag sideways over an element, between two shares of its width."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * first, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (first + last) / 2, y + 2)
    page.mouse.move(box["x"] + box["width"] * last, y)
    page.mouse.up()


def in_sight(page: Page) -> list[int]:
    """The times in sight, in whole milliseconds after the trace's start."""
    found: list[int] = page.evaluate(
        "() => [fluxdash.trace.from, fluxdash.trace.to].map(each => Math.round(each / 1e6))"
    )
    return found


def test_dragging_on_the_axis_or_the_minimap_zooms_the_times_and_a_double_click_shows_all(
    page: Page, address: str
) -> None:
    opened(page, address, f"&id={RETRIED.padded}")
    expect(page.locator(".wf-all .wf-r")).to_have_count(6)
    expect(page.locator(".wf-map")).to_have_count(0)
    drag(page, ".wf-axis .wf-t", 0.4, 0.6)
    first, last = in_sight(page)
    assert (first, last) == (pytest.approx(400, abs=4), pytest.approx(600, abs=4))
    shown = [float(each) for each in page.locator(".wf-axis .wf-t span").all_inner_texts()]
    assert shown == pytest.approx([400, 440, 480, 520, 560], abs=5)
    second = page.locator(".wf-all .wf-r", has_text="invoke").nth(1).locator(".wf-bar")
    left, width = second.evaluate("each => [parseFloat(each.style.left), parseFloat(each.style.width)]")
    assert (left, left + width) == (pytest.approx(0, abs=2), pytest.approx(100, abs=0.1))
    expect(page.locator(".wf-all .wf-r", has_text="cache.lookup").locator(".wf-away")).to_have_count(1)
    page.locator(".wf-axis .wf-t").dblclick()
    assert in_sight(page) == [0, 1000]
    opened(page, address, f"&id={HUGE.padded}")
    drag(page, ".wf-map", 0.25, 0.5)
    first, last = in_sight(page)
    assert (first, last) == (pytest.approx(275, abs=6), pytest.approx(550, abs=6))
    view = page.locator(".wf-view").evaluate("each => [parseFloat(each.style.left), parseFloat(each.style.width)]")
    assert view == pytest.approx([25, 25], abs=1)
    page.get_by_role("button", name="Whole trace").click()
    assert in_sight(page) == [0, 1100]
    expect(page.get_by_role("button", name="Whole trace")).to_be_hidden()


def test_keys_zoom_to_the_span_move_and_show_the_whole_again(page: Page, address: str) -> None:
    opened(page, address, f"&id={RETRIED.padded}&span=invoke 1")
    expect(page.locator(".wf-r[aria-selected=true]")).to_contain_text("invoke")
    page.keyboard.press(".")
    assert in_sight(page) == [80, 220]
    page.keyboard.press("Shift+ArrowRight")
    assert in_sight(page) == [108, 248]
    page.keyboard.press("Shift+ArrowLeft")
    assert in_sight(page) == [80, 220]
    page.keyboard.press(",")
    assert in_sight(page) == [0, 1000]


def test_what_is_folded_and_zoomed_stays_so_through_refreshes_and_other_pages(
    page: Page, address: str, traces: FakeTraces
) -> None:
    opened(page, address, f"&id={RETRIED.padded}&span=chat_completion")
    page.locator("[data-wf-fold='1']").click()
    expect(page.locator(".wf-all .wf-r")).to_have_count(5)
    drag(page, ".wf-axis .wf-t", 0, 0.5)
    zoomed = in_sight(page)
    asked = len(traces.asked)
    page.keyboard.press("r")
    page.wait_for_timeout(500)
    page.wait_for_load_state("networkidle")
    assert len(traces.asked) > asked
    expect(page.locator(".wf-all .wf-r")).to_have_count(5)
    assert in_sight(page) == zoomed
    page.evaluate("() => fluxdash.visit('models')")
    page.wait_for_selector("#traces", state="detached")
    page.evaluate("() => fluxdash.visit('traces')")
    expect(page.locator(".wf-all .wf-r")).to_have_count(5)
    assert in_sight(page) == zoomed
    expect(page.locator("#trace-alike")).to_contain_text("n\u00a040")


def test_what_the_search_leaves_out_is_drawn_pale(page: Page, address: str) -> None:
    opened(page, address)
    named = "() => document.querySelector('#trace-dots .js-plotly-plot').data.map(each => [each.name, each.x.length])"
    assert dict(page.evaluate(named)) == {"ok": 24, "error": 6}
    opened(page, address, "&min=5s")
    page.wait_for_function("() => document.querySelector('#trace-dots .js-plotly-plot').data.length > 2")
    assert dict(page.evaluate(named)) == {"ok": 9, "error": 2, "outside the search": 15, "error outside": 4}


def test_the_same_error_is_looked_for_by_a_click(page: Page, address: str, traces: FakeTraces) -> None:
    opened(page, address, f"&id={RETRIED.padded}&min=1s")
    expect(page.locator(".span-drawer .span-name")).to_have_text("invoke")
    page.get_by_role("button", name="Same error").click()
    page.wait_for_function("() => location.search.includes('exception.type')")
    expect(page.locator("#trace-tags")).to_have_value('exception.type="ThrottlingException"')
    assert not {"id", "min"} & set(words(page))
    wanted = (("exception.type", "ThrottlingException"),)
    for _ in range(100):
        if any(each.tags == wanted for each in traces.asked):
            break
        page.wait_for_timeout(100)
    assert wanted in [each.tags for each in traces.asked]


def test_a_trace_that_just_ended_grows_and_what_was_folded_and_picked_stays_so(
    page: Page, address: str, traces: FakeTraces
) -> None:
    opened(page, address, f"&id={GROWING.padded}")
    expect(page.locator(".wf-all .wf-r")).to_have_count(3)
    page.locator("[data-wf-row='1']").click()
    page.locator("[data-wf-fold='1']").click()
    expect(page.locator(".wf-all .wf-r")).to_have_count(2)
    traces.grown = 3
    page.keyboard.press("r")
    expect(page.locator(".wf-all .wf-r")).to_have_count(6)
    expect(page.locator(".wf-r[aria-selected=true] .wf-n")).to_contain_text("call")
    assert words(page)["span"] == ["call 9"]
    assert page.locator(".wf-all .wf-r[aria-expanded=false]").count() == 1
    expect(page.locator(".wf-all .wf-r[aria-expanded=false]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    traces.grown = 4
    page.keyboard.press("r")
    expect(page.locator(".wf-all .wf-r")).to_have_count(8)
    expect(page.locator(".span-drawer")).to_be_hidden()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_a_list_and_an_open_trace_are_accessible(browser: Browser, address: str, width: int, theme: str) -> None:
    context = browser.new_context(**{**LOOK, "viewport": {"width": width, "height": 900}, "color_scheme": theme})
    page, found = context.new_page(), {}
    for trace_id in ("", RETRIED.padded, HUGE.padded):
        page.goto(f"{address}?{VIEW}&min=1s&id={trace_id}")
        page.wait_for_selector(".trace-alike h3" if trace_id else ".trace-row", timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.evaluate(Axe().axe_script)
        found[trace_id] = wrong(page)
    context.close()
    assert {name: each for name, each in found.items() if each} == {}
