"""A gateway that lives for two buckets, beside whatever else the tests do meanwhile."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from fluxdash.demo.request import Request
from fluxdash.demo.simulator import Simulator
from fluxdash.semantic.window import Window
from tests.servers.prometheus import PrometheusServer

STEP = 15
RATE = 15.0
WARM_UP = 8
"""Seconds until most series exist: what is born later loses its first requests."""
AFTER = 2.5
"""Seconds after the end until everything is scraped and written: two scrapes, and the log's next batch."""


@dataclass(frozen=True, slots=True)
class Alive:
    """Two buckets of a gateway's life, and everything that happened in them."""

    window: Window
    rows: tuple[Request, ...]
    logged: str
    scraped: str

    def settings(self, *names: str) -> dict[str, str]:
        """The settings of a FluxDash that knows the named addresses."""
        known = {"DATABASE_URL": self.logged, "PROMETHEUS_URL": self.scraped}
        return {name: known[name] for name in names} | {"FLUXDASH_SCRAPE_INTERVAL": "1"}


class Life:
    """A simulated gateway with a Prometheus that scrapes it each second; it ends by itself."""

    def __init__(self, folder: Path) -> None:
        self._logged = f"sqlite:///{folder / 'log.db'}"
        self._stack = ExitStack()
        self._gateway = self._stack.enter_context(Simulator(self._logged, port=0, rate=RATE, seed=3))
        assert self._gateway.metrics_url is not None
        target = self._gateway.metrics_url.removeprefix("http://").removesuffix("/metrics")
        self._prometheus = self._stack.enter_context(PrometheusServer(folder, targets=[target], interval="1s"))
        start = (int(time.time()) + WARM_UP) // STEP * STEP + STEP
        self._window = Window(start, start + 2 * STEP, STEP, start + 2 * STEP)
        self._end = Timer(self._left, self._gateway.interrupt)
        self._end.start()

    @property
    def _left(self) -> float:
        return max(self._window.end + AFTER - time.time(), 0)

    def lived(self) -> Alive:
        """Wait for the end and return what there was."""
        time.sleep(self._left)
        rows = tuple(self._gateway.traffic.between(self._window.start, self._window.end))
        return Alive(self._window, rows, self._logged, self._prometheus.url)

    def close(self) -> None:
        """End everything."""
        self._end.cancel()
        self._stack.close()
