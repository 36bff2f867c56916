"""Times and durations as people write them: read back what is written, and refuse the rest by name."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.moments import duration, duration_text, goes_to, instant, precisely, rfc3339, said

anything = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h30m", 5400), ("24h", 86400), ("7d", 604800), ("1w", 604800), (" 1h ", 3600),
     ("1w2d3h4m5s", 788645)],
)  # fmt: skip
def test_a_duration_is_read_in_its_units(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "0s", "0d0h", "1", "h", "-1h", "1.5h", "1h1h", "1m1h", "1y", "1H", "1 h", "１h", "٣h", "1h\x00", "1ns",
     "9" * 5000 + "s", "1e3s", "now-1h", "inf", "nan", "\ud800"],
)  # fmt: skip
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadRequest, match=r"range=.* is not allowed: a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(15, "15s"), (60, "1m"), (90, "90s"), (3600, "1h"), (86400, "24h"), (604800, "7d")]
)
def test_a_duration_is_written_as_the_presets_are(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


@given(st.integers(1, 730 * 86400))
def test_a_duration_written_is_read_back(seconds: int) -> None:
    assert duration(duration_text(seconds)) == seconds


@given(st.integers(1_000_000_001, 3_999_999_999))
def test_a_time_written_is_read_back(seconds: int) -> None:
    assert instant(rfc3339(seconds)) == seconds
    assert instant(str(seconds)) == seconds


@given(st.integers(1_000_000_001_000, 3_999_999_998_999))
def test_a_time_keeps_its_milliseconds(milliseconds: int) -> None:
    assert round(instant(rfc3339(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T14:00:00Z",
        "2026-11-23T14:00:00",
        "2026-11-23 14:00:00",
        "2026-11-23T14:00",
        "2026-11-23T15:00:00+01:00",
        "2026-11-23T15:00:00 01:00".replace(" ", " +"),
        "2026-11-23T09:00:00-05:00",
        "20261123T140000Z",
        "1795442400",
        "1795442400.0",
        " 1795442400 ",
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(text: str) -> None:
    assert instant(text) == 1795442400


@pytest.mark.parametrize(
    "text",
    ["", "now", "yesterday", "1795442400000", "0", "-1795442400", "1e9", "nan", "2026-13-01", "2026-02-30",
     "1969-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T24:01", "9" * 5000,
     "２０２６-11-23", "2026-11-23T14:00:00Z\x00", "\ud800", "2026-11-23T14:00:60Z", "0999999999", "4000000000"],
)  # fmt: skip
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadRequest, match="from="):
        instant(text)


def test_a_fraction_is_printed_only_where_there_is_one() -> None:
    assert rfc3339(1795442400) == "2026-11-23T14:00:00Z"
    assert rfc3339(1795442400.25) == "2026-11-23T14:00:00.250Z"


@given(anything)
@example("1" * 5000)
@example("2026-11-23T14:00:00\ud83d\ude00")
@example("2026-W48-1")
def test_any_text_is_a_time_or_a_bad_request(text: str) -> None:
    try:
        assert 1e9 < instant(text) < 4e9
    except BadRequest as err:
        assert err.field == "from"  # noqa: PT017


@given(anything | st.from_regex(r"[0-9]{0,9}[wdhms]?[0-9]{0,9}[wdhms]?", fullmatch=True))
def test_any_text_is_a_duration_or_a_bad_request(text: str) -> None:
    try:
        assert duration(text) > 0
    except BadRequest as err:
        assert err.field == "range"  # noqa: PT017


NOON = 1_795_003_200  # 2026-11-18 12:00 UTC


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("11:31:59", "UTC", "2026-11-18T11:31:59Z"),
        (" 11:31 ", "UTC", "2026-11-18T11:31:00Z"),
        ("9:05", "UTC", "2026-11-18T09:05:00Z"),
        ("11:31:59.25", "UTC", "2026-11-18T11:31:59.250000Z"),
        ("12:31:59", "Europe/Berlin", "2026-11-18T11:31:59Z"),
        ("12:00", "UTC", "2026-11-17T12:00:00Z"),  # the end of the window is not in it
        ("23:59", "UTC", "2026-11-17T23:59:00Z"),
        ("2026-11-18 11:31", "Europe/Berlin", "2026-11-18T10:31:00Z"),
        ("2026-11-18T11:31:00.000001Z", "UTC", "2026-11-18T11:31:00.000001Z"),
        ("1795001519", "UTC", "2026-11-18T11:31:59Z"),
    ],
)
def test_a_typed_time_is_the_last_one_of_the_clock_in_the_zone_of_the_page(text: str, zone: str, moment: str) -> None:
    found, seconds = goes_to(text, NOON - 86_400, NOON, ZoneInfo(zone))
    assert found == moment
    assert instant(found) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize("text", ["25:00", "11:60", "soon", "", "11:3", "11:31:59:00", "2026-11-99 10:00", "１１:30"])
def test_what_is_no_time_to_go_to_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadRequest, match="such as 14:31:59"):
        goes_to(text, NOON - 3600, NOON)


def test_a_clock_that_the_window_does_not_show_is_refused() -> None:
    with pytest.raises(BadRequest, match="within the range"):
        goes_to("10:59:59", NOON - 3600, NOON)
    assert goes_to("11:00:00", NOON - 3600, NOON)[1] == NOON - 3600


@given(st.integers(1_000_000_001, 3_999_999_999), st.integers(0, 999_999))
def test_a_moment_is_written_to_the_microsecond_and_read_back(second: int, micro: int) -> None:
    moment = second + micro / 1_000_000
    assert round(instant(precisely(moment)) * 1_000_000) == round(moment * 1_000_000)


def test_a_moment_in_a_sentence_says_its_zone() -> None:
    assert said(1_795_444_345.5) == "23 Nov 2026, 14:32 UTC"
