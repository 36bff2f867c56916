"""Tables of numbers: a row a bucket or a row a group, in base units, unknown left unknown."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.measures import COST, LATENCY, REQUESTS
from fluxdash.views.tabular import Column, Table, by_bucket, of_answers
from fluxdash.views.times import Clock
from tests.views.scenes import NOW, WINDOW, answer, grouped


def test_answers_over_time_stand_side_by_side_a_row_a_bucket() -> None:
    table = of_answers(
        [
            answer(REQUESTS.over_time(), [1, 2, None, 4, 5]),
            answer(LATENCY.over_time(q=0.95), [0.1, None, 0.3, 0.4, 0.5]),
        ],
        Clock(),
    )
    assert [each.heading for each in table.columns] == ["Bucket start, UTC", "Requests", "P95 latency (seconds)"]
    assert table.rows[0] == ("2026-11-23T14:27:00+00:00", 1, 0.1)
    assert table.rows[2] == ("2026-11-23T14:29:00+00:00", None, 0.3)
    assert len(table.rows) == 5
    assert NOW % 60 == 0


def test_on_screen_a_moment_is_written_as_everywhere_and_in_the_file_with_its_zone() -> None:
    start = of_answers([answer(REQUESTS.over_time(), [1] * 5)], Clock()).columns[0]
    assert start.written("2026-11-23T14:27:00+00:00") == "23 Nov, 14:27"
    assert start.written("2026-11-23T14:27:15+01:00") == "23 Nov, 14:27:15"
    assert Column("Model").written("2026-11-23T14:27:00+00:00") == "2026-11-23T14:27:00+00:00"


def test_each_group_over_time_has_its_own_column() -> None:
    table = of_answers([grouped(COST.over_time(by=MODEL), {"a": [1.0] * 5, "b": [2.0] * 5})], Clock())
    assert [each.heading for each in table.columns][1:] == ["Cost, b (USD)", "Cost, a (USD)"]


def test_groups_are_rows_under_their_names() -> None:
    ranked = grouped(COST.top(5, by=ACCOUNT), {"one": [3.0], "two": [2.0]})
    table = of_answers([replace(ranked, names=(("one", "acme"),))], Clock())
    assert table.rows == (("acme", 3.0), ("two", 2.0))
    assert table.columns[0].heading == "Account"


def test_what_is_unknown_is_a_dash_to_read_and_nothing_else() -> None:
    assert Column("Cost", COST.unit).written(None) == "–"
    assert Column("Cost", COST.unit).written(0) == "$0.00"
    assert Column("Cost").written("=1") == "=1"


def test_a_very_long_table_is_cut_and_says_so() -> None:
    drawn = Table((Column("n", REQUESTS.unit),), tuple((place,) for place in range(1200))).drawn("Long")
    assert drawn.children[1].children == "200 more rows are in the CSV."
    assert len(drawn.children[0].children[2].children) == 1000


def test_groups_that_were_cut_off_are_a_column_so_that_all_add_up() -> None:
    shown = grouped(COST.over_time(by=ACCOUNT), {"a": [1.0] * 5, "b": [2.0] * 5})
    rest = Line(OTHER, 20.0, 20.0, (4.0,) * 5, (4.0,) * 5)
    table = of_answers([replace(shown, other=rest, groups=9)], Clock())
    assert table.columns[-1].heading == "Cost, Other (USD)"
    assert sum(float(cell) for row in table.rows for cell in row[1:]) == 35.0  # type: ignore[arg-type]


def test_a_column_that_ends_early_takes_no_row_from_the_others() -> None:
    columns = [(Column("one"), [1.0] * 5), (Column("two"), [2.0])]
    rows = by_bucket(WINDOW, Clock(), columns).rows
    assert [row[1:] for row in rows] == [(1.0, 2.0), *[(1.0, None)] * 4]
