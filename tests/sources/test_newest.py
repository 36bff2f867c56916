"""The newest of many, from stores that pick as they like."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.sources.caller import TooLarge
from fluxdash.sources.newest import newest

Pick = Callable[[list[int], int], list[int]]

PICKS: dict[str, Pick] = {
    "the newest": lambda times, n: sorted(times)[-n:],
    "the oldest": lambda times, n: sorted(times)[:n],
    "any": lambda times, n: random.Random(7).sample(times, min(n, len(times))),
}


class Store:
    """Holds moments; `most` of them make an answer that is too large."""

    def __init__(self, times: list[int], pick: Pick, most: int = 10**9) -> None:
        self.times, self.pick, self.most = times, pick, most
        self.asked = 0

    def fetch(self, start: int, end: int, n: int) -> list[int]:
        self.asked += 1
        found = self.pick([each for each in self.times if start <= each < end], n)
        if len(found) > self.most:
            raise TooLarge("Jaeger", "answered more than may be read")
        return found


def test_few_come_with_one_question() -> None:
    store = Store([1, 5, 9], PICKS["the newest"])
    assert newest(store.fetch, lambda each: each, 0, 10, 5).items == (9, 5, 1)
    assert store.asked == 1


@pytest.mark.parametrize("name", PICKS)
def test_of_many_the_newest_come_whichever_the_store_likes_best(name: str) -> None:
    store = Store(list(range(1000)), PICKS[name])
    found = newest(store.fetch, lambda each: each, 0, 1000, 200)
    assert found.sure
    assert found.items == tuple(reversed(range(found.edge, 1000)))
    assert 60 <= len(found.items) <= 200
    assert store.asked <= 5


def test_who_shows_the_newest_first_is_asked_twice_and_gives_as_many_as_were_wanted() -> None:
    store = Store(list(range(1000)), PICKS["the newest"])
    assert len(newest(store.fetch, lambda each: each, 0, 1000, 200).items) == 200
    assert store.asked == 2


def test_an_answer_that_is_too_large_is_asked_for_in_parts() -> None:
    store = Store(list(range(1000)), PICKS["the newest"], most=80)
    found = newest(store.fetch, lambda each: each, 0, 1000, 200)
    assert (found.sure, found.items) == (True, tuple(reversed(range(found.edge, 1000))))
    assert len(found.items) >= 25


def test_a_single_one_that_is_too_large_is_too_large() -> None:
    with pytest.raises(TooLarge):
        newest(Store([1, 2, 3], PICKS["the newest"], most=0).fetch, lambda each: each, 0, 9, 200)


def test_more_at_one_instant_than_are_ever_asked_for_are_said_to_be_picked() -> None:
    found = newest(Store([5] * 900, PICKS["any"]).fetch, lambda each: each, 0, 10, 200)
    assert (found.sure, found.cut, len(found.items)) == (False, True, 200)


@given(st.lists(st.integers(0, 500), max_size=300), st.integers(1, 40), st.sampled_from(sorted(PICKS)))
def test_page_after_page_nothing_is_left_out_and_nothing_comes_twice(times: list[int], n: int, name: str) -> None:
    store = Store(times, PICKS[name])
    seen: list[int] = []
    end: int | None = 501
    while end is not None:
        found = newest(store.fetch, lambda each: each, 0, end, n)
        if not found.sure:
            return
        seen += found.items
        end = found.edge if found.cut else None
    assert sorted(seen) == sorted(times)
