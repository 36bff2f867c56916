"""The donut: wedges cover the circle in proportion, clockwise from the top."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.units import Figure
from fluxdash.views.donut import Slice, donut
from tests.views.reading import every, marked, prop

CENTRE = (50.0, 50.0)


def wedges(*amounts: float):
    drawn = donut([Slice(each, "c1", f"${each}") for each in amounts], Figure("$1"), "7 d")
    return [each for each in every(drawn) if type(each).__name__ == "I"]


def corners(wedge) -> list[tuple[float, float]]:
    found = re.findall(r"(-?[\d.]+)% (-?[\d.]+)%", wedge.style["clipPath"])
    return [(float(x), float(y)) for x, y in found]


def angle(point: tuple[float, float]) -> float:
    """Clockwise from the top, in turns."""
    return math.atan2(point[0] - 50, 50 - point[1]) / (2 * math.pi) % 1


def test_half_of_all_is_the_right_half() -> None:
    first, second = wedges(1, 1)
    assert corners(first)[0] == CENTRE
    assert all(x >= 50 for x, _ in corners(first))
    assert all(x <= 50 for x, _ in corners(second))


def test_one_slice_alone_is_the_whole_circle_without_a_gap() -> None:
    (alone,) = wedges(3)
    assert corners(alone)[1] == corners(alone)[-1]


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=6))
def test_each_wedge_has_the_share_of_its_amount(amounts: list[float]) -> None:
    begun = 0.0
    for wedge, amount in zip(wedges(*amounts), amounts, strict=True):
        share = amount / sum(amounts)
        _, first, *_, last = corners(wedge)
        if share > 0.02:
            assert (angle(first) - begun + 0.5) % 1 == pytest.approx(0.5, abs=0.004)
            assert (angle(last) - begun) % 1 == pytest.approx(share, abs=0.004)
        begun += share


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=6))
def test_the_straight_edges_of_a_wedge_lie_outside_of_the_circle(amounts: list[float]) -> None:
    for wedge in wedges(*amounts):
        points = corners(wedge)[1:]
        for (x1, y1), (x2, y2) in pairwise(points):
            middle = math.hypot((x1 + x2) / 2 - 50, (y1 + y2) / 2 - 50)
            assert middle >= 50 - 0.02


def test_a_slice_says_what_it_is_and_filters() -> None:
    drawn = donut(
        [Slice(1, "c1", "opus $1", "model=opus"), Slice(1, "c-other", "others $1")], Figure("$2"), "7 d", "grey"
    )
    slices = [each for each in every(drawn) if type(each).__name__ == "I"]
    assert [each.title for each in slices] == ["opus $1", "others $1"]
    assert [prop(each, "data-filter") for each in slices] == ["model=opus", None]
    assert prop(marked(drawn, "ring")[0], "aria-label") == "$2: opus $1, others $1"


def test_nothing_spent_is_an_empty_ring() -> None:
    drawn = donut([], Figure("$0.00"), "7 d")
    assert prop(marked(drawn, "ring")[0], "aria-label") == "$0.00: nothing"
