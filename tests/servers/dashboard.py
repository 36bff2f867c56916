"""FluxDash itself as its users run it: gunicorn with the shipped configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fluxdash.settings import SETTINGS
from tests.servers.process import LOOPBACK, Server, answers

PROJECT = Path(__file__).resolve().parents[2]


class DashboardServer(Server):
    """The dashboard with `settings`, given by variable; no setting of the process that runs the tests leaks in."""

    def __init__(self, folder: Path, **settings: str) -> None:
        ours = {setting.key for setting in SETTINGS.values()}
        inherited = {key: value for key, value in os.environ.items() if key not in ours}
        prefix = "/" + settings.get("FLUXDASH_PREFIX", "/").strip("/")
        defaults = {"FLUXDASH_HOST": LOOPBACK, "FLUXDASH_WORKERS": "1", "FLUXDASH_CACHE_DIR": str(folder / "cache")}
        # env(1) sets the port, which is known only at the start.
        super().__init__(
            "dashboard",
            folder,
            lambda port: ["env", f"FLUXDASH_PORT={port}", sys.executable, "-m", "gunicorn", *_ARGUMENTS],
            lambda port: answers(f"http://{LOOPBACK}:{port}{prefix.rstrip('/')}/healthz"),
            environment={**inherited, "PYTHONPATH": str(PROJECT), **defaults, **settings},
        )
        self._prefix = prefix

    @property
    def url(self) -> str:
        """The address of the dashboard, with its prefix, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}{self._prefix.rstrip('/')}"


_ARGUMENTS = ("-c", "python:fluxdash.gunicorn_conf", "--graceful-timeout", "1", "fluxdash.wsgi:server")


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., DashboardServer]]:
    """Start a dashboard: `dashboard(DATABASE_URL=…, PROMETHEUS_URL=…)`."""
    with ExitStack() as stack:

        def start(**settings: str) -> DashboardServer:
            return stack.enter_context(DashboardServer(tmp_path_factory.mktemp("dashboard"), **settings))

        yield start
