"""The heat map: what each cell says, what nobody asked for, what is not known, and which step of colour it has."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.dimensions import JOINT
from fluxdash.semantic.query import MOST_SLICES
from fluxdash.views.availability import BY_CAUSE
from fluxdash.views.heat import COUNTED, ERRORS, TAILS, heat
from fluxdash.views.hitsbymodel import TYPES
from fluxdash.views.ramp import step, steps
from tests.views.reading import marked, prop, text
from tests.views.scenes import ranked, scene

SONNET, OPUS = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-opus-20240229-v1:0"
EAST, WEST = "us-east-1", "us-west-2"


def at(model: str, region: str) -> str:
    return f"{model}{JOINT}{region}"


ASKED = {at(SONNET, EAST): (900.0, 900), at(SONNET, WEST): (40.0, 40), at(OPUS, EAST): (100.0, 100)}
SLOW = {at(SONNET, EAST): (1.2, 900), at(SONNET, WEST): (3.0, 40), at(OPUS, EAST): (12.0, 100)}


def board(drawing):
    return marked(drawing.beside, "heat")[0]


def rows(drawing) -> list[list]:
    parts = board(drawing).children
    width = 1 + int(board(drawing).style["--n"])
    return [parts[place : place + width] for place in range(0, len(parts), width)]


def drawn(**more: object):
    return heat(scene(ranked(COUNTED, ASKED, **more), ranked(TAILS, SLOW)))  # type: ignore[arg-type]


def test_models_and_regions_stand_by_their_requests() -> None:
    head, *body = rows(drawn())
    assert [text(each) for each in head] == ["", EAST, WEST]
    assert [text(row[0]).strip() for row in body] == ["claude-3-5-sonnet", "claude-3-opus"]


def test_a_cell_says_its_p95_in_the_unit_of_the_slowest() -> None:
    _, sonnet, opus = rows(drawn())
    assert [text(each) for each in (*sonnet[1:], opus[1])] == ["1.20", "3.00", "12.00"]
    assert drawn().unit.replace("\u00a0", " ") == "P95 latency, s"


def test_a_place_without_requests_is_hatched_and_one_that_is_not_known_is_a_dash() -> None:
    assert (text(rows(drawn())[2][2]), rows(drawn())[2][2].className) == ("none", "none")
    cut = drawn(groups=300)
    assert (text(rows(cut)[2][2]), rows(cut)[2][2].className) == ("–", "nil")
    asked = ranked(COUNTED, {**ASKED, at(OPUS, WEST): (7.0, 7)})
    unknown = heat(scene(asked, ranked(TAILS, SLOW)))
    assert text(rows(unknown)[2][2]) == "–"


def test_a_counter_that_stands_still_is_a_place_without_requests() -> None:
    still = {at(OPUS, WEST): (0.0, 0), at("acme.idle", EAST): (0.0, 0)}
    drawing = heat(scene(ranked(COUNTED, ASKED | still), ranked(TAILS, SLOW | {at(OPUS, WEST): (None, 0)})))
    assert [text(row[0]).strip() for row in rows(drawing)[1:]] == ["claude-3-5-sonnet", "claude-3-opus"]
    assert text(rows(drawing)[2][2]) == "none"


def test_a_cell_of_few_samples_is_faint_and_says_how_many() -> None:
    weak = rows(drawn())[1][2]
    assert weak.className == "weak"
    assert weak.title.replace("\u00a0", " ") == "claude-3-5-sonnet, us-west-2: 3.00 s, n 40: too few to rely on"


def test_the_slowest_cell_has_the_last_step_and_the_quickest_the_first() -> None:
    _, sonnet, opus = rows(drawn())
    assert sonnet[1].className == "q1"
    assert opus[1].className == "q7"


def test_errors_are_in_percent_and_a_measured_zero_is_a_zero() -> None:
    errors = {at(SONNET, EAST): (0.0125, 900), at(SONNET, WEST): (0.0, 400), at(OPUS, EAST): (0.5, 100)}
    drawing = heat(scene(ranked(COUNTED, ASKED), ranked(ERRORS, errors)))
    _, sonnet, opus = rows(drawing)
    assert [text(each) for each in (*sonnet[1:], opus[1])] == ["1.25", "0", "50.00"]
    assert sonnet[2].className == "q1"
    assert drawing.unit == "% of requests failed"


def test_requests_are_counted_shortly_and_in_full_in_the_hint() -> None:
    drawing = heat(scene(ranked(COUNTED, {at(SONNET, EAST): (12345.0, 12345), at(OPUS, EAST): (9.0, 9)})))
    _, sonnet, opus = rows(drawing)
    assert text(sonnet[1]) == "12.3 k"
    assert sonnet[1].title.replace("\u00a0", " ") == "claude-3-5-sonnet, us-east-1: 12,345, n 12,345"
    assert opus[1].className == "q1"  # few requests are what this says, not a doubt about it


def test_models_and_regions_filter_by_a_click() -> None:
    head, sonnet, _ = rows(drawn())
    assert prop(head[1], "data-filter") == f"region={EAST}"
    assert prop(sonnet[0], "data-filter") == f"model={SONNET}"


def test_a_large_board_is_cut_and_says_so() -> None:
    places = {at(f"acme.m{model}", f"r{region}"): (100.0 - model, 100.0) for model in range(20) for region in range(9)}
    drawing = heat(scene(ranked(COUNTED, places)))
    assert len(rows(drawing)) == 1 + 15
    assert drawing.foot.startswith("15 of 20 models · 8 of 9 regions")
    assert drawing.table is not None
    assert len(drawing.table.rows) == 180


def test_the_table_to_read_has_a_row_a_place_that_was_asked() -> None:
    assert drawn().table.rows == (  # type: ignore[union-attr]
        (SONNET, EAST, 1.2, 900.0),
        (SONNET, WEST, 3.0, 40.0),
        (OPUS, EAST, 12.0, 100.0),
    )


def test_the_legend_says_where_each_step_begins() -> None:
    told = text(marked(drawn().beside, "below"))
    assert "under 1.7 · 2.3 · 3.2 · 4.5 · 6.2 · 8.6 · over" in told


@given(st.lists(st.floats(min_value=0, max_value=1e9, allow_nan=False), max_size=60))
def test_steps_rise_and_every_amount_has_one_of_seven(amounts: list[float]) -> None:
    bounds = steps(amounts)
    assert len(bounds) <= 6
    assert all(below < above for below, above in pairwise(bounds))
    assert all(1 <= step(each, bounds) <= 7 for each in amounts)


@pytest.mark.parametrize("amounts", [[], [0.0], [3.0, 3.0], [0.0, 0.0]])
def test_what_is_all_the_same_has_one_colour(amounts: list[float]) -> None:
    assert steps(amounts) == ()


def test_all_cells_are_asked_for_not_just_as_many_as_there_are_models() -> None:
    assert {each.n for each in (COUNTED, TAILS, ERRORS, BY_CAUSE, TYPES)} == {MOST_SLICES}
