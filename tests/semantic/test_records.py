"""Lists of requests: which orders there are, and how long one may be."""

from __future__ import annotations

import pytest

from fluxdash.errors import BadRequest
from fluxdash.semantic.records import MOST_RECORDS, Order, Record, limit, order


def test_an_order_is_known_by_its_name() -> None:
    assert [order("cost"), order("newest")] == list(Order)


@pytest.mark.parametrize("text", ["", "Cost", "oldest", "cost; DROP TABLE"])
def test_any_other_order_is_met_with_those_there_are(text: str) -> None:
    with pytest.raises(BadRequest, match="one of cost, newest"):
        order(text)


def test_an_order_that_was_misspelt_is_guessed() -> None:
    with pytest.raises(BadRequest, match=r"Did you mean 'newest'\?"):
        order("newst")


def test_a_list_has_at_least_one_row_and_at_most_two_hundred() -> None:
    assert (limit(1), limit(200)) == (1, MOST_RECORDS)
    for n in (0, -1, 201):
        with pytest.raises(BadRequest, match="from 1 to 200"):
            limit(n)


def test_of_a_request_nothing_but_its_time_need_be_known() -> None:
    bare = Record(1_795_003_200.25)
    assert {getattr(bare, name) for name in Record.__slots__ if name not in ("time", "estimated")} == {None}
