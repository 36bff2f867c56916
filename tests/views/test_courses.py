"""Any measure over time: lines and stacks that a page of the user's own can draw with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION
from fluxdash.semantic.measures import COST, ERROR_RATE, INPUT_TOKENS, LATENCY, OUTPUT_TOKENS, REQUESTS
from fluxdash.views.courses import lines, stacks
from fluxdash.views.patches import packed, patch, traces
from fluxdash.views.scene import Drawing
from tests.views.scenes import answer, grouped, scene

SONNET, HAIKU = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-haiku-20241022-v1:0"


def drawn(drawing: Drawing) -> list[dict[str, Any]]:
    """The traces, after making sure that the browser can be sent them."""
    assert drawing.figure is not None
    traces(drawing.figure, "light")
    patch(packed(drawing.figure))
    data: list[dict[str, Any]] = drawing.figure["data"]
    return data


def seen(drawing: Drawing) -> dict[str, list[float | None]]:
    """What is drawn for certain of each course, by name."""
    return {each["name"]: each["y"] for each in drawn(drawing) if "-faint" not in each["uid"]}


def test_counts_are_drawn_a_minute_and_dollars_an_hour() -> None:
    counts = lines(scene(answer(REQUESTS.over_time(), [60, 120, 0, None, 30])))
    assert counts.unit == "per minute"
    assert seen(counts) == {"Requests": [60, 120, 0, None, 30]}
    money = lines(scene(answer(COST.over_time(), [1, 2, 3, 4, 5])))
    assert money.unit == "USD per hour"
    assert seen(money)["Cost"] == [60, 120, 180, 240, 300]


def test_what_is_no_amount_is_drawn_as_it_is_and_faint_where_few_samples_bear_it() -> None:
    rates = lines(scene(answer(ERROR_RATE.over_time(), [0.1, 0.2, 0.3, 0.1, 0.1], counts=[100, 100, 3, 100, 100])))
    solid, faint = drawn(rates)
    assert solid["y"] == [0.1, 0.2, None, 0.1, 0.1]
    assert faint["y"][2] == 0.3
    assert rates.unit == "of all"


def test_the_window_before_lies_under_a_single_line() -> None:
    now, before = answer(REQUESTS.over_time(), [10, 20, 30, 40, 50]), answer(REQUESTS.over_time(), [1, 2, 3, 4, 5])
    one = lines(scene(now, before=(before,)))
    assert seen(one)["Previous 5\u00a0min"] == [1, 2, 3, 4, 5]
    two = lines(scene(answer(INPUT_TOKENS.over_time(), [1] * 5), answer(OUTPUT_TOKENS.over_time(), [2] * 5),
                      before=(before, before)))  # fmt: skip
    assert list(seen(two)) == ["Input tokens", "Output tokens"]


def test_questions_of_two_units_do_not_share_an_axis() -> None:
    with pytest.raises(ValueError, match="the units USD, count cannot share one axis"):
        lines(scene(answer(REQUESTS.over_time(), [1] * 5), answer(COST.over_time(), [1] * 5)))


def test_the_largest_groups_have_a_line_each_and_the_rest_is_other_where_it_adds_up() -> None:
    rows = {f"r{i}": [float(60 - i)] * 5 for i in range(7)}
    counts = lines(scene(replace(grouped(REQUESTS.over_time(by=REGION), rows), groups=7)))
    assert list(seen(counts)) == ["r0", "r1", "r2", "r3", "Other"]
    assert seen(counts)["Other"] == [56 + 55 + 54] * 5
    assert counts.foot.startswith("the largest 4 of 7 regions · ")
    times = lines(scene(replace(grouped(LATENCY.over_time(by=REGION), rows), groups=7)))
    assert list(seen(times)) == ["r0", "r1", "r2", "r3"]


def test_models_keep_their_colours_and_short_names_and_filter_when_clicked() -> None:
    drawing = stacks(scene(grouped(REQUESTS.over_time(by=MODEL), {SONNET: [9.0] * 5, HAIKU: [4.0] * 5})))
    solid = [each for each in drawn(drawing) if "-faint" not in each["uid"]]
    assert [each["name"] for each in solid] == ["claude-3-5-sonnet", "claude-3-5-haiku"]
    assert [each["meta"] for each in solid] == [{"filter": f"model={SONNET}"}, {"filter": f"model={HAIKU}"}]
    assert solid[0]["fillcolor"] != solid[1]["fillcolor"]
    assert drawing.unit == "per minute, stacked"
    assert drawing.beside is not None


def test_a_stack_adds_up_to_everything() -> None:
    rows = {f"a{i}": [float(i + 1)] * 5 for i in range(9)}
    cut = grouped(REQUESTS.over_time(by=ACCOUNT), rows)
    rest = Line(OTHER, 500.0, 500.0, (100.0,) * 5, (100.0,) * 5)
    drawing = stacks(scene(replace(cut, other=rest, groups=40)))
    assert [sum(column) for column in zip(*seen(drawing).values(), strict=True)] == [145.0] * 5
    assert drawing.foot.startswith("the largest 4 of 40 accounts")


def test_what_does_not_add_up_is_not_stacked() -> None:
    with pytest.raises(ValueError, match="does not add up"):
        stacks(scene(grouped(ERROR_RATE.over_time(by=MODEL), {SONNET: [0.1] * 5})))


def test_names_from_outside_are_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    drawing = lines(scene(grouped(REQUESTS.over_time(by=REGION), {evil: [1.0] * 5})))
    assert all("<img" not in each["name"] for each in drawn(drawing))
    assert all("<" not in each["uid"] for each in drawn(drawing))


def test_without_groups_there_is_nothing_to_draw_and_no_mistake() -> None:
    empty: Answer = grouped(REQUESTS.over_time(by=REGION), {})
    assert drawn(lines(scene(empty))) == []
    assert drawn(stacks(scene(empty))) == []
