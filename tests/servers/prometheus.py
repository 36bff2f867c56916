"""A real Prometheus: scraping what a test names, holding the history a test writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.process import LOOPBACK, Server, answers, executable

RETENTION = "100y"  # a history of any age must stay


def scrape_config(targets: Sequence[str], interval: str, metrics_path: str = "/metrics", job: str = "fluxai") -> str:
    """Return a Prometheus configuration, which is YAML and so may be JSON."""
    job_config = {"job_name": job, "metrics_path": metrics_path, "static_configs": [{"targets": list(targets)}]}
    timing = {"scrape_interval": interval, "scrape_timeout": min(interval, "10s", key=_seconds)}
    return json.dumps({"global": timing, "scrape_configs": [job_config] if targets else []}, indent=2)


def _seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


class PrometheusServer(Server):
    """Prometheus with `targets` ("host:port") scraped each `interval` (in seconds, "1s") and an OpenMetrics history."""

    def __init__(
        self,
        folder: Path,
        targets: Sequence[str] = (),
        interval: str = "1s",
        openmetrics: Path | None = None,
        metrics_path: str = "/metrics",
        job: str = "fluxai",
        options: Sequence[str] = (),
    ) -> None:
        prometheus, data, config = executable("prometheus"), folder / "data", folder / "prometheus.yml"
        config.write_text(scrape_config(targets, interval, metrics_path, job))
        if openmetrics:
            backfill(openmetrics, data)
        super().__init__(
            "prometheus",
            folder,
            lambda port: [
                prometheus,
                f"--config.file={config}",
                f"--storage.tsdb.path={data}",
                f"--storage.tsdb.retention.time={RETENTION}",
                f"--web.listen-address={LOOPBACK}:{port}",
                "--log.level=warn",
                *options,
            ],
            lambda port: answers(f"http://{LOOPBACK}:{port}/-/ready"),
        )


def backfill(openmetrics: Path, data: Path) -> None:
    """Write an OpenMetrics file into the data folder of a Prometheus that is not running."""
    promtool = executable("promtool")
    command = [str(promtool), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(openmetrics), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"promtool refused {openmetrics.name}: {done.stderr[-2000:]}"


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., PrometheusServer]]:
    """Start a Prometheus: `prometheus(targets=["127.0.0.1:8080"], interval="1s", openmetrics=path)`."""
    with ExitStack() as stack:

        def start(**wanted: object) -> PrometheusServer:
            server = PrometheusServer(tmp_path_factory.mktemp("prometheus"), **wanted)  # type: ignore[arg-type]
            return stack.enter_context(server)

        yield start
