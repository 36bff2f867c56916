"""An address that searches for traces: what it means, and that what is wrong in it is told and left out."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_the_words_of_the_documentation_are_those_that_are_read_here_and_in_the_browser() -> None:
    project = Path(__file__).parents[2]
    table = (project / "docs" / "traces.md").read_text().partition("## The address")[2].partition("## What")[0]
    told = {word for row in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    own = {"operation", "min", "max", "errors", "tags", "before", "id", "span"}
    assert own < told
    scripts = "".join((project / "assets" / name).read_text() for name in ("52-traces.js", "56-spans.js"))
    for word in own:
        assert re.search(rf'"{word}"|\b{word}: "trace-', scripts), word
    words = {"min": "2s", "max": "3s", "errors": "on", "operation": "a", "tags": "a=b", "before": "9" * 30}
    for word, value in words.items():
        search, notices = searched(f"?{word}={value}", SCOPE)
        assert (search, notices) != (searched("", SCOPE)), word
    assert opened("?id=80688fc3&span=x") == "80688fc3"


def test_the_example_of_the_documentation_is_a_search_without_a_mistake() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "traces.md").read_text()
    (example,) = re.findall(r"`/traces(\?[^`]+)`", documented)
    search, notices = searched(example, SCOPE)
    assert (notices, search.errors, search.least) == ((), True, 5.0)
