"""Where the demo's spans go: a table beside the log, and a collector that may be away."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

import pytest

from fluxdash.cli import main
from fluxdash.demo.otlp import Collector
from fluxdash.demo.request import Request
from fluxdash.demo.simulator import TRACED, Simulator
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.spans import spans
from fluxdash.errors import SettingError
from tests.servers.process import free_port

Requests = tuple[Request, ...]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


def rows(file: Path, statement: str = "SELECT count(*) FROM trace_spans") -> int:
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(statement).fetchone()[0])
    finally:
        connection.close()


def test_every_span_is_a_row_and_what_is_written_twice_is_there_once(file: Path, requests: Requests) -> None:
    log = SpanLog(f"sqlite:///{file}")
    told = sum(len(spans(each)) for each in requests[:300])
    assert (log.insert(requests[:300]), log.insert(requests[:300]), rows(file)) == (told, told, told)
    assert log.insert(()) == 0
    log.close()


def test_a_stretch_can_be_forgotten(file: Path, requests: Requests) -> None:
    log = SpanLog(f"sqlite:///{file}")
    log.insert(requests[:300])
    log.forget(requests[0].time - 60, requests[299].time + 1)
    log.close()
    assert rows(file) == 0


def test_a_simulator_keeps_the_spans_of_its_last_hours(file: Path, noon: float) -> None:
    url = f"sqlite:///{file}"
    simulator = Simulator(url, port=None, rate=0.05, traced=[SpanLog(url)])
    end = noon + 12 * 3600
    simulator.backfill(noon, end)
    recent = list(simulator.traffic.between(end - TRACED, end))
    simulator.stop()
    assert rows(file) == sum(len(spans(each)) for each in recent)
    assert rows(file, "SELECT count(*) FROM request_metrics") > 2 * len(recent) - 200


def test_a_simulator_that_lives_goes_on_writing_spans(file: Path) -> None:
    url = f"sqlite:///{file}"
    with Simulator(url, port=None, rate=50, traced=[SpanLog(url)]):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not rows(file):
            time.sleep(0.1)
    traces = rows(file, "SELECT count(DISTINCT trace_id) FROM trace_spans")
    assert traces == rows(file, "SELECT count(*) FROM request_metrics") > 0


def test_the_command_writes_spans_when_it_is_told_to(file: Path) -> None:
    command = ["simulate", "--database", f"sqlite:///{file}", "--days-back", "0.02", "--no-metrics", "--once"]
    assert main(command) == 0
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        rows(file)
    assert main([*command, "--spans", "--refill"]) == 0
    assert rows(file) > rows(file, "SELECT count(*) FROM request_metrics") > 0


def test_spans_need_a_database_to_stand_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--spans", "--once"]) == 2
    assert "--database" in capsys.readouterr().err


def test_a_collector_that_is_away_loses_spans_and_nothing_else(
    file: Path, requests: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    collector = Collector(f"http://127.0.0.1:{free_port()}")
    with caplog.at_level(logging.WARNING):
        assert collector.insert(requests[:5]) == 0
    collector.forget(0, 1)
    collector.close()
    assert "spans are lost" in caplog.text


@pytest.mark.parametrize("url", ["localhost:4318", "ftp://x", "http://", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match="otlp"):
        Collector(url)
