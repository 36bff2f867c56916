"""Cumulative savings: the course ends at the tile's number, whatever is filling or missing."""

from __future__ import annotations

from fluxdash.semantic.measures import SAVINGS
from fluxdash.views.savings import cumulative, running
from tests.views.scenes import WINDOW, answer, scene

VALUES = [1.0, 2.5, 0.0, 4.0, 0.5]


def test_the_sum_runs_and_ends_at_the_number_of_the_tile() -> None:
    saved = answer(SAVINGS.over_time(), VALUES, head=[3.0])
    drawing = cumulative(scene(saved))
    drawn = {trace["uid"]: trace for trace in drawing.figure["data"]}  # type: ignore[index]
    assert drawn["savings"]["y"] == [1.0, 3.5, 3.5, 7.5, 8.0]
    assert drawn["savings"]["y"][-1] == saved.total
    note = drawing.figure["layout"]["annotations"][-1]  # type: ignore[index]
    assert (note["text"], note["y"]) == ("<b>$8.00</b>", 8.0)


def test_the_window_before_runs_on_its_own() -> None:
    before = answer(SAVINGS.over_time(), [1.0] * 5, window=WINDOW.previous())
    drawing = cumulative(scene(answer(SAVINGS.over_time(), VALUES), before=[before]))
    drawn = {trace["uid"]: trace for trace in drawing.figure["data"]}  # type: ignore[index]
    assert drawn["savings-before"]["y"] == [1, 2, 3, 4, 5]
    assert drawn["savings-before"]["hoverinfo"] == "skip"
    assert "$8.00 by the end of the window, $5.00 in the one before" in drawing.sentence


def test_an_unknown_bucket_is_a_gap_and_adds_nothing() -> None:
    assert running([1.0, None, 2.0]) == [1.0, None, 3.0]


def test_an_unknown_window_before_is_not_drawn() -> None:
    before = answer(SAVINGS.over_time(), [None] * 5, window=WINDOW.previous())
    drawing = cumulative(scene(answer(SAVINGS.over_time(), VALUES), before=[before]))
    assert "savings-before" not in {trace["uid"] for trace in drawing.figure["data"]}  # type: ignore[index]
    assert "before" not in drawing.sentence


def test_the_table_to_read_holds_the_sums_that_are_drawn() -> None:
    before = answer(SAVINGS.over_time(), [1.0] * 5, window=WINDOW.previous())
    table = cumulative(scene(answer(SAVINGS.over_time(), VALUES), before=[before])).table
    assert table is not None
    assert [row[1:] for row in table.rows] == [(1.0, 1.0), (3.5, 2.0), (3.5, 3.0), (7.5, 4.0), (8.0, 5.0)]
    assert table.columns[1].heading == "Cumulative savings (USD)"
