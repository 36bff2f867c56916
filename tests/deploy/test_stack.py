"""The compose files as processes: the same commands, variables, ports and files, and what the dashboard says of them.

Where there is no Jaeger, which no distribution has, it is left out, and the tests that are about it are skipped.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
import yaml
from psycopg2 import errors
from redis import Redis

from tests.servers import jaeger
from tests.servers.process import executable
from tools.composefile import ComposeError
from tools.stack import Stack

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FILE, ATTACHED = DEPLOY / "docker-compose.yml", DEPLOY / "docker-compose.attach.yml"
PAGE = (DEPLOY.parent / "docs" / "deployment.md").read_text()
# A test has no time for scrapes that are 15 s apart, nor for a week of requests.
ENVIRON = {"DAYS_BACK": "0.02", "RATE": "4", "SCRAPE_INTERVAL": "1"}
EDITS = {"_interval: 15s": "_interval: 1s"}
READER = "postgresql://fluxdash_reader:fluxdash@{}:5432/"
OWNER = "postgresql://fluxai:fluxai@{}:5432/"
PATIENCE = 120.0  # seconds for what comes by itself: the head of Prometheus' answers ends 30 s ago

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL, which runs as another user, may enter."""
    path = Path(tempfile.mkdtemp(prefix="fluxdash-stack-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    for name in ("prometheus", "redis-server", "redis-cli", "wget", "psql"):
        executable(name)
    executable("initdb", *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    without = () if has_jaeger() else ("jaeger",)
    with Stack(FILE, folder / "stack", ENVIRON, without=without, edits=EDITS) as running:
        yield running


@pytest.fixture(scope="module")
def attached(stack: Stack, folder: Path) -> Iterator[Stack]:
    """A second dashboard, on the network of the first stack."""
    environ = {"DATABASE_URL": READER.format("postgres") + "fluxai", "SCRAPE_INTERVAL": "1"}
    with Stack(ATTACHED, folder / "attached", environ, hosts=stack.addresses) as running:
        yield running


def has_jaeger() -> bool:
    try:
        return bool(jaeger.program())
    except pytest.skip.Exception:
        return False


def dashboard(stack: Stack) -> str:
    return f"http://{stack.addresses.get('dashboard') or stack.addresses['fluxdash']}:8501"


def prometheus(stack: Stack, path: str, **asked: str) -> Any:
    reply = httpx.get(f"http://{stack.addresses['prometheus']}:9090/api/v1/{path}", params=asked, timeout=30)
    return reply.json()["data"]


def answer(stack: Stack, **asked: str) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{dashboard(stack)}/api/v1/query", params=asked, timeout=30).json()
    return told


def comes(look: Callable[[], Any]) -> Any:
    """Look until there is something to see."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert seen, "it did not come"
    return seen


def not_unknown(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was found, once Prometheus knows the health of all of it."""
    return [] if any(each["health"] == "unknown" for each in found) else found


@contextlib.contextmanager
def connected(stack: Stack, address: str, database: str = "fluxai") -> Iterator[Any]:
    """A cursor that commits at once."""
    connection = psycopg2.connect(address.format(stack.addresses["postgres"]) + database)
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def test_the_dashboard_is_ready(stack: Stack) -> None:
    told = httpx.get(f"{dashboard(stack)}/readyz", timeout=30).json()
    assert {source["name"]: source["status"] for source in told["sources"]} == {"log": "ok", "prometheus": "ok"}


def test_the_log_holds_the_requests_of_the_gateway(stack: Stack) -> None:
    told = answer(stack, measure="requests", range="15m", source="log")
    with connected(stack, OWNER) as cursor:
        covered = [told["range"][end].removesuffix("Z") for end in ("from", "to")]
        cursor.execute("SELECT count(*) FROM request_metrics WHERE timestamp >= %s AND timestamp < %s", covered)
        assert told["rows"] == [{"value": cursor.fetchone()[0]}]
    assert told["rows"][0]["value"] > 100


def test_the_log_has_an_index_on_its_time(stack: Stack) -> None:
    with connected(stack, READER) as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'request_metrics'")
        assert any('btree ("timestamp")' in definition for (definition,) in cursor.fetchall())


@pytest.mark.parametrize("table", ["request_metrics", "accounts", "model_pricing"])
def test_the_role_of_the_dashboard_reads_what_it_shows(stack: Stack, table: str) -> None:
    with connected(stack, READER) as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] > 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'intruder')",
        "UPDATE request_metrics SET total_cost = 0",
        "DELETE FROM request_metrics",
        "TRUNCATE request_metrics",
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "DROP TABLE accounts",
        "SELECT key_hash FROM api_keys",
        "COPY accounts TO PROGRAM 'true'",
    ],
)
def test_the_role_of_the_dashboard_may_do_nothing_else(stack: Stack, statement: str) -> None:
    with connected(stack, READER) as cursor:
        if not statement.startswith("SELECT"):
            with pytest.raises((errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)):
                cursor.execute(statement)
        # That much a session can undo, and it is of no use to it.
        cursor.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute(statement)


def test_the_role_of_the_dashboard_needs_its_password_and_is_cut_off_in_time(stack: Stack) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(READER.format(stack.addresses["postgres"]).replace(":fluxdash@", ":guessed@") + "fluxai")
    with connected(stack, READER) as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), rolconnlimit FROM pg_roles WHERE rolname = user")
        assert cursor.fetchone() == ("30s", 40)


@pytest.fixture(scope="module")
def older(stack: Stack) -> str:
    """A database that was there before, on which the documented commands are run, twice; its address without a host."""
    tables = ("request_metrics", "accounts", "model_pricing", "trace_spans", "api_keys")
    with connected(stack, OWNER) as cursor:
        cursor.execute("CREATE DATABASE older")
    with connected(stack, OWNER, "older") as cursor:
        for table in tables:
            cursor.execute(f'CREATE TABLE {table} ("timestamp" timestamp)')
    address = OWNER.format(stack.addresses["postgres"]) + "older"
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    rights = "".join(block for block in blocks if re.search("^psql ", block, re.MULTILINE))
    told = rights.replace("postgresql://owner@db.example.com/fluxai", address).replace("letters-and-digits", "fluxdash")
    done = subprocess.run(["bash", "-ec", told * 2], cwd=DEPLOY.parent, capture_output=True, text=True)
    assert (done.returncode, told.count(address)) == (0, 3), done.stderr
    return "older"


def test_the_documented_commands_give_a_role_these_rights_on_a_database_that_was_there(
    stack: Stack, older: str
) -> None:
    with connected(stack, READER, older) as cursor:
        for table in ("request_metrics", "accounts", "model_pricing", "trace_spans"):
            cursor.execute(f"SELECT count(*) FROM {table}")
        cursor.execute("SET default_transaction_read_only = off")
        for statement in ("SELECT * FROM api_keys", "CREATE TEMPORARY TABLE mine (n int)", "CREATE TABLE mine (n int)"):
            with pytest.raises(errors.InsufficientPrivilege):
                cursor.execute(statement)


def test_they_make_the_index_too(stack: Stack, older: str) -> None:
    with connected(stack, READER, older) as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'request_metrics'")
        assert cursor.fetchall() == [("ix_request_metrics_timestamp",)]


@pytest.mark.parametrize("command", re.findall(r"^docker compose -f \S+ exec (.*)$", PAGE, re.MULTILINE))
def test_a_documented_command_works_beside_its_service(stack: Stack, command: str) -> None:
    service, *words = shlex.split(command)
    done = stack.run(service, *words)
    assert done.stdout
    assert done.returncode == 0 or not has_jaeger(), done.stdout + done.stderr


def test_redis_holds_the_answers_and_forgets_the_oldest(stack: Stack) -> None:
    answer(stack, measure="cost", range="15m", shape="series", source="log")
    with Redis(stack.addresses["redis"]) as client:
        assert client.dbsize() > 0
        assert client.config_get("maxmemory*")["maxmemory"] == str(128 << 20)
        assert client.config_get("maxmemory*")["maxmemory-policy"] == "allkeys-lru"
        assert client.config_get("save")["save"] == ""


def test_prometheus_scrapes_every_target_and_finds_metrics_there(stack: Stack) -> None:
    jobs = {
        job["job_name"] for job in yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    }

    def up() -> bool:
        targets = prometheus(stack, "targets")["activeTargets"]
        return {each["labels"]["job"] for each in targets if each["health"] == "up"} == jobs

    comes(up)
    for job, family in {"fluxai": "fluxai_requests_total", "prometheus": "prometheus_build_info"}.items():
        assert comes(
            lambda job=job, family=family: prometheus(stack, "query", query=f'{family}{{job="{job}"}}')["result"]
        )
    assert comes(lambda: prometheus(stack, "query", query='{job="fluxdash", __name__=~"fluxdash_.+"}')["result"])


def test_prometheus_evaluates_every_rule_and_none_fails(stack: Stack) -> None:
    def rules_told() -> list[dict[str, Any]]:
        return [rule for group in prometheus(stack, "rules")["groups"] for rule in group["rules"]]

    rules = comes(lambda: not_unknown(rules_told()))
    files = [yaml.safe_load(path.read_text()) for path in (DEPLOY / "prometheus" / "rules").glob("*.yml")]
    written = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in rules} == {rule.get("record") or rule["alert"] for rule in written}
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule.get("state") == "firing"] == []


def test_the_dashboard_finds_each_of_its_sources_well(stack: Stack) -> None:
    done = stack.run("dashboard", "fluxdash", "check")
    assert "request log: ok, " in done.stdout
    assert "Prometheus: ok, " in done.stdout
    assert (done.returncode == 0) is has_jaeger(), done.stdout


def test_the_simulated_gateway_sends_spans_that_the_dashboard_finds(stack: Stack) -> None:
    if not has_jaeger():
        pytest.skip("there is no jaeger; python -m tests.servers.jaeger builds one")
    assert comes(
        lambda: "Jaeger: ok, traces of the last hour found" in stack.run("dashboard", "fluxdash", "check").stdout
    )


def test_a_dashboard_attached_to_the_stack_says_the_same_and_keeps_its_own_cache(stack: Stack, attached: Stack) -> None:
    first = answer(stack, measure="requests", range="15m", source="log")
    covered = {"from": first["range"]["from"], "to": first["range"]["to"]}
    second = answer(attached, measure="requests", source="log", **covered)
    assert second["rows"] == first["rows"]
    with Redis(attached.addresses["fluxdash-redis"]) as client:
        assert client.dbsize() > 0
    assert attached.addresses["fluxdash-redis"] != stack.addresses["redis"]


def test_prometheus_holds_the_requests_of_the_gateway_for_both_dashboards(stack: Stack, attached: Stack) -> None:
    for each in (stack, attached):
        counted = comes(lambda each=each: answer(each, measure="requests", range="5m", source="prometheus").get("n"))
        assert counted > 0
    exemplars = {
        "query": "fluxai_request_duration_seconds_bucket",
        "start": str(time.time() - 600),
        "end": str(time.time()),
    }
    assert prometheus(stack, "query_exemplars", **exemplars)


def test_nobody_had_anything_to_complain_about(stack: Stack, attached: Stack) -> None:
    logs = {name: stack.log(name) for name in ("dashboard", "gateway", "prometheus")}
    logs["attached"] = attached.log("fluxdash")
    complaint = re.compile(r"Traceback|\b(error|critical)\b|level=(error|warn)|permission denied", re.IGNORECASE)
    lines = [(name, line.replace("gunicorn.error:", "")) for name, log in logs.items() for line in log.splitlines()]
    assert [(name, line) for name, line in lines if complaint.search(line)] == []


def only_redis(path: Path, *words: str) -> Path:
    """A compose file with a Redis that is started with these words."""
    executable("redis-server")
    executable("redis-cli")
    check = "{test: [CMD, redis-cli, -h, redis, -p, '6390', ping], interval: 1s, retries: 9}"
    command = ", ".join(f"'{word}'" for word in ("redis-server", *words))
    path.write_text(f"services:\n  redis: {{image: 'redis:7.4.6', command: [{command}], healthcheck: {check}}}\n")
    return path


def test_a_service_that_ends_instead_of_becoming_healthy_fails_with_its_log(tmp_path: Path) -> None:
    path = only_redis(tmp_path / "compose.yml", "--prot", "6390")
    with pytest.raises(ComposeError, match=r"(?s)redis is not healthy within 9 s.*prot"):
        Stack(path, tmp_path / "stack").start()


def test_a_service_that_listens_elsewhere_than_the_file_says_is_not_healthy(tmp_path: Path) -> None:
    path = only_redis(tmp_path / "compose.yml", "--bind", "0.0.0.0", "--port", "6391", "--save", "")
    path.write_text(path.read_text().replace("retries: 9", "retries: 1"))
    with pytest.raises(ComposeError, match="redis is not healthy within 1 s"):
        Stack(path, tmp_path / "stack").start()


def test_the_tool_says_what_is_healthy_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = only_redis(tmp_path / "compose.yml", "--bind", "0.0.0.0", "--port", "6390", "--save", "")
    command = [sys.executable, "-m", "tools.stack", str(path)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=DEPLOY.parent, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert re.match(r"redis +healthy", running.stdout.readline())
        assert "Ctrl-C" in running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    assert list(tmp_path.iterdir()) == [path]
