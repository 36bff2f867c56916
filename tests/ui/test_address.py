"""Addresses: any text is a view, what was wrong in it is told, and a typed range becomes words that read back."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic import wording
from fluxdash.semantic.conditions import MOST_CONDITIONS, Condition, condition, together
from fluxdash.semantic.dimensions import ACCOUNT, REGION
from fluxdash.ui.address import LONGEST, interval, read, typed
from tests.semantic.test_conditions import held

NOW = 1_795_444_345.0
TEN_TO_ELEVEN = {"from": "2026-11-23T10:00:00Z", "to": "2026-11-23T11:00:00Z"}


def test_an_empty_address_is_the_last_hour_compared_and_refreshing_by_range() -> None:
    found = read("", NOW)
    assert (found.spoken, found.scope.window.seconds) == ("1h", 3600)
    assert (found.compared, found.refresh, found.notices) == (True, None, ())


def test_filters_are_repeated_parameters() -> None:
    found = read("?region=us-east-1&region=eu-west-1&account=a", NOW)
    assert [(each.dimension, each.values) for each in found.scope.filters] == [
        (ACCOUNT, ("a",)),
        (REGION, ("eu-west-1", "us-east-1")),
    ]


def test_a_fixed_range_is_not_spoken() -> None:
    found = read("?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z", NOW)
    assert found.spoken is None
    assert found.scope.window.seconds == 3600
    assert not found.scope.window.head


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("?range=banana", "range='banana'"),
        ("?range=1h&range=2h", "range"),
        ("?range=1h&from=2026-11-23T10:00:00Z", "range"),
        ("?from=yesterday", "from='yesterday'"),
        ("?to=2026-11-23T10:00:00Z", "from"),
        ("?region=", "region"),
        ("?region=%00", "region"),
        ("?compare=perhaps", "compare"),
        ("?refresh=0.001", "refresh"),
        ("?refresh=99999999999999999999", "refresh"),
        ("?refresh=000005999999999", "refresh"),
        (f"?refresh=000100{'0' * 4400}", "refresh"),
        ("?refresh=١٥", "refresh"),
        ("?range=99999d", "range"),
        ("?zone=Europe/Berlinn", "Did you mean 'Europe/Berlin'?"),
        ("?zone=../../etc/passwd", "zone="),
        ("?zone=", "zone="),
        ("?zone=UTC&zone=Europe/Berlin", "zone="),
        ("?" + "region=x&" * 500, "too many"),
        ("?" + "x" * (LONGEST + 1), "longer than"),
    ],
)
def test_what_is_wrong_falls_back_and_is_told(search: str, told: str) -> None:
    found = read(search, NOW)
    assert found.scope.window.seconds > 0
    assert any(told in each for each in found.notices)


def test_a_zone_is_looked_up_by_its_name_and_is_the_reporting_one_unless_it_is_given() -> None:
    assert read("?zone=Europe/Berlin", NOW).zone == ZoneInfo("Europe/Berlin")
    assert read("", NOW).zone is None
    assert read("?zone=Mars/Olympus", NOW).zone is None


def test_one_wrong_word_does_not_spoil_the_others() -> None:
    found = read("?range=6h&region=us-east-1&compare=perhaps", NOW)
    assert found.spoken == "6h"
    assert found.scope.filters[0].values == ("us-east-1",)


def test_words_of_others_are_left_alone() -> None:
    assert read("?utm_source=mail", NOW).notices == ()


@pytest.mark.parametrize(
    ("search", "fixed", "seconds"),
    [
        ("?range=1h", None, 15),
        ("?range=6h", None, 30),
        ("?range=7d", None, 60),
        ("?range=7d&refresh=5", None, 5),
        ("?range=1h&refresh=off", None, 0),
        ("?range=1h", 30, 30),
        ("?range=1h", 0, 0),
        ("?range=1h&refresh=auto", 30, 15),
    ],
)
def test_the_interval_follows_the_range_unless_it_is_fixed(search: str, fixed: int | None, seconds: int) -> None:
    assert interval(read(search, NOW, fixed)) == seconds


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("now-6h", "now", {"range": "6h"}),
        ("now-90m", "", {"range": "90m"}),
        ("now-2h", "now-1h", {"from": "2026-11-23T12:32:25Z", "to": "2026-11-23T13:32:25Z"}),
        ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00+00:00", TEN_TO_ELEVEN),
        ("1795428000", "1795431600", TEN_TO_ELEVEN),
    ],
)  # fmt: skip
def test_a_typed_range_becomes_words(start: str, end: str, words: dict[str, str]) -> None:
    assert typed(start, end, NOW) == words


def test_a_typed_time_without_an_offset_is_read_in_the_zone_of_the_page() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    words = typed("2026-07-01 10:00", "2026-11-01T10:00:00Z", NOW, berlin)
    assert words == {"from": "2026-07-01T08:00:00Z", "to": "2026-11-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("", "now", "from"),
        ("yesterday", "now", "from"),
        ("now-6h", "later", "to"),
        ("now-1h", "now-2h", "from"),
        ("now-5s", "now", "from"),
        ("now", "now", "from"),
        ("now-9x", "now", "from"),
    ],
)
def test_a_range_that_cannot_be_is_refused_with_its_field(start: str, end: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        typed(start, end, NOW)
    assert refused.value.field == field


@given(st.text(max_size=300))
def test_any_text_is_a_view(search: str) -> None:
    found = read("?" + search, NOW)
    assert found.scope.window.start < found.scope.window.end


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "range",
                "from",
                "to",
                "step",
                "region",
                "account",
                "model",
                "compare",
                "refresh",
                "zone",
                "cause",
                "where",
                "at",
            ]
        ),
        st.lists(st.text(max_size=40), max_size=3),
    )
)
def test_any_words_are_a_view_of_at_most_a_thousand_buckets(words: dict[str, list[str]]) -> None:
    found = read("?" + urlencode(words, doseq=True, errors="replace"), NOW)
    assert 1 <= found.scope.window.size <= 1000


@given(st.integers(min_value=15, max_value=80_000_000))
def test_a_typed_length_reads_back_as_the_same_length(seconds: int) -> None:
    try:
        words = typed(f"now-{seconds}s", "now", NOW)
    except BadRequest:
        return
    assert wording.window({"range": [words["range"]]}, NOW) == wording.window({"range": [f"{seconds}s"]}, NOW)


@given(st.lists(held(), max_size=MOST_CONDITIONS))
def test_conditions_come_back_from_the_address_that_names_them(conditions: list[Condition]) -> None:
    found = read("?" + urlencode([("range", "1h"), *(("where", str(each)) for each in conditions)]), NOW)
    assert found.notices == ()
    assert found.scope.conditions == together(conditions)


def test_a_condition_that_is_none_is_told_and_the_others_hold() -> None:
    found = read("?where=latncy:ge:2&where=latency:ge:2&where=status:ge:2&where=", NOW)
    assert found.scope.conditions == (condition("latency:ge:2"),)
    assert [each.partition("=")[0] for each in found.notices] == ["where"] * 3
    assert "Did you mean 'latency'" in found.notices[0]


def test_of_too_many_conditions_the_first_hold_and_it_is_told_once() -> None:
    words = [("where", f"error:contains:{i}") for i in range(MOST_CONDITIONS + 5)]
    found = read("?" + urlencode(words), NOW)
    assert found.scope.conditions == together(condition(value) for _, value in words[:MOST_CONDITIONS])
    assert len(found.notices) == 1


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-11-23T14:00:00Z", 1_795_442_400.999999),  # all of the second
        ("2026-11-23T14:00:00.250000Z", 1_795_442_400.25),
        ("1795442400", 1_795_442_400.999999),
    ],
)
def test_the_moment_that_the_log_is_read_from_is_part_of_the_address(at: str, moment: float) -> None:
    assert read(f"?range=1h&at={at}", NOW).at == pytest.approx(moment, abs=1e-6)


@pytest.mark.parametrize("at", ["2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z", "soon", "", "1e9"])
def test_a_moment_outside_of_the_range_is_none_and_told(at: str) -> None:
    found = read(f"?range=1h&at={at}", NOW)
    assert found.at is None
    assert len(found.notices) == 1
    assert found.notices[0].startswith("at=")
