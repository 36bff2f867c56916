"""The log on its page: read on by scrolling, walked by keys, told row by row, and left in peace by a refresh."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fluxdash.errors import SourceUnreachable
from tests.browser.conftest import LOOK, Desk
from tests.browser.looking import open_view, words

pytestmark = pytest.mark.browser

ROW = ".ag-center-cols-container .ag-row"
EVIL = "<img src=x onerror=window.__xss=1><b>bold</b>"


@pytest.fixture
def log(log_desk: Desk) -> Iterator[Page]:
    """The page at the last hour, at its first rows, with no drawer open; no test may leave a word in its console."""
    gateway = log_desk.gateway
    gateway.log_rows, gateway.log_ahead, gateway.log_error = 450, 0, "ThrottlingException: slow down"
    gateway.wrong.clear()
    gateway.leafed.clear()
    log_desk.page.goto(f"{log_desk.url}/requests?range=1h&refresh=off")
    log_desk.page.locator(ROW).first.get_by_text("req_0", exact=True).wait_for()
    yield log_desk.page
    said, log_desk.seen.complaints = log_desk.seen.complaints, []
    assert said == []


def cell(page: Page, row: int, column: str) -> str:
    return page.locator(f"{ROW}[row-index='{row}'] [col-id={column}]").inner_text()


def scroll(page: Page, to: float = 1e9) -> None:
    page.locator(".ag-body-viewport").evaluate("(each, to) => { each.scrollTop = to }", to)
    page.wait_for_timeout(300)


def drawer(page: Page) -> Any:
    return page.locator("#ledger-drawer")


def test_scrolling_reads_on_to_the_last_row_leaf_by_leaf(log: Page, log_desk: Desk) -> None:
    assert log.locator("#ledger-unit").inner_text() == "450 rows, newest first"
    for last in (400, 450):
        scroll(log)
        expect(log.locator("#ledger-foot")).to_contain_text(f"rows 1–{last}")
    scroll(log)
    expect(log.locator(f"{ROW}[row-index='449']")).to_contain_text("req_449")
    assert [after.key if after else None for _, after, _ in log_desk.gateway.leafed] == [None, "199", "399"]


def test_null_is_legible_and_no_cell_is_blank(log: Page) -> None:
    for column in ("request_id", "account", "model", "region", "strategy", "cache", "latency", "cost"):
        assert cell(log, 6, column) == "unknown"
    assert log.locator(f"{ROW}[row-index='6'] .unk").first.get_attribute("title") == "NULL in the log"
    assert (cell(log, 0, "account"), cell(log, 0, "model")) == ("acme-retail", "claude-3-5-sonnet")


def test_keys_walk_the_rows_open_the_drawer_and_close_it(log: Page) -> None:
    log.keyboard.press("j")
    expect(drawer(log)).to_contain_text("req_0")
    log.keyboard.press("j")
    log.keyboard.press("j")
    expect(drawer(log)).to_contain_text("req_2")
    log.keyboard.press("k")
    expect(drawer(log)).to_contain_text("req_1")
    expect(drawer(log).locator("[data-trace]")).to_have_attribute("href", "traces?id=" + f"{1:032x}")
    log.keyboard.press("Escape")
    expect(drawer(log)).to_be_hidden()


def test_a_click_opens_a_row_and_its_ways_on_filter_the_page(log: Page) -> None:
    log.locator(f"{ROW}[row-index='4'] [col-id=status]").click()
    expect(drawer(log).locator(".errbox")).to_have_text("ThrottlingException: slow down")
    drawer(log).get_by_role("button", name="Same error").click()
    assert words(log)["error_type"] == ["ThrottlingException"]
    expect(drawer(log)).to_contain_text("req_4")  # what is being read stays


def test_a_refresh_moves_nothing_and_newer_rows_are_announced(log: Page, log_desk: Desk) -> None:
    log.locator(f"{ROW}[row-index='5'] [col-id=account]").click()
    expect(drawer(log)).to_contain_text("req_5")
    scroll(log, 1500)
    before = log.locator(".ag-body-viewport").evaluate("each => each.scrollTop")
    log_desk.gateway.log_ahead = 12
    log.evaluate("fluxdash.pulse()")
    expect(log.locator("#ledger-newer")).to_have_text("12 newer rows · show")
    assert log.locator(".ag-body-viewport").evaluate("each => each.scrollTop") == before > 0
    expect(drawer(log)).to_contain_text("req_5")
    assert len(log_desk.gateway.leafed) == 1
    log.locator("[data-ledger-show]").click()
    expect(log.locator(f"{ROW}[row-index='0']")).to_contain_text("$0.18800")  # the twelfth row more
    expect(log.locator("#ledger-newer")).to_be_empty()
    expect(drawer(log)).to_contain_text("req_5")


@pytest.mark.parametrize("again", ["fluxdash.pulse()", "document.querySelector('[data-retry]').click()"])
def test_a_log_that_was_away_is_listed_again_by_a_refresh_or_a_retry(log: Page, log_desk: Desk, again: str) -> None:
    log_desk.gateway.wrong["log"] = SourceUnreachable("The request log", "cannot be reached")
    log.goto(f"{log_desk.url}/requests?range=1h&refresh=off")
    expect(log.locator(".ledger-blank")).to_contain_text("cannot be reached")
    log_desk.gateway.wrong.clear()
    log.evaluate(again)
    expect(log.locator(ROW).first).to_contain_text("req_0")
    expect(log.locator(".ledger-blank .blank")).to_have_count(0)


def test_an_order_and_a_search_are_part_of_the_address_and_come_back_from_it(log: Page, log_desk: Desk) -> None:
    log.locator(".ag-header-cell[col-id=cost]").click()
    expect(log.locator("#ledger-unit")).to_have_text("450 rows, dearest first")
    assert words(log)["sort"] == ["cost"]
    log.keyboard.press("/")
    log.keyboard.type("slow down", delay=60)
    log.keyboard.press("Enter")
    log.wait_for_function("() => location.search.includes('find=')")
    assert words(log)["find"] == ["slow down"]
    log.reload()
    log.locator(ROW).first.get_by_text("us-east-1").wait_for()
    expect(log.locator("#ledger-unit")).to_have_text("450 rows, dearest first")
    expect(log.locator("#ledger-find")).to_have_value("slow down")
    how = log_desk.gateway.leafed[-1][0]
    assert (how.by, how.find) == ("cost", "slow down")


def test_the_export_counts_its_rows_and_the_file_holds_them_all(log: Page, log_desk: Desk, tmp_path: Path) -> None:
    log_desk.gateway.log_rows = 3210
    with log.expect_download() as download:
        log.locator("[data-ledger-export]").click()
    download.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    assert download.value.suggested_filename.startswith("fluxdash-requests-")
    assert lines[-1] == ["# end", "all 3,210 rows"]
    assert sum(not line[0].startswith("# ") for line in lines) == 3211
    expect(log.locator("[data-export-line]")).to_be_hidden()


def test_the_menu_of_the_log_exports_it_and_copies_its_query(log: Page, log_desk: Desk) -> None:
    menu = log.get_by_role("button", name="Menu of Requests")
    menu.click()
    items = log.locator("[data-pop=panel] [role=menuitem]")
    expect(items.locator("visible=true")).to_have_text(["Download CSVd", "Copy queryq"])
    with log.expect_download():
        items.filter(has_text="Download CSV").click()
    menu.click()
    items.filter(has_text="Copy query").click()
    expect(log.locator("#insight pre")).to_have_text("SELECT requests BY time LIMIT 200")
    assert log.evaluate("() => navigator.clipboard.readText()") == "SELECT requests BY time LIMIT 200"
    log.keyboard.press("Escape")
    log_desk.gateway.log_rows = 0
    log.reload()
    expect(log.locator(".ledger-blank .blank")).to_be_visible()
    menu.click()
    expect(items.filter(has_text="Download CSV")).to_be_disabled()


@pytest.mark.parametrize("away", [True, False])
def test_without_rows_the_key_of_the_export_does_nothing(log: Page, log_desk: Desk, away: bool) -> None:
    log_desk.gateway.log_rows = 0
    if away:
        log_desk.gateway.wrong["log"] = SourceUnreachable("The request log", "cannot be reached")
    log.goto(f"{log_desk.url}/requests?range=1h&refresh=off")
    expect(log.locator(".ledger-blank .blank")).to_be_visible()
    exported: list[str] = []
    log.on("request", lambda asked: exported.append(asked.url) if "requests.csv" in asked.url else None)
    log.locator("#ledger h2").hover()
    log.keyboard.press("d")
    log.keyboard.press("?")  # a key later, whatever the first one did has begun
    expect(log.locator("dialog[open]")).to_be_visible()
    assert exported == []


def test_an_export_tells_how_far_it_is_and_can_be_called_off(log: Page, log_desk: Desk) -> None:
    log_desk.gateway.log_rows = 60_000
    log.evaluate("fluxdash.pulse()")
    log.reload()
    export = log.locator("[data-ledger-export]")
    expect(export).to_have_text("CSV · first 50,000")  # the cap is announced before
    expect(export).to_have_attribute("title", re.compile("Export the first 50,000 rows, about"))
    export.click()
    line = log.locator("[data-export-line]")
    expect(line.get_by_role("progressbar")).to_have_attribute("aria-valuemax", "50000")
    expect(line).to_contain_text(re.compile(r"[1-9][\d,]* of 50,000 rows · [\d.]+\sMB"))
    line.get_by_role("button", name="Cancel").click()
    expect(line).to_be_hidden()
    expect(log.locator("[data-toast]")).to_have_text("Export called off")


def test_what_the_log_holds_is_text_everywhere(log: Page, log_desk: Desk) -> None:
    log_desk.gateway.log_error = EVIL
    log.reload()
    log.locator(ROW).first.get_by_text("us-east-1").wait_for()
    log.locator(f"{ROW}[row-index='4'] [col-id=error]").hover()
    expect(log.locator(f"{ROW}[row-index='4'] [col-id=error]")).to_have_text(EVIL)
    log.locator(f"{ROW}[row-index='4'] [col-id=error]").click()
    expect(drawer(log).locator(".errbox")).to_have_text(EVIL)
    assert log.evaluate("window.__xss") is None


def test_the_grid_is_fetched_for_this_page_alone(browser: Browser, log_desk: Desk) -> None:
    context = browser.new_context(**LOOK)
    page, fetched = context.new_page(), list[str]()
    page.on("request", lambda request: fetched.append(request.url) if "dash_ag_grid" in request.url else None)
    open_view(page, log_desk.url, "range=1h&refresh=off")
    assert fetched == []
    page.locator("[data-nav='/requests']").first.click()
    page.locator(ROW).first.wait_for()
    assert len(fetched) == 2
    context.close()


def test_on_a_small_screen_rows_are_cards_and_a_row_takes_their_place(browser: Browser, log_desk: Desk) -> None:
    context = browser.new_context(**{**LOOK, "viewport": {"width": 390, "height": 844}})
    page = context.new_page()
    page.goto(f"{log_desk.url}/requests?range=1h&refresh=off")
    page.locator(".rcard").first.wait_for()
    assert page.locator(".rcard").first.inner_text().count("\n") >= 2
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator(".rcard").first.click()
    expect(drawer(page)).to_be_visible()
    expect(page.locator("#ledger-host")).to_be_hidden()
    page.locator("[data-ledger-step=close]").click()
    expect(page.locator("#ledger-host")).to_be_visible()
    context.close()
