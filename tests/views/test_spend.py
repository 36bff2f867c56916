"""Spend over time: the bars of a bucket are its models, and the running sum ends at the spend of the window."""

from __future__ import annotations

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST
from fluxdash.views.spend import cumulative_spend, spend_by_bucket
from tests.views.reading import text
from tests.views.scenes import WINDOW, answer, grouped, scene

BY_MODEL = COST.over_time(by=MODEL)


def test_the_bars_of_each_bucket_add_up_to_its_spend_others_included() -> None:
    rows = {f"m{i}": [float(12 - i), 1.0, 0.0, 2.0, 0.5] for i in range(12)}
    drawing = spend_by_bucket(scene(grouped(BY_MODEL, rows)))
    traces = drawing.figure["data"]  # type: ignore[index]
    assert len(traces) == 9
    assert traces[-1]["name"] == "Other"
    for place, column in enumerate(zip(*rows.values(), strict=True)):
        assert sum(trace["y"][place] for trace in traces) == sum(column)
    assert drawing.unit == "USD per min"
    assert "Spend over time by model: $120.00 in all" in drawing.sentence


def test_a_bar_filters_by_its_model_and_other_by_nothing() -> None:
    rows = {f"m{i}": [float(12 - i)] * 5 for i in range(12)}
    traces = spend_by_bucket(scene(grouped(BY_MODEL, rows))).figure["data"]  # type: ignore[index]
    assert {trace["meta"]["filter"] for trace in traces[:-1]} == {f"model=m{i}" for i in range(8)}
    assert "meta" not in traces[-1]


def test_the_legend_stands_below_and_names_every_layer() -> None:
    drawing = spend_by_bucket(scene(grouped(BY_MODEL, {"a": [1.0] * 5, "b": [2.0] * 5})))
    assert drawing.figure["layout"]["showlegend"] is False  # type: ignore[index]
    assert sorted(text(drawing.beside).split()) == ["a", "b"]


def test_the_running_sum_ends_at_the_spend_of_the_window() -> None:
    cost = answer(COST.over_time(), [1.0, 2.0, None, 4.0, 0.5], head=[9.0])
    before = answer(COST.over_time(), [1.0] * 5, window=WINDOW.previous())
    drawing = cumulative_spend(scene(cost, before=[before]))
    drawn = {trace["uid"]: trace for trace in drawing.figure["data"]}  # type: ignore[index]
    assert drawn["spend"]["y"] == [1.0, 3.0, None, 7.0, 7.5]
    assert drawn["spend-before"]["y"] == [1, 2, 3, 4, 5]
    assert drawing.figure["layout"]["annotations"][-1]["text"] == "<b>$7.50</b>"  # type: ignore[index]
    assert drawing.sentence.startswith("Cumulative spend: $7.50 by the end")


def test_the_table_to_read_holds_the_running_sum_that_is_drawn() -> None:
    table = cumulative_spend(scene(answer(COST.over_time(), [1.0, 2.0, None, 4.0, 0.5]))).table
    assert table is not None
    assert [row[1:] for row in table.rows] == [(1.0,), (3.0,), (None,), (7.0,), (7.5,)]


def test_an_unknown_window_before_has_no_column() -> None:
    before = answer(COST.over_time(), [None] * 5, window=WINDOW.previous())
    table = cumulative_spend(scene(answer(COST.over_time(), [1.0] * 5), before=[before])).table
    assert table is not None
    assert len(table.columns) == 2
