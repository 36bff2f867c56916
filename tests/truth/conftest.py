"""The world in SQLite, PostgreSQL, Prometheus and VictoriaMetrics: written once, asked by many tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest
from sqlalchemy import make_url

from fluxdash.demo.request import Request
from fluxdash.sources.router import Router
from tests.servers.postgres import READER, PostgresServer
from tests.servers.process import executable
from tests.servers.prometheus import PrometheusServer
from tests.servers.victoriametrics import VictoriaMetricsServer
from tests.truth import reckoning, world
from tests.truth.alive import Alive, Life


@pytest.fixture(scope="session", autouse=True)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life | None]:
    """A living gateway, started before the first test when one of all tests is about it: it needs most of a minute."""
    if not any(item.path.name == "test_while_it_lives.py" for item in request.session.items) or not which("prometheus"):
        yield None
        return
    life = Life(tmp_path_factory.mktemp("life"))
    yield life
    life.close()


@pytest.fixture(scope="session")
def alive(life: Life | None) -> Alive:
    """What it left behind."""
    executable("prometheus")
    assert life is not None
    return life.lived()


@pytest.fixture(scope="session")
def plain() -> tuple[Request, ...]:
    """Requests booked as the reference promises."""
    return world.requests()


@pytest.fixture(scope="session")
def careless() -> tuple[Request, ...]:
    """The same requests as real installations book them: NULLs, hits booked for nothing, a model without a price."""
    return world.requests(quirks=True)


@pytest.fixture(scope="session")
def in_new_york(postgres_server: PostgresServer) -> Callable[..., str]:
    """Write requests to a fresh database whose zone is New York's; returns its address for a role that only reads."""

    def write(rows: tuple[Request, ...], *, index: bool = False) -> str:
        owner = postgres_server.fresh_database()
        world.write_log(owner, rows, index=index)
        reader, name = postgres_server.read_only(owner), make_url(owner).database
        postgres_server.execute(
            owner,
            f"ALTER DATABASE {name} SET timezone = 'America/New_York'",
            f"ALTER ROLE {READER} IN DATABASE {name} SET timezone = 'America/New_York'",
            "ANALYZE",
        )
        return reader

    return write


@pytest.fixture(scope="session")
def databases(
    plain: tuple[Request, ...],
    careless: tuple[Request, ...],
    in_new_york: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], str]:
    """The address of one of the four request logs, such as `("sqlite", "careless")`; each is written once."""
    worlds, written = {"plain": plain, "careless": careless}, dict[tuple[str, str], str]()

    def address(engine: str, which: str) -> str:
        if (engine, which) not in written:
            if engine == "postgresql":
                written[engine, which] = in_new_york(worlds[which])
            else:
                path: Path = tmp_path_factory.mktemp("log") / f"{which}.db"
                world.write_log(f"sqlite:///{path}", worlds[which])
                written[engine, which] = f"sqlite:///{path}"
        return written[engine, which]

    return address


@pytest.fixture(scope="module", params=["sqlite-careless", "postgresql-plain", "postgresql-careless"])
def logged(
    request: pytest.FixtureRequest, databases: Callable[[str, str], str]
) -> Iterator[tuple[Router, tuple[Request, ...]]]:
    """FluxDash on one request log alone, and the requests that were written to it."""
    engine, which = str(request.param).split("-")
    with world.fluxdash(DATABASE_URL=databases(engine, which)) as router:
        yield router, request.getfixturevalue(which)


@pytest.fixture(scope="session")
def recent(plain: tuple[Request, ...]) -> tuple[Request, ...]:
    """The plain requests, moved to the last day or two."""
    return reckoning.moved(plain, world.RECENT)


@pytest.fixture(scope="session")
def history(recent: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Prometheus scraped of the newest 75 minutes of them, from a gateway that was started then."""
    path = tmp_path_factory.mktemp("history") / "openmetrics.txt"
    return world.write_metrics(path, recent, world.COUNTED_FROM, world.RECENT_END)


@pytest.fixture(scope="session")
def counted(history: Path, prometheus: Callable[..., PrometheusServer]) -> PrometheusServer:
    """A Prometheus that scraped the recent requests."""
    return prometheus(openmetrics=history)


@pytest.fixture(scope="session")
def counted_by_its_relative(
    history: Path, victoriametrics: Callable[..., VictoriaMetricsServer]
) -> VictoriaMetricsServer:
    """A VictoriaMetrics with the same samples."""
    server = victoriametrics()
    server.load(history)
    return server
