"""HTML tables: what clicking a row filters by, what a small screen leaves out, and bars that never overflow."""

from __future__ import annotations

from fluxdash.semantic.answer import OTHER
from fluxdash.semantic.dimensions import JOINT, MODEL, UNKNOWN
from fluxdash.views.tables import Head, Row, bar, filtering, table


def test_a_row_says_what_clicking_it_filters_by_and_can_be_reached_by_keyboard() -> None:
    drawn = table(
        "Spend", [Head("Model", numeric=False), Head("Spend")], [Row(("opus", "$1"), "model=opus"), Row(("x", "1"))]
    )
    rows = drawn.children.children[2].children
    assert rows[0].to_plotly_json()["props"]["data-filter"] == "model=opus"
    assert rows[0].tabIndex == 0
    assert "data-filter" not in rows[1].to_plotly_json()["props"]


def test_the_rest_the_unknown_and_crossed_groups_filter_by_nothing() -> None:
    assert filtering(MODEL, "opus") == "model=opus"
    assert [filtering(MODEL, each) for each in (OTHER, UNKNOWN, f"a{JOINT}b")] == [None, None, None]


def test_spare_columns_are_marked_for_small_screens_head_and_cells() -> None:
    drawn = table("Spend", [Head("Share", spare=True)], [Row((("1 %", "t2"),))])
    assert drawn.children.children[1].children.children[0].className == "num no-m"
    assert drawn.children.children[2].children[0].children[0].className == "num no-m t2"


def test_the_column_that_ranks_says_so() -> None:
    cell = Head("Spend", ranked=True).cell().to_plotly_json()["props"]
    assert cell["aria-sort"] == "descending"


def test_a_bar_is_never_longer_than_its_track() -> None:
    assert [each.style["width"] for each in bar((1.7, "m-main"), (-1, "m-2")).children] == ["100.0%", "0.0%"]
