"""The demo gateway at work: its past, its live minutes, its end."""

from __future__ import annotations

import argparse
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from fluxdash.demo import simulate
from fluxdash.demo.request import Request
from fluxdash.demo.simulator import Simulator
from fluxdash.errors import SettingError

COMMAND = """
import argparse, sys
from fluxdash.demo import simulate
parser = argparse.ArgumentParser()
simulate.add_arguments(parser)
sys.exit(simulate.run(parser.parse_args()))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def database(file: Path) -> str:
    return f"sqlite:///{file}"


def _ids(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM request_metrics ORDER BY timestamp")]


def _arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    return parser.parse_args(options)


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _stopped(simulator: Simulator) -> float:
    began = time.monotonic()
    simulator.stop()
    return time.monotonic() - began


def test_a_back_fill_writes_the_stretch_and_tells_how_far_it_is(
    database: str, file: Path, requests: tuple[Request, ...], noon: float
) -> None:
    told: list[tuple[int, float]] = []
    simulator = Simulator(database, port=None)
    rows = simulator.backfill(noon, noon + 21_600, lambda *report: told.append(report))
    simulator.stop()
    assert _ids(file) == [request.id for request in requests]
    assert told[-1] == (rows, requests[-1].time)
    assert len(told) > 1


def test_a_second_back_fill_writes_only_what_is_missing(
    database: str, file: Path, requests: tuple[Request, ...], noon: float
) -> None:
    simulator = Simulator(database, port=None)
    first = simulator.backfill(noon, noon + 1800)
    second = simulator.backfill(noon - 3600, noon + 3600)
    simulator.stop()
    assert _ids(file) == [request.id for request in requests if request.time < noon + 3600]
    assert first + second == len(_ids(file))


def test_a_refill_replaces_the_stretch(database: str, file: Path, noon: float) -> None:
    simulator = Simulator(database, port=None)
    simulator.backfill(noon, noon + 1800)
    rows = simulator.backfill(noon - 1800, noon + 900, refill=True)
    simulator.stop()
    assert _ids(file) == [request.id for request in simulator.traffic.between(noon - 1800, noon + 1800)]
    assert 0 < rows < len(_ids(file))


def test_live_requests_reach_log_and_metrics_and_it_stops_at_once(database: str, file: Path) -> None:
    simulator = Simulator(database, port=0, rate=50)
    began = time.time()
    simulator.backfill(began - 60, began)
    simulator.start()
    _wait_for(lambda: time.time() > began + 1.5)
    assert simulator.metrics_url is not None
    with urlopen(simulator.metrics_url, timeout=5) as answer:
        assert b"fluxai_requests_total{" in answer.read()
    newest = simulator.log.newest() if simulator.log else None
    assert newest is not None
    assert time.time() - newest < 5
    assert _stopped(simulator) < 5
    ids = _ids(file)
    assert ids == [request.id for request in simulator.traffic.between(began - 60, time.time())][: len(ids)]
    counted = sum(
        sample.value
        for family in simulator.meter.registry.collect()
        for sample in family.samples
        if sample.name == "fluxai_requests_total"
    )
    lived = [request for request in simulator.traffic.between(began, time.time()) if request.id in set(ids)]
    assert counted == len(lived) > 20


def test_it_needs_neither_a_log_nor_a_port() -> None:
    with Simulator(port=None, rate=5) as simulator:
        assert simulator.metrics_url is None
        assert simulator.backfill(0, 1e9) == 0


def test_requests_wait_for_a_database_that_is_busy(database: str, file: Path) -> None:
    with Simulator(database, port=None, rate=50):
        _wait_for(lambda: _ids(file))
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            held = time.time()
            time.sleep(1)
            other.execute("ROLLBACK")
        _wait_for(lambda: len(_ids(file)) > 60)
    with closing(sqlite3.connect(file)) as connection:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(held - 1))
        until = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(held + 2))
        between = "SELECT count(*) FROM request_metrics WHERE timestamp BETWEEN ? AND ?"
        assert connection.execute(between, (since, until)).fetchone()[0] > 20


def test_a_taken_port_stops_it_before_it_starts(database: str) -> None:
    with Simulator(port=0) as first:
        port = int((first.metrics_url or "").split(":")[2].split("/")[0])
        with pytest.raises(SettingError, match="port="), Simulator(database, port=port):
            pytest.fail("it started")


def test_once_writes_log_and_metrics_of_the_same_days_and_exits(
    database: str, file: Path, tmp_path: Path, noon: float, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "history.om"
    options = ["--database", database, "--no-metrics", "--days-back", "0.02", "--until", str(noon + 3600)]
    assert simulate.run(_arguments(*options, "--openmetrics", str(history), "--scrape", "60")) == 0
    lines = history.read_text().splitlines()
    last = [line.split()[1] for line in lines if re.match(rf"fluxai_requests_total{{.* {noon + 3600:.0f}$", line)]
    assert sum(map(int, last)) == len(_ids(file)) > 100
    assert lines[-1] == "# EOF"
    assert not list(tmp_path.glob("*.part"))
    assert simulate.run(_arguments(*options)) == 0
    assert "already reaches 2026-11-18 12:59" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--days-back", "-1"], "days-back"),
        (["--days-back", "1"], "days-back"),
        (["--openmetrics", "x.om"], "openmetrics"),
        (["--rate", "0"], "rate"),
        (["--database", "nowhere"], "database"),
    ],
)
def test_options_that_make_no_sense_are_named(options: list[str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        simulate.run(_arguments("--no-metrics", *options))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_at_once(database: str, file: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", COMMAND, "--database", database, "--port", "0", "--rate", "20"]
    with subprocess.Popen([*command, "--days-back", "0.01"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("The gateway is live" in line for line in lines)
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - began < 10  # its own second, and the interpreter's end on a busy machine
        assert "Traceback" not in process.stderr.read()
    assert _ids(file)
