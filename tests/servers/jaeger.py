"""A real Jaeger that keeps its traces in memory: fed over OTLP, asked by either of its languages.

The program is looked for on the path, where Go installs programs, and where this module puts the one it builds:

    make jaeger

builds it once, for which Go is needed, and ten minutes of two cores. That is too long for every run of the tests, so
they only use what is there already, and `.ci/run` builds it first. Without it they are skipped, and say why; where
servers are required and Go is there to build it, they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.process import LOOPBACK, Server, answers, free_port, listens

MODULE = "github.com/jaegertracing/jaeger"
VERSION = "v1.76.0"  # the module's number; the program calls itself 2.13.0
MOST_TRACES = 10_000


def built() -> Path:
    """Where the program lies that this module builds."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "fluxdash-tests" / f"jaeger-{VERSION}" / "jaeger"


def program() -> Path:
    """Return the path of the program; without it the test is skipped."""
    places = [os.environ.get("PATH", os.defpath), os.environ.get("GOBIN", ""), str(Path.home() / "go" / "bin")]
    found = shutil.which("jaeger", path=os.pathsep.join([*filter(None, places), str(built().parent)]))
    if found is not None:
        return Path(found)
    reason = "there is no jaeger; make jaeger builds one, with Go, in some minutes"
    if os.environ.get("FLUXDASH_REQUIRE_SERVERS") == "1" and shutil.which("go"):
        pytest.fail(reason)
    pytest.skip(reason)


class JaegerServer(Server):
    """Jaeger without its screen's files; `otlp` is where traces are sent to."""

    def __init__(self, folder: Path) -> None:
        jaeger, config = program(), folder / "jaeger.json"
        self._otlp = free_port()

        def command(port: int) -> list[str | Path]:
            config.write_text(json.dumps(_configuration(port, self._otlp)))
            return [jaeger, "--config", config]

        super().__init__(
            "jaeger",
            folder,
            command,
            lambda port: listens(self._otlp) and answers(f"http://{LOOPBACK}:{port}/api/services"),
            stop_signal=signal.SIGKILL,  # told to end it waits ten seconds for connections; memory is lost either way
        )

    @property
    def otlp(self) -> str:
        """The address of the OTLP receiver, without a path."""
        return f"http://{LOOPBACK}:{self._otlp}"


def _configuration(query: int, otlp: int) -> dict[str, object]:
    """Jaeger reads YAML, and so JSON."""
    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query"],
            "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "warn"}},
        },
        "extensions": {
            "jaeger_query": {
                "storage": {"traces": "memory"},
                "http": {"endpoint": f"{LOOPBACK}:{query}"},
                "grpc": {"endpoint": f"{LOOPBACK}:0"},
            },
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": MOST_TRACES}}}},
        },
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"{LOOPBACK}:{otlp}"}}}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "memory"}},
    }


@pytest.fixture(scope="session")
def jaeger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JaegerServer]:
    """A running Jaeger, shared by the whole run: each test looks for its own traces."""
    with JaegerServer(tmp_path_factory.mktemp("jaeger")) as server:
        yield server


def build() -> Path:
    """Build the program, unless it was built before, and return where it lies.

    The module replaces others of its requirements, so that `go install` refuses it: it is built from a copy.
    """
    if built().exists():
        return built()
    told = subprocess.run(
        ["go", "mod", "download", "-json", f"{MODULE}@{VERSION}"], capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "jaeger"
        shutil.copytree(json.loads(told.stdout)["Dir"], copy)
        for each in (copy, *copy.rglob("*")):
            each.chmod(each.stat().st_mode | 0o200)
        built().parent.mkdir(parents=True, exist_ok=True)
        unfinished = built().with_suffix(".part")
        subprocess.run(["go", "build", "-o", str(unfinished), "./cmd/jaeger"], cwd=copy, check=True)
        unfinished.replace(built())
    return built()


if __name__ == "__main__":
    if shutil.which("go") is None:
        sys.exit("Go is not installed.")
    print(build())
