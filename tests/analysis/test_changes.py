"""What changed: contributions that add up exactly, causes found under the name that says them shortest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxdash.analysis.changes import Changes, Kind, Rest, Row, Sums, additive, ratio
from fluxdash.analysis.groups import Name, Slice
from fluxdash.analysis.swaps import quantile

ACCOUNTS, MODELS, REGIONS = ("acme", "borealis", "cobalt"), ("haiku", "llama", "opus"), ("eu-west-1", "us-east-1")
EVERY = tuple(product(ACCOUNTS, MODELS, REGIONS))

Own = TypeVar("Own")
unhurried = settings(deadline=None, max_examples=30)
amounts = st.floats(0, 1e6, allow_subnormal=False) | st.integers(0, 10**6)
sums = st.dictionaries(st.sampled_from(EVERY), st.builds(Sums, amounts, st.integers(0, 10**6)))
samples = st.dictionaries(
    st.sampled_from(EVERY),
    st.lists(st.tuples(st.integers(0, 400).map(lambda ms: ms * 0.001), st.integers(1, 50)), max_size=6),
)


def explained(found: Changes) -> Fraction:
    return sum((row.amount for row in found.rows), Fraction(0)) + (found.rest.amount if found.rest else 0)


def members(name: Name, slices: Sequence[Slice]) -> list[Slice]:
    return [each for each in slices if all(value in (None, own) for value, own in zip(name, each, strict=True))]


def names(found: Changes) -> list[Name]:
    return [row.name for row in found.rows]


def check_the_rows(found: Changes, slices: Sequence[Slice], most: int) -> None:
    held = [each for row in found.rows for each in members(row.name, slices)]
    assert len(held) == len(set(held)) == sum(row.slices for row in found.rows)
    assert found.slices == len(slices) == len(held) + (found.rest.slices if found.rest else 0)
    assert len(found.rows) <= most + 1
    assert len(found.rows) <= most or not found.rest or found.rest.slices == 0
    assert [abs(row.amount) for row in found.rows] == sorted((abs(row.amount) for row in found.rows), reverse=True)
    assert all(row.amount for row in found.rows)


def check_turned(there: Changes, back: Changes) -> None:
    assert [(row.name, row.amount) for row in there.rows] == [(row.name, -row.amount) for row in back.rows]
    assert [(row.note.kind, row.note.before, row.note.after) for row in there.rows] == [
        (row.note.kind, row.note.after, row.note.before) for row in back.rows
    ]


def shuffled(window: Mapping[Slice, Own], seed: int) -> dict[Slice, Own]:
    pairs = list(window.items())
    Random(seed).shuffle(pairs)
    return dict(pairs)


@unhurried
@given(sums, sums, st.integers(1, 6))
def test_differences_add_up_to_the_change_exactly(
    before: dict[Slice, Sums], after: dict[Slice, Sums], most: int
) -> None:
    found = additive(before, after, most=most)
    change = sum(Fraction(each.amount) for each in after.values()) - sum(
        Fraction(each.amount) for each in before.values()
    )
    assert found.change == change == explained(found)
    check_the_rows(found, sorted({*before, *after}), most)
    nothing = Sums(0)
    for row in found.rows:
        held = members(row.name, sorted({*before, *after}))
        own = [Fraction(after.get(each, nothing).amount) - Fraction(before.get(each, nothing).amount) for each in held]
        assert row.amount == sum(own)


@unhurried
@given(sums, sums, st.integers(1, 6))
def test_what_moved_a_ratio_adds_up_to_its_change_exactly(
    before: dict[Slice, Sums], after: dict[Slice, Sums], most: int
) -> None:
    found = ratio(before, after, most=most)
    if found.change is None:
        assert (found.rows, found.rest) == ((), None)
        return
    assert found.change == explained(found)
    check_the_rows(found, sorted({*before, *after}), most)


@unhurried
@given(samples, samples, st.integers(1, 6))
def test_swaps_and_the_rest_add_up_to_the_change_of_a_quantile_exactly(
    before: dict[Slice, list[tuple[float, int]]], after: dict[Slice, list[tuple[float, int]]], most: int
) -> None:
    found = quantile(0.95, before, after, most=most)
    assert found.estimate
    assert (_number(found.before), _number(found.after)) == (nearest_rank(0.95, before), nearest_rank(0.95, after))
    if found.change is None:
        assert (found.rows, found.rest) == ((), None)
        return
    assert found.change == explained(found)
    check_the_rows(found, sorted({*before, *after}), most)
    for row in found.rows:
        held = members(row.name, sorted({*before, *after}))
        sizes = [sum(count for own in side.values() for _, count in own) for side in (before, after)]
        swapped = {each: weighed(own, sizes[0]) for each, own in after.items() if each not in held}
        swapped |= {each: weighed(before.get(each, []), sizes[1]) for each in held}
        value = nearest_rank(0.95, swapped)
        was = _number(found.before) if value is None else value
        assert float(row.amount) == pytest.approx((_number(found.after) or 0) - (was or 0))


def weighed(sample: Sequence[tuple[float, int]], weight: int) -> list[tuple[float, int]]:
    return [(value, count * weight) for value, count in sample]


def nearest_rank(q: float, window: Mapping[Slice, Sequence[tuple[float, int]]]) -> float | None:
    pairs = sorted(pair for sample in window.values() for pair in sample)
    rank, reached = math.ceil(Fraction(str(q)) * sum(count for _, count in pairs)), 0
    for value, count in pairs:
        reached += count
        if reached >= rank:
            return value
    return None


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


@unhurried
@given(sums, sums)
def test_swapping_the_windows_turns_every_sign(before: dict[Slice, Sums], after: dict[Slice, Sums]) -> None:
    check_turned(additive(before, after), additive(after, before))
    check_turned(ratio(before, after), ratio(after, before))


@unhurried
@given(sums, sums, st.integers())
def test_the_order_of_the_slices_does_not_matter(
    before: dict[Slice, Sums], after: dict[Slice, Sums], seed: int
) -> None:
    assert additive(before, after) == additive(shuffled(before, seed), shuffled(after, seed + 1))
    assert ratio(before, after) == ratio(shuffled(before, seed), shuffled(after, seed + 1))


@unhurried
@given(samples, samples, st.integers())
def test_the_order_of_the_samples_does_not_matter(
    before: dict[Slice, list[tuple[float, int]]], after: dict[Slice, list[tuple[float, int]]], seed: int
) -> None:
    turned = {each: sample[::-1] for each, sample in shuffled(before, seed).items()}
    assert quantile(0.5, before, after) == quantile(0.5, turned, shuffled(after, seed))


@unhurried
@given(sums, samples)
def test_when_nothing_changed_no_row_is_shown(
    window: dict[Slice, Sums], sample: dict[Slice, list[tuple[float, int]]]
) -> None:
    for found in (additive(window, window), ratio(window, window), quantile(0.95, sample, sample)):
        assert (found.rows, found.lead) == ((), None)
        assert found.rest is None or (found.rest.amount, found.rest.each) == (0, 0)


@unhurried
@given(
    st.dictionaries(st.sampled_from(EVERY), st.builds(Sums, st.integers(0, 99), st.integers(1, 999)), min_size=1),
    st.integers(2, 9),
)
def test_traffic_that_grows_everywhere_alike_moves_no_ratio(window: dict[Slice, Sums], times: int) -> None:
    grown = {each: Sums(own.amount * times, own.count * times) for each, own in window.items()}
    assert ratio(window, grown).rows == ()


def flat(amount: float = 100, count: float = 0) -> dict[Slice, Sums]:
    return dict.fromkeys(EVERY, Sums(amount, count))


def raised(window: dict[Slice, Sums], name: Name, by: float) -> dict[Slice, Sums]:
    held = members(name, list(window))
    return {each: Sums(own.amount + by, own.count) if each in held else own for each, own in window.items()}


@pytest.mark.parametrize(
    "cause",
    [("borealis", "opus", "eu-west-1"), (None, "llama", None), (None, "opus", "us-east-1"), ("acme", None, None),
     ("cobalt", "haiku", None), (None, None, "eu-west-1")],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("way", [1, -1])
def test_a_cause_is_found_under_the_name_that_says_it_shortest(cause: Name, way: int) -> None:
    noisy = {each: Sums(own.amount + Random(str(each)).choice((-1, 0, 1))) for each, own in flat().items()}
    found = additive(flat(), raised(noisy, cause, way * 50))
    assert found.rows[0].name == cause
    assert found.rows[0].slices == len(members(cause, EVERY))
    assert found.lead is not None
    assert found.lead[0] == 1


def test_two_causes_apart_are_two_rows() -> None:
    causes: list[Name] = [("borealis", "opus", "eu-west-1"), (None, "llama", None)]
    after = raised(raised(flat(), causes[0], 400), causes[1], 50)
    found = additive(flat(), after)
    assert names(found) == causes
    assert found.lead == (2, 1.0)
    assert found.rest == Rest(11, Fraction(0), Fraction(0))


def test_two_slices_that_happen_to_share_a_value_are_not_blamed_on_it() -> None:
    one, other = ("acme", "haiku", "us-east-1"), ("cobalt", "opus", "us-east-1")
    assert names(additive(flat(), raised(raised(flat(), one, 60), other, 50))) == [one, other]


def test_rises_and_falls_are_not_merged_into_one_row() -> None:
    after = raised(raised(flat(), ("acme", "opus", None), 80), ("borealis", "opus", None), -60)
    assert names(additive(flat(), after)) == [("acme", "opus", None), ("borealis", "opus", None)]


def test_the_slice_that_carries_two_thirds_of_a_group_names_the_row() -> None:
    large = ("acme", "opus", "us-east-1")
    found = additive(flat(), raised(raised(flat(), (None, "opus", None), 5), large, 95))
    assert found.rows[0].name == large


def test_a_dimension_with_one_value_names_nothing() -> None:
    only_acme = {each: own for each, own in flat().items() if each[0] == "acme"}
    found = additive(only_acme, raised(only_acme, ("acme", "opus", "us-east-1"), 9))
    assert names(found) == [(None, "opus", "us-east-1")]


def test_a_single_slice_keeps_its_whole_name() -> None:
    found = additive({("acme", "opus"): Sums(1)}, {("acme", "opus"): Sums(3)})
    assert (names(found), found.rest, found.lead) == ([("acme", "opus")], None, (1, 1.0))


def test_a_rest_of_one_slice_is_that_slice() -> None:
    before = {(name,): Sums(0) for name in "abcde"}
    found = additive(before, {(name,): Sums(own) for name, own in zip("abcde", (1, 2, 4, 8, 16), strict=True)})
    assert names(found) == [("e",), ("d",), ("c",), ("b",), ("a",)]
    assert found.rest is None


def test_the_rest_says_how_many_slices_and_the_most_that_one_of_them_does() -> None:
    before = {(str(i),): Sums(0) for i in range(10)}
    found = additive(before, {(str(i),): Sums((-2) ** i) for i in range(10)}, most=3)
    assert names(found) == [("9",), ("8",), ("7",)]
    assert found.rest == Rest(7, Fraction(43), Fraction(64))


def test_equal_contributions_go_by_name() -> None:
    assert names(additive({}, {(name,): Sums(1) for name in "dacb"})) == [("a",), ("b",), ("c",), ("d",)]


def test_no_number_of_rows_explains_a_change_that_cancels_out() -> None:
    found = additive(
        {("a",): Sums(100), ("b",): Sums(0), ("c",): Sums(0)}, {("a",): Sums(0), ("b",): Sums(99), ("c",): Sums(2)}
    )
    assert found.change == 1
    assert found.lead == (3, 1.0)
    assert additive({("a",): Sums(9)}, {("b",): Sums(9)}).lead is None


def note(found: Changes) -> tuple[Kind, float | None, float | None]:
    row: Row = found.rows[0]
    return row.note.kind, row.note.before, row.note.after


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Sums(20), Sums(30), (Kind.AMOUNT, 20, 30)),
        (Sums(20, 10), Sums(36, 18), (Kind.COUNT, 10, 18)),
        (Sums(20, 10), Sums(36, 10), (Kind.VALUE, 2, 3.6)),
        (Sums(0), Sums(30, 3), (Kind.AMOUNT, 0, 30)),
        (Sums(20, 10), Sums(0), (Kind.AMOUNT, 20, 0)),
    ],
)
def test_an_amount_says_whether_there_were_more_or_each_was_larger(
    before: Sums, after: Sums, said: tuple[Kind, float, float]
) -> None:
    assert note(additive({("a",): before}, {("a",): after})) == said


def test_a_ratio_says_whether_the_rate_or_the_share_moved_it() -> None:
    before = {("a",): Sums(2, 100), ("b",): Sums(0, 900)}
    assert note(ratio(before, {**before, ("a",): Sums(9, 100)})) == (Kind.VALUE, 0.02, 0.09)
    assert note(ratio(before, {**before, ("a",): Sums(6, 300)})) == (Kind.SHARE, 0.1, 0.25)
    assert note(ratio(before, {**before, ("c",): Sums(50, 250)})) == (Kind.SHARE, 0.0, 0.2)


def test_a_ratio_counts_a_slice_for_its_distance_from_the_mean() -> None:
    before = {("a",): Sums(10, 100), ("b",): Sums(10, 100)}
    assert ratio(before, {("a",): Sums(10, 100), ("b",): Sums(90, 900)}).rows == ()
    found = ratio(before, {("a",): Sums(30, 100), ("b",): Sums(10, 100)})
    assert [(row.name, row.amount) for row in found.rows] == [(("a",), Fraction(1, 10))]


def test_a_ratio_without_a_denominator_is_not_known_and_not_explained() -> None:
    found = ratio({("a",): Sums(0, 0)}, {("a",): Sums(1, 2)})
    assert (found.before, found.after, found.change, found.rows, found.slices) == (None, Fraction(1, 2), None, (), 1)


def test_a_quantile_without_a_sample_is_not_known_and_not_explained() -> None:
    found = quantile(0.95, {}, {("a",): [(0.5, 3)]})
    assert (found.before, found.after, found.change, found.rows) == (None, Fraction(1, 2), None, ())
    assert quantile(0.95, {}, {}).after is None


def test_the_only_slice_explains_the_whole_change_of_a_quantile() -> None:
    found = quantile(0.5, {("a",): [(1.0, 9)]}, {("a",): [(2.0, 9)]})
    assert (found.rows[0].amount, found.rest, note(found)) == (1, None, (Kind.VALUE, 1.0, 2.0))


def test_a_quantile_says_whether_the_slice_was_slower_or_there_was_more_of_it() -> None:
    fast, slow = [(0.1 + i / 1000, 10) for i in range(95)], [(2 + i / 100, 1) for i in range(40)]
    before = {("fast",): fast, ("slow",): slow}
    more = quantile(0.95, before, {("fast",): fast, ("slow",): [(value, 4) for value, _ in slow]})
    assert more.rows[0].name == ("slow",)
    assert note(more) == (Kind.SHARE, pytest.approx(40 / 990), pytest.approx(160 / 1110))
    slower = quantile(0.99, before, {("fast",): fast, ("slow",): [(value + 1, 1) for value, _ in slow]})
    assert note(slower) == (Kind.VALUE, pytest.approx(2.39), pytest.approx(3.39))


def test_a_slower_model_is_found_in_the_quantile_across_accounts_and_regions() -> None:
    chance = Random(7)

    def window(slower: float) -> dict[Slice, list[tuple[float, int]]]:
        return {
            each: [
                (round(chance.lognormvariate(0, 0.5) * (slower if each[1] == "llama" else 1), 3), 1) for _ in range(300)
            ]
            for each in EVERY
        }

    found = quantile(0.95, window(1), window(2))
    assert names(found)[0] == (None, "llama", None)
    assert found.lead is not None
    assert found.lead[0] == 1


def test_every_slice_is_a_part_those_that_contribute_most_first() -> None:
    before = {("a",): Sums(1), ("b",): Sums(5), ("c",): Sums(2)}
    found = additive(before, {("a",): Sums(1), ("b",): Sums(2), ("d",): Sums(4)})
    parts = [(each.slice, each.before, each.after, each.amount) for each in found.parts]
    assert parts == [(("d",), 0, 4, 4), (("b",), 5, 2, -3), (("c",), 2, 0, -2), (("a",), 1, 1, 0)]
    rates = ratio({("a",): Sums(1, 10)}, {("a",): Sums(2, 10), ("b",): Sums(3, 10)})
    assert {each.slice: (each.before, each.after) for each in rates.parts} == {("a",): (0.1, 0.2), ("b",): (None, 0.3)}
    assert sum(each.amount for each in rates.parts) == rates.change
    times = quantile(0.5, {("a",): [(1.0, 9)]}, {("a",): [(2.0, 9)], ("b",): [(4.0, 1)]})
    assert {each.slice: (each.before, each.after) for each in times.parts} == {("a",): (1.0, 2.0), ("b",): (None, 4.0)}


def test_a_slice_that_became_faster_while_it_slows_the_whole_says_its_share() -> None:
    fast = [(0.1 + i / 1000, 10) for i in range(100)]
    before = {("fast",): fast, ("slow",): [(3.0, 10)]}
    found = quantile(0.95, before, {("fast",): fast, ("slow",): [(2.5, 90)]})
    assert found.rows[0].name == ("slow",)
    assert found.rows[0].amount > 0
    assert found.rows[0].note.kind is Kind.SHARE


def test_slices_that_all_grow_alike_contribute_nothing_to_a_quantile() -> None:
    chance = Random(3)
    before = {each: [(round(chance.lognormvariate(0, 1), 3), 1) for _ in range(40)] for each in EVERY}
    found = quantile(0.95, before, {each: weighed(own, 3) for each, own in before.items()})
    assert (found.change, found.rows) == (0, ())
    assert all(each.amount == 0 for each in found.parts)
