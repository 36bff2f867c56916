"""What `fluxdash check` says: how much each source knows, what nobody tells, and what is wrong."""

from __future__ import annotations

import time
from pathlib import Path

from fluxdash.demo.traffic import Traffic
from fluxdash.diagnosis import diagnose
from fluxdash.settings import Settings
from tests.servers.prometheus import PrometheusServer
from tests.truth import world


def settings(**given: str) -> Settings:
    return Settings.from_env({"FLUXDASH_CACHE": "memory", **given})


def test_a_source_says_how_many_requests_of_the_last_hour_it_knows(tmp_path: Path) -> None:
    now = time.time()
    rows = tuple(Traffic(seed=5, rate=0.1).between(int(now) - 1800, int(now) - 600))
    world.write_log(f"sqlite:///{tmp_path / 'log.db'}", rows)
    lines, is_well = diagnose(settings(DATABASE_URL=f"sqlite:///{tmp_path / 'log.db'}"))
    assert f"request log: ok, {len(rows)} requests in the last hour" in lines
    assert "Prometheus: not set up" in lines
    assert "Jaeger: not set up" in lines
    assert any(line.startswith("  not told: ") and "Upstream latency" in line for line in lines)
    assert is_well


def test_a_source_that_is_down_is_a_fault_and_named(tmp_path: Path) -> None:
    address = "http://127.0.0.1:9"
    lines, is_well = diagnose(settings(PROMETHEUS_URL=address, JAEGER_URL=address))
    assert "Prometheus: down (cannot be reached). Nothing answers at the address in PROMETHEUS_URL." in lines
    assert "Jaeger: down (cannot be reached)" in lines
    assert not is_well


def test_a_database_that_is_down_says_nothing_about_its_tables(tmp_path: Path) -> None:
    lines, _ = diagnose(settings(DATABASE_URL=f"sqlite:///{tmp_path / 'nowhere.db'}"))
    assert lines[0].startswith("request log: down (cannot be opened: no such file). Check the path in DATABASE_URL")
    assert "table of spans: not set up (The database did not say whether it has a table trace_spans.)" in lines


def test_a_cache_that_does_not_answer_is_a_fault_and_named() -> None:
    lines, is_well = diagnose(settings(FLUXDASH_CACHE="redis://127.0.0.1:9/0"))
    (line,) = [line for line in lines if line.startswith("cache: ")]
    assert line.startswith("cache: down (it could not be read: ConnectionError). Check FLUXDASH_CACHE")
    assert not is_well


def test_a_prometheus_that_has_scraped_only_once_is_not_said_to_know_a_number(tmp_path: Path) -> None:
    history = tmp_path / "once.txt"
    labels = 'account_id="a",model="m",region="r",status="success",strategy="s"'
    history.write_text(
        f"# TYPE fluxai_requests counter\nfluxai_requests_total{{{labels}}} 3 {time.time() - 40:.3f}\n# EOF\n"
    )
    with PrometheusServer(tmp_path, targets=[], openmetrics=history) as prometheus:
        lines, is_well = diagnose(settings(PROMETHEUS_URL=prometheus.url))
    assert "Prometheus: ok, requests in the last hour not counted yet" in lines
    assert is_well


def test_a_prometheus_without_a_gateway_says_what_is_missing(tmp_path: Path) -> None:
    with PrometheusServer(tmp_path, targets=[]) as prometheus:
        lines, _ = diagnose(settings(PROMETHEUS_URL=prometheus.url))
    (line,) = [line for line in lines if line.startswith("Prometheus: ")]
    assert line == "Prometheus: ok. No fluxai metrics yet: Prometheus answers, but no fluxai_* series exist."


def test_nothing_that_is_set_up_is_told_as_that() -> None:
    lines, is_well = diagnose(settings())
    assert [line for line in lines if line.endswith("not set up")] == [
        "request log: not set up",
        "Prometheus: not set up",
        "Jaeger: not set up",
    ]
    assert is_well
