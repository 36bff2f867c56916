"""The shelf: by value, for a while, and each piece of work once."""

from __future__ import annotations

import threading
import time
import weakref

import pytest

from fluxdash.errors import SourceTimeout
from fluxdash.sources.shelf import Shelf


class Gone(list[int]):
    """Something whose end can be noticed."""


def test_what_is_kept_is_not_made_again_until_it_is_old() -> None:
    now = [0.0]
    shelf: Shelf[int] = Shelf(lambda value: value, 10, clock=lambda: now[0])
    made: list[int] = []

    def make(value: int) -> int:
        made.append(value)
        return value

    assert [shelf.get("a", lambda: make(5)) for _ in range(3)] == [5, 5, 5]
    now[0] = 5.0
    assert shelf.get("a", lambda: make(7)) == 7
    assert made == [5, 7]


def test_nothing_can_be_kept_too() -> None:
    shelf: Shelf[None] = Shelf(lambda _: 9.0, 10)
    made: list[int] = []
    for _ in range(2):
        shelf.get("a", lambda: made.append(1))
    assert made == [1]


def test_what_is_too_heavy_together_goes_the_longest_unused_first() -> None:
    shelf: Shelf[str] = Shelf(lambda _: 9.0, 10, len)
    for key in ("a", "b"):
        shelf.get(key, lambda: "xxxx")
    shelf.get("a", lambda: "never made")
    shelf.get("c", lambda: "xxxx")
    assert [shelf.get(key, lambda: "new") for key in ("a", "c")] == ["xxxx", "xxxx"]
    assert shelf.get("b", lambda: "new") == "new"


def test_what_is_over_is_let_go_though_there_is_room() -> None:
    now = [0.0]
    shelf: Shelf[list[int]] = Shelf(lambda _: 5.0, 100, clock=lambda: now[0])
    made = [Gone(), Gone()]
    left = [weakref.ref(each) for each in made]
    for key in "ab":
        shelf.put(key, made.pop())
    assert all(each() is not None for each in left)
    now[0] = 5.0
    shelf.put("c", Gone())
    assert [each() for each in left] == [None, None]


def test_one_thing_heavier_than_the_shelf_is_kept_alone() -> None:
    shelf: Shelf[str] = Shelf(lambda _: 9.0, 10, len)
    shelf.get("big", lambda: "x" * 99)
    assert shelf.get("big", lambda: "new") == "x" * 99


def test_a_failure_is_not_kept() -> None:
    shelf: Shelf[int] = Shelf(lambda _: 9.0, 10)

    def fail() -> int:
        raise SourceTimeout("Jaeger", "did not answer")

    with pytest.raises(SourceTimeout):
        shelf.get("a", fail)
    assert shelf.get("a", lambda: 1) == 1


def test_many_who_ask_at_once_are_answered_by_one_piece_of_work() -> None:
    shelf: Shelf[int] = Shelf(lambda _: 9.0, 10)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.1)
        made.append(1)
        return 3

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(shelf.get("a", make))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (answers, made) == ([3] * 8, [1])
