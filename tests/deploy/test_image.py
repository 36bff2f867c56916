"""The image: what the Dockerfile says, and what it makes when its commands are run without Docker."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg2
import pytest
from sqlalchemy import make_url

from bench.image import MOST, weights
from fluxdash.settings import SETTINGS
from tests.servers.answering import Answering, Reply
from tests.servers.postgres import PostgresServer
from tests.servers.process import LOOPBACK, Server, answers
from tools.image import USER, Image, built
from tools.imagefile import ROOT, pairs, stages

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STAGES = stages()
LAST = STAGES[-1]
pytestmark = pytest.mark.timeout(600)  # whichever test comes first waits for the image
PAGES = ("/", "/cost", "/cache", "/models", "/traces", "/requests")


def test_every_stage_begins_with_the_same_slim_python_of_one_exact_version() -> None:
    assert {stage.base for stage in STAGES} == {STAGES[0].base}
    version = re.fullmatch(r"python:(\d+\.\d+)\.\d+-slim-[a-z]+", STAGES[0].base)
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in PROJECT["classifiers"]


def test_the_last_stage_installs_nothing_and_takes_only_what_the_others_made() -> None:
    assert LAST.told("RUN") == ()
    assert LAST.told("COPY") == ("--from=installed /opt /opt",)


def test_it_runs_as_a_user_without_a_name_who_is_not_root() -> None:
    assert LAST.told("USER") == (f"{USER}:{USER}",)


def test_it_says_what_it_listens_on_how_it_stops_and_what_it_is() -> None:
    assert LAST.told("EXPOSE") == (SETTINGS["port"].default,)
    assert LAST.told("STOPSIGNAL") == ("SIGTERM",)
    labels = pairs(" ".join(LAST.told("LABEL")))
    assert labels["org.opencontainers.image.licenses"] == PROJECT["license"]
    assert pairs(LAST.told("ARG")[0]) == {"VERSION": PROJECT["version"]}


def test_the_builder_gets_what_is_copied_and_nothing_else() -> None:
    first, *kept, cache = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    copied = [each.split()[:-1] for stage in STAGES for each in stage.told("COPY") if not each.startswith("--from=")]
    assert (first, cache) == ("*", "**/__pycache__")
    assert {line.removeprefix("!") for line in kept} == {source for sources in copied for source in sources}
    assert all((ROOT / line.removeprefix("!")).exists() for line in kept)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    # Not in pytest's own folder: another user cannot enter that one.
    with tempfile.TemporaryDirectory(prefix="fluxdash-image-") as folder:
        Path(folder).chmod(0o755)
        yield built(Path(folder))


class Container(Server):
    """The image, started as Docker would: by another user, who owns nothing but the folder for what is temporary."""

    def __init__(self, image: Image, folder: Path, **settings: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        if os.getuid() == 0:
            os.chown(self.temporary, USER, USER)
        super().__init__(
            "image",
            folder,
            lambda port: ["env", f"FLUXDASH_PORT={port}", *image.start],
            lambda port: answers(f"http://{LOOPBACK}:{port}/healthz"),
            user=USER if os.getuid() == 0 else None,  # type: ignore[arg-type]
            environment={**image.environment, "TMPDIR": str(self.temporary), **settings},
        )


def inside(image: Image, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the image, as its user where we are allowed to become another."""
    user = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
    return subprocess.run(
        words,
        cwd=image.folder,
        env={**image.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        **user,  # type: ignore[call-overload]
    )


def everything(image: Image) -> dict[Path, float]:
    return {path: path.lstat().st_mtime for path in image.root.rglob("*")}


@pytest.fixture(scope="module")
def database(image: Image, postgres_server: PostgresServer) -> str:
    """A log that the image itself has written, for a role that may only read."""
    owner = postgres_server.fresh_database()
    done = inside(image, "fluxdash", "simulate", "--once", "--days-back", "0.05", "--database", owner)
    assert done.returncode == 0, done.stdout + done.stderr
    return postgres_server.read_only(owner)


@pytest.fixture(scope="module")
def container(image: Image, database: str) -> Iterator[Container]:
    with tempfile.TemporaryDirectory(prefix="fluxdash-container-") as folder:
        Path(folder).chmod(0o755)
        with Container(image, Path(folder), DATABASE_URL=database, FLUXDASH_HOST=LOOPBACK) as running:
            yield running


@pytest.mark.slow
def test_its_libraries_and_their_bytecode_weigh_no_more_than_350_megabytes(image: Image) -> None:
    megabytes = (weights(image.site) + weights(image.bytecode)).total() / 1e6
    assert 100 < megabytes <= MOST


@pytest.mark.slow
def test_nothing_is_left_in_it_that_installs_or_compiles(image: Image) -> None:
    programs = {path.name for path in (image.root / "opt" / "fluxdash" / "bin").iterdir()}
    assert not [name for name in programs if re.match(r"pip|hatch|gcc|cc$", name)]
    assert not list(image.site.glob("pip*")) + list(image.site.glob("setuptools*")) + list(image.site.glob("hatch*"))


@pytest.mark.slow
def test_it_serves_every_page_and_every_file_of_it(container: Container) -> None:
    with httpx.Client(base_url=container.url, timeout=30) as client:
        assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
        files = re.findall(r'(?:src|href)="(/[^"]*)"', client.get("/").text)
        assert len(files) > 30
        assert [file for file in files if client.get(file).status_code != 200] == []


@pytest.mark.slow
def test_it_answers_from_the_database_what_is_in_there(container: Container, database: str) -> None:
    asked = {"measure": "requests", "range": "1h"}
    answer = httpx.get(f"{container.url}/api/v1/query", params=asked, timeout=30).json()
    covered = [answer["range"][end].removesuffix("Z") for end in ("from", "to")]
    with contextlib.closing(
        psycopg2.connect(make_url(database).set(drivername="postgresql").render_as_string())
    ) as log:
        cursor = log.cursor()
        cursor.execute("SELECT count(*) FROM request_metrics WHERE timestamp >= %s AND timestamp < %s", covered)
        (rows,) = cursor.fetchone() or (0,)
    assert rows > 100
    assert (answer["source"], answer["rows"]) == ("log", [{"value": rows}])


@pytest.mark.slow
def test_it_writes_nowhere_but_in_the_temporary_folder(image: Image, container: Container) -> None:
    before = everything(image)
    httpx.get(f"{container.url}/api/v1/query", params={"measure": "cost", "range": "1h"}, timeout=30)
    assert everything(image) == before
    assert list(container.temporary.iterdir())
    if os.getuid() == 0:
        owners = {path.lstat().st_uid for path in before}
        assert owners == {0}
        assert not [path for path in before if not path.is_symlink() and path.stat().st_mode & 0o022]


@pytest.mark.slow
def test_its_health_check_knows_life_from_death(image: Image, container: Container) -> None:
    alive = inside(image, *image.check, FLUXDASH_PORT=str(container.port))
    assert alive.returncode == 0, alive.stderr
    assert inside(image, *image.check, FLUXDASH_PORT="1").returncode == 1
    with Answering(lambda question: Reply(status=200 if question.path == "/obs/healthz" else 503)) as other:
        port = other.url.rpartition(":")[2]
        assert inside(image, *image.check, FLUXDASH_PORT=port, FLUXDASH_PREFIX="/obs/").returncode == 0
        assert inside(image, *image.check, FLUXDASH_PORT=port).returncode == 1


@pytest.mark.slow
def test_what_components_load_later_is_there_but_for_what_was_taken_away_on_purpose(image: Image) -> None:
    code = """
import json, dash, dash_ag_grid, dash_bootstrap_components
from pathlib import Path
root = Path(dash.__file__).parent
places = [(root, dash.dcc), (root, dash.html), (root, dash.dash_table),
          (Path(dash_ag_grid.__file__).parent, dash_ag_grid),
          (Path(dash_bootstrap_components.__file__).parent, dash_bootstrap_components)]
named = [(place, each.get("relative_package_path")) for place, module in places for each in module._js_dist]
print(json.dumps([path for place, path in named if path and not (place / path).exists()]))
"""
    done = inside(image, "python", "-c", code)
    assert done.returncode == 0, done.stderr
    missing = {path for path in json.loads(done.stdout) if not path.endswith(".map")}
    assert missing == {"async-enterprise.js"}


@pytest.mark.slow
def test_it_can_forecast(image: Image) -> None:
    code = """
from fluxdash.analysis.candidates import CANDIDATES
import numpy
levels = numpy.array([100 + 10 * (day % 7) + 0.5 * day for day in range(60)])
for each in CANDIDATES:
    print(numpy.isfinite(each.predictions(levels, [59], 7)).all())
"""
    done = inside(image, "python", "-c", code)
    assert set(done.stdout.split()) == {"True"}, done.stderr


@pytest.mark.slow
def test_it_can_send_spans(image: Image) -> None:
    done = inside(image, "python", "-c", "from fluxdash.demo.otlp import Collector; Collector('http://127.0.0.1:9')")
    assert done.returncode == 0, done.stderr
