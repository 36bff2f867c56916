"""Filters: by mouse or keys, for every dimension, and undisturbed while the page refreshes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from fluxdash.sources.source import Choice, Choices
from tests.browser.conftest import Desk
from tests.browser.looking import settled, words

pytestmark = pytest.mark.browser

MANY = Choices(tuple(Choice(f"us-test-{place}", f"us-test-{place}", 100.0 - place) for place in range(60)))


def test_a_further_dimension_becomes_a_pill_while_it_is_chosen(desk: Desk) -> None:
    page = desk.page
    expect(page.locator(".pill:visible")).to_have_count(4)
    page.get_by_role("button", name="Filter", exact=True).click()
    offered = page.locator("[data-pop=more-filters] button")
    assert offered.all_inner_texts() == ["Status", "Strategy", "Cache", "Cache type", "Cause"]
    offered.get_by_text("Status").click()
    page.locator(".option", has_text="timeout").click()
    page.wait_for_url("**/*status=timeout*")
    settled(page)
    expect(page.locator(".pill.on")).to_have_text("Statustimeout")
    expect(page.locator("[data-pop=filter-status]")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear Status").click()
    settled(page)
    expect(page.locator(".pill:visible")).to_have_count(4)


def test_a_filter_is_chosen_with_keys_alone(desk: Desk) -> None:
    page = desk.page
    page.locator("[data-open=filter-region]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-options=region] .option")).to_have_count(3)
    expect(page.locator("[data-pop=filter-region] input[type=text]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-options=region] input").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_url("**/*region=us-west-2*")
    page.keyboard.press("Home")
    page.keyboard.type("west")
    page.locator("[data-pop=filter-region] input[type=text]").fill("eu-")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*eu-west-1*")
    assert words(page)["region"] == ["us-west-2", "eu-west-1"]
    settled(page)  # the pill is drawn anew with its values, and takes no focus while it is
    page.keyboard.press("Escape")
    expect(page.locator("[data-pop=filter-region]")).to_be_hidden()
    expect(page.locator("[data-open=filter-region]")).to_be_focused()


def test_a_refresh_leaves_an_open_list_where_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.at("range=5m&refresh=off")
    monkeypatch.setattr(desk.gateway, "choices", lambda *_: MANY)
    page.locator("[data-open=filter-region]").click()
    listed = page.locator("[data-options=region]")
    expect(listed.locator(".option")).to_have_count(60)
    page.locator("[data-pop=filter-region] input[type=text]").fill("us-test")
    listed.evaluate("each => { each.scrollTop = 400 }")
    page.evaluate("fluxdash.pulse()")
    settled(page)
    page.evaluate("fluxdash.ask('region')")
    page.wait_for_timeout(500)
    assert listed.evaluate("each => each.scrollTop") == 400
    assert page.locator("[data-pop=filter-region] input[type=text]").input_value() == "us-test"
    listed.locator(".option").nth(20).click()
    page.wait_for_url("**/*region=us-test-20*")
    assert listed.evaluate("each => each.scrollTop") == 400
    expect(page.locator("[data-pop=filter-region] .counted")).to_have_text("1 of 60")


def test_only_one_popover_is_open_and_a_click_elsewhere_or_tab_closes_it(desk: Desk) -> None:
    page = desk.page
    page.locator("[data-open=filter-model]").click()
    page.locator("[data-open=filter-account]").click()
    expect(page.locator(".pop.open")).to_have_count(1)
    page.locator("h1").click()
    expect(page.locator(".pop.open")).to_have_count(0)
    page.locator(".zone").click()
    page.keyboard.press("Tab")
    expect(page.locator(".pop.open")).to_have_count(0)


def test_filters_stay_on_every_page(desk: Desk) -> None:
    page = desk.at("range=1h&refresh=off&cache=hit", "/models")
    expect(page.locator(".pill.on")).to_have_text("Cachehit")
