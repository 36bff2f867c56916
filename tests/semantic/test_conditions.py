"""Conditions: what an address says comes back the same, and what no column, operator or value is, is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.conditions import (
    FIELDS,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    OPS,
    Condition,
    Op,
    condition,
    together,
)

PAIRS = [(field, op) for field in FIELDS for op in Op]
FITTING = [(field, op) for field, op in PAIRS if not field.refuses(op)]
LINES = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" :%_"), min_size=1, max_size=60)
NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=4).map(str).filter(lambda text: "E" not in text)


@st.composite
def held(draw: st.DrawFn) -> Condition:
    field, op = draw(st.sampled_from(FITTING))
    value = draw(NUMBERS if field.numeric else LINES.map(str.strip).filter(bool))
    return Condition(field, op, "" if op.is_bare else value)


@given(held())
def test_a_condition_comes_back_from_the_word_of_its_address(one: Condition) -> None:
    assert condition(str(one)) == one


@given(st.lists(held(), max_size=MOST_CONDITIONS), st.randoms())
def test_conditions_that_mean_the_same_are_equal_whatever_their_order(found: list[Condition], order: object) -> None:
    mixed = [*found, *found]
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert together(found) == together(mixed)
    assert set(together(found)) == set(found)


@given(st.text())
def test_any_text_is_a_condition_or_a_bad_request(text: str) -> None:
    with suppress(BadRequest):
        assert condition(str(condition(text))) == condition(text)


def test_a_condition_is_told_as_people_say_it() -> None:
    assert condition("latency:ge:2.5").said == "Latency ≥ 2.5 s"
    assert condition("status:not:success").said == "Status not success"
    assert condition("strategy:unknown").said == "Strategy is unknown"
    assert condition("error:contains:a:b").said == "Error message contains a:b"


def test_what_takes_no_value_has_none_whatever_follows_it() -> None:
    assert str(condition("region:known:x")) == "region:known"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a column"),
        ("latncy:ge:1", "Did you mean 'latency'"),
        ("metadata:is:x", "a column"),
        ("id; DROP TABLE x:is:1", "a column"),
        ("status", "an operator"),
        ("status:like:x", "an operator"),
        ("status:contain:x", "Did you mean 'contains'"),
        ("status:ge:1", "numbers only"),
        ("latency:contains:1", "texts only"),
        ("latency:ge:", "a number"),
        ("latency:ge:fast", "a number"),
        ("latency:ge:1e9", "a number"),
        ("latency:ge:nan", "a number"),
        ("latency:ge:1 OR 1=1", "a number"),
        ("latency:ge:١", "a number"),
        (f"cost:is:{'9' * 13}", "a number"),
        ("status:is:", "printable characters"),
        ("status:is:   ", "printable characters"),
        ("status:is:a\x00b", "printable characters"),
        ("status:is:a\nb", "printable characters"),
        ("status:is:\ud800", "printable characters"),
        (f"error:contains:{'x' * (LONGEST_VALUE + 1)}", "printable characters"),
    ],
)
def test_what_is_no_condition_is_refused_with_what_is_allowed(text: str, told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        condition(text)


def test_twenty_conditions_hold_together_and_no_more() -> None:
    many = [condition(f"error:contains:{i}") for i in range(MOST_CONDITIONS + 1)]
    assert len(together(many[:-1])) == MOST_CONDITIONS
    with pytest.raises(BadRequest, match="at most 20"):
        together(many)


def test_an_operator_fits_every_column_of_a_kind_or_none() -> None:
    for op in Op:
        for numeric in (False, True):
            assert len({each.refuses(op) for each in FIELDS if each.numeric is numeric}) == 1
    assert set(OPS) == set(Op)
