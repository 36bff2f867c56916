"""Overview on a whole installation: gunicorn, PostgreSQL, Prometheus, a living gateway; held against the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from fluxdash.demo.simulator import Simulator
from fluxdash.semantic.units import Unit, figure
from tests.browser.looking import open_view, past_hour, tiles, traces
from tests.servers.dashboard import DashboardServer
from tests.servers.postgres import PostgresServer
from tests.servers.prometheus import PrometheusServer

pytestmark = pytest.mark.browser

TRUTH = """
    SELECT count(*) AS requests, sum(CASE WHEN status <> 'success' THEN 1 ELSE 0 END) AS failures,
           sum(CASE WHEN cache_hit THEN 0 ELSE total_cost END) AS cost,
           sum(CASE WHEN cache_hit THEN 1 ELSE 0 END)::float / count(cache_hit) AS hit_rate,
           sum(input_tokens + output_tokens) AS tokens,
           percentile_disc(0.95) WITHIN GROUP (ORDER BY latency_ms) / 1000.0 AS latency
    FROM request_metrics WHERE timestamp >= :start AND timestamp < :end
"""


@dataclass(frozen=True)
class Installation:
    """What runs, and the log's address for those who may write it."""

    dashboard: DashboardServer
    prometheus: PrometheusServer
    log: str

    def truth(self, words: str) -> dict[str, float]:
        """Add up the rows of a view's window with a statement of the test's own."""
        asked = dict(each.split("=", 1) for each in words.split("&"))
        window = {"start": asked["from"].rstrip("Z"), "end": asked["to"].rstrip("Z")}
        engine = create_engine(self.log)
        with engine.connect() as connection:
            row = connection.execute(text(TRUTH), window).mappings().one()
        engine.dispose()
        return {name: float(value) for name, value in row.items()}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Installation]:
    log = postgres_server.fresh_database()
    folder: Callable[[str], Path] = tmp_path_factory.mktemp
    with ExitStack() as stack:
        gateway = Simulator(database=log, port=0, rate=1)
        now = time.time()
        gateway.backfill(now - 5 * 3600, now)
        stack.enter_context(gateway)
        target = urlsplit(gateway.metrics_url or "").netloc
        prometheus = stack.enter_context(PrometheusServer(folder("prometheus"), targets=[target], interval="1s"))
        settings = {
            "DATABASE_URL": postgres_server.read_only(log),
            "PROMETHEUS_URL": prometheus.url,
            "FLUXDASH_SCRAPE_INTERVAL": "1",
        }
        yield Installation(stack.enter_context(DashboardServer(folder("dashboard"), **settings)), prometheus, log)


def said(page: Page, title: str) -> str | None:
    """Return what a tile says of itself when it is pointed at."""
    return page.locator(".kpi", has_text=title).first.get_attribute("title")


def test_the_tiles_are_the_rows_added_up(page: Page, installation: Installation) -> None:
    view = past_hour()
    open_view(page, installation.dashboard.url, view)
    truth, shown = installation.truth(view), tiles(page)
    assert truth["requests"] > 100
    for title, unit, value in (
        ("Requests", Unit.COUNT, truth["requests"]),
        ("P95 latency", Unit.SECONDS, truth["latency"]),
        ("Cost", Unit.DOLLARS, truth["cost"]),
        ("Error rate", Unit.RATIO, truth["failures"] / truth["requests"]),
        ("Cache hit rate", Unit.SHARE, truth["hit_rate"]),
        ("Tokens", Unit.TOKENS, truth["tokens"]),
    ):
        expected = figure(unit, value)
        assert shown[title] == expected.number + expected.unit, (title, said(page, title))


def test_the_causes_add_up_to_the_failures(page: Page, installation: Installation) -> None:
    view = past_hour()
    open_view(page, installation.dashboard.url, view)
    drawn = traces(page, "Errors by cause")
    counted = sum(sum(value or 0 for value in each["y"]) for each in drawn.values())
    assert counted == pytest.approx(installation.truth(view)["failures"])


def test_a_dead_prometheus_says_why_while_the_log_answers_and_heals(page: Page, installation: Installation) -> None:
    """The log answers every number on the page, so only the navigation has to tell; nothing turns into 0."""
    installation.prometheus.stop()
    try:
        open_view(page, installation.dashboard.url, "range=1h&refresh=5")
        source = page.locator(".src", has_text="Prometheus").first
        expect(source).to_have_attribute("title", "Prometheus: cannot be reached", timeout=60_000)
        shown = tiles(page)
        assert all(value not in ("0", "–") for value in shown.values()), shown
        assert all(page.locator(".panel").nth(i).get_attribute("data-state") == "data" for i in range(4))
    finally:
        installation.prometheus.start()
    expect(source).to_have_attribute("title", "Prometheus: answering", timeout=60_000)
