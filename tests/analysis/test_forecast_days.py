"""Hours as calendar days of a zone: days of 23 and 25 hours, unknown hours and half-hour zones."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fluxdash.analysis.days import days
from fluxdash.analysis.forecast import Forecast, forecast

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def epoch(zone: tzinfo, *moment: int) -> int:
    return int(datetime(*moment, tzinfo=zone).timestamp())  # type: ignore[misc,arg-type]


def test_a_day_is_a_day_of_the_zone() -> None:
    found, _ = days([1.0] * 24 * 5, epoch(UTC, 2026, 6, 1), BERLIN, 1)
    assert found.past == tuple(date(2026, 6, day) for day in (2, 3, 4, 5))
    assert found.running.spent == 2  # Berlin is two hours ahead
    assert found.ahead[0] == date(2026, 6, 6)


@pytest.mark.parametrize(("month", "day", "length"), [(3, 29, 23), (10, 25, 25)])
def test_a_day_ahead_has_the_hours_of_its_zone(month: int, day: int, length: int) -> None:
    start = epoch(BERLIN, 2026, month, 1)
    now = epoch(BERLIN, 2026, month, 22)
    found = forecast([2.0] * ((now - start) // 3600), start, BERLIN, 10)
    assert isinstance(found, Forecast)
    assert {each.date: each.expected for each in found.days}[date(2026, month, day)] == pytest.approx(2 * length)
    assert found.month.expected == pytest.approx(2 * (31 * 24 + length - 24))


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_a_short_or_long_day_that_is_over_is_no_outlier(month: int, day: int) -> None:
    start = epoch(BERLIN, 2026, month, day - 10)
    end = epoch(BERLIN, 2026, month, day + 1)
    found, _ = days([2.0] * ((end - start) // 3600), start, BERLIN, 1)
    assert len(found.past) == 11
    assert found.levels == pytest.approx(48)


def test_a_day_mostly_unknown_is_unknown_and_a_day_mostly_known_is_judged() -> None:
    hours: list[float | None] = [1.0] * 96
    hours[24:34] = [None] * 10
    hours[50] = None
    found, month = days(hours, epoch(UTC, 2026, 6, 1), UTC, 1)
    assert np.isnan(found.levels).tolist() == [False, True, False, False]
    assert found.levels[2] == pytest.approx(24)
    assert month.spent == 85
    assert [(day, round(share * 24)) for day, share in month.unknown] == [
        (date(2026, 6, 2), 10),
        (date(2026, 6, 3), 1),
    ]


def test_in_a_half_hour_zone_hours_may_begin_at_midnight() -> None:
    found, _ = days([1.0] * 72, epoch(KOLKATA, 2026, 6, 1), KOLKATA, 1)
    assert len(found.past) == 3
    assert found.running.spent == 0
    assert math.isclose(found.lengths[0], 1)


def test_in_a_half_hour_zone_utc_hours_fall_to_the_nearest_day() -> None:
    found, _ = days([1.0] * 96, epoch(UTC, 2026, 6, 1), KOLKATA, 1)
    assert len(found.past) == 3
    assert found.levels == pytest.approx(24)


def test_the_running_day_knows_how_much_of_it_is_over() -> None:
    hours = [0.0] * 8 + [1.0] * 16
    found, _ = days(hours * 10 + hours[:16], epoch(UTC, 2026, 6, 1), UTC, 1)
    assert found.elapsed == pytest.approx(0.5, abs=0.01)
    assert found.early == pytest.approx(16, rel=0.01)


def test_a_year_of_hours_is_cut_to_half_a_year() -> None:
    found, _ = days([1.0] * 24 * 400, epoch(UTC, 2026, 1, 1), UTC, 1)
    assert len(found.past) == 182
    assert found.ahead[-1] == date(2027, 2, 28)
