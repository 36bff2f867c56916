"""What a reader does on the page, and what a reader sees."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import Any

from playwright.sync_api import Page

HOUR = 3600


def past_hour(ago: int = 2 * HOUR) -> str:
    """Return the words of a whole hour in the past, whose numbers stand still."""
    start = int(time.time() - ago) // HOUR * HOUR
    return f"from={_rfc(start)}&to={_rfc(start + HOUR)}"


def _rfc(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def open_view(page: Page, url: str, search: str = "") -> None:
    """Open a view and wait until every panel shows something."""
    page.goto(url + ("?" + search if search else "/"))
    painted(page)


def painted(page: Page) -> None:
    """Wait until no panel is waiting for its first answer and no request is under way."""
    page.wait_for_selector(".kpi-d .delta, .kpi.failed, .kpi-v strong, .full, .panel", timeout=60_000)
    page.wait_for_function("() => !document.querySelector('.panel[data-state=loading]')", timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('#ledger') || document.querySelector('.ag-row[row-id]')")


def settled(page: Page) -> None:
    """Wait until what the address asks for was asked, and all of it has come."""
    page.wait_for_function("() => JSON.parse(fluxdash.here.last || '[]')[0] === location.search")
    page.wait_for_timeout(80)
    page.wait_for_function("() => !document.querySelector('[data-dash-is-loading]')", timeout=60_000)
    painted(page)


def tiles(page: Page) -> dict[str, str]:
    """Return the value of each tile by its title, as it is written."""
    found: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.kpi')].map(each =>
            [each.querySelector('.kpi-h').firstChild.textContent, each.querySelector('strong').textContent]))"""
    )
    return found


def traces(page: Page, panel: str) -> dict[str, dict[str, Any]]:
    """Return the traces of a panel's graph as Plotly holds them, by their uid."""
    found: dict[str, dict[str, Any]] = page.evaluate(
        """title => {
            const panels = [...document.querySelectorAll('.panel')];
            const panel = panels.find(each => each.querySelector('h2').textContent === title);
            const graph = panel.querySelector('.js-plotly-plot');
            return Object.fromEntries(graph._fullData.map(each => [each.uid,
                {x: Array.from(each.x || []), y: Array.from(each.y || []), visible: each.visible, name: each.name}]));
        }""",
        panel,
    )
    return found


def axis(page: Page, panel: str) -> list[str]:
    """Return the range that a panel's time axis shows."""
    found: list[str] = page.evaluate(
        """title => [...document.querySelectorAll('.panel')]
            .find(each => each.querySelector('h2').textContent === title)
            .querySelector('.js-plotly-plot')._fullLayout.xaxis.range""",
        panel,
    )
    return [each.replace("T", " ") for each in found]


def plot(page: Page, panel: str) -> Any:
    """Return the box of a panel's plot, without its axes."""
    box = page.locator(".panel", has=page.locator("h2", has_text=panel)).locator(".nsewdrag").bounding_box()
    assert box is not None
    return box


def drag(page: Page, panel: str, first: float, last: float) -> None:
    """Drag over a panel's plot, from one share of its width to another."""
    box = plot(page, panel)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * first, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (first + last) / 2, y, steps=4)
    page.mouse.move(box["x"] + box["width"] * last, y, steps=4)
    page.mouse.up()


def address(page: Page) -> str:
    """Return the address as the page itself knows it; `page.url` hears of a change a moment later."""
    found: str = page.evaluate("location.href")
    return found


def words(page: Page) -> dict[str, list[str]]:
    """Return the words of the address."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(address(page)).query)


def api(url: str, **parameters: str) -> dict[str, Any]:
    """Ask the read API one question."""
    search = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{url}/api/v1/query?{search}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found
