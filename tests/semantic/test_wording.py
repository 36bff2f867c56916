"""Words from an address or an API call: a scope, or a refusal that names the word."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic import wording
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, MODEL
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import LADDER, Window

NOON = 1_795_003_200.0
NAMES = ("range", "from", "to", "step", *(each.slug for each in DIMENSIONS))
anything = st.text(st.characters(exclude_categories=()), max_size=40)
plausible = st.sampled_from(
    ("1h", "24h", "30d", "731d", "0s", "15", "15s", "60", "1m", "0", "-1", "1e9", "1795000000", "1795003200",
     "2026-11-18T11:00:00Z", "2026-11-18T12:00:00+05:30", "claude", "unknown", "x" * 256, "9" * 5000, "nul\x00", "٣h")
)  # fmt: skip
words = st.dictionaries(st.sampled_from(NAMES) | anything, st.lists(plausible | anything, max_size=3), max_size=5)


def test_without_words_it_is_the_last_hour_of_everything() -> None:
    assert wording.scope({}, NOON) == Scope(Window.last(3600, NOON), (), EVERY_ACCOUNT)


@pytest.mark.parametrize("text", ["5m", "1h", "90m", "3d", "1h30m"])
def test_a_range_is_a_preset_or_any_duration(text: str) -> None:
    assert wording.window({"range": [text]}, NOON).seconds <= 3 * 86400


@pytest.mark.parametrize("text", ["300", "300s", "5m"])
def test_a_step_is_seconds_or_a_duration(text: str) -> None:
    assert wording.window({"range": ["6h"], "step": [text]}, NOON).step == 300


def test_from_and_to_make_an_absolute_window() -> None:
    given_words = {"from": ["2026-11-18T10:00:00Z"], "to": ["1795000000"]}
    assert wording.window(given_words, NOON) == Window.between(1_794_996_000, 1_795_000_000, NOON)


def test_from_alone_reaches_to_now() -> None:
    assert wording.window({"from": ["2026-11-18T11:00:00Z"]}, NOON) == Window.between(NOON - 3600, NOON, NOON)


def test_filters_stand_under_their_dimensions_names() -> None:
    scope = wording.scope({"model": ["b", "a", "b"], "account": ["x"]}, NOON)
    assert scope.filters == (Filter(ACCOUNT, ("x",)), Filter(MODEL, ("a", "b")))


def test_the_grant_is_the_servers_and_not_in_the_words() -> None:
    grant = Grant(frozenset({"x"}))
    assert wording.scope({"grant": ["everything"]}, NOON, grant).grant is grant


@pytest.mark.parametrize(
    ("given_words", "field"),
    [
        ({"range": ["1h", "2h"]}, "range"),
        ({"range": ["soon"]}, "range"),
        ({"range": ["10s"]}, "range"),
        ({"range": ["731d"]}, "range"),
        ({"range": ["1h"], "from": ["1795000000"]}, "range"),
        ({"range": ["1h"], "to": ["1795000000"]}, "range"),
        ({"to": ["1795000000"]}, "from"),
        ({"from": ["yesterday"]}, "from"),
        ({"from": ["1795000000"], "to": ["tomorrow"]}, "to"),
        ({"from": ["1795000000"], "to": ["1794000000"]}, "from"),
        ({"from": ["1795009999"]}, "from"),
        ({"step": ["7"]}, "step"),
        ({"step": [""]}, "step"),
        ({"step": ["0"]}, "step"),
        ({"step": ["-15"]}, "step"),
        ({"step": ["1ns"]}, "step"),
        ({"step": ["6h"]}, "step"),
        ({"range": ["30d"], "step": ["15"]}, "step"),
        ({"model": [""]}, "model"),
        ({"model": ["x" * 256]}, "model"),
        ({"model": ["nul\x00"]}, "model"),
        ({"model": ["line\nbreak"]}, "model"),
        ({"model": ["\ud800"]}, "model"),
        ({"account": [str(i) for i in range(101)]}, "account"),
    ],
)
def test_a_wrong_word_is_refused_by_its_name(given_words: Mapping[str, list[str]], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        wording.scope(given_words, NOON)
    assert refused.value.field == field
    assert refused.value.allowed


def test_ten_thousand_filter_values_are_refused() -> None:
    with pytest.raises(BadRequest, match="1 to 100 values"):
        wording.scope({"model": [f"m{i}" for i in range(10_000)]}, NOON)


def test_a_refusal_shows_no_more_than_the_beginning_of_a_huge_value() -> None:
    with pytest.raises(BadRequest) as refused:
        wording.scope({"range": ["x" * 1_000_000]}, NOON)
    assert len(str(refused.value)) < 200


@settings(max_examples=300)
@given(words)
@example({"range": ["9" * 5000]})
@example({"from": ["1" * 5000]})
@example({"step": ["9" * 5000]})
@example({"from": ["1795000000"], "to": ["3999999999"]})
@example({"from": ["1000000001"], "to": ["3999999999"], "step": ["86400"]})
def test_any_words_make_a_scope_within_the_limits_or_a_bad_request(given_words: Mapping[str, list[str]]) -> None:
    try:
        scope = wording.scope(given_words, NOON)
    except BadRequest as err:
        assert str(err).isprintable()  # noqa: PT017
        return
    window = scope.window
    assert window.start < window.end <= NOON
    assert 10 <= window.seconds <= 731 * 86400
    assert window.step in LADDER
    assert window.size <= 1001
    assert all(each.values == tuple(sorted(set(each.values))) for each in scope.filters)
    hash(scope)


@given(st.integers(31, 700 * 86400), st.integers(60, 86400 * 30))
def test_a_window_in_words_is_the_same_window_again(ago: int, length: int) -> None:
    start = int(NOON) - ago - length
    window = wording.window({"from": [rfc3339(start)], "to": [rfc3339(start + length)]}, NOON)
    again = {"from": [rfc3339(window.start)], "to": [rfc3339(window.end)], "step": [str(window.step)]}
    assert wording.window(again, NOON) == window
