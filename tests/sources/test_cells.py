"""Numbers on a grid: cut, joined and laid side by side, with unknown never taken for 0."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.dimensions import MODEL, REGION
from fluxdash.semantic.scope import Filter
from fluxdash.sources.cells import EVERYTHING, Cells, Spec, from_rows, side_by_side, total

amounts = st.none() | st.integers(0, 1000).map(float)


@st.composite
def grids(draw: st.DrawFn, start: int = 0, parts: tuple[str, ...] = ("a", "b")) -> Cells:
    size = draw(st.integers(0, 6))
    rows = st.lists(amounts, min_size=size, max_size=size)
    groups = draw(
        st.dictionaries(st.sampled_from("xyz"), st.fixed_dictionaries(dict.fromkeys(parts, rows)), max_size=3)
    )
    return Cells(start, 60, size, groups)


def at(cells: Cells, group: str, part: str, moment: int) -> float | None:
    row = cells.groups.get(group, {}).get(part)
    return None if row is None else row[(moment - cells.start) // cells.step]


def test_specs_have_equal_keys_only_when_they_are_equal() -> None:
    one = Filter(MODEL, ("m",))
    specs = [
        Spec(("cost",)),
        Spec(("cost", "requests")),
        Spec(("cost",), MODEL),
        Spec(("cost",), REGION),
        Spec(("cost",), None, (one,)),
        Spec(("cost",), None, (Filter(REGION, ("m",)),)),
        Spec(("cost",), None, (Filter(MODEL, ("m", "n")),)),
        Spec(("cost",), None, (Filter(MODEL, ("m', 'n",)),)),
        Spec((), None, (), (0.5,)),
        Spec((), None, (), (0.5, 0.95)),
    ]
    assert len({each.key for each in specs}) == len(specs)
    assert Spec(("cost",), MODEL, (one,)).key == Spec(("cost",), MODEL, (Filter.of(MODEL, ["m", "m"]),)).key


def test_a_part_of_the_grid_is_cut_out() -> None:
    cells = Cells(600, 60, 4, {"x": {"a": [1.0, 2.0, None, 4.0]}}, ("partial",))
    assert cells.between(660, 780) == Cells(660, 60, 2, {"x": {"a": [2.0, None]}}, ("partial",))
    assert cells.end == 840


def test_what_one_side_lacks_is_missing_there() -> None:
    before = Cells(0, 60, 1, {"x": {"a": [1.0]}}, ("w",))
    after = Cells(60, 60, 2, {"y": {"a": [2.0, 3.0]}}, ("w", "v"))
    joined = before.then(after, 0.0)
    assert joined == Cells(0, 60, 3, {"x": {"a": [1.0, 0.0, 0.0]}, "y": {"a": [0.0, 2.0, 3.0]}}, ("w", "v"))
    assert before.then(after, None).groups["y"]["a"] == [None, 2.0, 3.0]


@pytest.mark.parametrize("later", [Cells(120, 60, 1, {}), Cells(0, 60, 1, {}), Cells(60, 30, 1, {})])
def test_grids_that_do_not_meet_are_not_joined(later: Cells) -> None:
    with pytest.raises(ValueError, match="do not meet"):
        Cells(0, 60, 1, {}).then(later, None)


@given(grids(), st.data())
def test_a_grid_cut_anywhere_and_joined_again_is_the_same(cells: Cells, data: st.DataObject) -> None:
    moment = data.draw(st.integers(0, cells.size)) * 60
    again = cells.between(0, moment).then(cells.between(moment, cells.end), None)
    assert (again.start, again.size) == (cells.start, cells.size)
    assert again.groups == cells.groups


@given(grids())
def test_what_a_json_cache_keeps_is_read_back(cells: Cells) -> None:
    assert Cells.from_json(json.loads(json.dumps(cells.to_json()))) == cells


GOOD: dict[str, Any] = {"start": 60, "step": 60, "size": 1, "groups": {"x": {"a": [1.0]}}, "warnings": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": None},
        {"start": "60"},
        {"start": 60.5},
        {"start": True},
        {"step": 0},
        {"step": -60},
        {"step": "x"},
        {"size": -1},
        {"size": 2},
        {"size": None},
        {"groups": None},
        {"groups": []},
        {"groups": {"x": []}},
        {"groups": {"x": {"a": "1"}}},
        {"groups": {"x": {"a": ["1"]}}},
        {"groups": {"x": {"a": [True]}}},
        {"groups": {"x": {"a": [[1.0]]}}},
        {"groups": {"x": {"a": None}}},
        {"groups": {"x": {"a": {"0": 1}}}},
        {"warnings": None},
        {"warnings": 5},
    ],
)
def test_a_corrupt_entry_of_a_cache_is_nothing(wrong: dict[str, object]) -> None:
    assert Cells.from_json(GOOD) is not None
    assert Cells.from_json(GOOD | wrong) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(anything | st.fixed_dictionaries({key: anything | st.just(value) for key, value in GOOD.items()}))
def test_whatever_a_cache_holds_is_cells_or_nothing(kept: object) -> None:
    found = Cells.from_json(kept)
    if found is not None:
        assert all(len(row) == found.size for parts in found.groups.values() for row in parts.values())
        found.between(found.start, found.end)


def test_a_total_adds_what_is_known_and_is_unknown_without_any() -> None:
    assert total([1.0, None, 2.0]) == 3.0
    assert total([0.0, None]) == 0.0
    assert total([None, None]) is None
    assert total([]) is None


def test_a_group_that_a_part_does_not_name_had_none_of_it() -> None:
    joined = side_by_side(
        {
            "hits": Cells(0, 60, 2, {"x": {"hits": [3.0, 4.0]}}),
            "misses": Cells(0, 60, 2, {"x": {"misses": [1.0, None]}, "y": {"misses": [5.0, None]}}, ("w",)),
        }
    )
    assert joined.groups["y"]["hits"] == [0.0, 0.0]
    assert joined.groups["x"]["misses"] == [1.0, None], "nobody counted misses in the second bucket"
    assert joined.warnings == ("w",)


def test_a_part_that_nobody_counted_is_unknown_for_every_group() -> None:
    joined = side_by_side({"a": Cells(0, 60, 1, {"x": {"a": [3.0]}}), "b": Cells(0, 60, 1, {})})
    assert joined.groups == {"x": {"a": [3.0], "b": [None]}}


@given(grids(parts=("a",)), st.data())
def test_parts_side_by_side_keep_what_is_known(one: Cells, data: st.DataObject) -> None:
    rows = st.lists(amounts, min_size=one.size, max_size=one.size)
    groups = data.draw(st.dictionaries(st.sampled_from("wxyz"), st.fixed_dictionaries({"b": rows}), max_size=3))
    other = Cells(0, 60, one.size, groups)
    joined = side_by_side({"a": one, "b": other})
    assert set(joined.groups) == {*one.groups, *other.groups}
    for part, cells in (("a", one), ("b", other)):
        for moment in range(0, one.end, 60):
            known = [at(cells, group, part, moment) for group in cells.groups]
            for group in joined.groups:
                expected = at(cells, group, part, moment)
                if expected is None and any(amount is not None for amount in known):
                    expected = 0.0
                assert at(joined, group, part, moment) == expected
        before = total(amount for group in cells.groups.values() for amount in group[part])
        after = total(amount for group in joined.groups.values() for amount in group[part])
        assert before == after


def test_no_real_group_has_the_name_of_everything() -> None:
    assert EVERYTHING == ""


def test_rows_are_put_into_their_buckets_and_groups() -> None:
    rows = [
        {"bucket": 60, "grouped": "x", "a": 1, "b": None},
        {"bucket": 120, "grouped": "x", "a": 2, "b": 5},
        {"bucket": 0, "grouped": "y", "a": 3, "b": 6},
    ]
    found = from_rows(rows, {"a": None, "b": 0.0}, MODEL, 0, 180, 60)
    assert found == Cells(0, 60, 3, {
        "x": {"a": [None, 1.0, 2.0], "b": [0.0, None, 5.0]}, "y": {"a": [3.0, None, None], "b": [6.0, 0.0, 0.0]},
    })  # fmt: skip


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_sum_that_is_no_number_is_unknown_before_the_cache_as_it_is_after(odd: object) -> None:
    """JSON holds none: who fetched it would tell another number than who finds it in the cache."""
    found = from_rows([{"bucket": 0, "a": odd}, {"bucket": 60, "a": 2}], {"a": None}, None, 0, 120, 60)
    assert found.groups == {EVERYTHING: {"a": [None, 2.0]}}


def test_without_rows_there_is_no_group_but_everything_is_one() -> None:
    assert from_rows([], {"a": None}, MODEL, 0, 120, 60).groups == {}
    assert from_rows([], {"a": None}, None, 0, 120, 60).groups == {EVERYTHING: {"a": [None, None]}}


def test_of_the_groups_those_that_are_there_can_be_picked() -> None:
    cells = Cells(0, 60, 1, {"x": {"a": [1.0]}, "y": {"a": [2.0]}}, ("partial",))
    assert cells.only(("y", "z")) == Cells(0, 60, 1, {"y": {"a": [2.0]}}, ("partial",))
