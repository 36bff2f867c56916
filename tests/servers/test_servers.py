"""Each server answers, and none is left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg2
import pytest
from playwright.sync_api import Page
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.servers.dashboard import DashboardServer
from tests.servers.postgres import PostgresServer
from tests.servers.process import Server, executable, free_port, listens
from tests.servers.prometheus import PrometheusServer
from tests.servers.redis import RedisServer
from tests.servers.victoriametrics import VictoriaMetricsServer


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def assert_gone(server: Server, pid: int) -> None:
    assert not exists(pid)
    assert not listens(server.port)
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)


def history(path: Path, *samples: tuple[float, float]) -> Path:
    lines = [f'fluxai_requests_total{{model="m"}} {value} {at}' for at, value in samples]
    path.write_text("\n".join(["# TYPE fluxai_requests counter", *lines, "# EOF", ""]))
    return path


def newest(url: str, query: str, at: float) -> float | None:
    result = httpx.get(f"{url}/api/v1/query", params={"query": query, "time": at}).json()["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def test_postgres_answers_and_each_test_gets_an_empty_database(postgres: str) -> None:
    engine = create_engine(postgres)
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar()
    engine.dispose()
    assert tables == 0


def test_the_reading_role_reads_what_came_later_and_writes_nothing(postgres_server: PostgresServer) -> None:
    owner = postgres_server.fresh_database()
    engine = create_engine(postgres_server.read_only(owner))
    postgres_server.execute(owner, "CREATE TABLE later (n int)", "INSERT INTO later VALUES (1)")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM later")).scalar() == 1
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("INSERT INTO later VALUES (2)"))
    engine.dispose()


def test_a_postgres_keeps_its_port_and_data_over_a_crash_and_is_gone_after_a_stop(
    postgres_server: PostgresServer,
) -> None:
    database = postgres_server.fresh_database()
    port = postgres_server.port
    postgres_server.kill()
    assert not listens(port)
    postgres_server.start()
    assert postgres_server.port == port
    url = make_url(database)
    psycopg2.connect(host=url.host, port=url.port, user=url.username, dbname=url.database).close()
    pid = postgres_server.pid
    postgres_server.stop()
    assert_gone(postgres_server, pid)
    postgres_server.start()


def test_a_prometheus_scrapes_and_remembers_what_was_written_for_it(
    prometheus: Callable[..., PrometheusServer], tmp_path: Path
) -> None:
    long_ago = 1_700_000_000.0
    written = history(tmp_path / "history.txt", (long_ago, 1), (long_ago + 15, 4))
    port = free_port()
    with prometheus(targets=[f"127.0.0.1:{port}"], interval="1s", openmetrics=written) as server:
        assert newest(server.url, "fluxai_requests_total", long_ago + 20) == 4
        deadline = time.time() + 20
        while newest(server.url, "up", time.time()) != 0 and time.time() < deadline:
            time.sleep(0.2)
        assert newest(server.url, "up", time.time()) == 0, "nobody is at the target, and Prometheus knows"
        pid = server.pid
    assert_gone(server, pid)


def test_a_victoriametrics_takes_in_the_same_history(
    victoriametrics: Callable[..., VictoriaMetricsServer], tmp_path: Path
) -> None:
    long_ago = 1_700_000_000.0
    with victoriametrics() as server:
        server.load(history(tmp_path / "history.txt", (long_ago, 1), (long_ago + 15, 4)))
        assert newest(server.url, "fluxai_requests_total", long_ago + 20) == 4
        pid = server.pid
    assert_gone(server, pid)


def test_a_redis_starts_empty(redis: str) -> None:
    with Redis.from_url(redis) as client:
        assert client.dbsize() == 0
        client.set("planted", "1")


def test_a_redis_that_is_paused_hangs_and_one_that_is_stopped_is_gone(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        pid = server.pid
        with Redis.from_url(server.url, socket_timeout=0.2, retry=Retry(NoBackoff(), 0)) as client:
            assert client.ping()
            server.pause()
            with pytest.raises(RedisTimeout):
                client.ping()
            server.resume()
    assert_gone(server, pid)


def test_a_server_that_does_not_start_says_what_it_printed(tmp_path: Path) -> None:
    server = Server("broken", tmp_path, lambda port: ["sh", "-c", "echo no such luck >&2; exit 3"])
    with pytest.raises(AssertionError, match="no such luck"):
        server.start()


def test_a_missing_server_skips_the_test_unless_servers_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUXDASH_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-server is not installed"):
        executable("no-such-server")
    monkeypatch.setenv("FLUXDASH_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="FLUXDASH_REQUIRE_SERVERS"):
        executable("no-such-server")


@pytest.mark.parametrize("prefix", ["/", "/obs/"])
def test_a_dashboard_starts_without_sources_and_is_gone_after_a_stop(
    dashboard: Callable[..., DashboardServer], prefix: str
) -> None:
    with dashboard(FLUXDASH_PREFIX=prefix) as server:
        assert httpx.get(f"{server.url}/").status_code == 200
        pid = server.pid
    assert_gone(server, pid)


@pytest.mark.browser
def test_chromium_runs_scripts(page: Page) -> None:
    page.set_content("<p id=greeting></p><script>greeting.textContent = 6 * 7</script>")
    assert page.locator("#greeting").text_content() == "42"
