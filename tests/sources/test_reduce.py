"""From cells to lines: a KPI is the sum, or the ratio of the sums, of the points that are drawn beside it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.histogram import quantile
from fluxdash.semantic.measures import COST, COST_PER_REQUEST, ERROR_RATE, LATENCY, REQUESTS
from fluxdash.semantic.query import MOST_GROUPS
from fluxdash.sources import reduce
from fluxdash.sources.cells import Cells

PARTS = ("requests", "failures", "cost")
whole_numbers: st.SearchStrategy[float | None] = st.integers(0, 1000).map(float)


@st.composite
def grouped(draw: st.DrawFn) -> Cells:
    size = draw(st.integers(1, 6))
    rows = st.lists(whole_numbers, min_size=size, max_size=size)
    names = st.text("abcdefgh", min_size=1, max_size=2)
    groups = draw(st.dictionaries(names, st.fixed_dictionaries(dict.fromkeys(PARTS, rows)), min_size=1, max_size=8))
    return Cells(0, 60, size, groups)


Row = list[float | None]


def cells(**groups: Row) -> Cells:
    """Cells of requests, half of which failed, at a dollar each."""
    rows: dict[str, dict[str, Row]] = {
        group: {"requests": row, "failures": [None if each is None else each / 2 for each in row], "cost": row}
        for group, row in groups.items()
    }
    return Cells(0, 60, len(next(iter(groups.values()))), rows)


def rank(question_of: object, given_cells: Cells, n: int, size: int) -> tuple[tuple[Line, ...], Line | None]:
    question = question_of.top(n, by=ACCOUNT)  # type: ignore[attr-defined]
    lines = reduce.additive(question, size, given_cells)
    return reduce.ranked(question, lines, lambda rest: reduce.other(question, size, given_cells, rest))


def test_a_total_is_the_sum_of_the_points_and_leaves_the_head_out() -> None:
    everything = Cells(0, 60, 3, {"": {"requests": [1.0, 2.0, 9.0], "failures": [0.0, 1.0, 9.0]}})
    (line,) = reduce.additive(REQUESTS.over_time(), 2, everything)
    assert line == Line(None, 3.0, 3.0, (1.0, 2.0), (1.0, 2.0), (9.0,))


def test_a_ratio_of_the_window_is_not_the_mean_of_its_buckets() -> None:
    everything = Cells(0, 60, 2, {"": {"requests": [1.0, 99.0], "failures": [1.0, 0.0]}})
    (line,) = reduce.additive(ERROR_RATE.over_time(), 2, everything)
    assert (line.total, line.n, line.values) == (0.01, 100.0, (1.0, 0.0))


def test_a_bucket_without_requests_has_no_ratio() -> None:
    everything = Cells(0, 60, 2, {"": {"requests": [0.0, 4.0], "failures": [0.0, 1.0]}})
    (line,) = reduce.additive(ERROR_RATE.over_time(), 2, everything)
    assert line.values == (None, 0.25)


def test_a_gap_is_a_gap_and_a_zero_a_zero() -> None:
    (line,) = reduce.additive(REQUESTS.over_time(), 3, Cells(0, 60, 3, {"": {"requests": [None, 0.0, 2.0]}}))
    assert (line.values, line.total) == ((None, 0.0, 2.0), 2.0)
    (line,) = reduce.additive(REQUESTS.over_time(), 2, Cells(0, 60, 2, {"": {"requests": [None, None]}}))
    assert line.total is None


def test_the_largest_groups_stand_first_and_the_rest_is_other() -> None:
    top, other = rank(COST, cells(a=[1.0, 1.0], b=[5.0, 5.0], c=[2.0, 2.0], d=[None, None]), 2, 2)
    assert [(line.group, line.total) for line in top] == [("b", 10.0), ("c", 4.0)]
    assert other is not None
    assert (other.group, other.total, other.values) == (OTHER, 2.0, (1.0, 1.0))


def test_other_adds_up_before_it_divides() -> None:
    counts = (("a", 1.0, 1.0), ("b", 10.0, 5.0), ("c", 90.0, 0.0))
    given_cells = Cells(0, 60, 1, {group: {"requests": [n], "failures": [failed]} for group, n, failed in counts})
    top, other = rank(ERROR_RATE, given_cells, 1, 1)
    assert [line.group for line in top] == ["a"]
    assert other is not None
    assert other.total == pytest.approx(0.05)


def test_ties_are_broken_by_name_and_what_is_unknown_comes_last() -> None:
    top, other = rank(REQUESTS, cells(b=[1.0], a=[1.0], c=[None], d=[0.0]), 10, 1)
    assert [line.group for line in top] == ["a", "b", "d", "c"]
    assert other is None


def test_a_chart_of_very_many_groups_is_cut_off_too() -> None:
    groups: dict[str, Row] = {f"g{i:03}": [float(i)] for i in range(MOST_GROUPS + 5)}
    many = cells(**groups)
    question = REQUESTS.over_time(by=ACCOUNT)
    lines = reduce.additive(question, 1, many)
    top, other = reduce.ranked(question, lines, lambda rest: reduce.other(question, 1, many, rest))
    assert len(top) == MOST_GROUPS
    assert other is not None
    assert other.total == sum(range(5))


@given(grouped(), st.integers(1, 10))
def test_top_and_other_add_up_to_the_whole(given_cells: Cells, n: int) -> None:
    top, other = rank(COST, given_cells, n, given_cells.size)
    shown = [*top, *([other] if other else [])]
    everything = math.fsum(amount or 0 for rows in given_cells.groups.values() for amount in rows["cost"])
    assert math.fsum(line.total or 0 for line in shown) == everything
    for i in range(given_cells.size):
        drawn = math.fsum(line.values[i] or 0 for line in shown)
        assert drawn == math.fsum(rows["cost"][i] or 0 for rows in given_cells.groups.values())
    assert len(top) == min(n, len(given_cells.groups))
    assert (other is None) == (len(given_cells.groups) <= n)


@given(grouped(), st.data())
def test_a_kpi_equals_the_points_drawn_beside_it(given_cells: Cells, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, given_cells.size))
    for line in reduce.additive(COST.over_time(by=MODEL), size, given_cells):
        assert line.total == sum(amount for amount in line.values if amount is not None)
        assert len(line.values) == size
        assert len(line.values) + len(line.head) == given_cells.size
    for line in reduce.additive(COST_PER_REQUEST.over_time(by=MODEL), size, given_cells):
        rows = given_cells.groups[line.group or ""]
        spent, n = (sum(amount or 0 for amount in rows[part][:size]) for part in ("cost", "requests"))
        assert line.total == (spent / n if n else None)
        assert line.n == n


BOUNDS = ("0.1", "0.5", "1", "+Inf")


def histogram(*counts: Row) -> dict[str, Row]:
    return dict(zip(BOUNDS, [list(row) for row in zip(*counts, strict=True)], strict=True))


def test_a_windows_quantile_comes_from_merged_counts_and_not_from_the_buckets_quantiles() -> None:
    rows = histogram([90.0, 90.0, 90.0, 90.0], [0.0, 0.0, 10.0, 10.0])
    (line,) = reduce.bucket_quantiles(0.95, 1.0, 2, Cells(0, 60, 2, {"": rows}))
    merged = quantile(0.95, (0.1, 0.5, 1.0, math.inf), [90.0, 90.0, 100.0, 100.0])
    assert merged is not None
    assert line.total == merged.value
    assert list(line.values) == pytest.approx([0.095, 0.975])
    assert (line.n, line.counts) == (100.0, (90.0, 10.0))


def test_a_quantile_beyond_the_last_bound_is_at_least_that() -> None:
    (line,) = reduce.bucket_quantiles(0.95, 1.0, 1, Cells(0, 60, 1, {"": histogram([1.0, 1.0, 2.0, 10.0])}))
    assert (line.total, line.at_least) == (1.0, True)


def test_a_scale_turns_bounds_into_seconds() -> None:
    (line,) = reduce.bucket_quantiles(0.5, 0.001, 1, Cells(0, 60, 1, {"": histogram([10.0, 10.0, 10.0, 10.0])}))
    assert line.total == pytest.approx(0.00005)


def test_a_bucket_that_lacks_a_count_has_no_quantile_and_no_head_counts() -> None:
    rows = histogram([4.0, 4.0, 4.0, 4.0], [4.0, None, 4.0, 4.0], [4.0, 4.0, 4.0, 4.0])
    (line,) = reduce.bucket_quantiles(0.5, 1.0, 2, Cells(0, 60, 3, {"": rows}))
    assert line.values[1] is None
    assert len(line.head) == 1
    assert line.n == 8.0


def test_other_of_a_histogram_merges_the_counts_of_its_groups() -> None:
    empty: dict[str, Row] = {"+Inf": [None]}
    groups = {"a": histogram([9.0, 9.0, 9.0, 9.0]), "b": histogram([0.0, 1.0, 1.0, 1.0]), "c": empty}
    other = reduce.merged_other(0.5, 1.0, 1, Cells(0, 60, 1, groups), ["a", "b", "c"])
    assert (other.group, other.n) == (OTHER, 10.0)
    assert other.total == pytest.approx(0.1 * 5 / 9)


def test_exact_quantiles_of_buckets_and_window_stand_side_by_side() -> None:
    buckets = Cells(0, 60, 3, {"": {"n": [2.0, 0.0, 1.0], "q0": [100.0, None, 50.0]}})
    whole = Cells(0, 120, 1, {"": {"n": [2.0], "q0": [100.0]}})
    (line,) = reduce.exact_quantiles("q0", 0.001, 2, buckets, whole)
    assert line == Line(None, 0.1, 2.0, (0.1, None), (2.0, 0.0), (0.05,))


def test_a_total_alone_needs_no_buckets() -> None:
    (line,) = reduce.exact_quantiles(
        "q0", 0.001, 2, Cells(0, 60, 0, {}), Cells(0, 120, 1, {"": {"n": [0.0], "q0": [None]}})
    )
    assert line == Line(None, None, 0.0)


def test_a_group_newer_than_the_cached_buckets_is_drawn_as_a_gap() -> None:
    """The window's quantile and its buckets are read at different moments; a late row may stand in one only."""
    buckets = Cells(0, 60, 3, {})
    whole = Cells(0, 120, 1, {"late": {"n": [1.0], "q0": [7.0]}})
    (line,) = reduce.exact_quantiles("q0", 1.0, 2, buckets, whole)
    assert line == Line("late", 7.0, 1.0, (None, None), (None, None), (None,))


def test_a_quantile_of_several_groups_is_nobodys() -> None:
    question = LATENCY.top(1, by=ACCOUNT)
    lines = [Line("a", 2.0, 1.0), Line("b", 3.0, 1.0)]
    top, other = reduce.ranked(question, lines, lambda rest: None)
    assert [line.group for line in top] == ["b"]
    assert other is None


def test_a_state_is_the_newest_one_that_was_seen_and_has_no_sample() -> None:
    found = reduce.levels("up", 3, Cells(0, 60, 4, {"m": {"up": [1.0, 0.5, None, 0.25]}, "n": {"up": [None] * 4}}))
    assert [(line.group, line.total, line.n) for line in found] == [("m", 0.5, None), ("n", None, None)]
    assert (found[0].values, found[0].counts, found[0].head) == ((1.0, 0.5, None), (None, None, None), (0.25,))


def test_of_several_states_the_lowest_stands_for_all() -> None:
    told = {"m": {"up": [1.0, 0.5, None]}, "n": {"up": [0.9, None, None]}, "o": {"up": [0.0, 0.7, 1.0]}}
    found = reduce.lowest_other("up", 2, Cells(0, 60, 3, told), ["m", "n"])
    assert (found.group, found.total, found.values, found.head) == (OTHER, 0.5, (0.9, 0.5), (None,))
