"""The days ahead as a table: each with its band on one scale."""

from __future__ import annotations

from datetime import UTC, datetime

from fluxdash.views.daily import Outlook, days_ahead
from fluxdash.views.times import Clock
from tests.views.reading import cells, every, text

START = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
DAYS = [Outlook(START, 10.0, 8.0, 12.0), Outlook(START + 86_400, 20.0, 15.0, 25.0)]


def test_a_day_has_its_date_what_is_expected_and_between_what() -> None:
    drawing = days_ahead(DAYS, Clock(), "By a model.")
    rows = cells(drawing.beside)
    assert rows[1][0] == "Tue 24 Nov  today"
    assert rows[1][2:] == ["$10.00", "$8.00 – $12.00"]
    assert rows[2] == ["Wed 25 Nov", "", "$20.00", "$15.00 – $25.00"]
    assert text(drawing.beside).endswith("By a model.")
    assert drawing.sentence == "Daily forecast: $30.00 from 24 Nov to 25 Nov."


def test_the_band_of_a_day_is_drawn_on_the_scale_of_all() -> None:
    grid = days_ahead(DAYS, Clock(), "").beside
    bands = [each.style for each in every(grid) if type(each).__name__ == "I"]
    marks = [each.style["left"] for each in every(grid) if type(each).__name__ == "B"]
    assert bands == [{"left": "32.0%", "width": "16.0%"}, {"left": "60.0%", "width": "40.0%"}]
    assert marks == ["40.0%", "80.0%"]


def test_days_on_which_nothing_is_expected_are_drawn_at_zero() -> None:
    grid = days_ahead([Outlook(START, 0.0, 0.0, 0.0)], Clock(), "").beside
    assert [each.style["left"] for each in every(grid) if type(each).__name__ == "B"] == ["0.0%"]


def test_the_csv_has_dates_and_dollars() -> None:
    table = days_ahead(DAYS, Clock(), "").table
    assert table is not None
    assert table.rows == (("2026-11-24", 10.0, 8.0, 12.0), ("2026-11-25", 20.0, 15.0, 25.0))
