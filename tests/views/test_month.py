"""The month so far: what is known is added up, what is not is never zero, and where it will end is told in words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fluxdash.views.month import HOUR, Ahead, Month
from fluxdash.views.times import Clock
from tests.views.reading import text

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
END = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
BEFORE = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
DAY = 24 * HOUR


def month(hours: tuple[float | None, ...] = (1.0, 2.0, 3.0), **more: object) -> Month:
    given = {"before": (), "before_start": BEFORE, **more}
    return Month(START, END, START + len(hours) * HOUR, hours, **given)  # type: ignore[arg-type]


def test_the_course_ends_at_what_is_spent() -> None:
    assert month().so_far == (1.0, 3.0, 6.0)
    assert month().spent == 6.0
    assert month().since is None


def test_an_unknown_hour_is_a_gap_and_adds_nothing() -> None:
    assert month((1.0, None, 3.0)).so_far == (1.0, None, 4.0)
    assert month((1.0, 3.0, None)).spent == 4.0


def test_nothing_known_is_not_zero() -> None:
    assert month((None, None)).spent is None
    assert month(()).spent is None
    assert "– spent" in month((None,)).sentence(Clock()).replace("\u00a0", " ")


def test_a_month_that_is_known_from_its_third_day_says_so() -> None:
    found = month((None,) * 48 + (2.0, 2.0))
    assert found.since == START + 2 * DAY
    assert found.spent == 4.0
    assert text(found.told(Clock())).startswith("Nothing is known before 3 Nov, so the month is counted from then.")


def test_the_month_before_is_compared_only_if_it_is_known_from_its_first_day() -> None:
    assert month(before=(1.0,) * 24 + (None, 2.0)).comparable == (*map(float, range(1, 25)), None, 26.0)
    assert month(before=(None,) + (1.0,) * 30).comparable == ()
    assert month().comparable == ()


def test_the_words_say_the_end_the_band_and_how_far_to_trust_them() -> None:
    ahead = (Ahead(START + DAY, 10.0, 9.0, 11.0), Ahead(END, 300.0, 280.0, 321.5))
    told = text(month(ahead=ahead, trust="By a model.", unknown=2.5).told(Clock()))
    assert told.startswith("$300.00 by 30 Nov, four times in five between $280.00 and $321.50.")
    assert "$2.50 stand for hours that nobody counted" in told
    assert told.endswith("By a model.")


def test_without_a_forecast_the_words_say_why() -> None:
    assert text(month(reason="2 full days of history.").told(Clock())) == "No forecast: 2 full days of history."


def test_the_last_day_is_that_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = (int(datetime(2026, each, 1, tzinfo=berlin).timestamp()) for each in (11, 12))
    found = Month(start, end, start + HOUR, (1.0,), (), start)
    assert found.until(Clock(berlin)) == "30 Nov"
    assert found.until(Clock(UTC)) == "30 Nov"
    assert found.elapsed == 1 / 720


def test_the_table_has_hours_that_are_over_and_days_ahead() -> None:
    table = month(ahead=(Ahead(END, 300.0, 280.0, 321.5),)).table(Clock())
    assert table.rows[0] == ("2026-11-01T01:00:00+00:00", 1.0, None, None, None)
    assert table.rows[2][1] == 6.0
    assert table.rows[-1] == ("2026-12-01T00:00:00+00:00", None, 300.0, 280.0, 321.5)
