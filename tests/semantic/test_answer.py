"""An answer as rows: what a chart, a table and the API print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.semantic.answer import OTHER, Answer, Line, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.measures import COST, HIT_RATE, REPORTED_AVAILABILITY
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window

WINDOW = Window(1_795_003_200, 1_795_003_320, 60, 1_795_003_380)


def answer(question: Question, *lines: Line, other: Line | None = None) -> Answer:
    return Answer(question.within(Scope(WINDOW)), WINDOW, lines, Provenance("log", WINDOW.now, True), other)


def test_a_total_is_one_row() -> None:
    given = answer(COST.total(), Line(None, 3.0, 7.0))
    assert list(given.rows()) == [{"value": 3.0}]
    assert (given.total, given.n, given.is_empty) == (3.0, 7.0, False)


def test_a_series_is_a_row_a_closed_bucket_with_its_start() -> None:
    given = answer(COST.over_time(), Line(None, 1.0, 2.0, (1.0, None), (2.0, 0.0), (9.0,)))
    assert list(given.rows()) == [
        {"time": "2026-11-18T12:00:00Z", "value": 1.0},
        {"time": "2026-11-18T12:01:00Z", "value": None},
    ]


def test_groups_stand_under_their_dimension_and_the_rest_is_other() -> None:
    given = answer(COST.top(1, by=MODEL), Line("m", 3.0, 1.0), other=Line(OTHER, 2.0, 1.0))
    assert list(given.rows()) == [{"model": "m", "value": 3.0}, {"model": "Other", "value": 2.0}]


def test_an_account_has_its_name_beside_its_id() -> None:
    given = answer(COST.top(2, by=ACCOUNT), Line("u-1", 3.0, 1.0), Line("u-2", 1.0, 1.0))
    named = replace(given, names=(("u-1", "Acme"),))
    assert list(named.rows()) == [
        {"account": "u-1", "account_name": "Acme", "value": 3.0},
        {"account": "u-2", "account_name": "u-2", "value": 1.0},
    ]


def test_a_series_of_groups_has_a_row_for_each_bucket_of_each() -> None:
    lines = [Line(group, 1.0, 1.0, (0.5, 0.5), (1.0, 0.0)) for group in "ab"]
    rows = list(answer(COST.over_time(by=MODEL), *lines).rows())
    assert [(row["time"], row["model"]) for row in rows] == [
        (f"2026-11-18T12:0{minute}:00Z", group) for group in "ab" for minute in (0, 1)
    ]


@pytest.mark.parametrize(
    ("line", "empty"),
    [
        (Line(None, None, None), True),
        (Line(None, 0.0, 0.0), True),
        (Line(None, None, 0.0), True),
        (Line(None, 0.0, 12.0), False),
        (Line(None, None, 12.0), False),
        (Line(None, 5.0, None), False),
    ],
)
def test_an_answer_is_empty_when_nothing_was_counted(line: Line, empty: bool) -> None:
    """A number whose sample size is unknown is still a number."""
    assert answer(COST.total(), line).is_empty is empty


def test_an_answer_without_lines_is_empty_and_unknown() -> None:
    given = answer(COST.top(3, by=MODEL))
    assert (given.is_empty, given.total, given.n, list(given.rows())) == (True, None, None, [])


def test_a_state_of_nothing_works_is_an_answer_and_nothing_stated_is_none() -> None:
    question = REPORTED_AVAILABILITY.total()
    assert not answer(question, Line(None, 0.0, None)).is_empty
    assert answer(question, Line(None, None, None)).is_empty
    assert answer(question).is_empty
    assert answer(COST.total(), Line(None, 0.0, None)).is_empty


def test_an_outage_is_not_empty_for_what_it_cost() -> None:
    """All of 83 requests failed: none is a sample of what a success costs, and yet they cost something."""
    assert not answer(COST.total(), Line(None, 166.0, 0.0)).is_empty
    assert answer(COST.total(), Line(None, None, None)).is_empty


def test_a_bucket_was_watched_where_its_number_or_how_many_it_is_of_is_known() -> None:
    half = answer(COST.over_time(), Line(None, 3.0, 1.0, (None, 3.0), (None, 1.0)))
    assert (half.watched, half.watched_seconds, half.is_watched) == (1, 60, False)
    quiet = answer(HIT_RATE.over_time(), Line(None, None, 0.0, (None, None), (0.0, 0.0)))
    assert (quiet.watched, quiet.watched_seconds, quiet.is_watched) == (2, 120, True)


def test_one_bucket_in_ten_may_be_unknown() -> None:
    window = Window(1_795_003_200, 1_795_003_800, 60, 1_795_003_860)
    for unknown, watched in ((1, True), (2, False)):
        row = (None,) * unknown + (1.0,) * (10 - unknown)
        given = replace(answer(COST.over_time(), Line(None, 9.0, 9.0, row, row)), window=window)
        assert given.is_watched is watched


def test_a_ranking_is_watched_unless_its_source_says_that_its_data_start_later() -> None:
    given = answer(COST.top(1, by=MODEL), Line("m", 3.0, 1.0, (3.0,), (1.0,)))
    note = Note(NoteKind.PARTIAL, "The log starts later.")
    assert (given.watched, given.watched_seconds, given.is_watched) == (None, 120, True)
    assert not replace(given, provenance=replace(given.provenance, notes=(note,))).is_watched
