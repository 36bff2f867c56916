"""Pictures of every page over an invented gateway, in both themes, wide and narrow, and of what opens over Overview."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fluxdash.demo.simulator import Simulator
from fluxdash.pages import PAGES
from fluxdash.ui.page import Page as Declared
from tests.servers.chromium import FLAGS
from tests.servers.dashboard import DashboardServer
from tests.servers.postgres import PostgresServer
from tests.servers.process import executable
from tests.servers.prometheus import PrometheusServer

ROOT = Path(__file__).resolve().parents[1]
DAY = 86_400
SCRAPE = 15
DAYS, SCRAPED_DAYS = 7, 1
"""promtool reads all of a history once for every two hours of it, and a day of scrapes is more than a gigabyte."""

THEMES = ("light", "dark")
WIDE, NARROW = (1440, 900), (390, 844)
RANGES = {"overview": "6h", "cost": "7d"}
"""What each page shows best; the others a day."""

PATIENCE = 60_000


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something that opens above Overview: what it is called, and what is clicked or pressed until it is open."""

    name: str
    steps: tuple[str, ...]
    narrow: bool = False


OVERLAYS = (
    Overlay("range", ("[data-open=custom]:visible",)),
    Overlay("refresh", ("[data-open=refresh]:visible",)),
    Overlay("filter", ("[data-open=filter-model]:visible",)),
    Overlay("more-filters", ("[data-open=more-filters]:visible",)),
    Overlay("zone", ("[data-open=zone]:visible",)),
    Overlay("menu", (".panel [data-menu] >> nth=1",)),
    Overlay("how", (".panel [data-menu] >> nth=1", "[data-do=how]")),
    Overlay("table", (".panel [data-menu] >> nth=1", "[data-do=table]")),
    Overlay("slices", ("[data-perform=table]",)),
    Overlay("palette", ("key:Control+k",)),
    Overlay("keys", ("key:?",)),
    Overlay("range", ("[data-open=range]:visible",), narrow=True),
    Overlay("more", ("[data-open=more]:visible",), narrow=True),
)


def main() -> int:
    """Take the pictures, print where they are, and leave nothing running."""
    args = _arguments()
    folder: Path = args.out
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _served(args) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(executable("chromium")), headless=True, args=FLAGS)
            shots = [*_pages(browser, url, args.range), *_overlays(browser, url)]
            for name, picture in shots:
                (folder / f"{name}.png").write_bytes(picture)
            if args.readme:
                (ROOT / "docs" / "overview.png").write_bytes(_readme(browser, url))
                print("docs/overview.png is renewed")
            browser.close()
    except pytest.skip.Exception as err:
        print(f"No pictures: {err}")
        return 1
    print(f"{len(shots)} pictures are in {folder}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots", help="folder of the pictures")
    parser.add_argument(
        "--days", type=float, help=f"days of history (default {DAYS}, with --prometheus {SCRAPED_DAYS})"
    )
    parser.add_argument("--rate", type=float, default=0.5, help="requests per second on average (default %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same gateway")
    parser.add_argument("--range", help="the time range of every page, such as 24h")
    parser.add_argument("--postgres", action="store_true", help="keep the request log in PostgreSQL, not in SQLite")
    parser.add_argument("--prometheus", action="store_true", help="with a Prometheus that scraped all of it")
    parser.add_argument("--readme", action="store_true", help="renew docs/overview.png, too")
    args = parser.parse_args()
    args.days = args.days or (SCRAPED_DAYS if args.prometheus else DAYS)
    return args


@contextmanager
def _served(args: argparse.Namespace) -> Iterator[str]:
    """Serve the dashboard over a gateway that goes on living; yields its address."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fluxdash-screenshots-")))
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        log, settings = f"sqlite:///{folder / 'gateway.db'}", dict[str, str]()
        if args.postgres:
            log = stack.enter_context(PostgresServer(_made(folder / "postgres"))).fresh_database()
        gateway = Simulator(log, 0 if args.prometheus else None, rate=args.rate, seed=args.seed)
        now = time.time()
        print(f"Inventing {args.days:g} days of requests", flush=True)
        gateway.backfill(now - args.days * DAY, now)
        history = folder / "history.txt"
        if args.prometheus:
            gateway.write_openmetrics(history, now - args.days * DAY, now, SCRAPE)
        stack.enter_context(gateway)
        if args.prometheus:
            target = urlsplit(gateway.metrics_url or "").netloc
            home = _made(folder / "prometheus")
            prometheus = PrometheusServer(home, targets=[target], interval=f"{SCRAPE}s", openmetrics=history)
            settings["PROMETHEUS_URL"] = stack.enter_context(prometheus).url
        dashboard = DashboardServer(_made(folder / "dashboard"), DATABASE_URL=log, **settings)
        yield stack.enter_context(dashboard).url


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _pages(browser: Browser, url: str, asked: str | None) -> Iterator[tuple[str, bytes]]:
    for theme in THEMES:
        for size in (WIDE, NARROW):
            page = _opened(browser, theme, size)
            for each in PAGES:
                span = asked or RANGES.get(each.slug, "24h")
                page.set_viewport_size({"width": size[0], "height": size[1]})
                _visit(page, f"{url}{each.path}?range={span}", each)
                # As tall as the page, so that the bar at the bottom of small screens does not hide a part of it.
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": size[0], "height": max(height, size[1])})
                page.wait_for_timeout(300)
                yield f"{each.slug}-{size[0]}-{theme}", page.screenshot()
            page.context.close()


def _overlays(browser: Browser, url: str) -> Iterator[tuple[str, bytes]]:
    overview = next(each for each in PAGES if each.path == "/")
    for theme in THEMES:
        for each in OVERLAYS:
            page = _opened(browser, theme, NARROW if each.narrow else WIDE)
            _visit(page, f"{url}/?range={RANGES['overview']}", overview)
            for step in each.steps:
                kind, _, key = step.partition("key:")
                if key and not kind:
                    page.keyboard.press(key)
                else:
                    page.locator(step).first.click()
                page.wait_for_timeout(500)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(300)
            yield f"overlay-{each.name}-{NARROW[0] if each.narrow else WIDE[0]}-{theme}", page.screenshot()
            page.context.close()


def _readme(browser: Browser, url: str) -> bytes:
    page = _opened(browser, "light", WIDE)
    _visit(page, f"{url}/?range={RANGES['overview']}", next(each for each in PAGES if each.path == "/"))
    return page.screenshot()


def _opened(browser: Browser, theme: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-US",
        timezone_id="UTC",
    )
    return context.new_page()


def _visit(page: Page, url: str, declared: Declared) -> None:
    """Open a page and wait until every panel and tile shows something."""
    page.goto(url)
    page.wait_for_selector(".soon-page" if declared.soon else ".panel, .kpis", timeout=PATIENCE)
    expect(page.locator(".panel[data-state=loading]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".kpi-sk")).to_have_count(0, timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)


if __name__ == "__main__":
    raise SystemExit(main())
