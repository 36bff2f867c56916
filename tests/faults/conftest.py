"""An hour of one tenant's requests on real servers, each behind a proxy that can be told to fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fluxdash.demo.request import Request
from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.query import Query
from fluxdash.sources.router import Router
from tests.servers.fault_proxy import FaultProxy
from tests.servers.process import LOOPBACK
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world

CANARY = "sw0rdf1sh-canary"
"""A password that must never be read by anybody."""


@pytest.fixture(scope="session")
def rows() -> tuple[Request, ...]:
    """An hour and a quarter of the busiest account's requests, moved to the last day or two."""
    recent = reckoning.moved(world.requests(), world.RECENT)
    (_, busiest), *_ = sorted(reckoning.cut(recent, "account").items(), key=lambda item: -len(item[1]))
    return tuple(reckoning.within(busiest, world.COUNTED_FROM, world.RECENT_END))


@pytest.fixture(scope="session")
def counted(
    rows: tuple[Request, ...], prometheus: Callable[..., PrometheusServer], tmp_path_factory: pytest.TempPathFactory
) -> PrometheusServer:
    """A Prometheus that scraped them."""
    path = tmp_path_factory.mktemp("history") / "openmetrics.txt"
    return prometheus(openmetrics=world.write_metrics(path, rows, world.COUNTED_FROM, world.RECENT_END))


@pytest.fixture(scope="session")
def sqlite_log(rows: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of them in a file."""
    path = tmp_path_factory.mktemp("log") / "log.db"
    world.write_log(f"sqlite:///{path}", rows)
    return path


@pytest.fixture
def to_prometheus(counted: PrometheusServer) -> Iterator[FaultProxy]:
    """What stands between FluxDash and Prometheus."""
    with FaultProxy((LOOPBACK, counted.port)) as proxy:
        yield proxy


def secretly(url: str) -> str:
    """The address with a user and a password that nobody checks."""
    return url.replace("://", f"://viewer:{CANARY}@", 1)


def failure(gateway: Router, query: Query) -> FluxDashError:
    """The error that a question is answered with; it holds no secret, and says so in a sentence."""
    try:
        answer = gateway.answer(query)
    except FluxDashError as err:
        text = f"{err} {getattr(err, 'hint', '')} {err!r}"
        assert CANARY not in text
        assert "Traceback" not in text
        return err
    raise AssertionError(f"answered {answer.total} though the source fails")


def healed(gateway: Router, query: Query, seconds: float) -> Answer:
    """Ask again and again until the answer is there; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return gateway.answer(query)
        except FluxDashError:
            assert time.monotonic() < deadline, f"not healed after {seconds} s"
            time.sleep(0.2)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail when the block takes longer."""
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took <= seconds, f"took {took:.2f} s, more than {seconds:g} s"
