"""A trace against its like: no verdict without enough of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.views.alike import LEAST, Compared, alike
from tests.views.reading import cells, text

USUAL = Compared("invoke", 1.0, 1, 40, 0.9, 2.0, 0.6, 1.0)


def test_each_operation_stands_beside_the_same_in_others() -> None:
    rows = [USUAL, replace(USUAL, name="chat", seconds=5.0, slower_than=0.97, spans=2)]
    table = cells(alike(rows, "sonnet", 40))
    assert [each[0] for each in table[1:]] == ["chat ×2", "invoke"]
    assert table[1][1:4] == ["5.00 s", "900 ms", "2.00 s"]
    assert [each[-1] for each in table[1:]] == ["slower than 97 %", "as usual"]


def test_what_few_traces_have_is_said_to_be_rare() -> None:
    rare = replace(USUAL, n=3, share=0.06)
    assert cells(alike([rare], "sonnet", 50))[1][-1] == "6 % of traces have it"


def test_too_few_like_traces_say_nothing() -> None:
    said = text(alike([USUAL], "sonnet", LEAST - 1))
    assert "too few to compare with" in said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "No other trace of this model is kept"),
        (1, "Only one other trace of this model is kept"),
        (2, "Only 2 other traces of this model are kept"),
    ],
)
def test_how_few_there_are_is_said_in_words(n: int, said: str) -> None:
    assert said in text(alike([USUAL], "sonnet", n))
