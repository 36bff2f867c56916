"""Answers from Prometheus: of one scope in all their parts, on buckets wide enough, and marked as estimates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fluxdash.errors import SourceTimeout
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import ACCOUNT, CACHE, CACHE_TYPE, ERROR_TYPE, MODEL, REGION, Dimension, cross
from fluxdash.semantic.measures import (
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    INPUT_TOKENS,
    LATENCY,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS,
    SAVINGS_RATE,
    UPSTREAM_LATENCY,
)
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.metrics import MetricsSource
from fluxdash.sources.reply import Series
from tests.sources.fakes import FakePrometheus
from tests.sources.test_readings import DOCUMENTED

assert PROFILE.metrics is not None
METRICS = PROFILE.metrics
NOON = 1_795_003_200
WINDOW = Window(NOON - 3600, NOON, 60, NOON)
ONLY = Grant(frozenset({"u"}))


class Nothing:
    """A cache that keeps nothing."""

    def get(self, key: str) -> Any:
        return None

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        return None


class Desk:
    def __init__(
        self,
        labels: Mapping[str, tuple[str, ...]] = DOCUMENTED,
        values: Callable[[str], tuple[Series, ...]] = lambda query: (),
    ) -> None:
        self.prometheus = FakePrometheus(labels, values=values)
        inventory = Inventory(self.prometheus, METRICS)  # type: ignore[arg-type]
        ribbons = Ribbons(Nothing())
        self.source = MetricsSource(self.prometheus, METRICS, ribbons, inventory, 15, "test")  # type: ignore[arg-type]

    def ask(
        self, question: Question, *filters: Dimension, grant: Grant = EVERY_ACCOUNT, window: Window = WINDOW
    ) -> Answer:
        query = question.within(Scope(window, tuple(Filter(each, ("u",)) for each in filters), grant))
        verdict = self.source.verdict(query)
        assert verdict.reason == ""
        self.prometheus.asked.clear()
        return self.source.answer(query, verdict)

    def ignored(self, question: Question, *filters: Dimension) -> tuple[Dimension, ...]:
        return self.source.verdict(
            question.within(Scope(WINDOW, tuple(Filter(each, ("u",)) for each in filters)))
        ).ignored


def point(value: float, **labels: str) -> Series:
    return Series(labels, ((float(NOON), value),))


@pytest.mark.parametrize(
    ("question", "filtered", "label"),
    [
        (SAVINGS_RATE.total(), REGION, "region"),
        (SAVINGS_RATE.total(), ACCOUNT, "account_id"),
        (HIT_RATE.total(), CACHE_TYPE, "cache_type"),
        (ERROR_RATE.total(), ERROR_TYPE, "error_type"),
        (FAILURES.over_time(by=ERROR_TYPE), ACCOUNT, "account_id"),
    ],
)
def test_a_filter_that_cannot_reach_every_part_reaches_none(
    question: Question, filtered: Dimension, label: str
) -> None:
    """The savings of all regions over the cost of one would be a number, and mean nothing."""
    desk = Desk()
    assert desk.ignored(question, filtered) == (filtered,)
    desk.ask(question, filtered)
    assert desk.prometheus.asked
    assert [text for text in desk.prometheus.asked if f"{label}=" in text] == []


def test_the_filters_that_reach_every_part_are_kept() -> None:
    desk = Desk()
    assert desk.ignored(HIT_RATE.total(), MODEL, REGION) == (REGION,)
    desk.ask(HIT_RATE.total(), MODEL, REGION)
    assert all('model="u"' in text and "region=" not in text for text in desk.prometheus.asked)


def test_what_cannot_be_narrowed_to_a_viewers_accounts_is_not_told() -> None:
    desk = Desk()
    for question in (SAVINGS.total(), SAVINGS_RATE.total(), FAILURES.over_time(by=ERROR_TYPE)):
        assert "to your accounts" in desk.source.verdict(question.within(Scope(WINDOW, (), ONLY))).reason
    desk.ask(REQUESTS.total(), grant=ONLY)
    assert desk.prometheus.asked == ['sum (increase(fluxai_requests_total{account_id="u"}[60s]))']


def test_conditions_on_single_requests_are_refused_with_the_reason_and_nobody_is_asked() -> None:
    desk = Desk()
    held = Scope(WINDOW, conditions=(condition("latency:ge:2"),))
    for question in (REQUESTS.total(), COST.over_time(), HIT_RATE.total()):
        assert desk.source.verdict(question.within(held)).reason == (
            "Prometheus keeps no single requests to hold conditions against."
        )
    assert desk.prometheus.asked == []


def test_a_sample_size_never_counts_more_than_was_asked_for() -> None:
    """An operator may have trimmed the account from one metric and not from the other."""
    desk = Desk({**DOCUMENTED, "fluxai_requests_total": ("model", "status")})
    for question in (COST.total(), INPUT_TOKENS.total()):
        answer = desk.ask(question, grant=ONLY)
        assert answer.n is None
        assert all('account_id="u"' in text for text in desk.prometheus.asked)


def test_numbers_are_estimates_with_a_sample_size() -> None:
    desk = Desk(values=lambda query: (point(2.0),) if "cost" in query and "-" not in query else (point(8.0),))
    answer = desk.ask(COST_PER_REQUEST.over_time(), ACCOUNT)
    assert (answer.total, answer.n, answer.provenance.exact) == (0.25, 8.0, False)
    assert answer.provenance.label == "Cost per request (list-price cost, hits included)"
    kinds = [note.kind for note in answer.provenance.notes]
    assert kinds == [NoteKind.ESTIMATED, NoteKind.PARTIAL]


def test_a_bucket_is_at_least_four_scrapes_wide() -> None:
    desk = Desk()
    answer = desk.ask(REQUESTS.over_time(), window=Window(NOON - 300, NOON, 15, NOON))
    assert answer.window.step == 60
    assert "[60s]" in desk.prometheus.asked[0]


def test_no_series_is_unknown_and_not_zero() -> None:
    answer = Desk().ask(REQUESTS.total())
    assert answer.is_empty
    assert answer.total is None


def test_failures_without_a_cause_are_unknown_ones() -> None:
    desk = Desk(values=lambda query: (point(3.0, error_type="Throttling"),) if "errors" in query else (point(5.0),))
    answer = desk.ask(FAILURES.over_time(by=ERROR_TYPE))
    assert {line.group: line.total for line in answer.lines} == {"Throttling": 3.0, "unknown": 2.0}


def test_a_quantile_in_the_last_bucket_is_at_least_its_bound() -> None:
    desk = Desk(values=lambda query: (point(1.0, le="30"), point(100.0, le="+Inf")))
    answer = desk.ask(LATENCY.total())
    assert answer.total == 30
    assert next(note.kind for note in answer.provenance.notes) is NoteKind.AT_LEAST


def test_a_source_that_fails_is_down_and_says_why() -> None:
    desk = Desk()
    desk.ask(REQUESTS.total())
    assert desk.source.state().status == "ok"
    desk.prometheus.failure = SourceTimeout("Prometheus", "did not answer in 10 s")
    with pytest.raises(SourceTimeout):
        desk.ask(FAILURES.total())  # the requests of this moment are at hand
    assert (desk.source.state().status, desk.source.state().reason) == ("down", "did not answer in 10 s")
    assert desk.source.counted(NOON - 600, NOON) is None


def test_statements_are_what_would_be_asked() -> None:
    desk = Desk()
    query = HIT_RATE.total().within(Scope(WINDOW, (Filter(REGION, ("u",)), Filter(MODEL, ("m",)))))
    assert all('model="m"' in text and "region" not in text for text in desk.source.statements(query))
    assert len(desk.source.statements(query)) == 2


def test_what_the_gateway_states_is_no_estimate_and_has_no_sample() -> None:
    desk = Desk(values=lambda query: (point(0.98, model="m"), point(0.0, model="n")))
    answer = desk.ask(REPORTED_AVAILABILITY.over_time(by=MODEL))
    assert {line.group: (line.total, line.n) for line in answer.lines} == {"m": (0.98, None), "n": (0.0, None)}
    assert answer.provenance.exact
    assert NoteKind.ESTIMATED not in {note.kind for note in answer.provenance.notes}
    assert desk.source.statements(REPORTED_AVAILABILITY.total().within(Scope(WINDOW))) == (
        "min (last_over_time(fluxai_model_availability[60s]))",
    )


def test_a_state_that_says_nothing_works_is_told_and_one_that_was_never_written_is_not() -> None:
    assert not Desk(values=lambda query: (point(0.0),)).ask(REPORTED_AVAILABILITY.total()).is_empty
    assert Desk().ask(REPORTED_AVAILABILITY.total()).is_empty
    assert Desk().ask(REPORTED_AVAILABILITY.total()).total is None


def test_the_sample_of_upstream_latency_is_what_its_histogram_counted() -> None:
    values = {"1": 6.0, "2": 9.0, "+Inf": 10.0}
    desk = Desk(values=lambda query: tuple(point(count, le=bound) for bound, count in values.items()))
    answer = desk.ask(UPSTREAM_LATENCY.total(q=0.75))
    assert (answer.total, answer.n) == (1.5, 10.0)
    assert all("fluxai_model_latency_seconds_bucket" in text for text in desk.prometheus.asked if "increase" in text)


def test_nothing_is_told_by_what_the_cache_said_and_a_filter_on_it_is_named() -> None:
    verdict = Desk().source.verdict(REQUESTS.top(3, by=CACHE).within(Scope(WINDOW)))
    assert verdict.reason == "fluxai_requests_total carries no cache."
    filtered = REQUESTS.total().within(Scope(WINDOW, (Filter(CACHE, ("hit",)),)))
    assert Desk().source.verdict(filtered).ignored == (CACHE,)


def test_what_is_lost_without_a_cause_can_be_filtered_for() -> None:
    def values(query: str) -> tuple[Series, ...]:
        if "error_type!~" in query:
            return (point(8.0 - 3.0),)
        return (point(3.0, error_type="Throttling"),) if "errors" in query else (point(8.0),)

    for question in (FAILURES.total(), FAILURES.top(3, by=ERROR_TYPE)):
        query = question.within(Scope(WINDOW, (Filter(ERROR_TYPE, ("unknown",)),)))
        desk = Desk(values=values)
        answer = desk.source.answer(query, desk.source.verdict(query))
        assert [line.total for line in answer.lines] == [5.0]
        assert [line.group for line in answer.lines] == [None if question.by is None else "unknown"]


def test_a_cross_is_ranked_past_the_largest_two_hundred() -> None:
    lanes = [(f"m{i}", region) for i in range(150) for region in ("r", "s")]
    desk = Desk(values=lambda query: tuple(point(1.0 + i, model=m, region=r) for i, (m, r) in enumerate(lanes)))
    answer = desk.ask(REQUESTS.top(200, by=cross(MODEL, REGION)))
    assert (len(answer.lines), answer.groups) == (200, 300)
    assert answer.other is not None
    assert answer.other.total == sum(range(1, 101))
    assert sum(line.total or 0 for line in answer.lines) == sum(range(101, 301))
