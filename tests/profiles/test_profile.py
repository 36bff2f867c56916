"""What every shipped profile must keep to, and that each compiles for all it says it reports."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import fields
from itertools import product

import promql_parser
import pytest
from sqlalchemy.dialects import postgresql

from fluxdash.profiles.profile import Counter, Difference, Gauge, Histogram, Log, Metrics, Profile, read_as
from fluxdash.profiles.registry import SHIPPED, profile
from fluxdash.semantic.dimensions import DIMENSIONS, Dimension
from fluxdash.semantic.measure import Distribution, Level
from fluxdash.semantic.measures import LATENCY, MEASURES, REPORTED_AVAILABILITY, UPSTREAM_LATENCY
from fluxdash.semantic.records import Order, Record
from fluxdash.semantic.scope import Filter
from fluxdash.sources import clauses, promql, sql
from fluxdash.sources.cells import Spec
from fluxdash.sources.inventory import names

PROFILES = {name: profile(name) for name in SHIPPED}
METRICS = {name: each.metrics for name, each in PROFILES.items() if each.metrics}
LOGS = {name: each.log for name, each in PROFILES.items() if each.log}
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
START, END, STEP = 1_795_003_200, 1_795_006_800, 60

each_metrics = pytest.mark.parametrize("metrics", METRICS.values(), ids=METRICS)
each_log = pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)


def counters(metrics: Metrics) -> Iterator[Counter | Histogram | Gauge]:
    for _, readings in metrics.readings:
        for reading in readings:
            if isinstance(reading.expression, Difference):
                yield from (reading.expression.minuend, reading.expression.subtrahend)
            else:
                yield reading.expression


def every_column(log: Log) -> frozenset[str]:
    texts = [text for _, text in (*log.parts, *log.record)]
    texts += [log.latency, log.model, log.tokens_in, log.tokens_out, log.region or ""]
    texts += [f"{column.expression} {column.where or ''}" for _, column in log.dimensions]
    return frozenset(column for text in texts for column in clauses.columns_of(text)) | {log.time}


def tables_of(log: Log) -> dict[str, frozenset[str]]:
    tables = {log.table: every_column(log)}
    if log.prices:
        priced = log.prices
        tables[priced.table] = frozenset({priced.model, priced.region, priced.since, priced.input, priced.output})
    return tables


@pytest.mark.parametrize("each", PROFILES.values(), ids=PROFILES)
def test_a_profile_says_who_it_is_and_holds_something(each: Profile) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", each.slug)
    assert each.title
    assert each.metrics or each.log


@each_metrics
def test_metrics_and_labels_have_names_that_prometheus_allows(metrics: Metrics) -> None:
    for counter in counters(metrics):
        assert NAME.fullmatch(counter.metric), counter
        assert all(NAME.fullmatch(label) for label in counter.labels)
        assert len(set(counter.labels)) == len(counter.labels)
        assert all(NAME.fullmatch(label) and operator in ("=", "!=") for label, operator, _ in counter.where)
        assert isinstance(counter, Gauge) or counter.scale > 0
    assert all(NAME.fullmatch(label) for _, labels in metrics.labels for label in labels)


@each_metrics
def test_a_fixed_matcher_is_on_a_label_that_the_metric_carries(metrics: Metrics) -> None:
    for counter in counters(metrics):
        assert {label for label, _, _ in counter.where} <= set(counter.labels)


@each_metrics
def test_every_dimension_has_labels_and_each_measure_is_read_once(metrics: Metrics) -> None:
    assert all(labels for _, labels in metrics.labels)
    assert len({dimension for dimension, _ in metrics.labels}) == len(metrics.labels)
    slugs = [measure.slug for measure, _ in metrics.readings]
    assert len(set(slugs)) == len(slugs)
    assert all(readings for _, readings in metrics.readings)
    assert "" in metrics.nulls, "a series without the label has the empty value"


@each_metrics
def test_latency_is_read_from_histograms_states_from_gauges_and_sums_from_counters(metrics: Metrics) -> None:
    for measure, readings in metrics.readings:
        for reading in readings:
            assert isinstance(reading.expression, Histogram) == isinstance(measure, Distribution)
            assert isinstance(reading.expression, Gauge) == isinstance(measure, Level)


@each_metrics
def test_the_inventory_looks_for_every_metric_that_a_question_may_name(metrics: Metrics) -> None:
    looked_for = set(names(metrics))
    assert metrics.pulse in looked_for
    for counter in counters(metrics):
        assert (f"{counter.metric}_bucket" if isinstance(counter, Histogram) else counter.metric) in looked_for
        if isinstance(counter, Counter) and counter.zero_like:
            assert counter.zero_like in looked_for


@each_metrics
@pytest.mark.parametrize("by", [None, *DIMENSIONS], ids=str)
def test_every_reading_compiles_to_promql_that_parses(metrics: Metrics, by: Dimension | None) -> None:
    filters = tuple(Filter.of(each, ['a"b', "c.d", "unknown"]) for each in DIMENSIONS)
    for _, readings in metrics.readings:
        for expression, chosen in product([each.expression for each in readings], [(), filters]):
            promql_parser.parse(promql.text(expression, metrics, by, chosen, STEP))


@each_log
def test_expressions_have_placeholders_for_columns_and_nothing_else_to_fill_in(log: Log) -> None:
    texts = [text for _, text in (*log.parts, *log.record)] + [log.latency, log.model, log.tokens_in, log.tokens_out]
    texts += [part for _, column in log.dimensions for part in (column.expression, column.where or "")]
    for text in texts:
        fields = [name for _, name, spec, conversion in string.Formatter().parse(text) if name is not None]
        assert all(COLUMN.fullmatch(name) for name in fields), text
        assert text.count("(") == text.count(")"), text
        assert ";" not in text
        assert "--" not in text


@each_log
def test_tables_and_columns_have_names_that_need_no_escaping(log: Log) -> None:
    known = [log.table, log.time]
    if log.prices:
        known += [log.prices.table, log.prices.model, log.prices.region, log.prices.since, log.prices.input]
    if log.names:
        known += [log.names.table, log.names.key, log.names.name]
    assert all(COLUMN.fullmatch(name) for name in known)


@each_log
def test_a_log_tells_each_measure_and_dimension_once(log: Log) -> None:
    assert len({part.slug for part, _ in log.parts}) == len(log.parts)
    assert len({dimension for dimension, _ in log.dimensions}) == len(log.dimensions)
    assert log.latency_scale > 0


@each_log
def test_a_log_tells_each_field_of_a_request_once(log: Log) -> None:
    told = [name for name, _ in log.record]
    assert len(set(told)) == len(told)
    dimensions = {dimension.slug for dimension, _ in log.dimensions}
    assert set(told) <= {each.name for each in fields(Record)} - {"time", "account_name"} - dimensions


@pytest.mark.parametrize(
    ("log", "by"),
    [(log, by) for log in LOGS.values() for by in (None, *(dimension for dimension, _ in log.dimensions))],
)
def test_every_part_compiles_to_sql_with_values_bound(log: Log, by: Dimension | None) -> None:
    held = [each for each in DIMENSIONS if log.column(each) is not None]
    filters = tuple(Filter.of(each, ["x' OR 1=1--"]) for each in held)
    parts = tuple(part.slug for part, _ in log.parts)
    for spec, compiler in (
        (Spec(parts, by, filters), sql.sums),
        (Spec((), by, filters, (0.5, 0.95)), sql.quantiles),
        (Spec((), by, filters), lambda *asked: sql.latencies(*asked[:-1], binned=True)),
        (Spec((), None, filters), lambda *asked: sql.requests(*asked[:-1], Order.COST, 10)),
    ):
        statement = compiler(log, tables_of(log), spec, START, END, STEP).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        assert "OR 1=1" not in str(statement)
        assert statement.params["start"].isoformat() == "2026-11-18T12:00:00"
        assert f'"{log.table}"."{log.time}"' in str(statement)
        assert "{" not in str(statement)


@each_log
def test_with_all_its_columns_nothing_is_missing(log: Log) -> None:
    assert clauses.missing(log, tables_of(log), *(text for _, text in log.parts), log.latency) == ()


def test_every_measure_of_the_product_is_reported_by_fluxais_log() -> None:
    told = {part.slug for part, _ in LOGS["fluxai"].parts}
    assert {part.slug for measure in MEASURES for part in measure.parts} <= told


def test_every_measure_is_told_by_fluxais_log_or_its_metrics() -> None:
    log, metrics = LOGS["fluxai"], METRICS["fluxai"]
    for measure in MEASURES:
        for part in read_as(measure):
            assert log.expression(part) is not None or metrics.read(part), measure


def test_a_log_tells_no_latency_but_the_requests_own() -> None:
    log = LOGS["fluxai"]
    assert log.expression(LATENCY) == log.latency
    assert log.expression(UPSTREAM_LATENCY) is None
    assert log.expression(REPORTED_AVAILABILITY) is None


def test_a_profile_has_a_label_for_each_dimension_that_its_metrics_cut() -> None:
    metrics = METRICS["fluxai"]
    assert metrics.label(DIMENSIONS[0], ("model", "region", "client")) == "client"
    assert metrics.label(DIMENSIONS[0], frozenset({"client", "account_id"})) == "account_id"
    assert metrics.label(DIMENSIONS[0], ("model",)) is None
