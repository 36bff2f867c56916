"""The profile that docs/gateways.md prints, run as it stands there: its numbers are those of the rows."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import promql_parser
import pytest

from fluxdash.profiles.registry import profile
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, STATUS, Dimension
from fluxdash.semantic.measures import (
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    LATENCY,
    REQUESTS,
    TOKENS,
)
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.sources import promql
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from fluxdash.sources.source import PROMETHEUS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gateways.md"
START = int(datetime(2026, 11, 18, 10, tzinfo=UTC).timestamp())
HOUR = 3600
SCOPE = Scope(Window.between(START, START + HOUR, START + 2 * HOUR))

Call = tuple[int, str, str, str, str, int, int, int, int | None, str | None]


def calls() -> list[Call]:
    """Two hours of calls: id, when, tenant, model, outcome, millis, tokens in and out, cents, error."""
    dice = random.Random(7)
    rows: list[Call] = []
    for i in range(400):
        when = datetime.fromtimestamp(START + i * 2 * HOUR / 400, UTC).strftime("%Y-%m-%d %H:%M:%S")
        outcome = dice.choice(["ok", "ok", "ok", "failed"])
        cents = dice.randint(1, 90) if outcome == "ok" else None
        who, model = dice.choice(["red", "blue"]), dice.choice(["small", "large"])
        error = None if outcome == "ok" else "Timeout: too slow"
        rows.append(
            (
                i,
                when,
                who,
                model,
                outcome,
                dice.randint(50, 9000),
                dice.randint(1, 50),
                dice.randint(1, 99),
                cents,
                error,
            )
        )
    return rows


CALLS = calls()
INSIDE = CALLS[:200]


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "acme_gateway.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with closing(sqlite3.connect(tmp_path / "calls.db")) as database:
        columns = "id INTEGER PRIMARY KEY, finished_at TEXT, tenant TEXT, model TEXT, outcome TEXT, millis INTEGER"
        database.execute(
            f"CREATE TABLE calls ({columns}, tokens_in INTEGER, tokens_out INTEGER, cents INTEGER, error TEXT)"
        )
        database.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", CALLS)
        database.commit()
    told = {"DATABASE_URL": f"sqlite:///{tmp_path / 'calls.db'}", "FLUXDASH_PROFILE": "acme_gateway:PROFILE"}
    settings = Settings.from_env({"FLUXDASH_CACHE": "memory", **told})
    router = connect(settings, profile(settings.profile))
    yield router
    router.close()


def test_its_numbers_are_those_of_the_rows(gateway: Router) -> None:
    failed = sum(each[4] != "ok" for each in INSIDE)
    cents = sum(each[8] or 0 for each in INSIDE)
    latencies = sorted(each[5] for each in INSIDE)
    wanted = {
        REQUESTS: 200,
        FAILURES: failed,
        ERROR_RATE: failed / 200,
        COST: cents / 100,
        COST_PER_REQUEST: cents / 100 / 200,
        TOKENS: sum(each[6] + each[7] for each in INSIDE),
    }
    for measure, number in wanted.items():
        assert gateway.answer(measure.total().within(SCOPE)).total == pytest.approx(number, rel=1e-9), measure.slug
    assert gateway.answer(LATENCY.total(q=0.95).within(SCOPE)).total == pytest.approx(latencies[189] / 1000)


@pytest.mark.parametrize(("by", "column"), [(ACCOUNT, 2), (MODEL, 3), (STATUS, 4)])
def test_it_cuts_and_filters_by_each_of_its_dimensions(gateway: Router, by: Dimension, column: int) -> None:
    groups = {str(each[column]) for each in INSIDE}
    told = {line.group: line.total for line in gateway.answer(REQUESTS.top(10, by=by).within(SCOPE)).lines}
    assert told == {group: sum(each[column] == group for each in INSIDE) for group in groups}
    for group in groups:
        only = Scope(SCOPE.window, (Filter.of(by, [group]),))
        spent = sum(each[8] or 0 for each in INSIDE if each[column] == group)
        assert gateway.answer(COST.total().within(only)).total == pytest.approx(spent / 100)


def test_what_it_does_not_name_is_told_as_not_reported(gateway: Router) -> None:
    reasons = {each.measure: each.reason for each in gateway.capabilities()}
    assert reasons[HIT_RATE] == "The request log does not tell cache hits."
    assert reasons[COST] == ""


def test_its_metrics_compile(gateway: Router) -> None:
    found = profile("acme_gateway:PROFILE").metrics
    assert found is not None
    for _, readings in found.readings:
        for reading in readings:
            text = promql.text(reading.expression, found, ACCOUNT, (Filter.of(MODEL, ["small"]),), 60)
            promql_parser.parse(text)
            assert "tenant" in text
            assert 'model="small"' in text
    assert PROMETHEUS not in {each.source for each in gateway.capabilities()}
