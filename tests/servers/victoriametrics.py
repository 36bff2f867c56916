"""A real VictoriaMetrics: it speaks Prometheus' API, with answers that differ where it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.servers.process import LOOPBACK, Server, answers, executable
from tests.servers.prometheus import RETENTION, scrape_config


class VictoriaMetricsServer(Server):
    """VictoriaMetrics with `targets` ("host:port") scraped each `interval`."""

    def __init__(
        self,
        folder: Path,
        targets: Sequence[str] = (),
        interval: str = "1s",
        metrics_path: str = "/metrics",
        job: str = "fluxai",
        options: Sequence[str] = (),
    ) -> None:
        program, config = executable("victoria-metrics"), folder / "prometheus.yml"
        config.write_text(scrape_config(targets, interval, metrics_path, job))
        super().__init__(
            "victoria-metrics",
            folder,
            lambda port: [
                program,
                f"-storageDataPath={folder / 'data'}",
                f"-retentionPeriod={RETENTION}",
                f"-promscrape.config={config}",
                f"-httpListenAddr={LOOPBACK}:{port}",
                "-search.latencyOffset=0s",
                "-loggerLevel=WARN",
                *options,
            ],
            lambda port: answers(f"http://{LOOPBACK}:{port}/health"),
        )

    def load(self, openmetrics: Path) -> None:
        """Take in an OpenMetrics history and wait until it can be asked for."""
        samples = (line for line in openmetrics.read_text().splitlines() if line and not line.startswith("#"))
        body = "\n".join(_in_milliseconds(sample) for sample in samples)
        httpx.post(f"{self.url}/api/v1/import/prometheus", content=body, timeout=120).raise_for_status()
        httpx.get(f"{self.url}/internal/force_flush", timeout=60).raise_for_status()


def _in_milliseconds(sample: str) -> str:
    """Return the sample in Prometheus' text format, whose time is in milliseconds where OpenMetrics has seconds."""
    series, value, seconds = sample.rsplit(" ", 2)
    return f"{series} {value} {round(float(seconds) * 1000)}"


@pytest.fixture(scope="session")
def victoriametrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., VictoriaMetricsServer]]:
    """Start a VictoriaMetrics: `victoriametrics(targets=["127.0.0.1:8080"])`."""
    with ExitStack() as stack:

        def start(**wanted: object) -> VictoriaMetricsServer:
            server = VictoriaMetricsServer(tmp_path_factory.mktemp("victoria"), **wanted)  # type: ignore[arg-type]
            return stack.enter_context(server)

        yield start
