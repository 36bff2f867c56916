"""Tiles of the Cost page: a month against its budget, and requests without a price with the models they are of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fluxdash.semantic.answer import Answer, Note, NoteKind
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST, REQUESTS, UNPRICED
from fluxdash.views.costtiles import month_tile, unpriced_tile
from fluxdash.views.month import HOUR, Ahead, Month
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock
from tests.views.reading import marked, text
from tests.views.scenes import WINDOW, answer, grouped

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
END = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
HOURS = answer(COST.over_time(), [1.0] * 5)


def month(spent: float = 330.0, expected: float | None = 462.0, budget: float | None = 500.0) -> Month:
    hours = (spent / 360,) * 360
    ahead = () if expected is None else (Ahead(END, expected, expected - 20, expected + 20),)
    return Month(START, END, START + 360 * HOUR, hours, (), START, ahead, "2 full days of history.", "", 0.0, budget)


def test_the_month_is_held_against_its_budget_and_its_days() -> None:
    tile = month_tile("Month to date", month(), HOURS, Look())
    assert text(marked(tile, "kpi-v")).split() == ["$330.00"]
    assert text(marked(tile, "kpi-s")) == "66 %  of $500 budget,  50 %  of month"
    assert text(marked(tile, "kpi-d")).split() == ["on", "track", "$462.00", "by", "30", "Nov"]


@pytest.mark.parametrize(
    ("spent", "expected", "word", "kind"),
    [(330.0, 462.0, "on track", "good"), (330.0, 501.0, "at risk", "warn"), (510.0, 700.0, "over", "bad")],
)
def test_a_budget_is_judged_by_where_the_month_will_end(spent: float, expected: float, word: str, kind: str) -> None:
    (chip,) = marked(month_tile("Month to date", month(spent, expected), HOURS, Look()), "delta")
    assert chip.className == f"delta {kind}"
    assert text(chip).strip().startswith(word)


def test_without_a_budget_nothing_is_judged() -> None:
    tile = month_tile("Month to date", month(budget=None), HOURS, Look())
    assert text(marked(tile, "kpi-s")) == "50 %  of the month is over"
    assert marked(tile, "delta") == []


def test_without_a_forecast_the_reason_stands_in_its_place() -> None:
    tile = month_tile("Month to date", month(expected=None), HOURS, Look())
    assert text(marked(tile, "kpi-d")) == "no forecast:  2 full days of history."


def test_a_month_that_is_not_known_from_its_beginning_says_since_when() -> None:
    late = Month(START, END, START + 50 * HOUR, (None,) * 48 + (1.0, 1.0), (), START)
    tile = month_tile("Month to date", late, HOURS, Look())
    assert "since 3 Nov" in text(marked(tile, "n"))


def test_requests_without_a_price_are_a_warning_that_names_their_models() -> None:
    unpriced, requests = answer(UNPRICED.over_time(), [3.0] * 5), answer(REQUESTS.over_time(), [200.0] * 5)
    models = {
        "cohere.command-r-v1:0": [2.0] * 5,
        "ai21.jamba-v1:0": [1.0] * 5,
        "meta.llama3-8b-instruct-v1:0": [0.0] * 5,
    }
    by_model = grouped(UNPRICED.over_time(by=MODEL), models)
    before = answer(UNPRICED.over_time(), [6.0] * 5, window=WINDOW.previous())
    tile = unpriced_tile("Unpriced requests", unpriced, requests, before, by_model, Clock())
    (value,) = marked(tile, "kpi-v")
    assert text(value).split() == ["15"]
    assert "warn" in value.className
    assert value.title == "No price in force: command-r 10, jamba 5."
    assert text(marked(tile, "kpi-s")) == "1.50 %  · no price for 2 models"
    assert "50.0 %" in text(marked(tile, "kpi-d"))


def test_none_without_a_price_is_calm_and_an_unknown_number_is_no_zero() -> None:
    requests = answer(REQUESTS.over_time(), [200.0] * 5)
    calm = unpriced_tile("Unpriced requests", answer(UNPRICED.over_time(), [0.0] * 5), requests, None, None, Clock())
    (value,) = marked(calm, "kpi-v")
    assert (text(value).split(), value.className) == (["0"], "kpi-v")
    assert text(marked(calm, "kpi-s")) == "all requests have a price"
    unknown = unpriced_tile("Unpriced requests", answer(UNPRICED.over_time(), [None] * 5), None, None, None, Clock())
    assert text(marked(unknown, "kpi-v")).split() == ["–"]


def noted(asked: Answer, *notes: Note, label: str | None = None) -> Answer:
    return replace(asked, provenance=replace(asked.provenance, notes=notes, label=label))


def test_a_filter_that_was_not_applied_a_gap_and_another_number_are_seen_on_the_tile() -> None:
    ignored = Note(NoteKind.IGNORED_FILTER, "Region not applied.")
    gap = Note(NoteKind.PARTIAL, "Two hours are missing.")
    told = noted(HOURS, ignored, gap, label="List-price cost")
    whole = month_tile("Month to date", month(), told, Look())
    assert [each.title for each in marked(whole, "n")] == ["Region not applied."]
    assert "Month to date (list-price cost)" in text(marked(whole, "kpi-h"))
    gappy = Month(START, END, START + 3 * HOUR, (1.0, None, 1.0), (), START)
    (mark,) = marked(month_tile("Month to date", gappy, told, Look()), "n")
    assert mark.title == "Region not applied. Two hours are missing."


def test_a_number_without_prices_tells_its_notes() -> None:
    told = noted(answer(UNPRICED.over_time(), [0.0] * 5), Note(NoteKind.PARTIAL, "The log starts late."))
    tile = unpriced_tile("Unpriced requests", told, None, None, None, Clock())
    assert marked(tile, "kpi-s")[0].title == "The log starts late."
    assert "The log starts late." in [getattr(each, "title", None) for each in marked(tile, "n")]
