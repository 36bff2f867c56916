"""The selects run on rows made by hand: NULL everywhere, hits with and without a cost, prices that changed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.profile import Log
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE,
    CACHE_TYPE,
    ERROR_TYPE,
    MODEL,
    REGION,
    STATUS,
    STRATEGY,
    Dimension,
    cross,
    values,
)
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.records import Order
from fluxdash.semantic.scope import Filter
from fluxdash.sources import sql
from fluxdash.sources.cells import Spec

assert PROFILE.log is not None
LOG: Log = PROFILE.log
NOON = 1_795_003_200  # 2026-11-18 12:00 UTC
HOUR = 3600
COLUMNS = ("timestamp", "account_id", "model_id", "region", "status", "cache_hit", "input_tokens", "output_tokens",
           "total_cost", "input_cost", "latency_ms", "routing_strategy", "error_message", "metadata")  # fmt: skip
TABLES = {
    LOG.table: frozenset(COLUMNS),
    "model_pricing": frozenset({"model_id", "region", "effective_date", "input_per_1k", "output_per_1k"}),
}
PARTS = tuple(part.slug for part, _ in LOG.parts)
ROWS: tuple[dict[str, object], ...] = (
    {"timestamp": "2026-11-18 11:59:59.999999", "status": "success"},
    {"timestamp": "2026-11-18 12:00:00", "account_id": "a-1", "model_id": "m", "region": "r", "status": "success",
     "cache_hit": False, "input_tokens": 1000, "output_tokens": 1000, "total_cost": 0.5, "input_cost": 0.2,
     "latency_ms": 1000, "routing_strategy": "auto"},
    {"timestamp": "2026-11-18 12:10:00.000000", "account_id": "a-1", "model_id": "m", "region": "r",
     "status": "success", "cache_hit": True, "input_tokens": 100, "output_tokens": 100, "total_cost": 0.25,
     "input_cost": 0.1, "latency_ms": 10, "metadata": '{"cache_type": "exact"}'},
    {"timestamp": "2026-11-18 12:20:00", "account_id": "a-2", "model_id": "m", "region": "r", "status": "success",
     "cache_hit": True, "input_tokens": 1000, "output_tokens": 500, "total_cost": 0, "latency_ms": 20},
    {"timestamp": "2026-11-18 12:40:00.123456", "account_id": "a-2", "model_id": "m", "region": "r",
     "status": "success", "cache_hit": True, "input_tokens": 1000, "output_tokens": 500, "total_cost": 0,
     "latency_ms": 30, "metadata": "{}"},
    {"timestamp": "2026-11-18 12:41:00", "account_id": "a-2", "model_id": "m", "region": "r", "status": "success",
     "cache_hit": False, "input_tokens": 1000, "output_tokens": 0, "total_cost": None, "latency_ms": 400},
    {"timestamp": "2026-11-18 12:42:00", "account_id": "a-2", "model_id": "x", "region": "r", "status": "success",
     "cache_hit": None, "input_tokens": 10, "output_tokens": 10, "total_cost": 0, "latency_ms": None},
    {"timestamp": "2026-11-18 12:43:00", "account_id": "a-1", "model_id": "m", "region": "", "status": "error",
     "total_cost": 0, "error_message": "ThrottlingException: slow down"},
    {"timestamp": "2026-11-18 12:44:00", "status": "timeout", "error_message": "ModelTimeout"},
    {"timestamp": "2026-11-18 12:45:00", "status": "error", "error_message": "An error occurred"},
    {"timestamp": "2026-11-18 12:59:59.999999"},
    {"timestamp": "2026-11-18 13:00:00", "status": "success"},
    {"timestamp": None, "status": "success"},
)  # fmt: skip
EXPECTED = {
    "requests": 10, "failures": 4, "input_tokens": 4110, "output_tokens": 2110, "cost": 0.51, "savings": 0.272,
    "cache_hits": 3, "cache_misses": 2, "tokens_saved": 3200, "unpriced": 1, "priced_by_list": 3,
    "generations": 2, "generated_tokens": 1000, "generation_seconds": 1.4,
    # 0.2 is booked; 1,000 input tokens cost 0.01 at the newer price; nobody can price the model x.
    "paid_input_tokens": 2010, "paid_output_tokens": 1010, "input_cost": 0.21,
}  # fmt: skip


@pytest.fixture(scope="module")
def log() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        typed = ", ".join(f'"{name}"' for name in COLUMNS)
        connection.execute(sa.text(f'CREATE TABLE "{LOG.table}" ({typed})'))
        connection.execute(sa.text("CREATE TABLE model_pricing (model_id, region, effective_date, input_per_1k, "
                                   "output_per_1k)"))  # fmt: skip
        for since, price in (("2026-01-01 00:00:00", 0.001), ("2026-11-18 12:30:00", 0.01), ("2027-01-01 00:00:00", 9)):
            connection.execute(
                sa.text("INSERT INTO model_pricing VALUES ('m', 'r', :since, :price, :price * 2)"),
                {"since": since, "price": price},
            )
        insert(connection, *ROWS)
        yield connection
    engine.dispose()


def insert(connection: sa.Connection, *rows: dict[str, object]) -> None:
    table = sa.table(LOG.table, *(sa.column(name) for name in COLUMNS))
    connection.execute(sa.insert(table), [dict.fromkeys(COLUMNS) | row for row in rows])


def asked(connection: sa.Connection, spec: Spec, step: int = HOUR, start: int = NOON) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(sql.sums(LOG, TABLES, spec, start, NOON + HOUR, step))]


def groups(connection: sa.Connection, by: Dimension, part: str = "requests") -> dict[str, float]:
    return {row["grouped"]: row[part] for row in asked(connection, Spec((part,), by))}


def test_every_part_is_added_up_from_the_rows_it_is_about(log: sa.Connection) -> None:
    (row,) = asked(log, Spec(PARTS))
    assert row == {"bucket": NOON, **{part: pytest.approx(EXPECTED[part]) for part in PARTS}}
    assert all(type(row[part]) is float for part in PARTS)


def test_a_hit_without_a_cost_saves_the_price_that_was_in_force(log: sa.Connection) -> None:
    saved = {row["bucket"]: row["savings"] for row in asked(log, Spec(("savings",)), step=600)}
    assert saved[NOON + 600] == pytest.approx(0.25)
    assert saved[NOON + 1200] == pytest.approx((1000 * 0.001 + 500 * 0.002) / 1000)
    assert saved[NOON + 2400] == pytest.approx((1000 * 0.01 + 500 * 0.02) / 1000)


def test_without_a_price_table_what_has_no_cost_is_unpriced(log: sa.Connection) -> None:
    alone = {LOG.table: TABLES[LOG.table]}
    statement = sql.sums(LOG, alone, Spec(("cost", "savings", "unpriced", "priced_by_list")), NOON, NOON + HOUR, HOUR)
    (row,) = log.execute(statement).all()
    assert tuple(row)[1:] == (0.5, 0.25, 2.0, 0.0)


def test_a_row_on_the_edge_belongs_to_the_bucket_it_starts(log: sa.Connection) -> None:
    """Text of a time sorts before the same time with a fraction: no row may fall out of its bucket for that."""
    rows = asked(log, Spec(("requests",)), step=60)
    assert rows[0] == {"bucket": NOON, "requests": 1.0}
    assert {row["bucket"] for row in rows} <= set(range(NOON, NOON + HOUR, 60))
    assert sum(row["requests"] for row in rows) == 10
    hours = asked(log, Spec(("requests",)), start=NOON - HOUR)
    assert [(row["bucket"], row["requests"]) for row in hours] == [(NOON - HOUR, 1.0), (NOON, 10.0)]


def test_a_window_off_its_own_grid_can_be_one_bucket(log: sa.Connection) -> None:
    (row,) = asked(log, Spec(("requests",)), step=HOUR + 600, start=NOON - 600)
    assert row == {"bucket": NOON - 600, "requests": 11.0}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_a_machine_in_another_zone_shifts_no_row(
    log: sa.Connection, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        rows = [(row["bucket"], row["requests"]) for row in asked(log, Spec(("requests",)), step=1200)]
        edges = tuple(log.execute(sql.edges(LOG)).one())
    time.tzset()
    assert rows == [(NOON, 2.0), (NOON + 1200, 1.0), (NOON + 2400, 7.0)]
    assert edges == (NOON - 1, NOON + HOUR)


def test_what_is_null_or_empty_is_a_group_of_its_own(log: sa.Connection) -> None:
    assert groups(log, MODEL) == {"m": 6, "x": 1, "unknown": 3}
    assert groups(log, REGION) == {"r": 6, "unknown": 4}
    assert groups(log, ACCOUNT) == {"a-1": 3, "a-2": 4, "unknown": 3}
    assert groups(log, STATUS) == {"success": 6, "error": 2, "timeout": 1, "unknown": 1}
    assert groups(log, STRATEGY) == {"auto": 1, "unknown": 9}


def test_a_cross_of_two_dimensions_has_a_group_for_each_pair(log: sa.Connection) -> None:
    pairs = {values(group): n for group, n in groups(log, cross(MODEL, REGION)).items()}
    assert pairs == {("m", "r"): 5, ("m", "unknown"): 1, ("x", "r"): 1, ("unknown", "unknown"): 3}


def test_causes_are_what_stands_before_a_colon_or_alone(log: sa.Connection) -> None:
    assert groups(log, ERROR_TYPE, "failures") == {"ThrottlingException": 1, "ModelTimeout": 1, "unknown": 2}


def test_hits_have_a_type_where_the_gateway_wrote_one(log: sa.Connection) -> None:
    assert groups(log, CACHE_TYPE, "cache_hits") == {"exact": 1, "unknown": 2}


@pytest.mark.parametrize(
    ("dimension", "kept", "requests"),
    [
        (MODEL, ("m",), 6),
        (MODEL, ("m", "x"), 7),
        (MODEL, ("unknown",), 3),
        (MODEL, ("m", "unknown"), 9),
        (REGION, ("unknown",), 4),
        (STATUS, ("error",), 2),
        (ERROR_TYPE, ("unknown",), 2),
        (CACHE_TYPE, ("exact",), 1),
        (ACCOUNT, ("x' OR 1=1--",), None),
        (ACCOUNT, ("%",), None),
    ],
)
def test_a_filter_keeps_the_rows_of_its_group(
    log: sa.Connection, dimension: Dimension, kept: tuple[str, ...], requests: float | None
) -> None:
    rows = asked(log, Spec(("requests",), None, (Filter(dimension, kept),)))
    assert [row["requests"] for row in rows] == ([] if requests is None else [requests])


@pytest.mark.parametrize("by", [ACCOUNT, MODEL, REGION, STATUS, STRATEGY], ids=str)
@pytest.mark.parametrize("part", PARTS)
def test_the_groups_add_up_to_the_whole(log: sa.Connection, by: Dimension, part: str) -> None:
    assert math.fsum(groups(log, by, part).values()) == pytest.approx(EXPECTED[part])


def test_quantiles_come_from_the_rows_that_have_a_latency(log: sa.Connection) -> None:
    statement = sql.quantiles(LOG, TABLES, Spec((), MODEL, (), (0.5, 0.99)), NOON, NOON + HOUR, HOUR)
    assert [tuple(row) for row in log.execute(statement)] == [(NOON, "m", 5, 30, 1000)]


@pytest.fixture(scope="module")
def scratch() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE TABLE "{LOG.table}" ({", ".join(COLUMNS)})'))
        yield connection
    engine.dispose()


latencies = st.lists(st.tuples(st.integers(0, HOUR - 1), st.none() | st.integers(0, 40) | st.integers(0, 10**7)),
                     min_size=1, max_size=60)  # fmt: skip
ranks = st.sampled_from((0.5, 0.95, 0.99, 0.999, 0.000001, 0.999999)) | st.integers(1, 999_999).map(lambda m: m / 1e6)


@given(latencies, st.lists(ranks, min_size=1, max_size=3), st.sampled_from((60, 600, HOUR)))
def test_a_quantile_is_the_row_of_the_nearest_rank(
    scratch: sa.Connection, rows: list[tuple[int, int | None]], wanted: list[float], step: int
) -> None:
    scratch.execute(sa.text(f'DELETE FROM "{LOG.table}"'))
    for at, value in rows:
        insert(scratch, {"timestamp": rfc3339(NOON + at).replace("T", " ")[:-1], "latency_ms": value})
    statement = sql.quantiles(LOG, TABLES, Spec((), None, (), tuple(wanted)), NOON, NOON + HOUR, step)
    found = {row[0]: tuple(row)[1:] for row in scratch.execute(statement)}
    buckets: dict[int, list[int]] = {}
    for at, value in rows:
        if value is not None:
            buckets.setdefault(NOON + at // step * step, []).append(value)
    assert found == {bucket: (len(each), *(nearest_rank(each, q) for q in wanted)) for bucket, each in buckets.items()}


def nearest_rank(numbers: list[int], q: float) -> int:
    return sorted(numbers)[math.ceil(Fraction(round(q * 1e6), 10**6) * len(numbers)) - 1]


def test_what_the_cache_said_is_told_of_every_request(log: sa.Connection) -> None:
    assert groups(log, CACHE) == {"hit": 3, "miss": 2, "off": 5}
    spec = Spec(("requests", "input_tokens"), None, (Filter(CACHE, ("miss", "off")),))
    assert (asked(log, spec)[0]["requests"], asked(log, spec)[0]["input_tokens"]) == (7, 2010)


def test_a_cost_that_was_not_split_is_split_as_its_price_is(log: sa.Connection) -> None:
    row = {"timestamp": "2026-11-18 12:50:00", "model_id": "m", "region": "r", "status": "success", "cache_hit": False,
           "input_tokens": 500, "output_tokens": 250, "total_cost": 3.0}  # fmt: skip
    spec = Spec(("input_cost", "cost"), MODEL, (Filter(STATUS, ("success",)),))
    with log.begin_nested() as saved:
        insert(log, row, {**row, "model_id": "unheard of"})
        found = {each["grouped"]: each for each in asked(log, spec)}
        saved.rollback()
    # Output costs twice as much as input, and there is half as much of it: half of 3.00 is the input's.
    assert found["m"]["input_cost"] == pytest.approx(0.21 + 1.5)
    assert found["unheard of"]["input_cost"] == 0
    assert all(0 <= each["input_cost"] <= each["cost"] for each in found.values())


def listed(connection: sa.Connection, order: Order, n: int, *filters: Filter) -> list[dict[str, Any]]:
    statement = sql.requests(LOG, TABLES, Spec((), None, filters), NOON, NOON + HOUR, order, n)
    return [dict(row._mapping) for row in connection.execute(statement)]


def test_the_newest_requests_come_first_each_with_all_that_is_known_of_it(log: sa.Connection) -> None:
    rows = listed(log, Order.NEWEST, 20)
    assert [row["time"] for row in rows] == sorted((row["time"] for row in rows), reverse=True)
    assert len(rows) == EXPECTED["requests"]
    assert rows[0]["time"] == NOON + HOUR - 0.000001
    oldest = rows[-1]
    assert oldest == {
        "time": NOON, "account": "a-1", "model": "m", "region": "r", "status": "success", "strategy": "auto",
        "cache": "miss", "cache_type": None, "latency": 1.0, "input_tokens": 1000, "output_tokens": 1000, "cost": 0.5,
        "list_price": 0.5, "input_cost": 0.2, "error": None, "error_type": None, "estimated": 0,
    }  # fmt: skip


def test_the_dearest_requests_come_first_and_a_hit_cost_nothing(log: sa.Connection) -> None:
    rows = listed(log, Order.COST, 20)
    assert [row["cost"] for row in rows] == [0.5, pytest.approx(0.01), *[0] * 7, None]
    assert rows[-1]["model"] == "x", "tokens without a price: nobody knows what they cost"
    hits = [row for row in rows if row["cache"] == "hit"]
    assert [round(row["time"] - NOON) for row in hits] == [2400, 1200, 600]
    assert [row["cache_type"] for row in hits] == [None, None, "exact"]
    assert [row["list_price"] for row in hits] == pytest.approx([0.02, 0.002, 0.25])
    assert [row["input_cost"] for row in hits] == [0, 0, 0]
    assert [row["cost"] for row in listed(log, Order.COST, 1)] == [0.5]


def test_only_the_requests_that_every_filter_lets_pass_are_listed(log: sa.Connection) -> None:
    rows = listed(log, Order.NEWEST, 20, Filter(STATUS, ("error", "timeout")), Filter(ERROR_TYPE, ("unknown",)))
    assert [row["error"] for row in rows] == ["An error occurred"]


def test_what_the_database_lacks_is_not_asked_for(log: sa.Connection) -> None:
    tables = {LOG.table: frozenset({"timestamp", "status"})}
    statement = sql.requests(LOG, tables, Spec(()), NOON, NOON + HOUR, Order.NEWEST, 1)
    assert [dict(row._mapping) for row in log.execute(statement)] == [{"time": NOON + HOUR - 0.000001, "status": None}]


def tallies(connection: sa.Connection, spec: Spec, *, binned: bool) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(
        sql.latencies(LOG, TABLES, spec, NOON, NOON + HOUR, binned=binned)
    )]  # fmt: skip


@pytest.mark.parametrize("binned", [False, True])
def test_columns_of_the_log_that_are_named_like_ours_change_nothing(log: sa.Connection, binned: bool) -> None:
    """A name in GROUP BY is a column of the table first, and what we called so only then."""
    ours = ("bucket", "grouped", "latency")
    other = replace(LOG, table="named")
    tables = {"named": TABLES[LOG.table].union(ours), "model_pricing": TABLES["model_pricing"]}
    with log.begin_nested() as saved:
        named = ", ".join([*COLUMNS, *(f"random() AS {each}" for each in ours)])
        log.execute(sa.text(f"CREATE TABLE named AS SELECT {named} FROM {LOG.table}"))
        for spec in (Spec(PARTS), Spec(PARTS, MODEL)):
            found = log.execute(sql.sums(other, tables, spec, NOON, NOON + HOUR, 600)).all()
            assert sorted(found) == sorted(log.execute(sql.sums(LOG, TABLES, spec, NOON, NOON + HOUR, 600)).all())
        for spec in (Spec((), quantiles=(0.5,)), Spec((), MODEL, quantiles=(0.5,))):
            found = log.execute(sql.quantiles(other, tables, spec, NOON, NOON + HOUR, 600)).all()
            assert sorted(found) == sorted(log.execute(sql.quantiles(LOG, TABLES, spec, NOON, NOON + HOUR, 600)).all())
        listed = sql.latencies(other, tables, Spec((), MODEL), NOON, NOON + HOUR, binned=binned)
        assert [tuple(row) for row in log.execute(listed)] == tallies(log, Spec((), MODEL), binned=binned)
        saved.rollback()


def test_latencies_are_counted_by_group_and_rise(log: sa.Connection) -> None:
    found = tallies(log, Spec((), MODEL), binned=False)
    assert found == [("m", latency, 1) for latency in (10, 20, 30, 400, 1000)]
    hits = Spec((), cross(MODEL, CACHE), (Filter(CACHE, ("hit",)),))
    assert [(values(group), latency) for group, latency, _ in tallies(log, hits, binned=False)] == [
        (("m", "hit"), 10), (("m", "hit"), 20), (("m", "hit"), 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("latency", "bin_"),
    [(0, 0), (999, 999), (1000, 1005), (1009, 1005), (1010, 1015), (9999, 9995), (10_000, 10_050), (12_345, 12_350),
     (99_999, 99_950), (100_000, 100_500), (612_345, 612_500)],
)  # fmt: skip
def test_a_bin_is_never_wider_than_a_hundredth_and_named_by_its_middle(
    log: sa.Connection, latency: int, bin_: int
) -> None:
    with log.begin_nested() as saved:
        insert(log, {"timestamp": "2026-11-18 12:50:00", "model_id": "binned", "latency_ms": latency})
        found = tallies(log, Spec((), None, (Filter(MODEL, ("binned",)),)), binned=True)
        saved.rollback()
    assert found == [(bin_, 1)]
    assert abs(bin_ - latency) <= 0.005 * latency
