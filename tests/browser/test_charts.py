"""Charts as a reader uses them: one crosshair, clicks that filter, drags that set the range and do nothing else."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.looking import address, drag, plot, settled, words

pytestmark = pytest.mark.browser

OVER_TIME = ("Request rate", "Latency", "Token usage", "Errors by cause")
PANEL = "[...document.querySelectorAll('.panel')].find(each => each.querySelector('h2').textContent === title)"
LINES = """() => Object.fromEntries([...document.querySelectorAll('.panel')]
    .filter(panel => panel.querySelector('.js-plotly-plot'))
    .map(panel => {
        const axis = panel.querySelector('.js-plotly-plot')._fullLayout.xaxis;
        const cross = panel.querySelector('.crosshair:not([hidden])'), spike = panel.querySelector('.spikeline');
        const at = spike ? Number(spike.getAttribute('x1')) : cross ? parseFloat(cross.style.left) : null;
        return [panel.querySelector('h2').textContent, at === null ? null : axis.p2l(at - axis._offset)];
    }))"""
STRONGEST = f"""title => {{
    const graph = {PANEL}.querySelector('.js-plotly-plot'), x = graph._fullLayout.xaxis, y = graph._fullLayout.yaxis;
    const bar = graph.calcdata[0].slice(0, -3).reduce((a, b) => b.s > a.s ? b : a), box = graph.getBoundingClientRect();
    return {{x: box.left + x._offset + x.c2p(bar.p), y: box.top + y._offset + y.c2p(bar.b + bar.s / 2)}};
}}"""
OF_KINDS = """async () => {
    const holder = document.createElement('div'), graph = document.createElement('div');
    holder.id = 'holder';
    holder.appendChild(graph);
    document.body.appendChild(holder);
    await Plotly.newPlot(graph, [{type: 'bar', x: ['a', 'b', 'c'], y: [1, 2, 3]}], {xaxis: {type: 'category'}});
    fluxdash.relayout('holder', {'xaxis.range[0]': 0, 'xaxis.range[1]': 1});
    holder.remove();
}"""


def lines(page: Page) -> dict[str, float | None]:
    found: dict[str, float | None] = page.evaluate(LINES)
    return found


def at(page: Page, panel: str, across: float, down: float) -> dict[str, float]:
    box = plot(page, panel)
    return {"x": box["x"] + box["width"] * across, "y": box["y"] + box["height"] * down}


def point(page: Page, spot: dict[str, float]) -> None:
    page.mouse.move(spot["x"] - 3, spot["y"])
    page.mouse.move(spot["x"], spot["y"], steps=2)
    page.wait_for_timeout(200)


def click(page: Page, spot: dict[str, float]) -> None:
    point(page, spot)
    page.mouse.click(spot["x"], spot["y"])


def test_every_chart_over_time_shows_the_moment_under_the_pointer(desk: Desk) -> None:
    page = desk.page
    for panel, across in (("Latency", 0.3), ("Errors by cause", 0.7)):
        point(page, at(page, panel, across, 0.5))
        found = lines(page)
        assert set(OVER_TIME) <= set(found)
        moment = found[panel]
        assert moment is not None
        # Within half a pixel of the narrowest plot, of an hour on some 400 pixels.
        assert all(each is not None and abs(each - moment) < 6_000 for each in found.values()), found
        assert page.locator(".hoverlayer .legend").count() == 1
    page.mouse.move(0, 899)
    page.wait_for_timeout(200)
    assert all(each is None for each in lines(page).values())


def test_the_crosshair_leaves_the_view_alone(desk: Desk) -> None:
    page = desk.page
    before = address(page)
    desk.seen.asked.clear()
    point(page, at(page, "Latency", 0.4, 0.5))
    page.wait_for_timeout(500)
    assert (address(page), desk.seen.asked) == (before, [])


def strongest(page: Page) -> dict[str, float]:
    """Return where the strongest cause has its highest bar: the middle of it."""
    found: dict[str, float] = page.evaluate(STRONGEST, "Errors by cause")
    return found


def test_a_click_on_a_bar_filters_by_it_and_another_one_takes_it_out(desk: Desk) -> None:
    page = desk.page
    click(page, strongest(page))
    page.wait_for_url("**/*error_type=*")
    assert words(page)["error_type"] == ["ThrottlingException"]
    settled(page)
    expect(page.locator(".pill.on")).to_contain_text("Cause")
    expect(page.locator(".errt tr.filtered")).to_contain_text("ThrottlingException")
    click(page, strongest(page))
    page.wait_for_function("() => !location.search.includes('error_type')")


def test_a_click_beside_the_bars_or_on_what_stands_for_nothing_filters_by_nothing(desk: Desk) -> None:
    page = desk.page
    before = address(page)
    click(page, at(page, "Latency", 0.4, 0.5))
    click(page, at(page, "Errors by cause", 0.4, 0.02))
    page.wait_for_timeout(600)
    assert address(page) == before


def test_a_double_click_goes_back_without_filtering(desk: Desk) -> None:
    page = desk.page
    spot = strongest(page)
    point(page, spot)
    page.mouse.dblclick(spot["x"], spot["y"])
    page.wait_for_url("**/*range=6h*")
    page.wait_for_timeout(600)
    assert "error_type" not in words(page)


def test_a_drag_over_the_bars_sets_the_range_without_filtering(desk: Desk) -> None:
    page = desk.page
    drag(page, "Errors by cause", 0.3, 0.6)
    page.wait_for_url("**/*from=*")
    page.wait_for_timeout(600)
    assert "error_type" not in words(page)


def test_a_drag_on_a_chart_that_is_not_about_time_is_no_range(desk: Desk) -> None:
    before = address(desk.page)
    desk.page.evaluate(OF_KINDS)
    assert address(desk.page) == before


def test_a_row_of_a_table_filters_by_it(desk: Desk) -> None:
    page = desk.page
    page.locator(".errt tr", has_text="ThrottlingException").click()
    assert words(page)["error_type"] == ["ThrottlingException"]


def test_an_answer_that_comes_after_its_panel_left_is_dropped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page, at_once = desk.page, desk.gateway.answers
    monkeypatch.setattr(desk.gateway, "answers", lambda queries: (time.sleep(1.5), at_once(queries))[1])
    page.evaluate("fluxdash.pulse()")
    page.wait_for_timeout(300)
    page.evaluate("fluxdash.visit('sources')")
    expect(page.locator("h1")).to_have_text("Sources")
    page.wait_for_timeout(2500)
    monkeypatch.undo()
    desk.at()
    assert set(OVER_TIME) <= set(lines(page))
