"""The wheel carries what the app needs, and works where the repository is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from plotly.offline import get_plotlyjs_version

PROJECT = Path(__file__).resolve().parents[1]
ASSETS = PROJECT / "assets"
VENDORED = {"00-bootstrap.min.css": "bootstrap.txt", "05-plotly-cartesian.min.js": "plotly.js.txt"}


def run(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=PROJECT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it; the libraries come from the environment of the tests."""
    target = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--no-deps", "--no-index", "--no-compile", "--target", target, wheel, cwd=target)
    return target


def outside(installed: Path, code: str) -> str:
    """What the installed package prints for `code`, in a folder that is not the repository."""
    elsewhere = installed.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    return run(sys.executable, "-c", code, cwd=elsewhere, env={**os.environ, "PYTHONPATH": str(installed)})


def test_the_wheel_holds_every_asset_inside_the_package(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    assets = {path.relative_to(PROJECT).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert {f"fluxdash/{path}" for path in assets} <= held
    assert {"fluxdash/py.typed", "fluxdash/views/plotly-templates.json"} <= held
    assert not {name for name in held if name.startswith(("tests/", "assets/", "docs/"))}


def test_an_installed_fluxdash_serves_its_assets_outside_the_repository(installed: Path) -> None:
    code = """
from pathlib import Path
import fluxdash
client = fluxdash.create_app(fluxdash.Settings()).server.test_client()
print(Path(fluxdash.__file__).parent)
print(*(client.get(f"/assets/{name}").status_code for name in ("00-bootstrap.min.css", "12-app.css")))
"""
    assert outside(installed, code).splitlines() == [str(installed / "fluxdash"), "200 200"]


def test_an_installed_fluxdash_is_a_command(installed: Path) -> None:
    assert (installed / "bin" / "fluxdash").exists()
    assert (
        outside(installed, "from fluxdash.cli import main; main(['--version'])") == f"fluxdash {_project()['version']}"
    )


def test_the_plotly_bundle_has_the_version_that_plotly_speaks() -> None:
    head = (ASSETS / "05-plotly-cartesian.min.js").read_text()[:200]
    found = re.search(r"plotly\.js \(cartesian - minified\) v([0-9.]+)", head)
    assert found
    assert found[1] == get_plotlyjs_version()


def test_assets_load_in_the_order_of_their_numbers() -> None:
    loaded = [path.name for path in sorted(ASSETS.iterdir()) if path.suffix in (".css", ".js")]
    assert all(re.match(r"[0-9]{2}-", name) for name in loaded)
    assert loaded[:2] == list(VENDORED)


def test_each_vendored_file_comes_with_its_licence() -> None:
    for name, licence in VENDORED.items():
        assert "MIT" in (ASSETS / name).read_text()[:400]
        assert "Permission is hereby granted" in (ASSETS / "LICENSES" / licence).read_text()


@pytest.mark.parametrize("path", sorted(p for p in ASSETS.iterdir() if p.is_file()), ids=lambda path: path.name)
def test_an_asset_asks_for_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert "sourceMappingURL" not in text
    if path.suffix == ".css":
        assert re.findall(r"@import|url\((?![\"']?data:)[^)]{0,40}", text) == []


def test_the_constraints_name_every_library_exactly_once_and_meet_the_floors() -> None:
    lines = [line for line in (PROJECT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    pinned = {_plain(name): exact for name, exact in (line.split("==") for line in lines)}
    assert len(pinned) == len(lines)
    project = _project()
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    for requirement in map(Requirement, wanted):
        if requirement.name != "fluxdash":
            assert requirement.specifier.contains(pinned[_plain(requirement.name)]), requirement


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return project


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_a_click_does_is_told_once() -> None:
    acts = [
        name for path in ASSETS.glob("*.js") for name in re.findall(r'flux\.act\("([^"]+)"', path.read_text("utf-8"))
    ]
    assert acts
    assert [name for name in set(acts) if acts.count(name) > 1] == []
