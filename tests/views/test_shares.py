"""Spend by group: every row is known or says that it is not, and the rest is what is left of all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.measures import COST, COST_PER_REQUEST, REQUESTS, UNPRICED
from fluxdash.views.shares import Sums, shares
from tests.views.scenes import WINDOW, answer, grouped, scene

BY_MODEL = COST.over_time(by=MODEL)
OPUS, SONNET = "anthropic.claude-3-opus-20240229-v1:0", "anthropic.claude-3-5-sonnet-20241022-v2:0"


def whole(total: float | None = 100.0):
    return answer(COST.over_time(), [None] * 5 if total is None else [total / 5] * 5, window=WINDOW.previous())


def test_rows_are_the_groups_and_the_rest_is_their_sum() -> None:
    cost = grouped(BY_MODEL, {f"m{i}": [float(10 - i)] for i in range(8)})
    requests = grouped(REQUESTS.over_time(by=MODEL), {f"m{i}": [float(100 * i)] for i in range(8)})
    rows = shares(scene(cost, requests), MODEL, 3)
    assert [row.name for row in rows] == ["m0", "m1", "m2", "5 more"]
    assert [row.spent for row in rows] == [10, 9, 8, 7 + 6 + 5 + 4 + 3]
    assert [row.requests for row in rows] == [0, 100, 200, 300 + 400 + 500 + 600 + 700]
    assert sum(row.spent or 0 for row in rows) == sum(range(3, 11))
    assert rows[3].each == 25 / 2500


def test_one_row_too_many_is_shown_rather_than_called_more() -> None:
    cost = grouped(BY_MODEL, {f"m{i}": [float(10 - i)] for i in range(4)})
    assert [row.name for row in shares(scene(cost), MODEL, 3)] == ["m0", "m1", "m2", "m3"]


def test_a_model_keeps_its_colour_wherever_it_stands() -> None:
    first = shares(scene(grouped(BY_MODEL, {OPUS: [9.0], SONNET: [1.0]})), MODEL, 9)
    second = shares(scene(grouped(BY_MODEL, {SONNET: [9.0], OPUS: [1.0]})), MODEL, 9)
    assert {row.name: row.token for row in first} == {row.name: row.token for row in second}
    assert [row.name for row in second] == ["claude-3-5-sonnet", "claude-3-opus"]


def test_a_group_that_spent_nothing_before_is_new_where_somebody_watched_and_unknown_where_nobody_did() -> None:
    cost = grouped(BY_MODEL, {"a": [6.0], "b": [4.0]})
    before = grouped(BY_MODEL, {"a": [5.0]}, WINDOW.previous())
    known = shares(scene(cost, before=[before, whole()]), MODEL, 9)
    assert [row.before for row in known] == [5.0, 0.0]
    unwatched = shares(scene(cost, before=[before, whole(None)]), MODEL, 9)
    assert [row.before for row in unwatched] == [None, None]
    assert [row.before for row in shares(scene(cost), MODEL, 9)] == [None, None]


def test_a_window_before_that_was_half_unwatched_is_not_compared_with() -> None:
    cost = grouped(BY_MODEL, {"a": [6.0]})
    before = grouped(BY_MODEL, {"a": [5.0]}, WINDOW.previous())
    half = answer(COST.over_time(), [None, None, 1.0, 2.0, 2.0], window=WINDOW.previous())
    assert [row.before for row in shares(scene(cost, before=[before, half]), MODEL, 9)] == [None]


def test_what_the_rest_spent_before_is_all_but_what_the_named_did() -> None:
    cost = grouped(BY_MODEL, {f"m{i}": [float(10 - i)] for i in range(6)})
    before = grouped(BY_MODEL, {"m0": [1.0], "m5": [2.0], "gone": [4.0]}, WINDOW.previous())
    rows = shares(scene(cost, before=[before, whole()]), MODEL, 3)
    assert [row.before for row in rows] == [1.0, 0.0, 0.0, 6.0]


def test_a_rest_that_spent_nothing_before_is_new_whatever_floats_make_of_a_difference() -> None:
    cost = grouped(BY_MODEL, {"m1": [9.0], "m2": [8.0], "m3": [7.0], "m5": [2.0], "m6": [1.0]})
    before = grouped(BY_MODEL, {"m1": [0.1], "m2": [0.7], "m3": [0.3]}, WINDOW.previous())
    rows = shares(scene(cost, before=[before, whole()]), MODEL, 3)
    assert (rows[-1].name, rows[-1].before) == ("2 more", 0.0)


def test_a_group_that_a_cut_answer_does_not_name_is_unknown_not_zero() -> None:
    cost = grouped(COST.top(2, by=ACCOUNT), {"a": [6.0], "b": [4.0]})
    before = grouped(COST.top(2, by=ACCOUNT), {"a": [5.0]}, WINDOW.previous())
    cut = replace(before, other=Line(OTHER, 7.0, 7.0), groups=9)
    rows = shares(scene(cost, before=[cut, whole()]), ACCOUNT, 9)
    assert [row.before for row in rows] == [5.0, None]


def test_the_rest_of_a_cut_ranking_counts_all_groups_there_are() -> None:
    cost = grouped(COST.top(3, by=ACCOUNT), {"a": [6.0], "b": [4.0], "c": [3.0]})
    cut = replace(cost, other=Line(OTHER, 7.0, 7.0), groups=40)
    rows = shares(scene(cut), ACCOUNT, 2)
    assert (rows[-1].name, rows[-1].spent) == ("38 more", 10.0)


def test_cost_per_request_is_the_answer_s_own_and_the_rest_s_only_of_one_source() -> None:
    cost = grouped(BY_MODEL, {f"m{i}": [float(10 - i)] for i in range(5)})
    each = grouped(COST_PER_REQUEST.over_time(by=MODEL), {"m0": [0.25]})
    requests = grouped(REQUESTS.over_time(by=MODEL), {f"m{i}": [10.0] for i in range(5)})
    counted = replace(requests, provenance=replace(requests.provenance, source="prometheus"))
    rows = shares(scene(cost, each, counted), MODEL, 2)
    assert [row.each for row in rows] == [0.25, None, None]


def test_requests_without_a_price_are_told_of_each_model() -> None:
    cost = grouped(BY_MODEL, {"a": [6.0], "b": [0.0]})
    unpriced = grouped(UNPRICED.over_time(by=MODEL), {"a": [0.0], "b": [3.0]})
    assert [row.unpriced for row in shares(scene(cost, unpriced), MODEL, 9)] == [0.0, 3.0]


@pytest.mark.parametrize(("total", "part"), [(10.0, 0.6), (0.0, None), (None, None)])
def test_a_share_of_nothing_is_unknown(total: float | None, part: float | None) -> None:
    row = shares(scene(grouped(BY_MODEL, {"a": [6.0]})), MODEL, 9)[0]
    assert row.part(total) == part


def test_sums_of_nothing_are_zero_and_of_an_unanswered_question_unknown() -> None:
    assert Sums.of(grouped(BY_MODEL, {})).rest(()) == 0.0
    assert Sums.of(None).of_group("a") is None
