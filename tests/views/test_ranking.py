"""Any measure by any dimension as a table, for pages of the user's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dash import html

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.measures import COST, LATENCY, REQUESTS
from fluxdash.views.ranking import ranking
from fluxdash.views.scene import Drawing
from tests.views.scenes import grouped, scene

SONNET = "anthropic.claude-3-5-sonnet-20241022-v2:0"


def text(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, (list, tuple)):
        return "".join(map(text, part))
    return part.replace("\u00a0", " ") if isinstance(part, str) else text(part.children)


def read(drawing: Drawing) -> list[list[str]]:
    """The rows as they are read, cell by cell."""
    assert isinstance(drawing.beside, html.Div)
    body = drawing.beside.children.children[2]
    return [[text(cell) for cell in row.children] for row in body.children]


def heads(drawing: Drawing) -> list[str]:
    assert isinstance(drawing.beside, html.Div)
    return [text(cell) for cell in drawing.beside.children.children[1].children.children]


def test_the_largest_come_first_with_their_change() -> None:
    now = grouped(COST.top(8, by=MODEL), {SONNET: [3.0, 1.0], "meta.llama3-8b-instruct-v1:0": [1.5]})
    before = grouped(COST.top(8, by=MODEL), {SONNET: [2.0]})
    drawing = ranking(scene(now, before=(before,)))
    assert heads(drawing) == ["Model", "Cost as a bar", "Cost", "Change"]
    assert read(drawing) == [
        ["claude-3-5-sonnet", "", "$4.00", "+$2.00"],
        ["llama3-8b", "", "$1.50", "+$1.50"],
    ]
    assert drawing.figure is None


def test_without_a_window_before_there_is_no_change() -> None:
    drawing = ranking(scene(grouped(REQUESTS.top(8, by=ACCOUNT), {"a": [3.0]})))
    assert heads(drawing) == ["Account", "Requests as a bar", "Requests"]
    assert read(drawing) == [["a", "", "3"]]


def test_more_than_eight_are_other_and_the_footnote_says_of_how_many() -> None:
    rows = {f"a{i}": [float(100 - i)] for i in range(8)}
    rest = Line(OTHER, 7.0, 7.0, (7.0,), (7.0,))
    now = replace(grouped(REQUESTS.top(8, by=ACCOUNT), rows), other=rest, groups=31)
    drawing = ranking(scene(now, before=(replace(now, other=None),)))
    assert read(drawing)[-1] == ["Other", "", "7", "–"]
    assert len(read(drawing)) == 9
    assert drawing.foot == "8 of 31 accounts"


def test_quantiles_of_the_rest_are_not_added_up() -> None:
    rows = {f"a{i}": [10.0 - i] for i in range(10)}
    drawing = ranking(scene(replace(grouped(LATENCY.top(20, by=ACCOUNT), rows), groups=10)))
    assert heads(drawing)[2] == "P95"
    assert [row[0] for row in read(drawing)] == [f"a{i}" for i in range(8)]
    assert drawing.foot == "8 of 10 accounts"


def test_a_group_without_a_past_is_new_only_where_all_of_the_past_is_known() -> None:
    now = grouped(REQUESTS.top(8, by=ACCOUNT), {"a": [100.0], "b": [50.0]})
    past = grouped(REQUESTS.top(8, by=ACCOUNT), {"a": [80.0]})
    assert [row[3] for row in read(ranking(scene(now, before=(past,))))] == ["+25.0 %", "new"]
    cut = replace(past, other=Line(OTHER, 9.0, 9.0))
    assert [row[3] for row in read(ranking(scene(now, before=(cut,))))] == ["+25.0 %", "–"]


def test_rows_filter_by_their_group() -> None:
    drawing = ranking(scene(grouped(REQUESTS.top(8, by=MODEL), {SONNET: [3.0], "unknown": [1.0]})))
    assert isinstance(drawing.beside, html.Div)
    body = drawing.beside.children.children[2]
    assert [getattr(row, "data-filter", None) for row in body.children] == [f"model={SONNET}", None]


def test_a_question_without_a_dimension_has_nothing_to_rank() -> None:
    with pytest.raises(ValueError, match="nothing to rank"):
        ranking(scene(grouped(REQUESTS.total(), {"a": [1.0]})))
