"""A trace's id: one number, however it is spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.traceid import TraceId

digits = st.text("0123456789abcdef", min_size=1, max_size=32).filter(lambda text: text.strip("0"))


@pytest.mark.parametrize(
    "spelling",
    [
        "6be6b035a532b488",
        "6BE6B035A532B488",
        "00000000000000006be6b035a532b488",
        "00006be6b035a532b488",
        " 6be6b035a532b488\n",
    ],
)
def test_every_spelling_of_an_id_is_the_same_id(spelling: str) -> None:
    assert TraceId.pasted(spelling) == TraceId.pasted("6be6b035a532b488")
    assert len({TraceId.pasted(spelling), TraceId.pasted("6be6b035a532b488")}) == 1


def test_an_id_is_shown_as_it_was_given_and_asked_for_in_full() -> None:
    short = TraceId.pasted("6BE6B035A532B488")
    assert (str(short), short.padded) == ("6be6b035a532b488", "00000000000000006be6b035a532b488")


def test_people_read_as_many_digits_as_an_id_needs_and_not_the_zeros_before_them() -> None:
    assert TraceId("00000000000000006BE6B035A532B488").shown == "6be6b035a532b488"
    assert TraceId("be6b035a532b488").shown == "0be6b035a532b488"
    assert TraceId("1be6b035a532b4881").shown == "0000000000000001be6b035a532b4881"


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "1234567", "0" * 32, "0" * 16, "../api/services", "%2e%2e%2fapi", "4bf92f35?x=1", "4bf92f35#",
        "g" * 32, "4bf92f35/../..", "a" * 33, "4bf9 2f35", "4bf92f35\x00", "４bf92f35", "4bf92f35\nabc",
        "javascript:alert(1)", "4bf92f3577b34da6a3ce929d0e0e4736\u200b",
    ],
)  # fmt: skip
def test_what_is_no_id_is_refused_before_anybody_is_asked(text: str) -> None:
    with pytest.raises(BadRequest):
        TraceId.pasted(text)


def test_a_log_may_hold_shorter_ids_and_what_is_none() -> None:
    assert TraceId.known("AB12") == TraceId.known("0000ab12")
    assert [TraceId.known(text) for text in (None, "", "  ", "0", "cmpl-123", "a" * 33)] == [None] * 6


def test_the_first_digits_are_the_beginning_of_an_id_in_any_of_its_spellings() -> None:
    whole = TraceId("00000000000000006be6b035a532b488")
    assert TraceId.pasted("6be6b035").begins(whole)
    assert TraceId.pasted("000000006be6b035a532b488").begins(whole) is False  # neither 32 digits nor 16 begin so
    assert not TraceId.pasted("a532b488").begins(whole)


@given(digits)
def test_all_spellings_of_an_id_are_found_by_each_other(text: str) -> None:
    trace_id = TraceId(text)
    assert {TraceId(spelling) for spelling in trace_id.spellings} == {trace_id}
    assert all(spelling in trace_id.spellings for spelling in (trace_id.padded, text.lower().lstrip("0")))


@given(digits, digits)
def test_ids_are_equal_when_they_are_the_same_number(one: str, other: str) -> None:
    assert (TraceId(one) == TraceId(other)) == (int(one, 16) == int(other, 16))
