"""Every command that the documentation shows, run as it stands there, but for its port and its folders.

A command that is new in the documentation fails the first test until it is named here: by how it is run, or by what
keeps it from being run.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fluxdash.demo.traffic import Traffic
from fluxdash.settings import SETTINGS
from tests.servers.dashboard import DashboardServer
from tests.servers.process import LOOPBACK, answers, free_port
from tests.truth import world

PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{each.name}" for each in sorted((PROJECT / "docs").glob("*.md"))))
START = 90.0  # seconds until a command answers, on a machine that does other things as well

ELSEWHERE = {
    r"docker compose ": "there is no Docker here; tests/deploy runs the same services as processes",
    r"(sudo )?apt-get install ": "needs root and changes the machine; .ci/run does it",
    r"kubectl (?!kustomize)": "needs a cluster; tests/deploy/test_kubernetes.py runs what the manifests start",
    r"docker (build|run|push|pull|network) ": "there is no Docker here; tests/deploy runs what the Dockerfile does",
    r"make check$": "is what runs this test",
    r"make screenshots": "tests/browser/test_screenshots.py runs the tool behind it",
    r"python3\.11 -m venv /tmp/fresh|/tmp/fresh/bin/pip |npm pack |tar xzf |mv package/|sed '/sourceMappingURL": (
        "renews what is vendored, from registries"
    ),
    r"psql |promtool |kubectl kustomize |kustomize |nginx |openssl |helm ": "run by tests/deploy",
}
"""Commands that are not run here, and why."""


def commands(page: str) -> Iterator[str]:
    """The commands of a page's shell blocks: lines that a backslash ends belong together, settings to what follows."""
    exported = ""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", (PROJECT / page).read_text(), re.MULTILINE | re.DOTALL):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            text = re.sub(r"\s+#.*$", "", line).strip()
            if text.startswith("export "):
                exported = text.removeprefix("export ") + " "
            elif text and not text.startswith("#"):
                yield exported + text
                exported = ""


def bare(command: str) -> str:
    """The command without the settings in front of it."""
    return re.sub(r"^([A-Z_]+=\S* )+", "", command)


def is_elsewhere(command: str) -> bool:
    return any(re.match(pattern, bare(command)) for pattern in ELSEWHERE)


DOCUMENTED = sorted({each for page in PAGES for each in commands(page) if not is_elsewhere(each)})


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder for one command, with a log of an hour, and what stands in the environment."""

    folder: Path
    port: int

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        ours = {setting.key for setting in SETTINGS.values()}
        told = {key: value for key, value in os.environ.items() if key not in ours}
        return {
            **told,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), told.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join([str(PROJECT), str(self.folder)]),
            "DATABASE_URL": f"sqlite:///{self.folder / 'log.db'}",
            "FLUXDASH_CACHE_DIR": str(self.folder / "cache"),
            "FLUXDASH_PORT": str(self.port),
            "FLUXDASH_WORKERS": "1",
            "GUNICORN_CMD_ARGS": f"--bind {LOOPBACK}:{self.port}",
            **(more or {}),
        }

    def ends(self, command: str, more: Mapping[str, str] | None = None) -> str:
        """Run a command to its end, which must be a good one, and return what it printed."""
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=PROJECT,
            env=self.environment(more),
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    @contextlib.contextmanager
    def runs(self, command: str, ready: str, more: Mapping[str, str] | None = None) -> Iterator[str]:
        """Run a command that serves something until its address answers; then ask it to stop."""
        address, log = f"http://{LOOPBACK}:{self.port}{ready}", self.folder / "command.log"
        with log.open("w") as printed:
            running = subprocess.Popen(
                ["bash", "-ec", f"exec env {command}"],
                cwd=PROJECT,
                env=self.environment(more),
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            started = time.monotonic()
            while not answers(address):
                assert running.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() - started < START, log.read_text()[-3000:]
                time.sleep(0.1)
            yield address
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    now = int(time.time())
    world.write_log(f"sqlite:///{tmp_path / 'log.db'}", tuple(Traffic(seed=5, rate=0.1).between(now - 3600, now)))
    return Bench(tmp_path, free_port())


RUN_HERE = (
    *("make demo", "make serve", "pip install .", "python -c", "curl ", "gunicorn "),
    *("fluxdash serve", "fluxdash check", "fluxdash simulate"),
)


def test_a_documented_command_is_run_here_or_it_is_said_why_not() -> None:
    assert len(DOCUMENTED) > 10
    assert [each for each in DOCUMENTED if not bare(each).startswith(RUN_HERE)] == []


def documented(*words: str) -> list[str]:
    """The documented commands that contain these words; there must be some."""
    found = [each for each in DOCUMENTED if all(word in each for word in words)]
    assert found, words
    return found


@pytest.mark.slow
def test_make_demo_serves_an_invented_gateway(bench: Bench) -> None:
    for command in documented("make demo"):
        with bench.runs(command, "/healthz", {"DEMO_FLAGS": f"--port {bench.port} --days 0.1"}) as address:
            told = httpx.get(address.replace("healthz", "api/v1/query?measure=requests&range=1h")).json()
            assert told["rows"][0]["value"] > 0


def test_make_serve_starts_with_sources_that_are_not_there_yet(bench: Bench) -> None:
    for command in documented("make serve"):
        with bench.runs(command, "/healthz") as address:
            assert not httpx.get(address.replace("healthz", "readyz")).json()["sources"][0]["last_read"]


def test_fluxdash_serves_the_log(bench: Bench) -> None:
    (bench.folder / "pages").mkdir()
    (bench.folder / "pages" / "promptness.py").write_text(example("docs/extending.md"))
    (bench.folder / "acme").mkdir()
    (bench.folder / "acme" / "gateway.py").write_text(example("docs/gateways.md"))
    for command in documented("fluxdash serve"):
        with bench.runs(command.replace("/etc/fluxdash/pages", str(bench.folder / "pages")), "/healthz") as address:
            assert httpx.get(address.replace("healthz", "")).is_success


def example(page: str) -> str:
    """The first whole module that a page shows."""
    found = re.search(r"^```python\n(\"\"\".*?)^```", (PROJECT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("command", [each for each in DOCUMENTED if each.startswith("gunicorn ")])
def test_gunicorn_serves_it(bench: Bench, command: str) -> None:
    below = "/observability/healthz" if "host_app" in command else "/healthz"
    below = "/portal/observability/healthz" if "dispatched" in command else below
    with bench.runs(command, below):
        pass


def test_the_check_names_what_answers(bench: Bench) -> None:
    for command in documented("fluxdash check"):
        assert "requests in the last hour" in bench.ends(command)


def test_the_invented_gateway_writes_its_past_and_serves_its_metrics(bench: Bench) -> None:
    for command in documented("fluxdash simulate", "sqlite:///gateway.db"):
        own = command.replace("8080", str(bench.port)).replace("gateway.db", str(bench.folder / "gateway.db"))
        with bench.runs(own, "/metrics") as address:
            assert "fluxai_requests_total" in httpx.get(address).text


def test_the_api_answers_as_documented(bench: Bench) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{bench.folder / 'log.db'}"}
    with DashboardServer(bench.folder, **settings) as server:
        for command in documented("curl", "127.0.0.1:8501"):
            told = bench.ends(command.replace("http://127.0.0.1:8501", server.url).replace("curl ", "curl -sf "))
            assert told.startswith("{")


def test_it_is_installed_by_pip(bench: Bench) -> None:
    target = {"PIP_TARGET": str(bench.folder / "installed"), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    for command in documented("pip install ."):
        bench.ends(f"python -m {command}", target)
    assert (bench.folder / "installed" / "fluxdash" / "assets").is_dir()


def test_the_version_of_the_vendored_bundle_is_printed(bench: Bench) -> None:
    for command in documented("get_plotlyjs_version"):
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", bench.ends(command))


def test_every_reason_not_to_run_a_command_is_needed() -> None:
    every = [bare(each) for page in PAGES for each in commands(page)]
    assert [pattern for pattern in ELSEWHERE if not any(re.match(pattern, each) for each in every)] == []
