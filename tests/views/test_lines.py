"""Lines added up: what is unknown everywhere stays unknown, what is known somewhere counts."""

from __future__ import annotations

from fluxdash.semantic.answer import Line
from fluxdash.views.lines import added, together


def test_nothing_known_is_unknown_and_not_zero() -> None:
    assert added([None, None]) is None
    assert added([None, 0.0]) == 0
    assert added([]) is None


def test_lines_are_added_bucket_by_bucket() -> None:
    first = Line("a", 3.0, 2, (1.0, 2.0, None), (1.0, 1.0, None), (4.0,))
    second = Line("b", 5.0, 3, (5.0, None, None), (3.0, None, None), (None,))
    whole = together([first, second], "both")
    assert whole == Line("both", 8.0, 5, (6.0, 2.0, None), (4.0, 1.0, None), (4.0,))
