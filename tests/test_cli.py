"""The command: errors in one line, a demo that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fluxdash.settings import SETTINGS
from tests.servers.process import LOOPBACK, answers, free_port, listens

PROJECT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "fluxdash")


def environment(**settings: str) -> dict[str, str]:
    """The environment of the tests with these settings and no others."""
    ours = {setting.key for setting in SETTINGS.values()}
    return {**{key: value for key, value in os.environ.items() if key not in ours}, **settings}


def fluxdash(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=PROJECT,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(*words: str, log: Path, ready: Callable[[], bool], **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command from when it is ready; stopped at the end if the test has not done so."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=PROJECT,
            env=environment(**settings),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while not ready():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(15)


@pytest.mark.parametrize(
    ("command", "settings", "said"),
    [
        ("serve", {"REFRESH_INTERVAL": "often"}, "REFRESH_INTERVAL='often' is not allowed: a whole number of seconds"),
        ("check", {"PROMETHEUS_URL": "localhost:9090"}, "PROMETHEUS_URL='localhost:9090' is not allowed"),
        ("demo", {"FLUXDASH_ZONE": "Mars"}, "FLUXDASH_ZONE='Mars' is not allowed"),
        ("serve", {"FLUXDASH_PROFILE": "litelm"}, "Did you mean 'litellm'?"),
        ("serve", {"FLUXDASH_WORKER": "3"}, "Did you mean 'FLUXDASH_WORKERS'?"),
        ("serve", {"FLUXDASH_PAGES": "/nowhere"}, "FLUXDASH_PAGES='/nowhere' is not allowed: a folder that is there"),
        ("demo", {"FLUXDASH_PAGES": "/nowhere"}, "FLUXDASH_PAGES='/nowhere' is not allowed: a folder that is there"),
        ("serve", {"FLUXDASH_CACHE_DIR": "/dev/null/x"}, "FLUXDASH_CACHE_DIR='/dev/null/x' is not allowed: a folder"),
        ("serve", {"FLUXDASH_HOST": "nowhere.invalid"}, "choose another with FLUXDASH_HOST or --host"),
        ("serve", {"FLUXDASH_HOST": "192.0.2.1"}, "choose another with FLUXDASH_HOST or --host"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(command: str, settings: dict[str, str], said: str) -> None:
    done = fluxdash(command, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1, "no traceback"


@pytest.mark.parametrize(("command", "option"), [("demo", "--port"), ("serve", "FLUXDASH_PORT")])
def test_a_port_that_is_taken_is_said_before_any_work(command: str, option: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        done = fluxdash(command, "--port", port, FLUXDASH_HOST=LOOPBACK)
    assert done.returncode == 2
    assert port in done.stderr
    assert option in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_cache_folder_that_cannot_be_made_is_said_by_the_check_too() -> None:
    done = fluxdash("check", FLUXDASH_CACHE_DIR="/dev/null/x")
    assert done.returncode == 2
    assert done.stderr.startswith("fluxdash: FLUXDASH_CACHE_DIR='/dev/null/x' is not allowed: a folder")
    assert done.stderr.count("\n") == 1, "no traceback"


def test_the_help_names_every_command() -> None:
    said = fluxdash("--help").stdout
    assert all(command in said for command in ("serve", "demo", "simulate", "check"))


def test_serve_listens_where_the_settings_say_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    settings = {"FLUXDASH_HOST": LOOPBACK, "FLUXDASH_PORT": str(port), "FLUXDASH_CACHE_DIR": str(tmp_path / "cache")}
    with running("serve", log=tmp_path / "log", ready=lambda: answers(f"{url}/healthz"), **settings) as process:
        assert httpx.get(f"{url}/").status_code == 200
        process.terminate()
        assert process.wait(15) == 0
    assert not listens(port)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_stopped_leaves_nothing_behind(tmp_path: Path, asked: signal.Signals) -> None:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    folder = tmp_path / "tmp"
    folder.mkdir()
    words = ("demo", "--port", str(port), "--days", "0.05")
    log = tmp_path / "log"
    with running(*words, log=log, ready=lambda: f"at {url}" in log.read_text(), TMPDIR=str(folder)) as process:
        assert httpx.get(f"{url}/").status_code == 200
        assert len(list(folder.glob("fluxdash-demo-*/gateway.db"))) == 1
        began = time.monotonic()
        process.send_signal(asked)
        process.send_signal(asked)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 4
    assert not listens(port)
    assert list(folder.iterdir()) == []
    assert "Traceback" not in log.read_text()


def test_a_demo_that_is_stopped_while_it_invents_its_history_leaves_nothing_behind(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--port", str(free_port()), "--days", "300"],
            cwd=PROJECT,
            env=environment(TMPDIR=str(tmp_path)),
            stdout=log,
            stderr=log,
        )
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("fluxdash-demo-*/gateway.db")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    assert process.wait(10) == 0
    assert list(tmp_path.glob("fluxdash-demo-*")) == []
    assert "Traceback" not in (tmp_path / "log").read_text()
