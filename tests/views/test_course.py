"""The chart of the month: on the reporting zone's clock, with its forecast, its band, last month and the budget."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fluxdash.views.course import month_to_date
from fluxdash.views.goals import Goals
from fluxdash.views.month import HOUR, Ahead, Month
from fluxdash.views.patches import patch, traces
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
END = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
BEFORE = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
AHEAD = (Ahead(START + 24 * HOUR, 40.0, 36.0, 44.0), Ahead(END, 300.0, 270.0, 330.0))


def month(hours: tuple[float | None, ...] = (5.0, 7.0), **more: object) -> Month:
    given = {"before": (), "before_start": BEFORE, "ahead": AHEAD, **more}
    return Month(START, END, START + len(hours) * HOUR, hours, **given)  # type: ignore[arg-type]


def drawn(found: Month, look: Look | None = None):
    drawing = month_to_date(found, look or Look(), "2026-11")
    return drawing, {trace["uid"].partition("-")[0]: trace for trace in drawing.figure["data"]}  # type: ignore[index]


def test_the_course_begins_at_zero_and_has_a_point_an_hour() -> None:
    _, rows = drawn(month())
    assert rows["spent"]["x"] == [START * 1000, (START + HOUR) * 1000, (START + 2 * HOUR) * 1000]
    assert rows["spent"]["y"] == [0.0, 5.0, 12.0]
    assert rows["spent"]["customdata"][-1] == "<b>$12.00</b>"


def test_a_month_that_is_not_known_from_its_beginning_does_not_begin_at_zero() -> None:
    _, rows = drawn(month((None, 7.0)))
    assert rows["spent"]["y"] == [None, None, 7.0]


def test_the_forecast_goes_on_from_what_is_spent_and_opens_its_band() -> None:
    _, rows = drawn(month(unknown=1.0))
    assert rows["ahead"]["y"] == [13.0, 40.0, 300.0]
    assert rows["low"]["y"] == [13.0, 36.0, 270.0]
    assert rows["high"]["y"] == [13.0, 44.0, 330.0]
    assert rows["high"]["fill"] == "tonexty"
    assert rows["ahead"]["customdata"][-1] == "<b>$300.00</b> $270.00 to $330.00"
    order = [trace["uid"].partition("-")[0] for trace in month_to_date(month(), Look(), "").figure["data"]]  # type: ignore[index]
    assert order.index("high") == order.index("low") + 1


def test_without_a_forecast_what_is_spent_is_still_drawn() -> None:
    drawing, rows = drawn(month(ahead=(), reason="2 full days of history."))
    assert set(rows) == {"spent"}
    assert rows["spent"]["y"] == [0.0, 5.0, 12.0]
    assert "No forecast: 2 full days" in drawing.beside.children  # type: ignore[union-attr]


def test_the_month_before_lies_on_the_days_of_this_one_and_is_cut_at_its_end() -> None:
    _, rows = drawn(month(before=(1.0,) * (31 * 24)))
    assert rows["before"]["name"] == "October"
    assert rows["before"]["x"][0] == START * 1000
    assert rows["before"]["x"][-1] == END * 1000
    assert rows["before"]["y"][-1] == 30 * 24


def test_the_budget_is_a_line_with_its_name_unless_it_would_flatten_the_rest() -> None:
    drawing, _ = drawn(month(budget=500.0))
    layout = drawing.figure["layout"]  # type: ignore[index]
    assert [shape["y1"] for shape in layout["shapes"]] == [1, 500.0]
    assert [note["text"] for note in layout["annotations"]][-1] == "Budget $500"
    assert layout["yaxis"]["range"][1] >= 500
    far, _ = drawn(month(budget=5000.0))
    assert len(far.figure["layout"]["shapes"]) == 1  # type: ignore[index]
    assert "the budget is $5,000.00" in far.sentence


def test_days_are_those_of_the_reporting_zone_whatever_zone_the_reader_looks_in() -> None:
    zone = ZoneInfo("America/New_York")
    start, end = (int(datetime(2026, each, 1, tzinfo=zone).timestamp()) for each in (11, 12))
    found = Month(start, end, start + 3 * HOUR, (1.0, 1.0, 1.0), (), start)
    look = Look(clock=Clock(ZoneInfo("Asia/Tokyo")), goals=Goals(zone=zone))
    drawing, rows = drawn(found, look)
    axis = drawing.figure["layout"]["xaxis"]  # type: ignore[index]
    midnight = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 1000
    assert axis["range"] == [midnight, int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1000]
    assert [each.replace("\u00a0", " ") for each in axis["ticktext"]] == ["1 Nov", "8 Nov", "15 Nov", "22 Nov", "30"]
    # The clocks went back at two: on the wall, the second hour ends when the first did.
    assert [x - midnight for x in rows["spent"]["x"]] == [0, 3_600_000, 3_600_000, 7_200_000]
    assert drawing.foot.replace("\u00a0", " ") == "up to 02:00 EST"


def test_on_a_narrow_screen_the_legend_has_one_line() -> None:
    _, rows = drawn(month(before=(1.0,) * 48), Look(narrow=True))
    assert rows["before"]["showlegend"] is False
    assert rows["ahead"]["name"] == "Forecast"


def test_a_refresh_is_a_patch_and_a_new_month_is_drawn_whole() -> None:
    now, later = drawn(month())[0], drawn(month((5.0, 7.0, 9.0)))[0]
    assert traces(now.figure, "light") == traces(later.figure, "light")  # type: ignore[arg-type]
    patch(later.figure)  # type: ignore[arg-type]
    other = Month(END, END + 31 * 86400, END + HOUR, (1.0,), (), START)
    assert traces(now.figure, "light") != traces(drawn(other)[0].figure, "light")  # type: ignore[arg-type]


def test_a_drag_over_the_month_sets_no_range() -> None:
    layout = drawn(month())[0].figure["layout"]  # type: ignore[index]
    assert layout["dragmode"] is False
    assert layout["xaxis"]["fixedrange"] is True
