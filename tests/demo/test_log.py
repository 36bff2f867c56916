"""The request log on SQLite: the contract's columns, and every row as its request was."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from fluxdash.demo import truth
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.log import RequestLog
from fluxdash.demo.prices import PriceBook
from fluxdash.demo.request import Request
from fluxdash.errors import SettingError

COLUMNS = {
    "accounts": ["id", "name", "aws_account_id", "created_at", "updated_at"],
    "api_keys": [
        "id", "account_id", "key_hash", "key_prefix", "name", "scopes", "rate_limit_rpm", "rate_limit_tpm",
        "created_at", "last_used_at", "expires_at", "is_active",
    ],
    "request_metrics": [
        "id", "account_id", "api_key_id", "request_id", "trace_id", "model_id", "region", "routing_strategy",
        "timestamp", "latency_ms", "input_tokens", "output_tokens", "total_tokens", "input_cost", "output_cost",
        "total_cost", "cache_hit", "status", "error_message", "metadata",
    ],
    "model_pricing": [
        "id", "model_id", "region", "input_per_1k", "output_per_1k", "effective_date", "created_at",
    ],
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def log(file: Path) -> Iterator[RequestLog]:
    log = RequestLog(f"sqlite:///{file}")
    yield log
    log.close()


@pytest.fixture
def raw(file: Path, log: RequestLog) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    yield connection
    connection.close()


def _money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(f"{amount:.6f}")


def test_the_tables_have_the_contracts_columns(raw: sqlite3.Connection) -> None:
    for table, columns in COLUMNS.items():
        assert [row[1] for row in raw.execute(f"PRAGMA table_info({table})")] == columns


def test_every_row_is_its_request(
    log: RequestLog, raw: sqlite3.Connection, requests: tuple[Request, ...], careless: tuple[Request, ...]
) -> None:
    for booked in (requests[:2000], careless[2000:]):
        log.insert(booked)
        log.insert([])
    rows = raw.execute("SELECT * FROM request_metrics ORDER BY timestamp")
    for row, request in zip(rows, (*requests[:2000], *careless[2000:]), strict=True):
        assert row[:9] == (
            request.id,
            request.account_id,
            request.api_key_id,
            request.request_id,
            request.trace_id,
            request.model,
            request.region,
            request.strategy,
            request.timestamp.isoformat(" ", "microseconds"),
        )
        assert row[9:13] == (request.latency_ms, request.input_tokens, request.output_tokens, request.total_tokens)
        assert tuple(map(_money, row[13:16])) == (request.input_cost, request.output_cost, request.total_cost)
        assert row[16:19] == (request.cache_hit, request.status, request.error_message)
        assert (row[19] and json.loads(row[19])) == request.metadata


def test_sums_in_sql_are_the_truth(log: RequestLog, raw: sqlite3.Connection, requests: tuple[Request, ...]) -> None:
    log.insert(requests)
    sums = raw.execute(
        "SELECT count(*), sum(status <> 'success'), sum(input_tokens), sum(output_tokens),"
        " sum(CASE WHEN cache_hit IS TRUE THEN 0 ELSE total_cost END), sum(CASE WHEN cache_hit THEN total_cost END),"
        " sum(cache_hit IS TRUE), sum(cache_hit IS FALSE) FROM request_metrics"
    ).fetchone()
    true = truth.totals(requests)
    assert sums[:4] == (true.requests, true.failures, true.input_tokens, true.output_tokens)
    assert (_money(sums[4]), _money(sums[5])) == (true.cost, true.savings)
    assert sums[6:] == (true.cache_hits, true.cache_misses)


def test_it_knows_the_accounts_their_keys_and_the_prices(raw: sqlite3.Connection) -> None:
    assert raw.execute("SELECT id, name FROM accounts").fetchall() == [
        (account.id, account.name) for account in ACCOUNTS
    ]
    keys = set(raw.execute("SELECT account_id, id FROM api_keys"))
    assert keys == {(account.id, account.key_id(name)) for account in ACCOUNTS for name in account.keys}
    listed = {
        (model, region, date, _money(price))
        for model, region, date, price in raw.execute(
            "SELECT model_id, region, effective_date, output_per_1k FROM model_pricing"
        )
    }
    assert listed == {
        (price.model_id, price.region, price.effective_date.isoformat(" ", "microseconds"), price.output_per_1k)
        for price in PriceBook().rows()
    }


def test_opening_it_again_changes_nothing(log: RequestLog, raw: sqlite3.Connection, file: Path) -> None:
    def dump() -> list[str]:
        return list(raw.iterdump())

    before = dump()
    RequestLog(f"sqlite:///{file}").close()
    assert dump() == before


def test_it_remembers_its_newest_request_and_can_forget(log: RequestLog, requests: tuple[Request, ...]) -> None:
    assert log.newest() is None
    log.insert(requests[:100])
    assert log.newest() == requests[99].time
    log.forget(requests[50].time, requests[99].time + 1)
    assert log.newest() == requests[49].time


def test_time_is_indexed_unless_told_otherwise(raw: sqlite3.Connection, tmp_path: Path) -> None:
    wanted = "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'ix_request_metrics_timestamp'"
    assert raw.execute(wanted).fetchone()
    bare = tmp_path / "bare.db"
    RequestLog(f"sqlite:///{bare}", time_index=False).close()
    connection = sqlite3.connect(bare)
    assert connection.execute(wanted).fetchone() is None
    connection.close()


def test_readers_do_not_wait_for_the_writer(raw: sqlite3.Connection) -> None:
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_log_with_other_accounts_is_left_alone(file: Path, log: RequestLog, raw: sqlite3.Connection) -> None:
    raw.execute("INSERT INTO accounts (id, name) VALUES ('6f1d0f1e-0000-4000-8000-000000000000', 'A real customer')")
    raw.commit()
    with pytest.raises(SettingError, match="holds 1 other account"):
        RequestLog(f"sqlite:///{file}")


@pytest.mark.parametrize("url", ["", "fluxai", "mysql://localhost/fluxai", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_no_database_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match="sqlite:///path"):
        RequestLog(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_server_that_does_not_answer_is_named_without_its_password(scheme: str) -> None:
    with pytest.raises(SettingError, match="lets the demo in") as refused:
        RequestLog(f"{scheme}://fluxai:secret@127.0.0.1:1/fluxai")
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value), "an error is one line"


def test_a_week_is_written_fast(log: RequestLog, requests: tuple[Request, ...]) -> None:
    began = time.perf_counter()
    log.insert(requests)
    per_row = (time.perf_counter() - began) / len(requests)
    assert per_row * 180_000 < 30  # seconds; about 7 on an idle machine, and tests share theirs
