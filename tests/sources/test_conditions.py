"""Conditions as SQL: by their exact text on both engines, and with nothing in it that came from outside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import NotReported
from fluxdash.profiles.litellm import PROFILE as LITELLM
from fluxdash.semantic.conditions import FIELDS, Condition, Op, condition, together
from fluxdash.semantic.leaves import Leafing
from fluxdash.semantic.measures import FAILURES, LATENCY, REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.sources import clauses
from fluxdash.sources.cells import Spec
from tests.sources.test_ledger import Desk, through
from tests.sources.test_log import HOUR, LOG
from tests.sources.test_sql import TABLES, dialect, engines

STATUS, LATENCY_MS = '"request_metrics"."status"', '"request_metrics"."latency_ms"'
ERROR = 'SUBSTR("request_metrics"."error_message", 1, 1000)'
SMALL = {"postgresql": f'LOWER(CAST({ERROR} AS TEXT) COLLATE "C")', "sqlite": f"LOWER({ERROR})"}
ACCOUNT = 'CAST("request_metrics"."account_id" AS VARCHAR(36))'
FITTING = [(field, op) for field in FIELDS for op in Op if not field.refuses(op)]


def compiled(text: str, engine: str) -> sa.sql.compiler.Compiled:
    return clauses.holding(LOG, TABLES, condition(text)).compile(dialect=dialect(engine))


def told(text: str, engine: str) -> str:
    """The condition on one line, its parameters by their names alone."""
    return re.sub(r":(held|folded)_\d+(::VARCHAR)?", r":\1", re.sub(r"\s+", " ", str(compiled(text, engine))))


@engines
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("status:is:error", f"{STATUS} = :held"),
        ("status:not:success", f"{STATUS} IS NULL OR {STATUS} != :held"),
        ("status:unknown", f"{STATUS} IS NULL OR {STATUS} = ''"),
        ("status:known", f"{STATUS} IS NOT NULL AND {STATUS} != ''"),
        ("error:contains:Slow", "{small} LIKE '%' || :folded || '%' ESCAPE '/'"),
        ("error:starts:Slow", "{small} LIKE :folded || '%' ESCAPE '/'"),
        ("latency:ge:2.5", f"{LATENCY_MS} >= :held"),
        ("latency:le:2.5", f"{LATENCY_MS} <= :held"),
        ("latency:is:2.5", f"{LATENCY_MS} = :held"),
        ("latency:not:2.5", f"{LATENCY_MS} IS NULL OR {LATENCY_MS} != :held"),
        ("latency:unknown", f"{LATENCY_MS} IS NULL"),
        ("latency:known", f"{LATENCY_MS} IS NOT NULL"),
    ],
)
def test_each_operator_is_one_comparison(text: str, wanted: str, engine: str) -> None:
    assert told(text, engine) == wanted.replace("{small}", SMALL[engine])


@engines
def test_an_account_is_known_by_its_id_and_by_its_name(engine: str) -> None:
    assert told("account:is:acme", engine) == (
        f"{ACCOUNT} = :held OR {ACCOUNT} IN"
        " (SELECT CAST(accounts.id AS VARCHAR(255)) AS id FROM accounts WHERE accounts.name = :held)"
    )
    assert told("account:unknown", engine) == f"{ACCOUNT} IS NULL OR {ACCOUNT} = ''"
    named = clauses.holding(LOG, {**TABLES, "accounts": frozenset({"id"})}, condition("account:is:acme"))
    assert "accounts" not in str(named.compile(dialect=dialect(engine)))


@engines
def test_a_column_that_has_a_meaning_for_some_rows_is_unknown_for_the_others(engine: str) -> None:
    found = told("error_type:is:Throttling", engine)
    assert found.startswith("""CASE WHEN COALESCE("request_metrics"."status", '') <> 'success' THEN CASE WHEN""")


@engines
def test_a_duration_is_held_against_what_the_log_wrote(engine: str) -> None:
    """2.01 s are 2010 ms, though 2010 × 0.001 and 2.01 ÷ 0.001 are not quite that as floats."""
    for seconds, milliseconds in (("2.01", 2010.0), ("0.07", 70.0), ("1.001", 1001.0), ("-1", -1000.0)):
        assert list(compiled(f"latency:ge:{seconds}", engine).params.values()) == [milliseconds]
    assert list(compiled("cost:ge:0.00392", engine).params.values()) == [0.00392]


@engines
@given(st.data())
def test_no_value_is_ever_part_of_the_text(engine: str, data: st.DataObject) -> None:
    field, op = data.draw(st.sampled_from([each for each in FITTING if not each[1].is_bare and not each[0].numeric]))
    value = data.draw(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80))
    found = clauses.holding(LOG, TABLES, Condition(field, op, f"canary {value}")).compile(dialect=dialect(engine))
    plain = clauses.holding(LOG, TABLES, Condition(field, op, "x")).compile(dialect=dialect(engine))
    assert re.sub(r"_\d+", "", str(found)) == re.sub(r"_\d+", "", str(plain))
    assert any("canary" in str(each) for each in found.params.values())


def test_an_equal_spec_has_an_equal_key_and_a_condition_another_one() -> None:
    plain, held = Spec(("requests",)), Spec(("requests",), conditions=(condition("status:is:error"),))
    assert held.key == Spec(("requests",), conditions=(condition("status:is:error"),)).key
    assert len({plain.key, held.key, Spec(("requests",), conditions=(condition("status:not:error"),)).key}) == 3


def scope(*texts: str) -> Scope:
    return Scope(HOUR, conditions=together(map(condition, texts)))


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    made = Desk(tmp_path / "log.db")
    yield made
    made.database.close()
    made.engine.dispose()


def ids(desk: Desk, *texts: str) -> set[str | None]:
    found = set(through(desk.ledger(), scope(*texts), Leafing(), 2))
    assert desk.ledger().extent(scope(*texts), Leafing()).rows == len(found)
    return found


def test_signs_of_a_pattern_mean_themselves(desk: Desk) -> None:
    desk.write("11:30:00", request_id="a", error_message="100% of _quota_ at C:/x")
    desk.write("11:30:01", request_id="b", error_message="1000 of xquotax at C:\\x")
    for part, wanted in (("100%", {"a"}), ("_QUOTA_", {"a"}), ("C:/", {"a"}), ("c:\\", {"b"}), ("quota", {"a", "b"})):
        assert ids(desk, f"error:contains:{part}") == wanted
    assert ids(desk, "error:starts:100%") == {"a"}
    assert ids(desk, "error:starts:%") == ids(desk, "error:contains:' OR 1=1 --") == set()


def test_what_is_unknown_is_no_value_and_not_another_one_either(desk: Desk) -> None:
    desk.write("11:30:00", request_id="a", region="eu", latency=100)
    desk.write("11:30:01", request_id="b", region="us", latency=None)
    desk.write("11:30:02", request_id="c", region=None, latency=300)
    desk.write("11:30:03", request_id="d", region="", latency=300)
    assert ids(desk, "region:is:eu") == {"a"}
    assert ids(desk, "region:not:eu") == {"b", "c", "d"}
    assert ids(desk, "region:unknown") == {"c", "d"}
    assert ids(desk, "region:known") == {"a", "b"}
    assert ids(desk, "latency:not:0.3") == {"a", "b"}
    assert ids(desk, "latency:le:0.1") == {"a"}
    assert ids(desk, "latency:unknown") == {"b"}
    assert ids(desk, "region:known", "latency:known") == {"a"}


def test_charts_hold_their_rows_against_the_same_conditions_and_keep_the_answers_apart(desk: Desk) -> None:
    for second, status, latency in ((0, "success", 100), (1, "error", 300), (2, None, 500)):
        desk.write(f"11:30:0{second}", status=status, latency=latency)
    source, slow = desk.source(), scope("latency:ge:0.3", "status:known")
    assert [desk.ask(REQUESTS.total()).total, desk.ask(FAILURES.total()).total] == [3.0, 2.0]
    for measure, wanted in ((REQUESTS, 1.0), (FAILURES, 1.0), (LATENCY, 0.3)):
        query = measure.total().within(slow)
        assert source.answer(query, source.verdict(query)).total == wanted
    assert desk.ask(REQUESTS.total()).total == 3.0
    assert "latency_ms" in source.statements(REQUESTS.total().within(slow))[0]


def test_a_log_without_the_column_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "log.db", "timestamp, model_id, latency_ms, status, total_cost")
    desk.write("11:30:00")
    verdict = desk.source().verdict(REQUESTS.total().within(scope("region:known")))
    assert verdict.reason == "The database has no column request_metrics.region."
    with pytest.raises(NotReported, match=r"no column request_metrics\.region"):
        desk.ledger().leaf(scope("region:known"), Leafing(), None, 5)
    assert len(desk.ledger().leaf(scope("latency:known"), Leafing(), None, 5).entries) == 1
    desk.database.close()
    desk.engine.dispose()


def test_a_gateway_that_does_not_tell_a_column_is_said_to_hold_none() -> None:
    assert LITELLM.log is not None
    assert clauses.told(LITELLM.log, "region") is None
    assert clauses.told(LOG, "region") == "{region}"
