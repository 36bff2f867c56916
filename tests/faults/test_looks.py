"""What is looked at now and then keeps nobody waiting: one viewer meets the silence, the others go on."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

import pytest

from fluxdash.errors import SourceTimeout
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.sources.database import Database
from fluxdash.sources.glance import Glance
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.prometheus import Prometheus, Upstream
from fluxdash.sources.survey import Survey
from tests.faults.conftest import at_most
from tests.servers.fault_proxy import FaultProxy


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def test_only_one_viewer_waits_for_a_prometheus_that_fell_silent(to_prometheus: FaultProxy) -> None:
    assert PROFILE.metrics is not None
    clock = Clock()
    client = Prometheus(Upstream(to_prometheus.url, timeout=1.0))
    inventory = Inventory(client, PROFILE.metrics, clock, patience=1.0)
    known = inventory.look()
    assert known.error is None
    clock.now += 61
    with to_prometheus.fault("blackhole"):
        first = Thread(target=inventory.look)
        first.start()
        time.sleep(0.2)
        assert first.is_alive()
        with at_most(0.1):
            assert inventory.look() == known
        first.join(5)
    after = inventory.look()
    assert isinstance(after.error, SourceTimeout)
    assert after.labels == known.labels, "what was found before is still the best that is known"
    assert inventory.exists("fluxai_requests_total")
    with pytest.raises(SourceTimeout, match="Prometheus: did not answer in 1 s"):
        inventory.check()
    clock.now += 6
    inventory.check()
    client.close()


def test_a_schema_that_could_not_be_read_again_is_an_error_and_not_an_empty_database(
    sqlite_log: Path, tmp_path: Path
) -> None:
    assert PROFILE.log is not None
    clock = Clock()
    path = tmp_path / "log.db"
    path.write_bytes(sqlite_log.read_bytes())
    database = Database(f"sqlite:///{path}")
    survey = Survey(database, PROFILE.log, 200_000, clock)
    tables, edges, names = survey.schema().tables, survey.edges(), survey.names()
    assert edges.first is not None
    assert names
    path.rename(tmp_path / "away.db")
    clock.now += 61
    assert survey.schema().error is not None
    assert survey.schema().tables == tables
    assert (survey.edges().first, survey.edges().last) == (edges.first, edges.last)
    assert survey.names() == names
    (tmp_path / "away.db").rename(path)
    deadline = time.monotonic() + 8
    while survey.schema().error and time.monotonic() < deadline:
        time.sleep(0.1)
        clock.now += 3
    survey.check()
    assert survey.edges() == edges
    database.close()


def test_the_first_look_is_waited_for_by_all_and_taken_once() -> None:
    looks: list[float] = []
    go = Event()

    def look(now: float) -> int:
        go.wait(5)
        looks.append(now)
        return len(looks)

    glance = Glance(look, lambda found: 60.0)
    found: list[int] = []
    viewers = [Thread(target=lambda: found.append(glance.now())) for _ in range(10)]
    for viewer in viewers:
        viewer.start()
    go.set()
    for viewer in viewers:
        viewer.join(5)
    assert found == [1] * 10
