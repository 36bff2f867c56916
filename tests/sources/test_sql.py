"""Selects by their exact text, for PostgreSQL and for SQLite, and with nothing in the text that came from outside."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.litellm import PROFILE as LITELLM
from fluxdash.profiles.profile import Log
from fluxdash.semantic.dimensions import CACHE, CACHE_TYPE, DIMENSIONS, ERROR_TYPE, MODEL, REGION, STRATEGY, Dimension
from fluxdash.semantic.records import Order, Record
from fluxdash.semantic.scope import Filter
from fluxdash.sources import clauses, sql
from fluxdash.sources.cells import Spec

assert PROFILE.log is not None
assert LITELLM.log is not None
LOG: Log = PROFILE.log
COLUMNS = frozenset({"id", "account_id", "model_id", "region", "routing_strategy", "timestamp", "latency_ms",
                     "input_tokens", "output_tokens", "total_cost", "input_cost", "cache_hit", "status",
                     "error_message", "metadata", "request_id", "trace_id"})  # fmt: skip
PRICING = frozenset({"model_id", "region", "effective_date", "input_per_1k", "output_per_1k"})
TABLES = {"request_metrics": COLUMNS, "model_pricing": PRICING, "accounts": frozenset({"id", "name"})}
START, END = 1_795_003_200, 1_795_006_800  # 2026-11-18 12:00 to 13:00 UTC

SECONDS = {
    "postgresql": 'CAST(FLOOR(EXTRACT(EPOCH FROM "request_metrics"."timestamp")) AS BIGINT)',
    "sqlite": 'CAST(STRFTIME(\'%s\', SUBSTR("request_metrics"."timestamp", 1, 19)) AS INTEGER)',
}
DOUBLE = {"postgresql": "DOUBLE PRECISION", "sqlite": "DOUBLE"}
WITHIN = {
    "postgresql": '"request_metrics"."timestamp" >= \'2026-11-18 12:00:00\''
    ' AND "request_metrics"."timestamp" < \'2026-11-18 13:00:00\'',
    "sqlite": '"request_metrics"."timestamp" >= \'2026-11-18 12:00:00\''
    ' AND "request_metrics"."timestamp" < \'2026-11-18 13:00:00\'',
}
engines = pytest.mark.parametrize("engine", ["postgresql", "sqlite"])


def dialect(engine: str) -> sa.Dialect:
    made: sa.Dialect = {"postgresql": postgresql, "sqlite": sqlite}[engine].dialect(paramstyle="named")
    return made


def text(statement: sa.Select[Any], engine: str) -> str:
    """The statement on one line with its values written in, as it is shown for copying."""
    compiled = statement.compile(dialect=dialect(engine), compile_kwargs={"literal_binds": True})
    return re.sub(r"\s+", " ", str(compiled)).strip()


def asked(statement: sa.Select[Any]) -> sa.sql.compiler.SQLCompiler:
    compiled = statement.compile(dialect=dialect("postgresql"))
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    return compiled


def sums(spec: Spec, tables: clauses.Tables = TABLES, step: int = 60, log: Log = LOG) -> sa.Select[Any]:
    return sql.sums(log, tables, spec, START, END, step)


@engines
def test_sums_are_one_row_a_bucket(engine: str) -> None:
    seconds, double = SECONDS[engine], DOUBLE[engine]
    assert text(sums(Spec(("requests", "failures"))), engine) == (
        f"SELECT {seconds} - ({seconds} - 1795003200) % 60 AS bucket, CAST(sum(1) AS {double}) AS requests,"
        f' CAST(sum(CASE WHEN "request_metrics"."status" = \'success\' THEN 0 ELSE 1 END) AS {double}) AS failures'
        f' FROM "request_metrics" WHERE {WITHIN[engine]} GROUP BY 1'
    )


@engines
def test_sums_of_groups_name_what_is_null_or_empty_unknown(engine: str) -> None:
    seconds = SECONDS[engine]
    spec = Spec(("requests",), MODEL, (Filter(REGION, ("eu-west-1", "us-east-1")),))
    assert text(sums(spec), engine) == (
        f"SELECT {seconds} - ({seconds} - 1795003200) % 60 AS bucket,"
        " coalesce(nullif(\"request_metrics\".\"model_id\", ''), 'unknown') AS grouped,"
        f" CAST(sum(1) AS {DOUBLE[engine]}) AS requests"
        f' FROM "request_metrics" WHERE {WITHIN[engine]}'
        " AND coalesce(nullif(\"request_metrics\".\"region\", ''), 'unknown') IN ('eu-west-1', 'us-east-1')"
        " GROUP BY 1, 2"
    )


@engines
def test_quantiles_are_found_among_the_distinct_values(engine: str) -> None:
    seconds = SECONDS[engine]
    assert text(sql.quantiles(LOG, TABLES, Spec((), None, (), (0.5, 0.99)), START, END, 3600), engine) == (
        "SELECT ranked.bucket, max(ranked.n) AS n,"
        " min(CASE WHEN (ranked.reached * 1000000 >= ranked.n * 500000) THEN ranked.latency END) AS q0,"
        " min(CASE WHEN (ranked.reached * 1000000 >= ranked.n * 990000) THEN ranked.latency END) AS q1"
        " FROM (SELECT counted.bucket AS bucket, counted.latency AS latency,"
        " sum(counted.tally) OVER (PARTITION BY counted.bucket ORDER BY counted.latency) AS reached,"
        " sum(counted.tally) OVER (PARTITION BY counted.bucket) AS n"
        f" FROM (SELECT {seconds} - ({seconds} - 1795003200) % 3600 AS bucket,"
        ' "request_metrics"."latency_ms" AS latency, count(*) AS tally'
        f' FROM "request_metrics" WHERE {WITHIN[engine]} AND "request_metrics"."latency_ms" IS NOT NULL'
        " GROUP BY 1, 2) AS counted) AS ranked GROUP BY ranked.bucket"
    )


@engines
def test_edges_are_the_first_and_the_last_time(engine: str) -> None:
    first, last = (SECONDS[engine].replace('"request_metrics"."timestamp"', f'{each}("request_metrics"."timestamp")')
                   for each in ("min", "max"))  # fmt: skip
    assert text(sql.edges(LOG), engine) == f'SELECT {first} AS first, {last} AS last FROM "request_metrics"'
    assert text(sql.newest(LOG), engine) == f'SELECT {last} AS last FROM "request_metrics"'


@engines
def test_rows_between_are_what_the_planner_is_asked_about(engine: str) -> None:
    assert text(sql.rows_between(LOG, START, END), engine) == f'SELECT 1 FROM "request_metrics" WHERE {WITHIN[engine]}'


def test_account_names_are_read_as_text() -> None:
    assert text(sql.account_names(LOG), "postgresql") == (
        "SELECT CAST(accounts.id AS VARCHAR(255)) AS key, accounts.name AS name FROM accounts"
    )
    with pytest.raises(ValueError, match="names no accounts"):
        sql.account_names(replace(LOG, names=None))


def test_mixed_case_names_are_quoted() -> None:
    assert LITELLM.log is not None
    log = LITELLM.log
    tables = {log.table: frozenset({"startTime", "spend", "cache_hit", "team_id"})}
    statement = text(sums(Spec(("cost",), DIMENSIONS[0]), tables, log=log), "postgresql")
    assert 'FROM "LiteLLM_SpendLogs" WHERE "LiteLLM_SpendLogs"."startTime" >= ' in statement
    assert '"LiteLLM_SpendLogs"."team_id"' in statement
    assert '"LiteLLM_TeamTable"' in text(sql.account_names(log), "postgresql")


def test_the_price_in_force_is_the_newest_one_at_the_time_of_the_request() -> None:
    statement = text(sums(Spec(("cost",))), "postgresql")
    assert (
        'FROM "model_pricing" AS price WHERE price."model_id" = "request_metrics"."model_id"'
        ' AND price."region" = "request_metrics"."region"'
        ' AND price."effective_date" <= "request_metrics"."timestamp"'
        ' ORDER BY price."effective_date" DESC LIMIT 1'
    ) in statement


def test_of_two_prices_with_one_date_the_one_written_last_is_in_force() -> None:
    statement = text(sums(Spec(("cost",)), {**TABLES, "model_pricing": PRICING | {"id"}}), "postgresql")
    assert ' ORDER BY price."effective_date" DESC, price."id" DESC LIMIT 1' in statement


@pytest.mark.parametrize(
    "tables",
    [
        {"request_metrics": COLUMNS},
        {**TABLES, "model_pricing": PRICING - {"output_per_1k"}},
        {**TABLES, "request_metrics": COLUMNS - {"region"}},
        {},
    ],
)
def test_without_a_price_table_with_all_its_columns_there_is_no_price(tables: clauses.Tables) -> None:
    assert not clauses.priced(LOG, tables)
    assert "model_pricing" not in text(sums(Spec(("cost", "savings", "unpriced")), tables), "postgresql")
    assert clauses.priced(LOG, TABLES)


def test_missing_columns_are_named_with_their_table() -> None:
    tables = {"request_metrics": COLUMNS - {"cache_hit", "total_cost"}}
    assert clauses.missing(LOG, tables, "{cache_hit} IS TRUE", "{total_cost} + {price} + {status}") == (
        "request_metrics.cache_hit",
        "request_metrics.total_cost",
    )
    assert clauses.missing(LOG, TABLES, "{cache_hit}") == ()
    assert clauses.missing(LOG, {}, "1") == ("request_metrics.timestamp",)


def test_a_dimension_that_has_a_meaning_for_some_rows_only_keeps_to_those() -> None:
    by_type = text(sums(Spec(("cache_hits",), CACHE_TYPE)), "postgresql")
    assert 'AND ("request_metrics"."cache_hit" IS TRUE) GROUP BY' in by_type
    filtered = text(sums(Spec(("requests",), None, (Filter(ERROR_TYPE, ("Timeout",)),))), "sqlite")
    assert "<> 'success'" in filtered


def test_a_dimension_that_the_log_does_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no nothing"):
        sums(Spec(("requests",), Dimension("nothing", "Nothing", "nothings")))


NASTY = ["x' OR 1=1--", "'; DROP TABLE request_metrics; --", 'a"b', "%s", ":start", "\\", "{price}", "%(end)s", "😀"]


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("by", [None, STRATEGY], ids=str)
def test_a_filter_value_is_a_bound_parameter_and_never_in_the_text(value: str, by: Dimension | None) -> None:
    for compiled in (
        asked(sums(Spec(("requests",), by, (Filter(MODEL, (value,)),)))),
        asked(sql.quantiles(LOG, TABLES, Spec((), by, (Filter(MODEL, (value,)),), (0.5,)), START, END, 60)),
    ):
        harmless = asked(sums(Spec(("requests",), by, (Filter(MODEL, ("a",)),))))
        assert [value] in compiled.params.values()
        assert value not in str(compiled).replace("%(end)s::TIMESTAMP", "").replace(":start", "") or value == "\\"
        if "ranked" not in str(compiled):
            assert str(compiled) == str(harmless)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True))
def test_whatever_the_values_are_the_text_is_the_same(values: list[str]) -> None:
    spec = Spec(("requests",), None, (Filter(MODEL, tuple(values)),))
    assert str(asked(sums(spec))) == str(asked(sums(Spec(("requests",), None, (Filter(MODEL, ("a",)),)))))
    assert values in asked(sums(spec)).params.values()


def test_every_refresh_asks_by_one_statement_that_is_compiled_once() -> None:
    spans = [(START + tick * 15, END + tick * 15, 3600) for tick in range(3)] + [(START, END, 60)]
    spec = Spec(("requests",), MODEL, quantiles=(0.5,))
    for select in (sql.sums, sql.quantiles):
        keys = [select(LOG, TABLES, spec, *span)._generate_cache_key() for span in spans]
        assert None not in keys
        assert len({key.key for key in keys if key}) == 1


def test_times_are_bound_as_naive_utc_of_whole_seconds() -> None:
    params = asked(sums(Spec(("requests",)))).params
    assert (str(params["start"]), str(params["end"])) == ("2026-11-18 12:00:00", "2026-11-18 13:00:00")


@pytest.mark.parametrize(
    ("q", "whole"), [(0.5, 500_000), (0.95, 950_000), (0.999999, 999_999), (1e-6, 1), (0.29, 290_000)]
)
def test_a_rank_is_a_whole_number_of_millionths(q: float, whole: int) -> None:
    assert sql.millionths(q) == whole


@engines
def test_latencies_are_counted_for_each_group(engine: str) -> None:
    spec = Spec((), MODEL, (Filter(REGION, ("eu-west-1",)),))
    assert text(sql.latencies(LOG, TABLES, spec, START, END, binned=False), engine) == (
        "SELECT coalesce(nullif(\"request_metrics\".\"model_id\", ''), 'unknown') AS grouped,"
        ' "request_metrics"."latency_ms" AS latency, count(*) AS tally'
        f' FROM "request_metrics" WHERE {WITHIN[engine]}'
        " AND coalesce(nullif(\"request_metrics\".\"region\", ''), 'unknown') IN ('eu-west-1')"
        ' AND "request_metrics"."latency_ms" IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2'
    )


@engines
def test_binned_latencies_keep_their_first_three_digits(engine: str) -> None:
    value, cast = '"request_metrics"."latency_ms"', 'CAST("request_metrics"."latency_ms" AS BIGINT)'
    assert text(sql.latencies(LOG, TABLES, Spec(()), START, END, binned=True), engine) == (
        f"SELECT CASE WHEN ({value} < 1000) THEN {value}"
        f" WHEN ({value} < 10000) THEN ({cast} - {cast} % 10) + 5"
        f" WHEN ({value} < 100000) THEN ({cast} - {cast} % 100) + 50"
        f" ELSE ({cast} - {cast} % 1000) + 500 END AS latency, count(*) AS tally"
        f' FROM "request_metrics" WHERE {WITHIN[engine]} AND {value} IS NOT NULL GROUP BY 1 ORDER BY 1'
    )


INSTANT = {
    "postgresql": 'CAST(EXTRACT(EPOCH FROM "request_metrics"."timestamp") AS DOUBLE PRECISION)',
    "sqlite": SECONDS["sqlite"] + ' + CAST(\'0\' || SUBSTR("request_metrics"."timestamp", 20, 7) AS REAL)',
}


@engines
def test_requests_are_listed_with_what_the_database_has_of_them(engine: str) -> None:
    tables = {"request_metrics": frozenset({"timestamp", "model_id", "latency_ms", "cache_hit"})}
    spec = Spec((), None, (Filter(CACHE, ("hit", "miss")),))
    cache = (
        'CASE WHEN "request_metrics"."cache_hit" IS TRUE THEN \'hit\''
        " WHEN \"request_metrics\".\"cache_hit\" IS FALSE THEN 'miss' ELSE 'off' END"
    )
    end = {"postgresql": " LIMIT 5", "sqlite": " LIMIT 5 OFFSET 0"}[engine]
    assert text(sql.requests(LOG, tables, spec, START, END, Order.NEWEST, 5), engine) == (
        f'SELECT {INSTANT[engine]} AS time, "request_metrics"."model_id" AS model, {cache} AS cache,'
        ' "request_metrics"."latency_ms" * 0.001 AS latency'
        f' FROM "request_metrics" WHERE {WITHIN[engine]}'
        f" AND coalesce(nullif({cache}, ''), 'unknown') IN ('hit', 'miss')"
        f' ORDER BY "request_metrics"."timestamp" DESC{end}'
    )


@engines
def test_the_dearest_requests_are_ordered_by_what_they_cost_and_unknown_comes_last(engine: str) -> None:
    statement = text(sql.requests(LOG, TABLES, Spec(()), START, END, Order.COST, 5), engine)
    assert 'ORDER BY cost DESC NULLS LAST, "request_metrics"."timestamp" DESC LIMIT 5' in statement
    told = set(re.findall(r" AS (\w+)(?:,| FROM)", statement.partition('WHERE "request_metrics"')[0]))
    assert told - {"price"} == {each.name for each in fields(Record)} - {"account_name"}


@engines
def test_requests_are_counted_in_one_number(engine: str) -> None:
    assert text(sql.count(LOG, TABLES, Spec(()), START, END), engine) == (
        f'SELECT count(*) AS tally FROM "request_metrics" WHERE {WITHIN[engine]}'
    )


def test_the_input_tokens_alone_can_be_priced_too() -> None:
    log = replace(LOG, latency="{input_price}")
    statement = text(sql.latencies(log, TABLES, Spec(()), START, END, binned=False), "postgresql")
    assert '(SELECT (COALESCE("request_metrics"."input_tokens", 0) * price."input_per_1k") / 1000.0 FROM' in statement
    assert clauses.columns_of("{input_price} + {price} + {input_cost}") == {"input_cost"}
