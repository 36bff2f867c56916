"""Overview in a real browser: its numbers, its address, its refresh, and what it shows when there is nothing."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from fluxdash.errors import SourceTimeout
from fluxdash.pages import PAGES
from fluxdash.pages.overview import PAGE
from fluxdash.semantic.units import Unit, figure
from fluxdash.ui.page import Page as FluxPage
from tests.browser.conftest import Desk, Seen
from tests.browser.looking import address, api, axis, drag, open_view, painted, past_hour, settled, tiles, traces, words
from tests.ui.fake import ACCOUNTS

pytestmark = pytest.mark.browser

PANELS = ("Request rate", "Latency", "Token usage", "Errors by cause")
EACH = len(tuple(PAGE.panels))


def asked_of(words_of_range: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in words_of_range.split("&"))


def test_the_tiles_say_what_the_api_answers(desk: Desk) -> None:
    view = past_hour()
    page = desk.at(view)
    shown = tiles(page)
    for title, measure, unit, more in (
        ("Requests", "requests", Unit.COUNT, {}),
        ("P95 latency", "latency", Unit.SECONDS, {"q": "0.95"}),
        ("Cost", "cost", Unit.DOLLARS, {}),
        ("Error rate", "error_rate", Unit.RATIO, {}),
        ("Cache hit rate", "hit_rate", Unit.SHARE, {}),
        ("Tokens", "tokens", Unit.TOKENS, {}),
    ):
        answer = api(desk.url, measure=measure, shape="total", **more, **asked_of(view))
        expected = figure(unit, answer["rows"][0]["value"])
        assert shown[title].replace("≥\u00a0", "") == expected.number + expected.unit, title


def test_the_bars_are_the_series_of_the_api(desk: Desk) -> None:
    view = past_hour()
    page = desk.at(view)
    requests = [row["value"] for row in api(desk.url, measure="requests", shape="series", **asked_of(view))["rows"]]
    failures = [row["value"] for row in api(desk.url, measure="failures", shape="series", **asked_of(view))["rows"]]
    drawn = traces(page, "Request rate")
    assert drawn["failed"]["y"] == pytest.approx([value / 60 for value in failures])
    assert drawn["success"]["y"] == pytest.approx([(a - b) / 60 for a, b in zip(requests, failures, strict=True)])


def test_a_tile_is_the_sum_of_the_bars_beside_it(desk: Desk) -> None:
    page = desk.at(past_hour())
    drawn = traces(page, "Request rate")
    total = sum(drawn["success"]["y"] + drawn["failed"]["y"]) * 60
    number, unit = figure(Unit.COUNT, total)
    assert tiles(page)["Requests"] == number + unit


def test_each_panel_is_asked_once_for_each_event(desk: Desk) -> None:
    page = desk.page
    desk.seen.asked.clear()
    page.keyboard.press("r")
    assert desk.seen.settle(page, EACH) == EACH
    desk.seen.asked.clear()
    page.get_by_role("radio", name="6h", exact=True).click()
    assert desk.seen.settle(page, EACH) == EACH


def test_a_refresh_keeps_the_legend_and_the_dragged_range(page: Page, url: str, seen: Seen) -> None:
    open_view(page, url, "range=1h&refresh=off")
    page.locator(".panel", has_text="Request rate").locator(".legendtoggle").nth(1).click()
    page.wait_for_timeout(600)
    assert traces(page, "Request rate")["failed"]["visible"] == "legendonly"
    seen.asked.clear()
    drag(page, "Latency", 0.2, 0.6)
    page.wait_for_url("**/*from=*")
    assert seen.settle(page, EACH) == EACH
    dragged = address(page)
    before = axis(page, "Latency")
    seen.asked.clear()
    page.keyboard.press("r")
    assert seen.settle(page, EACH) == EACH
    assert address(page) == dragged
    assert axis(page, "Latency") == before
    assert traces(page, "Request rate")["failed"]["visible"] == "legendonly"
    assert traces(page, "Request rate")["success"]["visible"] is True


def test_a_live_refresh_moves_the_numbers_and_keeps_the_legend(page: Page, url: str) -> None:
    open_view(page, url, "range=5m&refresh=5")
    page.locator(".panel", has_text="Latency").locator(".legendtoggle").nth(1).click()
    page.wait_for_timeout(600)
    first = traces(page, "Latency")["p95"]["x"]
    page.wait_for_function(
        """was => [...document.querySelectorAll('.panel')]
            .find(each => each.querySelector('h2').textContent === 'Latency')
            .querySelector('.js-plotly-plot')._fullData.find(each => each.uid === 'p50').x[0] !== was""",
        arg=first[0],
        timeout=40_000,
    )
    assert traces(page, "Latency")["p95"]["visible"] == "legendonly"


def test_dragging_on_a_chart_sets_the_range_of_the_page(desk: Desk) -> None:
    page = desk.at(past_hour() + "&refresh=off")
    start = words(page)["from"][0]
    drag(page, "Token usage", 0.25, 0.5)
    page.wait_for_function("was => !location.search.includes(was)", arg=start)
    settled(page)
    chosen = words(page)
    assert chosen["from"][0] > start
    ranges = {panel: axis(page, panel) for panel in PANELS}
    assert len({str(each) for each in ranges.values()}) == 1
    assert "range" not in chosen


def test_a_double_click_goes_back_to_the_range_before_the_drag(desk: Desk) -> None:
    page = desk.at(past_hour() + "&refresh=off")
    before = address(page)
    drag(page, "Request rate", 0.3, 0.7)
    page.wait_for_function("was => location.href !== was", arg=before)
    settled(page)
    page.locator(".panel", has_text="Request rate").locator(".nsewdrag").dblclick()
    page.wait_for_url(before)


def test_a_pasted_link_restores_the_view(page: Page, url: str, browser: Browser) -> None:
    open_view(page, url, "range=1h&refresh=off")
    page.get_by_role("radio", name="24h", exact=True).click()
    page.wait_for_url("**/*range=24h*")
    page.keyboard.press("c")
    page.wait_for_url("**/*compare=off*")
    page.locator("[data-open=filter-region]").click()
    page.locator(".option", has_text="us-west-2").click()
    page.wait_for_url("**/*region=us-west-2*")
    page.wait_for_timeout(1500)
    mine = tiles(page)
    other = browser.new_page(viewport={"width": 1440, "height": 900})
    other.goto(address(page))
    painted(other)
    assert tiles(other) == mine
    assert other.locator(".seg [data-range='24h']").get_attribute("aria-checked") == "true"
    assert other.locator("#compare").get_attribute("aria-pressed") == "false"
    expect(other.locator(".pill.on")).to_have_text(re.compile("Region.*us-west-2"))
    assert "requests-before" not in traces(other, "Request rate")
    other.close()


def test_another_range_is_named_in_every_legend_and_its_numbers_have_room(desk: Desk) -> None:
    page = desk.at("range=1h&refresh=off")
    page.get_by_role("radio", name="6h", exact=True).click()
    settled(page)
    named = [each["name"] for panel in PANELS for uid, each in traces(page, panel).items() if "before" in uid]
    assert named
    assert all(each.replace("\u00a0", " ").startswith("Previous 6 h") for each in named), named


def test_back_and_forward_walk_the_views(page: Page, url: str) -> None:
    open_view(page, url, "range=1h&refresh=off")
    first = address(page)
    page.get_by_role("radio", name="6h", exact=True).click()
    page.wait_for_url("**/*range=6h*")
    painted(page)
    page.locator(".nav-a[data-nav='/cost']").click()
    expect(page.locator("h1")).to_have_text("Cost")
    assert "range=6h" in address(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Overview")
    painted(page)
    assert page.locator(".seg [data-range='6h']").get_attribute("aria-checked") == "true"
    page.go_back()
    page.wait_for_url(first)
    expect(page.locator(".seg [data-range='1h']")).to_have_attribute("aria-checked", "true")
    page.go_forward()
    expect(page.locator(".seg [data-range='6h']")).to_have_attribute("aria-checked", "true")


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_seen_again(page: Page, url: str, seen: Seen) -> None:
    open_view(page, url, "range=5m&refresh=5")
    page.evaluate(
        """() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});
            document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    page.wait_for_load_state("networkidle")
    seen.asked.clear()
    page.wait_for_timeout(6500)
    assert seen.asked == []
    page.evaluate(
        """() => { Object.defineProperty(document, 'hidden', {value: false, configurable: true});
            document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    assert seen.settle(page, EACH) == EACH


def test_a_refresh_leaves_a_typed_range_and_an_open_list_alone(desk: Desk) -> None:
    page = desk.at("range=5m&refresh=5")
    page.locator("[data-ranges] [data-open=custom]").click()
    page.locator("#range-from").fill("now-90m")
    page.wait_for_timeout(6000)
    assert page.locator("#range-from").input_value() == "now-90m"
    expect(page.locator("[data-pop=custom]")).to_be_visible()
    page.locator("#range-apply").click()
    page.wait_for_url("**/*range=90m*")
    expect(page.locator("[data-pop=custom]")).to_be_hidden()


def test_a_wrong_typed_range_is_told_in_place(desk: Desk) -> None:
    page = desk.at("refresh=off")
    before = address(page)
    page.locator("[data-ranges] [data-open=custom]").click()
    page.locator("#range-from").fill("yesterday-ish")
    page.locator("#range-from").press("Enter")
    expect(page.locator("#range-error")).to_contain_text("from='yesterday-ish' is not allowed: now-6h, RFC 3339")
    assert address(page) == before


def test_the_theme_is_switched_and_kept(page: Page, url: str) -> None:
    open_view(page, url, "refresh=off")
    light = page.evaluate("document.querySelector('.js-plotly-plot')._fullData[0].marker.color")
    page.locator("[data-theme-toggle]").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    changed = "was => document.querySelector('.js-plotly-plot')._fullData[0].marker.color !== was"
    page.wait_for_function(changed, arg=light)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_bad_address_gives_the_default_view_and_says_what_was_wrong(desk: Desk) -> None:
    page = desk.at("range=banana&compare=maybe&refresh=0.001&region=%00&account=" + "x" * 400)
    notice = page.locator(".banner.warn")
    expect(notice).to_contain_text("range='banana' is not allowed")
    expect(notice).to_contain_text("compare=")
    assert tiles(page)["Requests"] != "–"
    page.locator("[data-dismiss]").click()
    expect(notice).to_be_hidden()


def test_a_filter_narrows_every_number_and_its_cross_clears_it(desk: Desk) -> None:
    page = desk.at(past_hour() + "&refresh=off")
    whole = tiles(page)["Requests"]
    page.locator("[data-open=filter-account]").click()
    expect(page.locator("[data-options=account] .option")).to_have_count(len(ACCOUNTS))
    page.locator(".menu.choose.open input[type=text]").fill("borealis")
    page.locator("[data-options=account] .option:visible").click()
    page.wait_for_url("**/*account=22222222*")
    settled(page)
    page.keyboard.press("Escape")
    expect(page.locator(".pill.on")).to_have_text(re.compile("Account.*borealis-bank"))
    assert tiles(page)["Requests"] != whole
    page.locator(".pill.on .xx").click()
    page.wait_for_function("() => !location.search.includes('account')")
    settled(page)
    assert tiles(page)["Requests"] == whole


def test_a_dead_prometheus_says_so_and_heals(desk: Desk) -> None:
    desk.gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    page = desk.at("refresh=off")
    panel = page.locator(".panel", has_text="Latency").first
    expect(panel.locator(".blank h3")).to_have_text("Prometheus did not answer in 10 s")
    assert tiles(page)["P95 latency"] == "–"
    assert tiles(page)["Requests"] not in ("–", "0")
    before = panel.bounding_box()
    del desk.gateway.wrong["latency"]
    panel.get_by_role("button", name="Retry").click()
    expect(panel).to_have_attribute("data-state", "data")
    assert panel.bounding_box() == before
    assert "p95" in traces(page, "Latency")


def test_an_empty_window_offers_to_clear_the_filter(desk: Desk) -> None:
    desk.gateway.rate = 0
    page = desk.at("refresh=off&region=us-east-1")
    panel = page.locator(".panel", has_text="Request rate")
    expect(panel.locator(".blank h3")).to_have_text("Nothing matches")
    panel.get_by_role("button", name="Clear Region").click()
    page.wait_for_function("() => !location.search.includes('region')")
    expect(panel.locator(".blank h3")).to_have_text("No requests in this window")


def test_an_empty_window_leads_to_the_last_requests_before_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    amount, until = desk.gateway._amount, time.time() - 50 * 3600
    monkeypatch.setattr(
        desk.gateway, "_amount", lambda part, start, seconds: amount(part, start, seconds) * (start < until)
    )
    page = desk.at("refresh=off&region=us-east-1")
    panel = page.locator(".panel", has_text="Request rate")
    expect(panel.locator(".blank p")).to_contain_text("The last one was on ")
    panel.get_by_role("button", name=re.compile("^Go to ")).click()
    page.wait_for_url("**/*from=*")
    settled(page)
    assert words(page)["region"] == ["us-east-1"]
    expect(panel).to_have_attribute("data-state", "data")


def test_the_details_of_a_failure_are_its_words_and_the_query(desk: Desk) -> None:
    desk.gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s", hint="A shorter range works.")
    page = desk.at("refresh=off")
    page.locator(".panel", has_text="Latency").first.get_by_role("button", name="Details").click()
    told = page.locator("dialog.how[open]")
    expect(told.locator("h3").nth(1)).to_have_text("Prometheus did not answer in 10 s")
    expect(told.locator("pre")).to_contain_text("SELECT latency")
    assert told.get_by_role("button", name="Details").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_scrolls_down_only(browser: Browser, url: str, theme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = context.new_page()
    open_view(page, url, "region=us-east-1&refresh=off")
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width == window == 390
    assert page.locator(".tabbar").is_visible()
    page.locator("[data-open=range].only-m").click()
    page.locator("[data-pop=range] [data-range='6h']").click()
    page.wait_for_url("**/*range=6h*")
    page.locator(".tab-more").click()
    page.locator("[data-pop=more] [data-nav='/alerts']").click()
    expect(page.locator("h1")).to_have_text("Alerts")
    context.close()


def test_the_page_fits_a_laptop_without_scrolling(desk: Desk) -> None:
    page = desk.at("refresh=off")
    assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_the_keys_work_and_are_ignored_while_typing(desk: Desk) -> None:
    page = desk.at("range=1h&refresh=off")
    page.keyboard.press("5")
    page.wait_for_url("**/*range=24h*")
    settled(page)
    page.keyboard.press("[")
    page.wait_for_url("**/*from=*")
    settled(page)
    page.keyboard.press("]")
    page.wait_for_url("**/*range=24h*")
    settled(page)
    page.keyboard.press("z")
    page.wait_for_url("**/*range=7d*")
    settled(page)
    page.locator("[data-open=filter-model]").click()
    page.keyboard.type("35c")
    assert "range=7d" in address(page)
    assert "compare" not in address(page)
    page.keyboard.press("Escape")
    expect(page.locator("[data-pop=filter-model]")).to_be_hidden()


@pytest.mark.parametrize("soon", [each for each in PAGES if each.soon], ids=lambda each: each.title)
def test_a_page_to_come_says_so_and_shows_no_numbers(desk: Desk, soon: FluxPage) -> None:
    page = desk.at("range=1h&refresh=off", soon.path)
    expect(page.locator(".soon-page h2")).to_have_text(f"{soon.title} is still to come")
    expect(page).to_have_title(f"{soon.title} · FluxDash")
    assert page.locator(".kpi, .panel").count() == 0


def test_the_sources_stand_in_the_navigation_with_their_age(desk: Desk) -> None:
    page = desk.at("refresh=off")
    expect(page.locator(".srcs .src")).to_have_count(3)
    expect(page.locator(".srcs .src").first).to_contain_text("Prometheus")
    expect(page.locator(".srcs .src time").first).to_have_text(re.compile(r"\d+\u00a0s"))


def test_a_source_that_fails_leaves_the_last_good_picture_pale_and_says_so(desk: Desk) -> None:
    page = desk.at(past_hour() + "&refresh=off")
    drawn = traces(page, "Latency")["p95"]["y"]
    desk.gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    page.keyboard.press("r")
    panel = page.locator(".panel", has_text="Latency").first
    expect(panel).to_have_attribute("data-state", "stale")
    expect(panel.locator(".stale-tag")).to_be_visible()
    expect(panel.locator(".figure")).to_have_css("opacity", "0.5")
    expect(panel.locator(".panel-f")).to_contain_text("last good data")
    assert traces(page, "Latency")["p95"]["y"] == drawn
    desk.gateway.wrong.clear()
    page.keyboard.press("r")
    expect(panel).to_have_attribute("data-state", "data")
    expect(panel.locator(".stale-tag")).to_be_hidden()


def test_an_answer_that_takes_long_dims_what_stands_there_after_three_seconds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, at_once = desk.page, desk.gateway.answers
    figure = page.locator(".panel", has_text="Latency").first.locator(".figure")
    monkeypatch.setattr(desk.gateway, "answers", lambda queries: (time.sleep(5), at_once(queries))[1])
    page.keyboard.press("r")
    page.wait_for_timeout(1500)
    assert figure.evaluate("each => getComputedStyle(each).opacity") == "1"
    assert page.locator(".skeleton").count() == 0
    expect(figure).to_have_css("opacity", "0.5")
    settled(page)
    expect(figure).to_have_css("opacity", "1")
