"""A scope is canonical, and what a viewer sees is never more than granted nor more than asked for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, ERROR_TYPE, MODEL, REGION, STATUS
from fluxdash.semantic.measures import COST, ERROR_RATE, REQUESTS
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import Window

WINDOW = Window.last(3600, 1_795_003_200)
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
accounts = st.sampled_from("abcdef")
some = st.lists(accounts, min_size=1, max_size=6)
granted = st.frozensets(accounts)


def seen(scope: Scope) -> set[str] | None:
    """The accounts that the selection lets pass; None for all of them."""
    if scope.selection is None:
        return set()
    return next((set(each.values) for each in scope.selection if each.dimension == ACCOUNT), None)


@given(st.lists(names, min_size=1, max_size=6), st.randoms())
def test_a_filter_is_the_same_however_its_values_are_ordered_or_repeated(values: list[str], random: object) -> None:
    assert Filter.of(MODEL, values) == Filter.of(MODEL, list(reversed(values)) + values[:1])
    assert hash(Filter.of(MODEL, values)) == hash(Filter.of(MODEL, tuple(reversed(values))))


def test_scopes_that_mean_the_same_are_equal_and_hash_alike() -> None:
    filters = (Filter.of(ACCOUNT, ["x"]), Filter.of(MODEL, ["m", "n"]), Filter.of(REGION, ["r"]))
    scopes = {Scope(WINDOW, tuple(order)) for order in itertools.permutations(filters)}
    assert scopes == {Scope(WINDOW, filters)}
    assert len({hash(each) for each in scopes}) == 1


def test_scopes_that_differ_are_different_cache_keys() -> None:
    scope = Scope(WINDOW, (Filter.of(ACCOUNT, ["x"]),))
    others = [
        Scope(WINDOW),
        Scope(WINDOW, (Filter.of(MODEL, ["x"]),)),
        Scope(WINDOW, (Filter.of(ACCOUNT, ["x", "y"]),)),
        Scope(WINDOW.previous(), scope.filters),
        Scope(WINDOW, scope.filters, Grant(frozenset({"x"}))),
        Scope(WINDOW, scope.filters, Grant(frozenset())),
    ]
    assert len({COST.total().within(each) for each in [scope, *others]}) == 7


def test_two_filters_on_one_dimension_are_refused() -> None:
    with pytest.raises(BadRequest, match="each dimension once"):
        Scope(WINDOW, (Filter.of(MODEL, ["a"]), Filter.of(MODEL, ["b"])))


@pytest.mark.parametrize("value", ["", "\x00", "a\nb", "a\tb", "x" * 256, "\ud800", "\u200b"])
def test_a_value_no_gateway_could_have_written_is_refused(value: str) -> None:
    with pytest.raises(BadRequest, match="printable"):
        Filter.of(MODEL, ["fine", value])


@pytest.mark.parametrize("value", [".*", "a|b", 'acme"} or x{a=~".+', "a\\", "`", "{{", "😀", "x' OR 1=1--", " "])
def test_a_value_that_only_looks_dangerous_is_taken_as_it_is(value: str) -> None:
    assert Filter.of(ACCOUNT, [value]).values == (value,)


def test_a_filter_without_values_is_refused() -> None:
    with pytest.raises(BadRequest, match="1 to 100 values"):
        Filter.of(MODEL, [])


def test_without_a_grant_of_their_own_everybody_sees_what_is_filtered() -> None:
    assert Scope(WINDOW).selection == ()
    assert EVERY_ACCOUNT.accounts is None


def test_a_grant_narrows_a_scope_that_asks_for_everything() -> None:
    scope = Scope(WINDOW, (Filter.of(MODEL, ["m"]),), Grant(frozenset({"b", "a"})))
    assert scope.selection == (Filter(ACCOUNT, ("a", "b")), Filter(MODEL, ("m",)))


def test_an_empty_grant_leaves_nothing_to_be_asked() -> None:
    assert Scope(WINDOW, (), Grant(frozenset())).selection is None
    assert Scope(WINDOW, (Filter.of(ACCOUNT, ["a"]),), Grant(frozenset({"b"}))).selection is None


def test_an_empty_account_in_a_grant_is_no_account() -> None:
    """`account_id=""` would select every series without an account."""
    assert Scope(WINDOW, (), Grant(frozenset({""}))).selection is None
    assert Scope(WINDOW, (), Grant(frozenset({"", "a"}))).selection == (Filter(ACCOUNT, ("a",)),)


@given(st.none() | some, st.none() | granted)
def test_what_is_seen_is_never_more_than_granted_nor_than_asked_for(
    asked: list[str] | None, grant: frozenset[str] | None
) -> None:
    scope = Scope(WINDOW, (Filter.of(ACCOUNT, asked),) if asked else (), Grant(grant))
    visible = seen(scope)
    if visible is None:
        assert asked is None
        assert grant is None
    else:
        assert asked is None or visible <= set(asked)
        assert grant is None or visible <= grant
        assert visible == (set(asked) if asked else set("abcdef")) & (grant if grant is not None else set("abcdef"))


@given(st.none() | some, granted, granted)
def test_a_revocation_never_shows_more(asked: list[str] | None, grant: frozenset[str], kept: frozenset[str]) -> None:
    filters = (Filter.of(ACCOUNT, asked),) if asked else ()
    before, after = (seen(Scope(WINDOW, filters, Grant(each))) for each in (grant, grant & kept))
    assert after is not None
    assert before is not None
    assert after <= before


def test_another_window_keeps_filters_and_grant() -> None:
    scope = Scope(WINDOW, (Filter.of(MODEL, ["m"]),), Grant(frozenset({"a"})))
    before = scope.previous()
    assert (before.window, before.filters, before.grant) == (WINDOW.previous(), scope.filters, scope.grant)
    assert scope.on(before.window) == before


def test_a_filter_is_left_out_for_the_dimension_it_offers_choices_of() -> None:
    scope = Scope(WINDOW, tuple(Filter.of(each, ["v"]) for each in DIMENSIONS))
    assert [each.dimension for each in scope.without(MODEL).filters] == [each for each in DIMENSIONS if each != MODEL]


def test_a_condition_goes_with_the_filter_on_the_same_column() -> None:
    held = (condition("latency:ge:2"), condition("model:starts:claude"))
    scope = Scope(WINDOW, (Filter.of(MODEL, ["m"]),), conditions=held)
    assert scope.without(MODEL) == Scope(WINDOW, conditions=held[:1])
    assert scope.previous().conditions == scope.on(WINDOW).conditions == held
    assert scope.told == ("model = m", "Latency ≥ 2 s", "Model starts with claude")


def test_a_rate_is_left_alone_by_a_condition_on_what_it_judges_by() -> None:
    held = (condition("latency:ge:2"), condition("status:not:success"))
    rate = ERROR_RATE.over_time().within(Scope(WINDOW, (Filter.of(ERROR_TYPE, ["x"]),), conditions=held))
    assert rate.judged == (STATUS, ERROR_TYPE)
    assert rate.fair().scope == Scope(WINDOW, conditions=held[:1])
    assert REQUESTS.total().within(Scope(WINDOW, conditions=held)).judged == ()
