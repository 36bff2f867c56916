"""What may be searched for, as people type it and as it comes from an address."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic import tracesearch
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch
from fluxdash.semantic.window import Window

NOW = 1_795_464_000
HOUR = Scope(Window.last(3600, NOW))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2 s", 2.0), ("2s", 2.0), ("250ms", 0.25), ("1.5min", 90.0), ("1,5 s", 1.5), ("900 us", 0.0009),
     ("900µs", 0.0009), ("3", 3.0), ("0", 0.0), ("1h", 3600.0), ("2\u00a0s", 2.0), ("", None), ("  ", None)],
)  # fmt: skip
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float | None) -> None:
    assert tracesearch.seconds(text, "min duration") == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["-1s", "1e9", "NaN", "inf", "2 parsec", "1s2s", "9" * 5000, "1..5", "٣s", "0x10"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        tracesearch.seconds(text, "min duration")


def test_tags_are_pairs_with_quotes_where_spaces_are() -> None:
    told = tracesearch.tags('cache.type=exact  error=true model="a \\"b\\" c" empty=""')
    assert told == (("cache.type", "exact"), ("error", "true"), ("model", 'a "b" c'), ("empty", ""))
    assert tracesearch.tags("  ") == ()


@pytest.mark.parametrize("text", ["error", "=x", 'a="b', "a=b=c d", "a = b", 'a="b"c=d', "x" * 5000])
def test_what_are_no_tags_is_refused(text: str) -> None:
    if text == "a=b=c d":  # a value may hold an equals sign, so only what follows is wrong
        assert tracesearch.tags("a=b=c") == (("a", "b=c"),)
    with pytest.raises(BadRequest):
        tracesearch.tags(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"least": -1.0}, {"least": math.nan}, {"most": math.inf}, {"least": 3.0, "most": 2.0}, {"most": 1e6}, {"n": 0},
        {"n": 201}, {"operation": ""}, {"operation": "x" * 256}, {"operation": "a\nb"}, {"tags": (("k", "v\x00"),)},
        {"tags": (("", "v"),)}, {"tags": tuple((f"k{n}", "v") for n in range(11))}, {"before": 0}, {"before": 10**30},
    ],
)  # fmt: skip
def test_what_nobody_could_mean_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        TraceSearch(HOUR, **wrong)  # type: ignore[arg-type]


def test_a_search_covers_the_window_with_its_head_and_goes_on_before_a_moment() -> None:
    window = HOUR.window
    search = TraceSearch(HOUR)
    assert (search.start, search.end) == (window.start * 10**9, window.now * 10**9)
    assert TraceSearch(HOUR, before=window.end * 10**9 - 1).end == window.end * 10**9 - 1


@given(st.text())
def test_reading_never_raises_anything_but_a_bad_request(text: str) -> None:
    for read in (lambda: tracesearch.tags(text), lambda: tracesearch.seconds(text, "x")):
        try:
            read()
        except BadRequest:
            continue
