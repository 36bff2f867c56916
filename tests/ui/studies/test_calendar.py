"""The month of the reporting zone: only hours that are over, wherever the clocks go back or are off by half an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.window import SETTLE
from fluxdash.ui.studies.calendar import DAY, HOUR, Calendar

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Berlin")


def at(text: str, zone: str = "UTC") -> Calendar:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()
    return Calendar.at(moment, ZoneInfo(zone))


def local(moment: int, zone: str) -> str:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).isoformat()


def test_the_hour_that_is_running_is_left_out() -> None:
    found = at("2026-11-23T14:32:00")
    assert local(found.now, "UTC") == "2026-11-23T14:00:00+00:00"
    assert local(found.start, "UTC") == "2026-11-01T00:00:00+00:00"
    assert local(found.end, "UTC") == "2026-12-01T00:00:00+00:00"
    assert local(found.before, "UTC") == "2026-10-01T00:00:00+00:00"
    assert (found.month.start, found.month.end, found.month.step) == (found.start, found.now, 3600)
    assert list(found.month.head) == []


def test_an_hour_is_over_when_its_rows_have_settled() -> None:
    assert local(at("2026-11-23T14:00:29").now, "UTC") == "2026-11-23T13:00:00+00:00"
    assert local(at("2026-11-23T14:00:30").now, "UTC") == "2026-11-23T14:00:00+00:00"


def test_in_its_first_hour_a_month_has_not_begun() -> None:
    found = at("2026-12-01T00:20:00")
    assert local(found.start, "UTC") == "2026-12-01T00:00:00+00:00"
    assert not found.is_begun
    assert at("2026-12-01T01:20:00").is_begun


def test_a_month_begins_at_midnight_of_the_zone() -> None:
    found = at("2026-11-30T23:30:00", "America/New_York")
    assert local(found.start, "UTC") == "2026-11-01T04:00:00+00:00"
    assert local(found.end, "UTC") == "2026-12-01T05:00:00+00:00"
    assert found.end - found.start == 30 * DAY + HOUR


@pytest.mark.parametrize(("zone", "step"), [("UTC", 3600), ("Asia/Kolkata", 1800), ("Asia/Kathmandu", 900)])
def test_where_hours_do_not_fit_the_grid_of_utc_the_buckets_are_finer(zone: str, step: int) -> None:
    assert at("2026-11-23T14:32:00", zone).step == step


def test_buckets_become_hours_and_a_part_that_is_unknown_makes_the_hour_unknown() -> None:
    found = at("2026-11-23T14:32:00", "Asia/Kolkata")
    assert found.hours([1.0, 2.0, 0.0, 0.0, None, 4.0]) == (3.0, 0.0, None)
    assert at("2026-11-23T14:32:00").hours([1.0, None]) == (1.0, None)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda each: each.replace(tzinfo=UTC)),
    st.sampled_from(ZONES),
)
def test_wherever_and_whenever_the_windows_are_whole_buckets_of_the_month(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    found = Calendar.at(moment.timestamp(), zone)
    first = datetime.fromtimestamp(found.start, zone)
    assert (first.day, first.hour, first.minute) == (1, 0, 0)
    assert datetime.fromtimestamp(found.end, zone).day == 1
    assert datetime.fromtimestamp(found.before, zone).day == 1
    assert found.before < found.start <= found.now < found.end
    assert found.now <= moment.timestamp() - SETTLE
    assert moment.timestamp() - found.now < 2 * HOUR + SETTLE
    assert timedelta(days=28) <= timedelta(seconds=found.start - found.before) <= timedelta(days=31, hours=1)
    history = found.last(90 * DAY)
    assert history.end == found.now
    assert history.start <= found.before
    if found.is_begun:
        assert found.month.size * found.month.step == found.now - found.start
        assert 0 < found.elapsed < 1
