"""`fluxdash serve` itself, over a log of one hour, with two processes as it is shipped."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fluxdash.settings import SETTINGS
from tests.servers.load import Ask
from tests.servers.process import LOOPBACK, Server, answers

PROJECT = Path(__file__).resolve().parents[2]
GRACE = 10
"""Seconds that the shipped configuration gives to requests in flight."""

_HOUR = 3600


class Serving(Server):
    """`fluxdash serve` with two processes; its first process is the one that minds them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        ours = {setting.key for setting in SETTINGS.values()}
        inherited = {key: value for key, value in os.environ.items() if key not in ours}
        defaults = {
            "FLUXDASH_HOST": LOOPBACK,
            "FLUXDASH_WORKERS": "2",
            "FLUXDASH_CACHE_DIR": str(folder / "cache"),
        }
        super().__init__(
            "serving",
            folder,
            lambda port: [sys.executable, "-m", "fluxdash", "serve", "--port", str(port)],
            lambda port: answers(f"http://{LOOPBACK}:{port}/healthz"),
            environment={**inherited, "PYTHONPATH": str(PROJECT), **defaults, **settings},
        )

    def workers(self) -> set[int]:
        """The processes that serve."""
        return {int(each) for each in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()}

    def folder_shared(self) -> Path:
        """The folder that its processes share: the first one holds it."""
        held = {each.readlink() for each in Path(f"/proc/{self.pid}/fd").iterdir()}
        (found,) = (each.parent for each in held if each.name == "held")
        return found

    def tell(self, what: signal.Signals) -> None:
        """Send a signal to the first process alone, as a service manager does."""
        os.kill(self.pid, what)

    def ended(self, within: float) -> int:
        """Wait for its end and return its exit code."""
        assert self.process is not None
        return self.process.wait(within)


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a log that holds the last whole hour."""
    from fluxdash.demo.traffic import Traffic
    from tests.truth import world

    end = int(time.time()) // _HOUR * _HOUR
    address = f"sqlite:///{tmp_path_factory.mktemp('hour') / 'log.db'}"
    world.write_log(address, tuple(Traffic(seed=3, rate=0.2).between(end - _HOUR, end)))
    return address


@pytest.fixture(scope="session")
def asks() -> tuple[Ask, ...]:
    """What viewers, programs and probes ask: callbacks of panels, reads of the API, the page, readiness."""
    from fluxdash.app import create_app
    from fluxdash.settings import Settings
    from tests.ui.wire import VIEW, body, callback

    app = create_app(Settings())
    panel = body(app, callback(app, "graph"), [VIEW, None], "overview.request-rate")
    paths = ("/api/v1/query?measure=requests", "/", "/readyz", "/healthz")
    return (Ask("/_dash-update-component", panel), *(Ask(path) for path in paths))


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, hour: str) -> Iterator[Callable[..., Serving]]:
    """Start `fluxdash serve`: `serve(FLUXDASH_DRAIN="1")`; it stops with the last test of the module."""
    with ExitStack() as stack:

        def start(**settings: str) -> Serving:
            return stack.enter_context(
                Serving(tmp_path_factory.mktemp("serving"), **{"DATABASE_URL": hour, **settings})
            )

        yield start
