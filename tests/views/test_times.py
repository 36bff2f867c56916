"""Times on screen: one zone, named; days begin and end where that zone's do, on the days of its clock changes too."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fluxdash.semantic.window import Window
from fluxdash.views.times import Clock, previous_name

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def window(start: str, hours: int) -> Window:
    first = int(at(start))
    return Window(first, first + hours * 3600, 3600, first + hours * 3600)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "Mon 23 Nov, 22:00 – 23:00\u00a0UTC"),
        ("Europe/Berlin", "23 Nov, 23:00 – 24 Nov, 00:00\u00a0CET"),
        ("Asia/Kolkata", "Tue 24 Nov, 03:30 – 04:30\u00a0IST"),
        ("America/Sao_Paulo", "Mon 23 Nov, 19:00 – 20:00\u00a0UTC−03"),
        ("Asia/Dubai", "Tue 24 Nov, 02:00 – 03:00\u00a0UTC+04"),
    ],
)
def test_a_window_is_written_in_the_zone_and_the_zone_is_named(zone: str, said: str) -> None:
    assert Clock(ZoneInfo(zone)).window(window("2026-11-23T22:00:00Z", 1)) == said


def test_the_name_of_the_zone_follows_the_season() -> None:
    berlin = Clock(ZoneInfo("Europe/Berlin"))
    assert (berlin.name(at("2026-07-01T00:00Z")), berlin.name(at("2026-12-01T00:00Z"))) == ("CEST", "CET")


def test_days_of_utc_are_whole_days_of_utc() -> None:
    days = Clock(UTC).days(NOON)
    assert days["today"] == (at("2026-11-23T00:00:00Z"), None)
    assert days["yesterday"] == (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"))
    assert days["month"] == (at("2026-11-01T00:00:00Z"), None)


def test_a_day_begins_where_the_zone_says_so() -> None:
    days = Clock(ZoneInfo("America/New_York")).days(at("2026-11-23T03:00:00Z"))
    assert days["today"][0] == at("2026-11-22T05:00:00Z")
    assert days["month"][0] == at("2026-11-01T04:00:00Z")  # summer time ends on that very day


def test_the_day_of_a_clock_change_has_25_hours() -> None:
    start, end = Clock(ZoneInfo("Europe/Berlin")).days(at("2026-10-26T12:00:00Z"))["yesterday"]
    assert end is not None
    assert end - start == 25 * 3600


def test_the_day_of_the_other_change_has_23_hours() -> None:
    start, end = Clock(ZoneInfo("Europe/Berlin")).days(at("2026-03-30T12:00:00Z"))["yesterday"]
    assert end is not None
    assert end - start == 23 * 3600


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (300, "5 min"),
        (1110, "18 min 30 s"),
        (3600, "hour"),
        (5400, "1 h 30 min"),
        (86_400, "day"),
        (90_000, "25 h"),
        (3 * 86_400 + 7200, "3 d 2 h"),
    ],
)
def test_the_window_before_is_called_by_its_length(seconds: int, said: str) -> None:
    """A drag makes windows of any length: 1110 s says nothing to anybody."""
    assert previous_name(Window(0, seconds, 30, 10**9)).replace("\u00a0", " ") == f"Previous {said}"
