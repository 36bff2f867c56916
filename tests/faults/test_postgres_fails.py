"""A PostgreSQL that is away, silent, locked, full or shut to us: one sentence each, in time, and never a zero."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from fluxdash.demo.request import Request
from fluxdash.errors import (
    BadPayload,
    FluxDashError,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE, MODEL
from fluxdash.semantic.measures import COST, FAILURES, LATENCY, REQUESTS, TOKENS
from fluxdash.sources.database import Database
from fluxdash.sources.router import Router
from tests.faults.conftest import CANARY, at_most, failure, healed
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgres import PostgresServer
from tests.servers.process import LOOPBACK
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world
from tests.truth.world import RECENT_END, notes, scope, window

TIMEOUT = 1.0
LATER = TIMEOUT + 1.0
"""When a viewer must have an answer of whatever kind."""
SLACK = 0.8
"""What a busy test machine may take on top of it."""
HEALED = 8.0
VIEWER = "viewer"
HOUR = window(RECENT_END - 3600, RECENT_END, 60)
REQUESTED = REQUESTS.total().within(scope(HOUR))
ANOTHER = TOKENS.over_time(by=MODEL).within(scope(HOUR))
"""Another question, which no cache has the answer to."""


@pytest.fixture(scope="module")
def cluster(rows: tuple[Request, ...]) -> Iterator[PostgresServer]:
    """A cluster of this module's own, to be hurt: it asks everyone but the superuser for a password."""
    with (
        tempfile.TemporaryDirectory(prefix="fluxdash-faults-") as folder,
        PostgresServer(Path(folder), "max_connections=20") as server,
    ):
        hba = Path(folder) / "data" / "pg_hba.conf"
        everyone = f"host all {make_url(server.address()).username} {LOOPBACK}/32 trust\n"
        hba.write_text(f"{everyone}host all all {LOOPBACK}/32 scram-sha-256\n")
        server.execute(server.address(), f"CREATE ROLE {VIEWER} LOGIN PASSWORD '{CANARY}'", "SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="module")
def owner(cluster: PostgresServer, rows: tuple[Request, ...]) -> str:
    """The address of the log, for who may do anything with it."""
    address = cluster.fresh_database()
    world.write_log(address, rows)
    cluster.execute(address, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {VIEWER}", "ANALYZE")
    return address


@pytest.fixture
def proxy(cluster: PostgresServer) -> Iterator[FaultProxy]:
    with FaultProxy((LOOPBACK, cluster.port)) as proxy:
        yield proxy


def address(owner: str, port: int, *, user: str = VIEWER, password: str = CANARY) -> str:
    return f"postgresql+asyncpg://{user}:{password}@{LOOPBACK}:{port}/{make_url(owner).database}"


@pytest.fixture
def alone(owner: str, proxy: FaultProxy) -> Iterator[Router]:
    """FluxDash with nothing but that log, through the proxy."""
    with world.fluxdash(DATABASE_URL=address(owner, proxy.port), FLUXDASH_DATABASE_TIMEOUT=f"{TIMEOUT:g}") as router:
        yield router


@pytest.fixture
def with_prometheus(owner: str, proxy: FaultProxy, counted: PrometheusServer) -> Iterator[Router]:
    """FluxDash with a Prometheus besides."""
    with world.fluxdash(
        DATABASE_URL=address(owner, proxy.port), FLUXDASH_DATABASE_TIMEOUT=f"{TIMEOUT:g}", PROMETHEUS_URL=counted.url
    ) as router:
        yield router


def true(rows: tuple[Request, ...], slug: str = "requests") -> float:
    return float(reckoning.total(slug, reckoning.within(rows, HOUR.start, HOUR.end)) or 0)


FAULTS: dict[str, tuple[tuple[str, Any], type[SourceError]]] = {
    "reset": (("reset", None), SourceUnreachable),
    "silent": (("blackhole", None), SourceTimeout),
    "hangs": (("hang", None), SourceTimeout),
    "drips": (("drip", 0.1), SourceTimeout),
    "resets in the middle": (("reset_after", 200), SourceUnreachable),
    "ends in the middle": (("fin_after", 200), SourceUnreachable),
    "speaks HTTP": (("http", {"status": 200, "body": b"hello"}), SourceUnreachable),
}
LEFT_ALONE = ("resets in the middle", "ends in the middle", "speaks HTTP")
"""They heal as `reset` does, after two seconds in which nothing is asked; once is enough to wait for that."""


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_time_and_heals(
    alone: Router, proxy: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    how, kind = FAULTS[fault]
    assert alone.answer(REQUESTED).total == true(rows)
    with proxy.fault(*how):
        with at_most(LATER + SLACK):
            err = failure(alone, ANOTHER)
        # A connection that is being made when it falls silent is one that cannot be made.
        assert isinstance(err, kind) or (kind is SourceTimeout and isinstance(err, SourceUnreachable))
        assert isinstance(err, SourceError)
        assert err.source == "The request log"
        state = next(each for each in alone.states() if each.name == "log")
        assert (state.status, state.reason) == ("down", err.reason)
    if fault in LEFT_ALONE:
        return
    answer = healed(alone, ANOTHER, HEALED)
    assert sum(line.total or 0 for line in answer.lines) == true(rows, "tokens")


@pytest.mark.parametrize("fault", ["silent", "ends in the middle"])
def test_a_fault_that_is_there_from_the_start_is_told_in_time_and_heals(
    alone: Router, proxy: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    how, _ = FAULTS[fault]
    with proxy.fault(*how), at_most(LATER + SLACK):
        assert isinstance(failure(alone, REQUESTED), SourceUnreachable | SourceTimeout)
    assert healed(alone, REQUESTED, HEALED).total == true(rows)


def test_a_database_that_is_down_at_the_start_is_named_and_heals_without_a_restart(
    alone: Router, proxy: FaultProxy, rows: tuple[Request, ...]
) -> None:
    proxy.stop()
    err = failure(alone, REQUESTED)
    assert isinstance(err, SourceUnreachable)
    assert str(err) == "The request log: cannot be reached"
    with at_most(0.3):
        failure(alone, ANOTHER)
    proxy.start()
    assert healed(alone, REQUESTED, HEALED).total == true(rows)


@pytest.mark.parametrize("fault", ["reset", "silent", "speaks HTTP"])
def test_prometheus_answers_instead_and_says_why(
    with_prometheus: Router, proxy: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    assert with_prometheus.answer(REQUESTED).provenance.source == "log"
    with proxy.fault(*FAULTS[fault][0]):
        for measure in (TOKENS, REQUESTS):
            with at_most(LATER + SLACK):
                answer = with_prometheus.answer(measure.top(5, by=MODEL).within(scope(HOUR)))
            assert answer.provenance.source == "prometheus"
            assert notes(answer)["fallback"].startswith("The request log ")
            assert world.everything(answer) == pytest.approx(true(rows, measure.slug), rel=0.1)


@contextmanager
def locked(owner: str, table: str = "request_metrics") -> Iterator[None]:
    """Hold a table so that nobody can read it."""
    url = make_url(owner)
    with closing(psycopg2.connect(host=url.host, port=url.port, user=url.username, dbname=url.database)) as connection:
        connection.cursor().execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_statement_that_waits_for_a_lock_is_ended_by_the_server_in_time(
    alone: Router, owner: str, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    with locked(owner), at_most(LATER + SLACK):
        err = failure(alone, ANOTHER)
    assert isinstance(err, SourceTimeout)
    assert str(err) == "The request log: did not answer in 1 s"
    assert err.hint == "A shorter range usually works."
    with at_most(1):
        assert alone.answer(ANOTHER).lines, "nothing is wrong with the connection"


def test_a_log_that_is_locked_from_the_start_is_a_timeout_too(alone: Router, owner: str) -> None:
    with locked(owner), at_most(LATER + SLACK):
        assert isinstance(failure(alone, REQUESTED), SourceTimeout)


@pytest.fixture
def slow(cluster: PostgresServer, owner: str) -> Iterator[None]:
    """Make every row of the log take a hundredth of a second to read."""
    cluster.execute(
        owner,
        "ALTER TABLE request_metrics RENAME TO rows",
        "CREATE VIEW request_metrics AS SELECT rows.* FROM rows, LATERAL pg_sleep(0.01 + 0 * latency_ms)",
        f"GRANT SELECT ON request_metrics TO {VIEWER}",
    )
    yield
    cluster.execute(owner, "DROP VIEW request_metrics", "ALTER TABLE rows RENAME TO request_metrics")


@pytest.mark.usefixtures("slow")
def test_a_statement_that_takes_too_long_is_ended_by_the_server(
    alone: Router, cluster: PostgresServer, owner: str
) -> None:
    with at_most(LATER + SLACK):
        assert isinstance(failure(alone, REQUESTED), SourceTimeout)
    busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'viewer' AND state = 'active'"
    engine = sa.create_engine(owner)
    with engine.connect() as connection:
        assert connection.scalar(sa.text(busy)) == 0, "the server must not go on working for nobody"
    engine.dispose()


@contextmanager
def frozen(cluster: PostgresServer) -> Iterator[None]:
    """Stop the server and the process it has for each connection, which is in a process group of its own."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    processes = [cluster.pid, *map(int, children)]
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def test_a_server_that_stops_is_given_up_in_time_and_used_again(
    alone: Router, cluster: PostgresServer, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    with frozen(cluster), at_most(LATER + SLACK):
        assert isinstance(failure(alone, ANOTHER), SourceTimeout | SourceUnreachable)
    assert healed(alone, ANOTHER, HEALED).lines


def test_a_server_that_is_restarted_is_used_again(
    alone: Router, cluster: PostgresServer, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    cluster.stop()
    assert isinstance(failure(alone, ANOTHER), SourceUnreachable)
    cluster.start()
    assert healed(alone, ANOTHER, HEALED).lines


def terminate(owner: str) -> int:
    """End every connection of the viewer as an administrator does; returns how many there were."""
    engine = sa.create_engine(owner)
    with engine.connect() as connection:
        ended = connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'viewer'")
        ).all()
    engine.dispose()
    return len(ended)


def test_a_connection_that_was_ended_while_idle_is_replaced_unnoticed(alone: Router, owner: str) -> None:
    alone.answer(REQUESTED)
    assert terminate(owner) >= 1
    assert alone.answer(ANOTHER).lines


def test_a_connection_that_is_ended_in_the_middle_is_an_error_once(
    alone: Router, owner: str, rows: tuple[Request, ...]
) -> None:
    alone.answer(REQUESTED)
    errors: list[FluxDashError] = []
    with locked(owner):
        asking = Thread(target=lambda: errors.append(failure(alone, ANOTHER)))
        asking.start()
        time.sleep(0.3)
        assert terminate(owner) >= 1
        asking.join(5)
    assert [type(err) for err in errors] == [SourceUnreachable]
    answer = healed(alone, ANOTHER, 3)
    assert sum(line.total or 0 for line in answer.lines) == true(rows, "tokens")


def test_a_right_that_was_taken_away_is_forbidden_and_named(
    alone: Router, cluster: PostgresServer, owner: str, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    cluster.execute(owner, f"REVOKE SELECT ON request_metrics FROM {VIEWER}")
    try:
        err = failure(alone, ANOTHER)
        assert isinstance(err, SourceForbidden)
        assert "request_metrics" in f"{err} {err.hint}"
    finally:
        cluster.execute(owner, f"GRANT SELECT ON request_metrics TO {VIEWER}")
    assert alone.answer(ANOTHER).lines, "a refusal is not an outage: the next question is asked"


def test_without_the_right_to_some_columns_the_rest_is_told(
    cluster: PostgresServer, owner: str, rows: tuple[Request, ...]
) -> None:
    kept = "id account_id model_id region timestamp latency_ms input_tokens output_tokens cache_hit status"
    cluster.execute(owner, f"REVOKE SELECT ON request_metrics, model_pricing, accounts FROM {VIEWER}")
    cluster.execute(owner, f"GRANT SELECT ({', '.join(kept.split())}) ON request_metrics TO {VIEWER}")
    try:
        with world.fluxdash(DATABASE_URL=address(owner, cluster.port)) as gateway:
            assert gateway.answer(REQUESTED).total == true(rows)
            assert gateway.answer(LATENCY.total().within(scope(HOUR))).total is not None
            by_account = gateway.answer(REQUESTS.top(3, by=ACCOUNT).within(scope(HOUR)))
            assert (by_account.total, by_account.names) == (true(rows), ())
            for query in (COST.total(), FAILURES.top(3, by=ERROR_TYPE)):
                with pytest.raises(FluxDashError, match=r"request_metrics\.(total_cost|error_message)"):
                    gateway.answer(query.within(scope(HOUR)))
    finally:
        cluster.execute(owner, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {VIEWER}")


@pytest.mark.parametrize("who", [{"password": f"not-{CANARY}"}, {"user": "nobody-known"}], ids=["password", "user"])
def test_wrong_credentials_are_refused_without_being_repeated(
    cluster: PostgresServer, owner: str, who: dict[str, str]
) -> None:
    with world.fluxdash(DATABASE_URL=address(owner, cluster.port, **who)) as gateway:
        err = failure(gateway, REQUESTED)
        assert isinstance(err, SourceForbidden)
        assert str(err) == "The request log: refused the credentials or the access"
        assert err.hint.startswith("Check the user and the password in DATABASE_URL")


def test_a_database_that_does_not_exist_is_said_so(cluster: PostgresServer, owner: str) -> None:
    elsewhere = f"postgresql://{VIEWER}:{CANARY}@{LOOPBACK}:{cluster.port}/no_such_database"
    with world.fluxdash(DATABASE_URL=elsewhere) as gateway:
        err = failure(gateway, REQUESTED)
        assert isinstance(err, SourceError)
        assert "no_such_database" in f"{err} {err.hint}"


def test_too_many_connections_are_told_from_an_outage(
    cluster: PostgresServer, owner: str, rows: tuple[Request, ...]
) -> None:
    cluster.execute(owner, f"ALTER ROLE {VIEWER} CONNECTION LIMIT 0")
    try:
        with world.fluxdash(DATABASE_URL=address(owner, cluster.port)) as gateway:
            err = failure(gateway, REQUESTED)
            assert isinstance(err, SourceSaturated)
            assert "too many connections" in err.reason
            cluster.execute(owner, f"ALTER ROLE {VIEWER} CONNECTION LIMIT -1")
            assert healed(gateway, REQUESTED, HEALED).total == true(rows)
    finally:
        cluster.execute(owner, f"ALTER ROLE {VIEWER} CONNECTION LIMIT -1")


def test_a_table_that_is_renamed_under_way_is_named(alone: Router, cluster: PostgresServer, owner: str) -> None:
    alone.answer(REQUESTED)
    cluster.execute(owner, "ALTER TABLE request_metrics RENAME TO moved_away")
    try:
        err = failure(alone, ANOTHER)
        assert isinstance(err, BadPayload)
        assert "request_metrics" in f"{err} {err.hint}"
    finally:
        cluster.execute(owner, "ALTER TABLE moved_away RENAME TO request_metrics")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'x')",
        "CREATE TABLE ours (n int)",
        "DELETE FROM accounts",
    ],
)
def test_fluxdash_writes_nothing_even_where_it_may(owner: str, statement: str) -> None:
    database = Database(owner)
    with pytest.raises(SourceRejected) as caught:
        database.rows(sa.text(statement))
    database.close()
    assert "read-only transaction" in caught.value.hint


def test_a_page_of_panels_opens_no_more_connections_than_it_was_given(
    alone: Router, proxy: FaultProxy, owner: str
) -> None:
    queries = [
        REQUESTS.over_time().within(scope(window(RECENT_END - 3600, RECENT_END - at * 60, 60))) for at in range(20)
    ]
    answers = alone.answers(queries)
    assert not [answer for answer in answers if isinstance(answer, FluxDashError)]
    assert proxy.peak <= 5
