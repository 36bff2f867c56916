"""An address that searches for traces: what it means, and that what is wrong in it is told and left out."""

from __future__ import annotations

from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.tracewords import opened, searched

SCOPE = Scope(Window.last(3600, 1_795_460_400.0))


def test_every_word_of_a_search_is_read() -> None:
    before = (SCOPE.window.end - 60) * 10**9
    search, notices = searched(
        f"?operation=invoke&min=250ms&max=1.5min&errors=on&tags=a%3Db+c%3D%22d+e%22&before={before}", SCOPE
    )
    assert notices == ()
    assert (search.operation, search.least, search.most, search.errors) == ("invoke", 0.25, 90.0, True)
    assert (search.tags, search.before) == ((("a", "b"), ("c", "d e")), before)


def test_what_is_wrong_is_told_and_the_rest_is_kept() -> None:
    search, notices = searched("min=soon&max=5&tags=nonsense&before=-1&operation=%00", SCOPE)
    assert (search.least, search.most, search.tags, search.before, search.operation) == (None, 5.0, (), None, None)
    assert len(notices) == 4
    assert [each.split("=")[0] for each in notices] == ["operation", "min duration", "tags", "before"]


def test_bounds_that_cross_are_told() -> None:
    search, notices = searched("min=5&max=2", SCOPE)
    assert (search.least, search.most) == (5.0, None)
    assert "at least the min duration" in notices[0]


def test_an_address_that_is_too_long_searches_for_nothing() -> None:
    assert searched("min=2&x=" + "y" * 9000, SCOPE)[0].least is None
    assert opened("id=" + "a" * 9000) == ""
    assert opened("?id=%20AB12%20") == "AB12"
