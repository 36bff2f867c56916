"""Conditions on single requests, going to a time, and the volume that is dragged over, as a reader does them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LOOK, Desk, Seen, watch
from tests.browser.looking import words
from tests.browser.test_accessible import wrong

pytestmark = pytest.mark.browser

VIEW = "range=1h&refresh=off"
EVIL = "<img src=x onerror=window.__xss=1>"
ROW = ".ag-center-cols-container .ag-row"


@pytest.fixture
def log(log_desk: Desk) -> Iterator[Page]:
    """The page at the last hour; no test may leave a word in its console."""
    log_desk.gateway.log_rows = 450
    log_desk.gateway.leafed.clear()
    page = log_desk.at(VIEW, "/requests")
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(Axe().axe_script)
    if editor(page).is_visible():
        page.get_by_role("button", name="Cancel Esc").click()
    yield page
    said, log_desk.seen.complaints = log_desk.seen.complaints, []
    assert said == []


def editor(page: Page) -> Any:
    return page.locator("#where-editor")


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f"[data-open=where-{name}]").click()
    page.locator(f"[data-where-{name}='{value}']").click()


def pills(page: Page) -> list[str]:
    return [text.replace("\u00a0", " ") for text in page.locator(".pill.where").all_inner_texts()]


def unit(page: Page) -> Any:
    return page.locator("#ledger-unit")


def clock(page: Page, row: int) -> str:
    """The time of a row to the second, without the day that stands before it around midnight."""
    return page.locator(f"{ROW}[row-index='{row}'] [col-id=time]").inner_text().split()[-1][:8]


def test_a_condition_is_tried_added_shown_and_taken_out(log: Page) -> None:
    log.get_by_role("button", name="Condition", exact=True).click()
    expect(editor(log)).to_be_visible()
    pick(log, "op", "not")
    expect(log.locator("[data-where-note]")).to_be_visible()
    log.locator("#where-value").press_sequentially("success", delay=20)
    expect(log.locator("#where-left")).to_have_text("leaves 225 of 450 rows")
    assert "where" not in words(log)
    expect(unit(log)).to_have_text("450 rows, newest first")
    log.keyboard.press("Enter")
    expect(unit(log)).to_have_text("225 rows, newest first")
    assert words(log)["where"] == ["status:not:success"]
    expect(log.locator(".pill.where")).to_have_text("Status notsuccess")
    expect(editor(log)).to_be_hidden()
    expect(log.locator("[data-where-open]")).to_be_focused()
    log.get_by_role("button", name="Remove Status not success").click()
    expect(unit(log)).to_have_text("450 rows, newest first")
    assert "where" not in words(log)


def test_what_does_not_fit_a_column_stays_in_the_list_with_its_reason(log: Page) -> None:
    log.locator("[data-where-open]").click()
    log.locator("[data-open=where-op]").click()
    least = log.locator("[data-where-op=ge]")
    expect(least).to_be_disabled()
    expect(least).to_contain_text("numbers only")
    log.keyboard.press("Escape")
    pick(log, "field", "latency")
    expect(log.locator("[data-open=where-op]")).to_contain_text("≥")  # what a number is mostly held against
    expect(editor(log)).to_contain_text("s")
    log.locator("[data-open=where-op]").click()
    for op in ("contains", "starts"):
        expect(log.locator(f"[data-where-op={op}]")).to_be_disabled()
        expect(log.locator(f"[data-where-op={op}]")).to_contain_text("texts only")
    log.locator("[data-where-op=unknown]").click()
    expect(log.locator("#where-value")).to_be_hidden()
    expect(log.locator("#where-left")).to_have_text("leaves 225 of 450 rows")
    log.get_by_role("button", name="Add condition").click()
    expect(log.locator(".pill.where")).to_have_text("Latency is unknown")


def test_what_is_no_value_is_not_added_and_says_why(log: Page) -> None:
    log.locator("[data-where-open]").click()
    pick(log, "field", "cost")
    log.get_by_role("button", name="Add condition").click()
    expect(log.locator("#where-value")).to_be_focused()
    log.keyboard.type("much")
    expect(log.locator("#where-left")).to_have_text(" a number for cost, such as 2.5")
    log.keyboard.press("Enter")
    expect(log.locator("#where-value")).to_have_attribute("aria-invalid", "true")
    assert "where" not in words(log)


def test_it_is_all_done_with_keys(log: Page) -> None:
    log.locator("[data-where-open]").focus()
    log.keyboard.press("Enter")
    expect(log.locator("[data-open=where-field]")).to_be_focused()
    log.keyboard.press("Enter")
    for _ in range(3):
        log.keyboard.press("ArrowDown")
    log.keyboard.press("Enter")
    expect(log.locator("[data-open=where-field]")).to_be_focused()
    expect(log.locator("[data-open=where-field]")).to_contain_text("Latency")
    log.keyboard.press("Tab")
    log.keyboard.press("Tab")
    expect(log.locator("#where-value")).to_be_focused()
    log.keyboard.type("1.5")
    log.keyboard.press("Enter")
    log.wait_for_function("() => location.search.includes('where=')")
    assert words(log)["where"] == ["latency:ge:1.5"]
    log.keyboard.press("Enter")
    log.keyboard.press("Tab")
    log.keyboard.press("Escape")
    expect(editor(log)).to_be_hidden()
    expect(log.locator("[data-where-open]")).to_be_focused()


def test_values_that_exist_are_offered(log: Page) -> None:
    log.locator("[data-where-open]").click()
    pick(log, "field", "region")
    options = log.locator("#where-values option")
    expect(options.first).to_have_attribute("value", "us-east-1")
    pick(log, "field", "account")
    expect(log.locator("#where-values option[value='acme-retail']")).to_have_count(1)
    pick(log, "field", "request_id")
    expect(options).to_have_count(0)


def test_a_pasted_link_back_and_forward_bring_conditions_back(log: Page, log_desk: Desk) -> None:
    for word in ("latency:ge:2", "error:contains:slow down"):
        log.evaluate("word => fluxdash.go(words => words.append('where', word))", word)
        expect(log.locator(f"[data-where-drop='{word}']")).to_be_visible()
    link = log.evaluate("location.href")
    log.go_back()
    expect(log.locator(".pill.where")).to_have_count(1)
    expect(unit(log)).to_have_text("225 rows, newest first")
    log.go_forward()
    expect(unit(log)).to_have_text("112 rows, newest first")
    log.goto(link)
    expect(unit(log)).to_have_text("112 rows, newest first")
    assert pills(log) == ["Error message contains\nslow down", "Latency ≥\n2 s"]
    assert {str(each) for each in log_desk.gateway.asked[-1].scope.conditions} == set(words(log)["where"])
    log.evaluate(Axe().axe_script)


def test_conditions_go_along_to_other_pages_and_the_moment_to_begin_at_does_not(log: Page, log_desk: Desk) -> None:
    log_desk.at(f"{VIEW}&where=latency:ge:2", "/requests")
    log.locator("#ledger-at").fill(clock(log, 10))
    log.keyboard.press("Enter")
    log.wait_for_function("() => location.search.includes('at=')")
    log.locator("[data-nav='/']").first.click()
    expect(log.locator("h1")).to_have_text("Overview")
    assert words(log)["where"] == ["latency:ge:2"]
    assert "at" not in words(log)
    expect(log.locator(".pill.where")).to_be_visible()
    expect(log.locator("[data-where-open]")).to_be_hidden()
    log.locator(".pill.where .xx").click()
    expect(log.locator(".pill.where")).to_have_count(0)


def test_what_a_condition_holds_is_text_and_no_more(log: Page, log_desk: Desk) -> None:
    log_desk.at(f"{VIEW}&where=error:contains:{EVIL}", "/requests")
    expect(log.locator(".pill.where b")).to_have_text(EVIL)
    log.locator("[data-where-open]").click()
    pick(log, "field", "error")
    pick(log, "op", "contains")
    log.locator("#where-value").fill(EVIL)
    expect(log.locator("#where-left")).to_have_text("leaves 225 of 225 rows")
    assert log.evaluate("window.__xss") is None


def test_going_to_a_time_begins_there_and_leads_back_up(log: Page, log_desk: Desk) -> None:
    wanted = clock(log, 12)
    log.locator("#ledger-at").fill(wanted)
    log.keyboard.press("Enter")
    first = log.locator(f"{ROW}[row-index='0'] [col-id=time]")
    expect(first).to_contain_text(wanted)
    expect(log.locator("#ledger-foot")).to_contain_text(f"{wanted}.999 on")
    assert words(log)["at"][0].endswith(f"T{wanted}Z")
    expect(log.locator("#ledger-at")).to_have_value(wanted)
    log.reload()
    expect(first).to_contain_text(wanted)
    log.get_by_role("button", name="Newer", exact=True).click()
    expect(log.locator(f"{ROW}[row-index='0'] [col-id=request_id]")).to_have_text("req_0")
    expect(log.locator("#ledger-at")).to_have_value("")
    log.evaluate(Axe().axe_script)


def test_a_time_that_is_none_is_said_beside_the_field(log: Page) -> None:
    log.locator("#ledger-at").fill("half past")
    log.keyboard.press("Enter")
    expect(log.locator("#ledger-go-error")).to_have_text("A time such as 14:31:59 or 2026-11-23 14:31")
    expect(log.locator("#ledger-at")).to_have_attribute("aria-invalid", "true")
    expect(log.locator("[data-toast]")).to_contain_text("A time such as")
    assert "at" not in words(log)
    log.locator("#ledger-at").fill("")
    expect(log.locator("#ledger-at")).to_have_attribute("aria-invalid", "false")


def drag(page: Page, start: float, end: float) -> None:
    box = page.locator("[data-panel='requests.volume'] .nsewdrag").bounding_box()
    assert box is not None
    x, y = box["x"], box["y"] + box["height"] / 2
    page.mouse.move(x + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(x + (start + end) / 2 * box["width"], y, steps=4)
    page.mouse.move(x + end * box["width"], y, steps=4)
    page.mouse.up()


def counted(page: Page) -> tuple[str, int, int]:
    """What is said of the part that is chosen: its times, its rows, and how many of them failed."""
    times, said = page.locator(".brush").inner_text().split("\n")
    rows, failed = said.replace(",", "").replace(" rows", "").replace(" failed", "").split()
    return times, int(rows), int(failed)


def summed(page: Page, first: int, end: int) -> tuple[int, int]:
    """The same from what the chart draws."""
    found: list[int] = page.evaluate(
        """([first, end]) => {
            const graph = document.querySelector("[data-panel='requests.volume'] .js-plotly-plot");
            const sums = graph._fullData.map(each => Array.from(each.y).slice(first, end).reduce((a, b) => a + b, 0));
            return [sums[0] + sums[1], sums[1]];
        }""",
        [first, end],
    )
    return found[0], found[1]


def edges(page: Page) -> list[int]:
    return [int(each.get_attribute("aria-valuenow") or -1) for each in page.locator(".brush-edge").all()]


def test_a_drag_over_the_volume_counts_its_rows_and_enter_narrows_to_it(log: Page) -> None:
    drag(log, 0.3, 0.5)
    first, end = edges(log)
    times, rows, failed = counted(log)
    assert (rows, failed) == summed(log, first, end)
    assert 0 < rows < summed(log, 0, 99)[0]
    shades = log.locator(".brush-rest")
    assert [shades.nth(side).evaluate("each => getComputedStyle(each).opacity") for side in (0, 1)] == ["0.5", "0.5"]
    assert all(shades.nth(side).bounding_box()["width"] > 100 for side in (0, 1))  # type: ignore[index]
    assert "from" not in words(log)
    assert log.locator(".pop.open").count() == 0
    log.wait_for_timeout(500)  # no click comes after it either
    assert log.locator(".pop.open").count() == 0
    log.keyboard.press("Enter")
    log.wait_for_function("() => location.search.includes('from=')")
    start, stop = times.split(" – ")
    assert (words(log)["from"][0][11:16], words(log)["to"][0][11:16]) == (start, stop)
    expect(log.locator(".brush:visible")).to_have_count(0)
    log.go_back()
    log.wait_for_function("() => !location.search.includes('from=')")


def test_escape_drops_what_is_chosen_and_a_button_narrows_too(log: Page) -> None:
    drag(log, 0.6, 0.2)
    expect(log.locator(".brush")).to_be_visible()
    log.keyboard.press("Escape")
    expect(log.locator(".brush")).to_be_hidden()
    assert edges(log)[0] == 0
    drag(log, 0.2, 0.6)
    log.get_by_role("button", name="Drop what is chosen").click()
    expect(log.locator(".brush")).to_be_hidden()
    assert "from" not in words(log)
    drag(log, 0.2, 0.6)
    log.get_by_role("button", name="Narrow").click()
    log.wait_for_function("() => location.search.includes('from=')")


def test_the_edges_can_be_walked_without_a_mouse(log: Page) -> None:
    start, end = (log.get_by_role("slider", name=f"{name} of the part that is counted") for name in ("Start", "End"))
    size = int(end.get_attribute("aria-valuemax") or 0)
    start.focus()
    for _ in range(5):
        log.keyboard.press("ArrowRight")
    end.focus()
    log.keyboard.press("PageDown")
    assert edges(log) == [5, size - 10]
    assert counted(log)[1:] == summed(log, 5, size - 10)
    log.keyboard.press("Home")
    assert edges(log) == [5, 6]
    log.keyboard.press("Enter")
    log.wait_for_function("() => location.search.includes('from=')")


def test_an_edge_can_be_dragged_and_a_refresh_keeps_what_is_chosen(log: Page) -> None:
    drag(log, 0.3, 0.5)
    before = edges(log)
    edge = log.locator(".brush-edge").nth(1).bounding_box()
    assert edge is not None
    log.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2)
    log.mouse.down()
    log.mouse.move(edge["x"] + 200, edge["y"] + 10, steps=5)
    log.mouse.up()
    after = edges(log)
    assert after[0] == before[0]
    assert after[1] > before[1]
    times = counted(log)[0]
    log.evaluate("fluxdash.pulse()")
    log.wait_for_timeout(800)
    assert counted(log)[0] == times
    log.evaluate("fluxdash.switchTheme()")  # the graph is drawn anew
    log.wait_for_timeout(800)
    assert counted(log)[0] == times
    log.evaluate("fluxdash.switchTheme()")
    log.keyboard.press("Escape")


def test_a_click_on_the_volume_still_opens_the_menu_of_its_bucket(log: Page) -> None:
    box = log.locator("[data-panel='requests.volume'] .nsewdrag").bounding_box()
    assert box is not None
    log.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.7)
    expect(log.locator("[data-pop=point].open")).to_be_visible()
    expect(log.locator(".brush:visible")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bar_its_lists_and_the_brush_are_accessible(log: Page, theme: str) -> None:
    if log.evaluate("fluxdash.theme()") != theme:
        log.evaluate("fluxdash.switchTheme()")
    log.evaluate("fluxdash.go(words => words.append('where', 'latency:ge:2'))")
    log.locator("[data-where-open]").click()
    log.locator("#where-value").fill("x")
    drag(log, 0.3, 0.5)
    expect(log.locator("#where-left")).to_contain_text("leaves")
    found = {"bar": wrong(log)}
    for name in ("field", "op"):
        log.locator(f"[data-open=where-{name}]").click()
        found[name] = wrong(log, ".pop.open")
        log.keyboard.press("Escape")
    assert {name: each for name, each in found.items() if each} == {}
    if theme == "dark":
        log.evaluate("fluxdash.switchTheme()")


def test_on_a_small_screen_pills_can_be_taken_out_and_a_finger_chooses_a_part(browser: Browser, log_desk: Desk) -> None:
    context = browser.new_context(**{**LOOK, "viewport": {"width": 390, "height": 844}}, has_touch=True)
    page, seen = context.new_page(), Seen()
    watch(page, seen)
    page.goto(f"{log_desk.url}/requests?{VIEW}&where=latency:ge:2&where=status:known")
    page.locator(".rcard").first.wait_for()
    expect(page.locator("[data-where-open]")).to_be_hidden()
    page.locator(".pill.where .xx").first.scroll_into_view_if_needed()
    page.locator(".pill.where .xx").first.click()
    expect(page.locator(".pill.where")).to_have_count(1)
    expect(unit(page)).to_have_text("225 rows, newest first")
    finger(page, 0.3, 0.6)
    expect(page.locator(".brush")).to_be_visible()
    assert counted(page)[1:] == summed(page, *edges(page))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.wait_for_timeout(900)  # Chromium takes a touch and a tap that follow each other for a double tap
    page.get_by_role("button", name="Narrow").tap()
    page.wait_for_function("() => location.search.includes('from=')")
    assert seen.complaints == []
    context.close()


def finger(page: Page, start: float, end: float) -> None:
    """Drag over the volume as a finger does."""
    box = page.locator("[data-panel='requests.volume'] .nsewdrag").bounding_box()
    assert box is not None
    hand, y = page.context.new_cdp_session(page), box["y"] + box["height"] / 2

    def touch(kind: str, *places: float) -> None:
        points = [{"x": box["x"] + each * box["width"], "y": y} for each in places]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 6):
        touch("touchMove", start + (end - start) * step / 5)
    touch("touchEnd")
