"""The running month from the gateway: its hours, what is ahead, and what the panels say when a part is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fluxdash.analysis.forecast import Forecast, forecast
from fluxdash.errors import SourceTimeout
from fluxdash.semantic.answer import Answer, Note, NoteKind
from fluxdash.semantic.dimensions import MODEL, REGION
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.states import State
from fluxdash.ui.studies.month import DaysAhead, MonthToDate, spending
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.ui.studies.hourly import HOUR, Hourly
from tests.views.reading import cells, text

NOW = datetime(2026, 11, 23, 14, 32, tzinfo=UTC).timestamp()
DAY = 24 * HOUR
START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())


def steady(hour: int) -> float:
    """Two dollars an hour, three on the hours of the afternoon."""
    return 3.0 if 12 <= datetime.fromtimestamp(hour, UTC).hour < 18 else 2.0


def asking(window: Window | None = None, goals: Goals | None = None, *filters: Filter) -> Asking:
    scope = Scope(window or Window.last(3600, NOW), filters)
    return Asking(scope, Look(goals=goals or Goals()), True, "?range=1h", now=NOW)


def gateway(**more: object) -> Hourly:
    return Hourly(cost={"acme": steady}, **more)  # type: ignore[arg-type]


def by_hand(since: int, until: int) -> float:
    return sum(steady(hour) for hour in range(since, until, HOUR))


def test_the_month_is_the_sum_of_its_hours_that_are_over() -> None:
    found = spending(gateway(), asking())
    month = found.month(None)
    assert month.spent == by_hand(START, START + 22 * DAY + 14 * HOUR) == 22 * 54 + 12 * 2 + 2 * 3
    assert len(month.hours) == 22 * 24 + 14
    assert sum(each or 0 for each in month.before) == 31 * 54


def test_the_time_range_does_not_reach_it_and_the_panel_says_so() -> None:
    past = Window.between(NOW - 40 * DAY, NOW - 39 * DAY, NOW)
    shown = MonthToDate().draw(gateway(), asking(past), "Month to date")
    assert isinstance(shown, Picture)
    assert shown.drawing.sentence.startswith("Month to date: $1,218.00 spent")
    notes = {note.text: note.kind for each in shown.sources for note in each.notes}
    assert notes == {"ignores the time range": NoteKind.IGNORED_FILTER}


def test_filters_reach_it() -> None:
    chosen = Filter.of(MODEL, ["opus"])
    hourly = gateway()
    spending(hourly, asking(None, None, chosen))
    assert {query.scope.filters for query in hourly.asked} == {(chosen,)}


def test_the_past_is_asked_for_a_month_at_a_time_and_never_before_ninety_days() -> None:
    hourly = gateway()
    spending(hourly, asking())
    windows = [query.scope.window for query in hourly.asked]
    assert [each.seconds // DAY for each in windows] == [22, 32, 63, 90]
    assert {(each.end, each.step) for each in windows} == {(START + 22 * DAY + 14 * HOUR, 3600)}
    assert all(not each.head for each in windows)


def test_older_days_that_cannot_be_read_leave_the_month_and_a_shorter_forecast() -> None:
    late = gateway(longest=40 * DAY, refusal=SourceTimeout("Request log", "did not answer in 10 s"))
    shown = MonthToDate().draw(late, asking(), "Month to date")
    assert isinstance(shown, Picture)
    assert "$1,218.00 spent; $1,620.00 expected by 30 Nov" in shown.drawing.sentence
    said = [note.text for each in shown.sources for note in each.notes if note.kind is NoteKind.FALLBACK]
    assert said == ["older days could not be read: Request log: did not answer in 10 s"]
    assert found_before(shown) is False
    assert found_before(MonthToDate().draw(gateway(), asking(), "Month to date")) is True


def found_before(shown: Picture | State) -> bool:
    assert isinstance(shown, Picture)
    return any(trace["uid"].startswith("before") for trace in shown.drawing.figure["data"])  # type: ignore[index]


def test_the_forecast_is_that_of_the_hours_and_its_words_stand_below() -> None:
    shown = MonthToDate().draw(gateway(), asking(), "Month to date")
    assert isinstance(shown, Picture)
    first = START + 22 * DAY + 14 * HOUR - 90 * DAY
    own = forecast([steady(first + i * HOUR) for i in range(90 * 24)], first, UTC)
    assert isinstance(own, Forecast)
    told = text(shown.drawing.beside)
    assert told.endswith(own.sentence.replace("\u00a0", " "))
    assert "$1,620.00 by 30 Nov" in told
    assert own.month.expected == pytest.approx(30 * 54)


def test_with_little_history_the_spend_is_drawn_and_the_forecast_refused_with_its_reason() -> None:
    young = gateway(since=START + 21 * DAY)
    shown = MonthToDate().draw(young, asking(), "Month to date")
    assert isinstance(shown, Picture)
    assert f"${by_hand(START + 21 * DAY, START + 22 * DAY + 14 * HOUR):.2f} spent." in shown.drawing.sentence
    told = text(shown.drawing.beside)
    assert "Nothing is known before 22 Nov, so the month is counted from then." in told
    assert "No forecast: 1 full day of history: a forecast needs at least 3." in told
    refused = DaysAhead().draw(young, asking(), "Daily forecast")
    assert isinstance(refused, State)
    assert refused.title == "No forecast yet"
    assert refused.text.startswith("1 full day of history")


def test_the_days_ahead_begin_with_the_running_one_and_have_a_band() -> None:
    shown = DaysAhead().draw(gateway(), asking(), "Daily forecast")
    assert isinstance(shown, Picture)
    rows = cells(shown.drawing.beside)
    assert len(rows) == 8
    assert rows[1][0].startswith("Mon 23 Nov")
    assert rows[2] == ["Tue 24 Nov", "", "$54.00", "$54.00 – $54.00"]


def test_months_begin_at_midnight_of_the_reporting_zone() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    found = spending(gateway(), asking(None, Goals(zone=zone)))
    start = int(datetime(2026, 11, 1, tzinfo=zone).timestamp())
    month = found.month(None)
    assert month.start == start
    assert len(month.hours) == (found.calendar.now - start) // HOUR
    # From 18:30 to 19:00 UTC at two dollars an hour, then whole hours up to the last one that is over there.
    assert month.spent == pytest.approx(1.0 + by_hand(start + HOUR // 2, found.calendar.now - HOUR // 2) + 1.5)


def test_what_is_missing_before_the_month_is_not_told_as_missing_from_it_and_a_gap_in_it_is() -> None:
    partial = Note(NoteKind.PARTIAL, "The log starts at 2026-10-15T00:00:00Z.")

    class Gappy(Hourly):
        def _between(self, accounts: Sequence[str], start: int, step: int) -> Amount:
            return None if start == START + 5 * DAY else super()._between(accounts, start, step)

    whole = MonthToDate().draw(gateway(since=START - 17 * DAY, notes=(partial,)), asking(), "Month to date")
    assert isinstance(whole, Picture)
    assert partial not in whole.sources[0].notes
    gappy = MonthToDate().draw(Gappy(cost={"acme": steady}, notes=(partial,)), asking(), "Month to date")
    assert isinstance(gappy, Picture)
    assert partial in gappy.sources[0].notes
    assert "stand for hours that nobody counted" in text(gappy.drawing.beside)


def test_without_any_request_there_is_nothing_to_draw() -> None:
    shown = MonthToDate().draw(gateway(since=int(NOW)), asking(None, None, Filter.of(REGION, ["nowhere"])), "Month")
    assert isinstance(shown, State)
    assert shown.title == "Nothing matches"


def test_pandas_is_whole_before_any_thread_could_meet_half_of_it() -> None:
    code = "import sys, fluxdash.ui.studies.month; sys.exit('pandas' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_longer_look_back_that_another_source_answers_leaves_the_month_as_it_was() -> None:
    class Two(Hourly):
        def _told(self, query: Query) -> Answer:
            found = super()._told(query)
            if query.scope.window.seconds < 60 * DAY:
                return found
            (line,) = found.lines
            other = replace(line, values=tuple((each or 0.0) / 2 for each in line.values))
            return replace(found, lines=(other,), provenance=replace(found.provenance, source="prometheus"))

    found = spending(Two(cost={"acme": steady}), asking())
    assert found.month(None).spent == by_hand(START, START + 22 * DAY + 14 * HOUR)
    assert (found.answer.provenance.source, len(found.hours)) == ("log", 32 * 24)
    assert [each.kind for each in found.answer.provenance.notes] == [NoteKind.FALLBACK]


def test_a_longer_look_back_is_asked_of_whoever_told_the_month() -> None:
    class Noting(Hourly):
        def answer(self, query: Query, source: str = AUTO) -> Answer:
            sources.append(source)
            return super().answer(query, source)

    sources: list[str] = []
    spending(Noting(cost={"acme": steady}), asking())
    assert sources == [AUTO, "log", "log", "log"]
