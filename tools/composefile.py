"""A compose file as data: its services with all variables filled in, in an order in which they may start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<word>[^}]*))?\})")
_DURATION = re.compile(r"(\d+)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class ComposeError(Exception):
    """The file asks for what it may not, or for what is not understood here."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of the repository, or the name of a volume, at a path inside the container."""

    source: str
    target: str

    @property
    def is_bound(self) -> bool:
        """Whether it is a file or folder of the repository."""
        return self.source.startswith((".", "/"))


@dataclass(frozen=True, slots=True)
class Health:
    """How it is found out that a service works, and how many seconds it may take until it does."""

    test: tuple[str, ...]
    patience: float


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `image` is empty for one that is built from the repository, `ports` are those inside."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    mounts: tuple[Mount, ...]
    folders: tuple[str, ...]
    ports: tuple[int, ...]
    after: tuple[str, ...]
    health: Health


def services(path: Path, environ: Mapping[str, str]) -> tuple[Service, ...]:
    """Return the services of a compose file, each behind those that it waits for.

    Raises ComposeError for a service that says nothing of its health, or waits for another in any way but its health.
    """
    document = yaml.safe_load(path.read_text())
    found = {name: _service(name, _filled(told, environ)) for name, told in document["services"].items()}
    order = TopologicalSorter({name: each.after for name, each in found.items()}).static_order()
    return tuple(found[name] for name in order)


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, environ) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, environ) for each in value]
    return _VARIABLE.sub(lambda found: _value(found, environ), value) if isinstance(value, str) else value


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    name = found["name"]
    if name is None:
        return "$"
    value = environ.get(name, "")
    if not value and found["how"] == ":?":
        raise ComposeError(f"{name} must be set: {found['word']}")
    return value or found["word"] or ""


def _service(name: str, told: dict[str, Any]) -> Service:
    for key in ("command", "healthcheck"):
        if isinstance(told.get(key), str):
            raise ComposeError(f"{name}: its {key} must be a list of words, which no shell takes apart")
    return Service(
        name,
        "" if "build" in told else told["image"],
        tuple(told.get("command", ())),
        tuple((key, _word(value)) for key, value in told.get("environment", {}).items()),
        tuple(_mounts(told.get("volumes", ()))),
        tuple(each.partition(":")[0] for each in told.get("tmpfs", ())),
        tuple(int(each.rpartition(":")[2]) for each in told.get("ports", ())),
        tuple(_after(name, told.get("depends_on", {}))),
        _health(name, told.get("healthcheck", {})),
    )


def _word(value: object) -> str:
    """A variable is text for the container, but true, 1 and null are not for YAML."""
    if not isinstance(value, str):
        raise ComposeError(f"{value!r} must be written as text, in quotes")
    return value


def _mounts(told: Sequence[str]) -> Iterator[Mount]:
    for each in told:
        source, target, *_ = each.split(":")
        yield Mount(source, target)


def _after(name: str, told: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for other, how in told.items():
        if how != {"condition": "service_healthy"}:
            raise ComposeError(f"{name}: it must wait until {other} is healthy, not only started")
        yield other


def _health(name: str, told: Mapping[str, Any]) -> Health:
    kind, *words = told.get("test", ["NONE"])
    if kind != "CMD":
        raise ComposeError(f"{name}: its healthcheck must be a CMD, which no shell takes apart")
    tries = _seconds(told["interval"]) * told["retries"]
    return Health(tuple(words), _seconds(told.get("start_period", "0s")) + tries)


def _seconds(duration: str) -> float:
    return sum(int(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))
