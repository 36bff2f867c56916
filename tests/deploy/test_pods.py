"""The pods of the example, started by their own commands under their own restrictions, over a real PostgreSQL."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from redis import Redis

from fluxdash.demo.traffic import Traffic
from tests.deploy.manifests import SECRET_KEY, SECRET_NAME, Manifests
from tests.deploy.pod import Pod, address
from tests.servers.postgres import PostgresServer
from tests.truth import world

HOUR = 3600
NOW = int(time.time()) // HOUR * HOUR
REQUESTS = tuple(Traffic(seed=8, rate=0.2).between(NOW - HOUR, NOW))


@dataclass(frozen=True, slots=True)
class Cluster:
    """What runs."""

    dashboard: Pod
    redis: Pod


@pytest.fixture(scope="module")
def cluster(
    build: Callable[[str], Manifests], postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    log = postgres_server.fresh_database()
    world.write_log(log, REQUESTS)
    # As the gateway's own secret writes it, with the driver that the gateway uses.
    address_of_log = postgres_server.read_only(log).replace("+psycopg2", "+asyncpg")
    folder: Callable[[str], Path] = tmp_path_factory.mktemp
    with ExitStack() as stack:
        redis = Pod(build("example"), "fluxai-dashboard-redis", folder("redis"), address())
        stack.enter_context(redis)
        dashboard = Pod(
            build("example"),
            "fluxai-dashboard",
            folder("dashboard"),
            address(),
            {f"{SECRET_NAME}/{SECRET_KEY}": address_of_log},
            {"fluxai-dashboard-redis": redis.address},
        )
        stack.enter_context(dashboard)
        yield Cluster(dashboard, redis)


def test_every_probe_succeeds_though_prometheus_and_jaeger_are_not_there(cluster: Cluster) -> None:
    asked = {name: cluster.dashboard.probe(name) for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == dict.fromkeys(asked, True)
    assert cluster.redis.probe("livenessProbe")


def test_the_log_that_the_secret_names_is_read(cluster: Cluster) -> None:
    asked = {"measure": "requests", "shape": "total", "from": str(NOW - HOUR), "to": str(NOW)}
    told = httpx.get(f"{cluster.dashboard.url}/api/v1/query", params=asked, timeout=30).json()
    assert told["rows"] == [{"value": len(REQUESTS)}]


def test_answers_are_shared_in_the_redis_beside_it(cluster: Cluster) -> None:
    asked = {"measure": "tokens", "shape": "total", "from": str(NOW - HOUR), "to": str(NOW)}
    assert httpx.get(f"{cluster.dashboard.url}/api/v1/query", params=asked, timeout=30).is_success
    with Redis(cluster.redis.address, cluster.redis.port) as client:
        assert client.dbsize() > 0


def test_the_path_that_is_scraped_tells_of_fluxdash(cluster: Cluster, build: Callable[[str], Manifests]) -> None:
    (endpoint,) = build("example").one("ServiceMonitor")["spec"]["endpoints"]
    assert "fluxdash_" in httpx.get(cluster.dashboard.url + endpoint["path"]).text


def test_it_needs_no_right_and_writes_nowhere_but_in_its_own_folders(cluster: Cluster) -> None:
    if not cluster.dashboard.is_sandboxed:
        pytest.skip("only root can take rights away as a kubelet does")
    for pod in (cluster.dashboard, cluster.redis):
        status = pod.status()
        assert set(status["Uid"].split()) == {str(pod.manifest["securityContext"]["runAsUser"])}
        assert {int(status[each], 16) for each in ("CapEff", "CapPrm", "CapBnd")} == {0}
        assert status["NoNewPrivs"] == "1"
        mounts = [line.split() for line in Path(f"/proc/{pod.pid}/mountinfo").read_text().splitlines()]
        assert [each[5].split(",")[0] for each in mounts if each[4] == "/"] == ["ro"]
    assert "Read-only file system" not in cluster.dashboard.log
    assert "Traceback" not in cluster.dashboard.log


def test_told_to_go_it_serves_on_as_not_ready_and_ends_in_its_grace(cluster: Cluster) -> None:
    pod = cluster.dashboard
    process, grace = pod.process, pod.manifest["terminationGracePeriodSeconds"]
    assert process is not None
    process.send_signal(signal.SIGTERM)
    told = time.monotonic()
    while pod.probe("readinessProbe"):
        assert time.monotonic() - told < 3
    assert httpx.get(f"{pod.url}/").is_success
    assert process.wait(grace) == 0
