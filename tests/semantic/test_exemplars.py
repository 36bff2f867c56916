"""Exemplars: of each bucket the slowest is kept, and never more than a chart can show."""

from __future__ import annotations

from fluxdash.semantic.exemplars import MOST_EXEMPLARS, Exemplar, slowest
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.window import Window

NOON = 1_795_003_200
WINDOW = Window(NOON, NOON + 180, 60, NOON + 210)


def at(second: float, seconds: float, name: int = 1) -> Exemplar:
    return Exemplar(NOON + second, seconds, TraceId(f"{name:032x}"))


def test_of_each_bucket_the_slowest_is_kept_and_the_head_is_one() -> None:
    found = [at(1, 2.0, 1), at(59.9, 3.0, 2), at(60, 0.5, 3), at(200, 9.0, 4), at(185, 1.0, 5)]
    assert [each.trace.digits for each in slowest(found, WINDOW)] == ["2", "3", "4"]


def test_what_lies_outside_of_the_window_is_left_out() -> None:
    assert slowest([at(-0.1, 9.0), at(210, 9.0), at(-3600, 9.0)], WINDOW) == ()
    assert len(slowest([at(0, 9.0), at(209.9, 9.0)], WINDOW)) == 2


def test_of_very_many_buckets_the_slowest_are_kept_in_order_of_time() -> None:
    window = Window(NOON, NOON + 15 * 400, 15, NOON + 15 * 400)
    found = [at(15 * i + 3, float((i * 37) % 400), i + 1) for i in range(400)]
    kept = slowest(found, window)
    assert len(kept) == MOST_EXEMPLARS == 100
    assert sorted(each.seconds for each in kept) == [float(each) for each in range(300, 400)]
    assert [each.time for each in kept] == sorted(each.time for each in kept)


def test_the_order_that_they_come_in_makes_no_difference() -> None:
    found = [at(1, 2.0, 1), at(5, 2.0, 2), at(5, 2.0, 3)]
    assert slowest(found, WINDOW) == slowest(found[::-1], WINDOW) == (found[1],)
