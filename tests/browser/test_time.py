"""Time on every page: its zone, any range, typed or picked, and how often it refreshes."""

from __future__ import annotations

import csv
import re
import urllib.request
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LOOK, Desk
from tests.browser.looking import axis, drag, open_view, settled, words

pytestmark = pytest.mark.browser

TEN_TO_ELEVEN = "from=2026-07-01T10:00:00Z&to=2026-07-01T11:00:00Z&refresh=off"


def span(page: Page) -> str:
    return " ".join(page.locator("#span").inner_text().split())


def test_every_time_on_screen_follows_the_zone_of_the_address(desk: Desk) -> None:
    page = desk.at(TEN_TO_ELEVEN)
    assert span(page).startswith("Wed 1 Jul, 10:00 – 11:00 UTC")
    plain = axis(page, "Latency")
    desk.at(f"{TEN_TO_ELEVEN}&zone=Asia/Kolkata")
    assert span(page).startswith("Wed 1 Jul, 15:30 – 16:30 IST vs 14:30 – 15:30")
    assert plain[0].startswith("2026-07-01 10:00")
    assert axis(page, "Latency")[0].startswith("2026-07-01 15:30")
    expect(page.locator(".panel", has_text="Latency").first.locator(".figure")).to_have_attribute(
        "aria-label", re.compile(r"15:30 – 16:30.IST\.$")
    )
    with urllib.request.urlopen(f"{desk.url}/panels/overview.latency.csv?{TEN_TO_ELEVEN}&zone=Asia/Kolkata") as answer:
        rows = list(csv.reader(answer.read().decode().splitlines()))
    assert ["# zone", "Asia/Kolkata"] in rows
    assert rows[-1][0] == "2026-07-01T16:29:00+05:30"


def test_the_zone_of_the_browser_is_offered_and_chosen(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(**{**LOOK, "timezone_id": "America/New_York"})
    page = context.new_page()
    open_view(page, desk.url, TEN_TO_ELEVEN)
    assert axis(page, "Latency")[0].startswith("2026-07-01 10:00")  # whatever clock the browser has
    drag(page, "Latency", 0.25, 0.75)
    page.wait_for_function("was => !location.href.includes(was)", arg="from=2026-07-01T10:00:00Z")
    assert words(page)["from"][0].startswith("2026-07-01T10:1")
    page.go_back()
    settled(page)
    page.locator(".zone").click()
    offered = page.locator("[data-pop=zone] button:visible")
    assert [each.replace("\n", " ") for each in offered.all_inner_texts()] == [
        "Reporting zone UTC",
        "This browser America/New_York",
    ]
    offered.nth(1).click()
    page.wait_for_url("**/*zone=America%2FNew_York*")
    settled(page)
    assert span(page).startswith("Wed 1 Jul, 06:00 – 07:00 EDT")
    page.locator(".zone").click()
    expect(offered.nth(1)).to_have_attribute("aria-checked", "true")
    offered.first.click()
    settled(page)
    assert "zone" not in words(page)
    context.close()


def test_a_drag_in_another_zone_is_the_same_range(desk: Desk) -> None:
    page = desk.at(f"{TEN_TO_ELEVEN}&zone=Asia/Kolkata")
    page.evaluate("fluxdash.dragTo('2026-07-01 15:40', '2026-07-01 16:10')")
    assert words(page)["from"] == ["2026-07-01T10:10:00Z"]
    assert words(page)["to"] == ["2026-07-01T10:40:00Z"]


def test_a_zone_that_does_not_exist_is_told(desk: Desk) -> None:
    page = desk.at("range=1h&refresh=off&zone=Mars/Olympus")
    expect(page.locator(".banner.warn")).to_contain_text("zone='Mars/Olympus' is not allowed")
    assert "UTC" in span(page)


def custom(page: Page) -> None:
    page.locator("[data-ranges] [data-open=custom]").click()


def test_the_fields_hold_the_range_as_it_is(desk: Desk) -> None:
    page = desk.at("range=6h&refresh=off")
    custom(page)
    assert (page.locator("#range-from").input_value(), page.locator("#range-to").input_value()) == ("now-6h", "now")
    page.keyboard.press("Escape")
    desk.at(f"{TEN_TO_ELEVEN}&zone=Europe/Berlin")
    custom(page)
    assert page.locator("#range-from").input_value() == "2026-07-01 12:00"
    assert page.locator("#range-to").input_value() == "2026-07-01 13:00"


def test_days_are_picked_from_a_calendar_and_their_times_typed(desk: Desk) -> None:
    page = desk.at("range=1h&refresh=off&zone=Europe/Berlin")
    custom(page)
    page.locator(".dash-datepicker input").first.click()
    calendar = page.locator(".dash-datepicker-content")
    calendar.get_by_label("Previous month").click()
    calendar.get_by_label("Previous month").click()
    days = calendar.locator("td:not([class*=outside])")
    days.get_by_text("3", exact=True).click()
    page.evaluate("fluxdash.pulse()")
    settled(page)
    expect(calendar).to_be_visible()
    days.get_by_text("5", exact=True).click()
    first, last = page.locator("#range-from").input_value(), page.locator("#range-to").input_value()
    assert first.endswith("-03 00:00")
    assert last.endswith("-06 00:00")
    page.locator("#range-from").fill(first.replace("00:00", "08:30"))
    page.evaluate("fluxdash.pulse()")
    settled(page)
    assert page.locator("#range-from").input_value().endswith("-03 08:30")
    page.locator("#range-apply").click()
    page.wait_for_url("**/*from=*")
    chosen = datetime.fromisoformat(first[:10] + " 08:30").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert words(page)["from"] == [chosen.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]


def test_whole_days_are_those_of_the_reports(desk: Desk) -> None:
    page = desk.page
    custom(page)
    page.get_by_role("button", name="Yesterday").click()
    assert words(page)["from"][0].endswith("T00:00:00Z")
    assert words(page)["to"][0].endswith("T00:00:00Z")


def test_any_interval_from_5_to_3600_seconds_can_be_typed(desk: Desk) -> None:
    page = desk.page
    field = page.locator("#every")
    for wrong in ("4", "3601", "soon", ""):
        page.evaluate("fluxdash.close()")
        page.locator("[data-open=refresh]").click()
        field.fill(wrong)
        field.press("Enter")
        expect(page.locator("[data-every]")).to_have_class("typed-hint bad")
        assert words(page)["refresh"] == ["off"]
    field.fill("45")
    field.press("Enter")
    assert words(page)["refresh"] == ["45"]
    settled(page)
    expect(page.locator("[data-refresh-name]")).to_have_text("45\u00a0s")
    page.locator("[data-open=refresh]").click()
    page.get_by_role("option", name="Off").click()
    assert words(page)["refresh"] == ["off"]
