"""Places and orders of the log: what was given comes back the same, and nothing else is taken."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.leaves import By, Leafing, Place, place

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=64)
LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=64)
VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False) | LETTERS


def cursor(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@given(st.datetimes(), KEYS, VALUES)
def test_a_place_comes_back_from_its_cursor_to_the_last_digit(time: Any, key: str, value: float | str | None) -> None:
    if time.year > 1:
        given_out = Place(str(time), key, value)
        assert place(str(given_out)) == given_out
        assert str(given_out).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "wrong",
    [
        "", "?", "a", "ü", "A" * 2000,
        cursor({}), cursor(None), cursor([]), cursor(["2026-11-18 12:00:00", "k"]), cursor(7),
        cursor(["2026-11-18 12:00:00", "k", None, None]),
        cursor(["2026-11-18 12:00:00'; DROP TABLE x", "k", None]),
        cursor(["9999-12-31T23:59:59.999999999Z", "k", None]), cursor(["0001-01-01 00:00:00+23:59", "k", None]),
        cursor(["2026-99-18 12:00:00", "k", None]), cursor(["now", "k", None]), cursor([1, "k", None]),
        cursor(["2026-11-18 12:00:00", 7, None]), cursor(["2026-11-18 12:00:00", "k\x00", None]),
        cursor(["2026-11-18 12:00:00", "k" * 300, None]), cursor(["2026-11-18 12:00:00", "\ud800", None]),
        cursor(["2026-11-18 12:00:00", "k", True]), cursor(["2026-11-18 12:00:00", "k", "x" * 65]),
        cursor(["2026-11-18 12:00:00", "k", "\x00"]), cursor(["2026-11-18 12:00:00", "k", "\ud800"]),
        cursor(["2026-11-18 12:00:00", "k", [1]]), cursor(["2026-11-18 12:00:00", "k", {}]),
        cursor(["2026-11-18 12:00:00", "k", float("inf")]), cursor(["2026-11-18 12:00:00", "k", float("nan")]),
    ],
)  # fmt: skip
def test_what_was_never_given_out_is_refused(wrong: str) -> None:
    with pytest.raises(BadRequest):
        place(wrong)


def test_an_order_is_one_of_those_there_are() -> None:
    assert Leafing.of("cost", True) == Leafing(By.COST, True)
    with pytest.raises(BadRequest, match="Did you mean 'latency'"):
        Leafing.of("latncy")


@pytest.mark.parametrize("text", ["a" * 201, "a\x00b", "a\nb", "\ud800"])
def test_a_search_is_a_short_line_of_text(text: str) -> None:
    with pytest.raises(BadRequest):
        Leafing.of(find=text)


def test_a_reading_goes_on_where_it_has_looked_up_to_and_tells_no_row_twice() -> None:
    assert Leafing(find="x").onward(1_795_003_200) == Leafing(find="x", at=1_795_003_199.999999)
    assert Leafing(ascending=True).onward(1_795_003_200) == Leafing(ascending=True, at=1_795_003_200.0)


def test_a_moment_to_begin_at_is_for_the_order_of_time_alone() -> None:
    assert Leafing.of(at=5.0).at == 5.0
    assert Leafing.of("cost", at=5.0).at is None
