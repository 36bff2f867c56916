"""The cost bridge: an exact split that takes no side, and each pure change in its own part."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxdash.analysis.bridge import Bridge, Factor, Facts, Kind, Part, bridge
from fluxdash.analysis.shapley import shapley

MODELS, REGIONS = ("haiku", "opus", "sonnet"), ("eu-west-1", "us-east-1")
TINY = Decimal("1e-9")
unhurried = settings(deadline=None, max_examples=30)


@st.composite
def slices(draw: st.DrawFn, model: str, region: str) -> Facts:
    requests = draw(st.integers(1, 10**6))
    paid = requests - draw(st.integers(0, requests))
    used = [draw(st.integers(0, 5000)) * paid for _ in range(2)]
    prices = [Decimal(draw(st.integers(0, 10**5))).scaleb(-9) for _ in range(2)]
    costs = [tokens * price for tokens, price in zip(used, prices, strict=True)]
    return Facts(model, region, requests, sum(costs), requests - paid, used[0], used[1], costs[0])


@st.composite
def windows(draw: st.DrawFn, *, models: tuple[str, ...] = MODELS, least: int = 0) -> list[Facts]:
    places = [(model, region) for model in models for region in REGIONS]
    chosen = draw(st.lists(st.sampled_from(places), unique=True, min_size=least))
    return [draw(slices(*place)) for place in chosen]


def full(draw_from: tuple[str, ...] = MODELS) -> st.SearchStrategy[list[Facts]]:
    """Windows in which every slice has paid requests with tokens and a price, so that every rate is known."""

    def one(model: str, region: str) -> st.SearchStrategy[Facts]:
        return st.builds(
            lambda tens, *rest: priced(model, region, tens * 10, *rest),
            st.integers(1, 10**5), st.integers(0, 9), st.integers(1, 5000), st.integers(1, 5000),
            st.integers(1, 10**5), st.integers(1, 10**5),
        )  # fmt: skip

    return st.tuples(*(one(model, region) for model in draw_from for region in REGIONS)).map(list)


def priced(model: str, region: str, requests: int, tenths: int, into: int, out: int, low: int, high: int) -> Facts:
    paid = requests * (10 - tenths) // 10
    costs = [Decimal(paid * each * price).scaleb(-9) for each, price in ((into, low), (out, high))]
    return Facts(model, region, requests, sum(costs), requests - paid, into * paid, out * paid, costs[0])


def amounts(found: Bridge) -> dict[Factor, Decimal]:
    return {each.factor: each.amount for each in found.parts if each.amount is not None}


def part(found: Bridge, factor: Factor) -> Part:
    return next(each for each in found.parts if each.factor is factor)


def cost(window: list[Facts]) -> Decimal:
    return sum((Decimal(str(each.cost)) for each in window), Decimal(0))


def scaled(each: Facts, *, volume: int = 1, tokens: int = 1, price: int = 1) -> Facts:
    assert each.hits is not None
    assert each.input_tokens is not None
    assert each.output_tokens is not None
    assert each.input_cost is not None
    times = volume * tokens
    return Facts(
        each.model,
        each.region,
        each.requests * volume,
        Decimal(each.cost) * times * price,
        each.hits * volume,
        each.input_tokens * times,
        each.output_tokens * times,
        Decimal(each.input_cost) * times * price,
    )


def only(found: Bridge, factor: Factor) -> bool:
    others = {name: amount for name, amount in amounts(found).items() if name is not factor}
    return not any(others.values()) and abs(amounts(found)[factor] - (found.after - found.before)) < TINY


@unhurried
@given(windows(), windows())
def test_the_parts_add_up_to_the_change_exactly_and_to_the_cent(before: list[Facts], after: list[Facts]) -> None:
    found = bridge(before, after)
    assert abs(sum(amounts(found).values()) - (cost(after) - cost(before))) < TINY
    assert sum(each.cents or 0 for each in found.parts) == found.cents
    assert abs(found.cents - (found.after - found.before) * 100) <= Decimal("0.5")
    assert all(abs((each.cents or 0) - (each.amount or 0) * 100) < 1 for each in found.parts)
    assert [each.factor for each in found.parts] == list(Factor)


@unhurried
@given(windows(), windows())
def test_swapping_the_windows_turns_every_sign(before: list[Facts], after: list[Facts]) -> None:
    there, back = bridge(before, after), bridge(after, before)
    for one, other in zip(there.parts, back.parts, strict=True):
        assert abs((one.amount or 0) + (other.amount or 0)) < TINY
        assert (one.cents or 0) == -(other.cents or 0)
        if one.note and other.note:
            assert (one.note.kind, one.note.subject) == (other.note.kind, other.note.subject)
            assert (one.note.before, one.note.after) == (other.note.after, other.note.before)


def test_what_is_equal_but_for_the_last_digit_is_named_the_same_both_ways() -> None:
    def window(many: int, twice: str) -> list[Facts]:
        haiku = [
            Facts("haiku", region, 1 + (region == twice), Decimal("2e-9"), 0, 0, 2, Decimal(0)) for region in REGIONS
        ]
        places = [(model, region) for model in ("opus", "sonnet") for region in REGIONS]
        return haiku + [
            Facts(*place, many if place == ("opus", "eu-west-1") else 1, Decimal(0), 0, 0, 0, Decimal(0))
            for place in places
        ]

    before, after = window(1, "us-east-1"), window(17, "eu-west-1")
    there, back = bridge(before, after), bridge(after, before)
    for one, other in zip(there.parts, back.parts, strict=True):
        assert one.note is not None
        assert other.note is not None
        assert (one.note.kind, one.note.subject) == (other.note.kind, other.note.subject)


@unhurried
@given(windows())
def test_nothing_changed_is_zero_in_every_part(window: list[Facts]) -> None:
    assert not any(amounts(bridge(window, window)).values())
    assert {each.cents for each in bridge(window, window).parts} == {0}


@unhurried
@given(windows(), windows(), st.permutations(MODELS), st.randoms())
def test_names_order_and_pieces_do_not_matter(
    before: list[Facts], after: list[Facts], names: list[str], chance
) -> None:
    called = dict(zip(MODELS, names, strict=True))

    def told_otherwise(window: list[Facts]) -> list[Facts]:
        renamed = [replace(each, model=called[each.model]) for each in window]
        pieces = [*renamed, *(Facts(each.model, each.region, 0, 0, 0, 0, 0, 0) for each in renamed)]
        chance.shuffle(pieces)
        return pieces

    plain, otherwise = bridge(before, after), bridge(told_otherwise(before), told_otherwise(after))
    for factor, amount in amounts(plain).items():
        assert abs(amount - amounts(otherwise)[factor]) < TINY


@unhurried
@given(full(), full())
def test_a_small_change_of_the_facts_moves_the_parts_a_little(before: list[Facts], after: list[Facts]) -> None:
    nearly = [replace(each, requests=each.requests * (1 + 1e-9)) for each in after]
    spent = float(cost(before) + cost(after))
    for factor, amount in amounts(bridge(before, nearly)).items():
        assert abs(amount - amounts(bridge(before, after))[factor]) <= spent * 1e-6


@unhurried
@given(windows(least=1), st.integers(2, 9))
def test_more_requests_alone_are_volume(window: list[Facts], times: int) -> None:
    assert only(bridge(window, [scaled(each, volume=times) for each in window]), Factor.VOLUME)


@unhurried
@given(windows(least=1), st.integers(2, 9))
def test_more_tokens_a_request_alone_are_tokens(window: list[Facts], times: int) -> None:
    assert only(bridge(window, [scaled(each, tokens=times) for each in window]), Factor.TOKENS)


@unhurried
@given(windows(least=1), st.integers(2, 9))
def test_a_raised_price_alone_is_price(window: list[Facts], times: int) -> None:
    assert only(bridge(window, [scaled(each, price=times) for each in window]), Factor.PRICE)


@unhurried
@given(full(), st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_hits_alone_are_cache(window: list[Facts], tenths: list[int]) -> None:
    def cached(each: Facts, tenth: int) -> Facts:
        paid = each.requests - (each.hits or 0)
        share = Fraction(int(each.requests) * (10 - tenth), 10) / Fraction(paid)
        kept = scaled(each)
        return replace(
            kept,
            hits=each.requests * tenth / 10,
            cost=_times(kept.cost, share),
            input_tokens=float((each.input_tokens or 0) * share),
            output_tokens=float((each.output_tokens or 0) * share),
            input_cost=_times(kept.input_cost or 0, share),
        )

    after = [cached(each, tenth) for each, tenth in zip(window, tenths, strict=True)]
    found = bridge(window, after)
    others = [amount for factor, amount in amounts(found).items() if factor is not Factor.CACHE]
    assert all(abs(each) < Decimal("1e-6") for each in others)


def _times(amount: Decimal | float, share: Fraction) -> Decimal:
    exact = Fraction(Decimal(str(amount))) * share
    return Decimal(exact.numerator) / Decimal(exact.denominator)


@unhurried
@given(full(), st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_another_mix_of_models_alone_is_mix_and_volume(window: list[Facts], times: list[int]) -> None:
    grown = dict(zip(MODELS, times, strict=True))
    found = amounts(bridge(window, [scaled(each, volume=grown[each.model]) for each in window]))
    assert not any((found[Factor.TOKENS], found[Factor.PRICE], found[Factor.CACHE]))
    assert found[Factor.VOLUME] >= 0


def test_the_same_number_of_requests_on_a_dearer_model_is_mix() -> None:
    cheap, dear = (
        priced("haiku", "us-east-1", 900, 0, 100, 100, 10, 10),
        priced("opus", "us-east-1", 100, 0, 100, 100, 900, 900),
    )
    after = [
        priced("haiku", "us-east-1", 100, 0, 100, 100, 10, 10),
        priced("opus", "us-east-1", 900, 0, 100, 100, 900, 900),
    ]
    found = bridge([cheap, dear], after)
    assert only(found, Factor.MIX)
    note = part(found, Factor.MIX).note
    assert note is not None
    assert (note.kind, note.subject, note.before, note.after) == (Kind.SHARE, ("opus",), 0.1, 0.9)


def test_a_move_to_a_dearer_region_is_price_and_region() -> None:
    def split(west: int) -> list[Facts]:
        return [
            priced("opus", "us-east-1", 1000 - west, 0, 100, 100, 100, 100),
            priced("opus", "eu-west-1", west, 0, 100, 100, 110, 110),
        ]

    found = bridge(split(100), split(500))
    assert only(found, Factor.PRICE)
    note = part(found, Factor.PRICE).note
    assert note is not None
    assert (note.kind, note.before, note.after) == (
        Kind.REGION,
        *((0.9, 0.5) if "us-east-1" in note.subject else (0.1, 0.5)),
    )


def test_a_new_price_names_the_model_the_region_and_what_was_dearer() -> None:
    before, after = (
        priced("opus", "us-east-1", 100, 0, 50, 20, 10, 40),
        priced("opus", "us-east-1", 100, 0, 50, 20, 10, 80),
    )
    note = part(bridge([before], [after]), Factor.PRICE).note
    assert note is not None
    assert (note.kind, note.subject, note.before, note.after) == (
        Kind.PRICE,
        ("opus", "us-east-1", "output"),
        40e-9,
        80e-9,
    )


@unhurried
@given(windows(models=("haiku",), least=1), windows(models=("opus",), least=1))
def test_a_new_model_is_mix_and_volume(there: list[Facts], new: list[Facts]) -> None:
    found = amounts(bridge(there, [*there, *new]))
    assert not any((found[Factor.TOKENS], found[Factor.PRICE], found[Factor.CACHE]))


@unhurried
@given(windows(least=1))
def test_against_an_empty_window_everything_is_volume(window: list[Facts]) -> None:
    assert only(bridge([], window), Factor.VOLUME)
    assert only(bridge(window, []), Factor.VOLUME)


def test_two_empty_windows_have_no_change_and_say_nothing() -> None:
    found = bridge([], [])
    assert (found.cents, {each.amount for each in found.parts}, {each.note for each in found.parts}) == (
        0,
        {Decimal(0)},
        {None},
    )


def test_a_model_in_a_new_region_is_price_and_region() -> None:
    here, there = priced("opus", "us-east-1", 100, 0, 9, 9, 10, 10), priced("opus", "eu-west-1", 100, 2, 30, 7, 80, 90)
    assert only(bridge([here], [there]), Factor.PRICE)


def test_a_slice_that_only_hits_any_more_is_cache() -> None:
    before = priced("opus", "us-east-1", 100, 0, 50, 20, 10, 40)
    assert only(bridge([before], [Facts("opus", "us-east-1", 100, 0, 100, 0, 0, 0)]), Factor.CACHE)


def test_failures_use_no_tokens_and_so_are_fewer_tokens_per_request() -> None:
    before = priced("opus", "us-east-1", 100, 0, 50, 20, 10, 40)
    assert only(bridge([before], [Facts("opus", "us-east-1", 100, 0, 0, 0, 0, 0)]), Factor.TOKENS)


def test_a_request_that_got_a_price_is_price() -> None:
    after = priced("opus", "us-east-1", 100, 0, 50, 20, 10, 40)
    assert only(bridge([replace(after, cost=0, input_cost=0)], [after]), Factor.PRICE)


@unhurried
@given(windows(), windows())
def test_what_is_not_reported_has_no_part_and_the_rest_still_adds_up(before: list[Facts], after: list[Facts]) -> None:
    nobody = Facts("opus", "us-east-1", 1, 0)
    for lost, gone in (("hits", Factor.CACHE), ("input_tokens", Factor.TOKENS)):
        found = bridge(before, [replace(each, **{lost: None}) for each in [*after, nobody]])
        assert part(found, gone).amount is part(found, gone).cents is None
        assert abs(sum(amounts(found).values()) - (cost(after) - cost(before))) < TINY
        assert sum(each.cents or 0 for each in found.parts) == found.cents


def test_without_the_cost_of_input_a_shift_from_input_to_output_counts_as_price() -> None:
    before, after = (
        priced("opus", "us-east-1", 100, 0, 50, 20, 10, 40),
        priced("opus", "us-east-1", 100, 0, 20, 50, 10, 40),
    )
    assert only(bridge([before], [after]), Factor.TOKENS)
    found = bridge([replace(before, input_cost=None)], [replace(after, input_cost=None)])
    assert found.blended
    assert only(found, Factor.PRICE)


@unhurried
@given(windows(least=1), st.integers(2, 9))
def test_pure_changes_keep_their_place_without_the_cost_of_input(window: list[Facts], times: int) -> None:
    plain = [replace(each, input_cost=None) for each in window]
    for change, factor in (("volume", Factor.VOLUME), ("tokens", Factor.TOKENS), ("price", Factor.PRICE)):
        after = [replace(scaled(each, **{change: times}), input_cost=None) for each in window]
        assert only(bridge(plain, after), factor)


@unhurried
@given(windows(), windows(), st.integers(0, 9))
def test_facts_that_contradict_each_other_still_add_up(before: list[Facts], after: list[Facts], hits: int) -> None:
    odd = [replace(each, hits=each.requests + hits, cost=Decimal(each.cost) + 1, output_tokens=0) for each in after]
    odd += [Facts("ghost", "nowhere", 0, -2.5, 0, 0, 0, 0)]
    found = bridge(before, odd)
    assert abs(sum(amounts(found).values()) - (cost(odd) - cost(before))) < TINY
    assert sum(each.cents or 0 for each in found.parts) == found.cents


def test_cents_go_where_rounding_erred_most() -> None:
    before = [Facts(str(i), "r", 1, 0, 0, 1, 0, 0) for i in range(2)]
    after = [Facts("0", "r", 1, 0.004, 0, 1, 0, 0.004), Facts("1", "r", 2, 0.003, 0, 2, 0, 0.003)]
    found = bridge(before, after)
    assert found.cents == 1
    assert [each.cents for each in found.parts] == [0, 0, 0, 1, 0]


def test_money_in_floats_is_taken_as_written() -> None:
    found = bridge([], [Facts("a", "r", 1, 0.1), Facts("b", "r", 1, 0.2)])
    assert (found.after, found.cents) == (Decimal("0.3"), 30)


def test_what_floats_leave_of_a_cost_is_no_cost_of_input() -> None:
    """A slice that was asked without input tokens: its cost is all of output, whichever engine added it up."""
    after = [Facts("llama", "us-east-1", 3, 1.549303, 0, 1678.0, 1505.0, 0.766871271)]
    exact, summed = (
        amounts(bridge([Facts("llama", "us-east-1", 1, cost, 0, 0.0, 2167.0, 0.0)], after))
        for cost in (0.16501705, 0.16501704999999997)
    )
    assert all(abs(exact[each] - summed[each]) < TINY for each in Factor)


@unhurried
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=5, max_size=5))
def test_the_closed_form_is_the_mean_over_all_orders(pairs: list[tuple[int, int]]) -> None:
    added = [Fraction(0)] * 5
    for order in permutations(range(5)):
        at = [a for a, _ in pairs]
        for i in order:
            value = prod(at)
            at[i] = pairs[i][1]
            added[i] += prod(at) - value
    found = shapley(*([Decimal(each) for each in side] for side in zip(*pairs, strict=True)))
    assert [float(each) for each in found] == pytest.approx([float(each / 120) for each in added], abs=1e-9)


@unhurried
@given(full(("haiku", "opus")), full(("haiku", "opus")))
def test_the_parts_are_those_of_32_evaluations_of_the_model(before: list[Facts], after: list[Facts]) -> None:
    """The same split computed the long way: the whole model evaluated with each set of factors changed."""
    sides = [_rates(before), _rates(after)]

    def spent(changed: frozenset[int]) -> Fraction:
        volume, mix, tokens, price, cache = (sides[i in changed] for i in range(5))
        return sum(
            (
                volume["n"] * mix["mix", m] * price["share", m, r] * cache["paid", m, r]
                * tokens["tokens", m, r, k] * price["price", m, r, k]
                for m in ("haiku", "opus") for r in REGIONS for k in (0, 1)
            ),
            Fraction(0),
        )  # fmt: skip

    values = {changed: spent(changed) for n in range(32) for changed in [frozenset(i for i in range(5) if n >> i & 1)]}
    found = amounts(bridge(before, after))
    for i, factor in enumerate(Factor):
        mean = sum(
            values[frozenset(order[: at + 1])] - values[frozenset(order[:at])]
            for order in permutations(range(5)) for at in [order.index(i)]
        ) / Fraction(120)  # fmt: skip
        assert float(found[factor]) == pytest.approx(float(mean), rel=1e-12, abs=1e-12)


def _rates(window: list[Facts]) -> dict:
    rates: dict = {"n": Fraction(sum(int(each.requests) for each in window))}
    for each in window:
        of_model = sum(int(other.requests) for other in window if other.model == each.model)
        m, r, paid = each.model, each.region, int(each.requests - (each.hits or 0))
        rates["mix", m] = of_model / rates["n"]
        rates["share", m, r] = Fraction(int(each.requests), of_model)
        rates["paid", m, r] = Fraction(paid, int(each.requests))
        costs = (Fraction(Decimal(each.input_cost or 0)), Fraction(Decimal(each.cost) - Decimal(each.input_cost or 0)))
        for k, (used, spent) in enumerate(zip((each.input_tokens, each.output_tokens), costs, strict=True)):
            rates["tokens", m, r, k] = Fraction(int(used or 0), paid)
            rates["price", m, r, k] = spent / int(used or 0)
    return rates
