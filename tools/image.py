"""The stages of the Dockerfile without Docker: the same commands, in folders that stand for those of the image.

    python -m tools.image /tmp/image

What lies at /opt in the image is then in `root` of that folder, as `opt`. The paths that the Dockerfile makes are
below that root, its base image is a plain Python of the same version, and each stage begins empty, so that it has
only what it is given.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.imagefile import ROOT, Stage, pairs, stages

USER = 10001
"""Whom the image runs as; a Python that only root may run would not do."""
_OWN = re.compile(r"(?<![\w./-])/(?=(?:build|opt)\b)")
_SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")
# What pip needs to reach its index from where this runs.
_KEPT = re.compile(r"HOME|PIP_\w+|\w+_(proxy|PROXY)|SSL_CERT_\w+|REQUESTS_CA_BUNDLE")


class ImageError(Exception):
    """A step failed, or there is nothing to run it with."""


@dataclass(frozen=True, slots=True)
class Image:
    """What was made: the last stage's root, variables and folder, and the words by which it starts and is checked."""

    root: Path
    environment: dict[str, str]
    folder: Path
    start: tuple[str, ...]
    check: tuple[str, ...]

    @property
    def site(self) -> Path:
        """The site-packages of the Python that it runs with."""
        return next((self.root / "opt" / "fluxdash" / "lib").glob("python*/site-packages"))

    @property
    def bytecode(self) -> Path:
        """Where the bytecode of those packages lies."""
        return self.root / "opt" / "bytecode" / self.site.relative_to("/")


def built(folder: Path) -> Image:
    """Run all stages in `folder`, which must be empty; raises ImageError with what a step printed that failed."""
    root, base = folder / "root", folder / "base"
    found = stages()
    _run([_python(found[-1].base), "-m", "venv", base], folder, {"PATH": os.defpath})
    environment: dict[str, str] = {}
    place = root
    for number, stage in enumerate(found):
        if number:
            root.rename(folder / found[number - 1].name)
        root.mkdir()
        environment, place = _made(stage, root, base / "bin")
    start = (*found[-1].listed("ENTRYPOINT"), *found[-1].listed("CMD"))
    _, _, check = found[-1].told("HEALTHCHECK")[-1].partition("CMD ")
    return Image(root, environment, place, start, tuple(json.loads(check)))


def _made(stage: Stage, root: Path, programs: Path) -> tuple[dict[str, str], Path]:
    """Run the instructions of one stage; returns its variables and the folder that it ends in."""
    environment, place = {"PATH": os.pathsep.join((str(programs), *_SYSTEM))}, root
    around = {key: value for key, value in os.environ.items() if _KEPT.fullmatch(key)}
    for name, words in stage.instructions:
        told = _OWN.sub(f"{root}/", words)
        if name == "WORKDIR":
            place = Path(told)
            place.mkdir(parents=True, exist_ok=True)
        elif name == "ENV":
            environment |= {key: value.replace("$PATH", environment["PATH"]) for key, value in pairs(told).items()}
        elif name == "COPY":
            _copy(words.split(), root, place)
        elif name == "RUN":
            _run(["sh", "-ec", told], place, around | environment)
    return environment, place


def _copy(words: Sequence[str], root: Path, place: Path) -> None:
    """Copy from the repository; what comes from a stage that is done is moved, which takes no time."""
    *sources, target = words
    to = root / target.strip("/") if target.startswith("/") else place / target
    if words[0].startswith("--from="):
        stage, *sources = sources
        for source in sources:
            (root.parent / stage.removeprefix("--from=") / source.strip("/")).rename(to)
        return
    for source in (ROOT / each for each in sources):
        if source.is_dir():
            shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))  # as .dockerignore says
        else:
            shutil.copy2(source, to)


def _python(image: str) -> Path:
    """Return a Python of the version that an image has, or any other that an unprivileged user may run."""
    version = re.match(r"python:(\d+\.\d+)", image)
    assert version, image
    known = [shutil.which(name, path=os.pathsep.join(_SYSTEM)) for name in (f"python{version[1]}", "python3")]
    for each in (*filter(None, known), sys.executable):
        if _runs(each):
            return Path(each)
    raise ImageError(f"no Python {version[1]} that others than root may run, with the modules venv and ensurepip")


def _runs(python: str) -> bool:
    user = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
    words = [python, "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]
    try:
        done = subprocess.run(words, check=False, capture_output=True, cwd="/", **user)  # type: ignore[call-overload]
    except OSError:
        return False
    return bool(done.returncode == 0)


def _run(words: Sequence[str | Path], place: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImageError(f"{words[-1]}: {(done.stdout + done.stderr)[-4000:]}")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the image in a folder and say how it is started."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="a folder that is not there yet")
    folder = parser.parse_args(argv).folder.resolve()
    folder.mkdir(parents=True)
    try:
        image = built(folder)
    except ImageError as err:
        print(f"image: {err}", file=sys.stderr)
        return 1
    print(f"PATH={image.environment['PATH']} {' '.join(image.start)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
