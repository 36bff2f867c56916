"""Axes in dollars: few round ticks, all with as many decimals, and room for every number."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.views.axes import change_scale, money_scale, seconds_scale


@pytest.mark.parametrize(
    ("peak", "texts"),
    [
        (0.0, ["0", "$0.25", "$0.50", "$0.75", "$1.00"]),
        (0.00003, ["0", "$0.00001", "$0.00002", "$0.00003"]),
        (7.0, ["0", "$2", "$4", "$6", "$8"]),
        (999.0, ["0", "$250", "$500", "$750", "$1,000"]),
        (31_482.0, ["0", "$10 k", "$20 k", "$30 k", "$40 k"]),
        (2.2e6, ["0", "$1 M", "$2 M", "$3 M"]),
    ],
)
def test_money_is_written_as_briefly_as_it_can_be_read(peak: float, texts: list[str]) -> None:
    assert [each.replace("\u00a0", " ") for each in money_scale(peak).texts] == texts


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 3292.0, ["0", "+$1 k", "+$2 k", "+$3 k", "+$4 k"]),
        (-500.0, 2000.0, ["−$1 k", "0", "+$1 k", "+$2 k"]),
        (-3000.0, -10.0, ["−$3 k", "−$2 k", "−$1 k", "0"]),
        (0.0, 0.0, ["0", "+$0.25"]),
    ],
)
def test_changes_have_a_sign_and_zero_is_among_them(low: float, high: float, texts: list[str]) -> None:
    assert [each.replace("\u00a0", " ") for each in change_scale(low, high).texts] == texts


@given(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_a_scale_of_changes_holds_zero_and_both_ends(first: float, second: float) -> None:
    low, high = sorted((first, second))
    scale = change_scale(low, high)
    least, most = scale.layout()["range"]
    assert 0.0 in scale.ticks
    hair = 1e-6 * max(most - least, 1e-3)
    assert least - hair <= min(low, 0)
    assert max(high, 0) <= most + hair
    assert 2 <= len(scale.ticks) <= 8
    assert all(above > below for below, above in pairwise(scale.ticks))


@pytest.mark.parametrize(("peak", "text", "least"), [(0.16, "160 ms", 46), (35.0, "40 s", 32), (0.0, "1 s", 26)])
def test_the_longest_text_of_a_scale_has_room_beside_the_plot(peak: float, text: str, least: int) -> None:
    scale = seconds_scale(peak)
    assert text in [each.replace("\u00a0", " ") for each in scale.texts]
    assert scale.width >= least
