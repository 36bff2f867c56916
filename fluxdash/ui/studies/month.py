"""The running month and the days ahead: hours of spend from the gateway, the forecast from them, and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from fluxdash.analysis.forecast import Forecast, Refusal, forecast
from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer, Note, NoteKind
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import COST
from fluxdash.semantic.query import Query
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import State
from fluxdash.ui.studies.calendar import DAY, HOUR, Calendar
from fluxdash.ui.studies.limit import limit
from fluxdash.ui.study import Asking, Picture, empty, labelled, pictured
from fluxdash.views.course import month_to_date
from fluxdash.views.daily import Outlook, days_ahead
from fluxdash.views.month import Ahead, Month
from fluxdash.views.scene import Drawing, only
from fluxdash.views.times import Clock

_REACHES = (32, 63, 90)
"""Days to look back: the running month, the one before, and what the forecast rests on; an autumn has an hour more."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The hours of the last ninety days, under the page's filters but not its range, and what follows from them."""

    calendar: Calendar
    answer: Answer
    start: int
    hours: tuple[Amount, ...]
    outlook: Forecast | Refusal

    def month(self, budget: float | None) -> Month:
        """Return the running month, to be held against a budget."""
        calendar, found = self.calendar, self.outlook
        month = Month(
            start=calendar.start,
            end=calendar.end,
            now=calendar.now,
            hours=self._between(calendar.start, calendar.now),
            before=self._between(calendar.before, calendar.start),
            before_start=calendar.before,
            budget=budget,
        )
        if isinstance(found, Refusal):
            return replace(month, reason=found.reason)
        path = _ahead(found, calendar.zone)
        return replace(month, ahead=path, trust=found.sentence, unknown=found.month.unknown)

    def _between(self, start: int, end: int) -> tuple[Amount, ...]:
        """Return the hours whose middle lies between two moments, as the days of the forecast are cut."""
        first, last = (-((self.start + HOUR // 2 - each) // HOUR) for each in (start, end))
        return tuple(self.hours[i] if 0 <= i < len(self.hours) else None for i in range(first, last))


def spending(gateway: Gateway, asking: Asking) -> Spending:
    """Ask for the hours and look ahead; raises FluxDashError where not even the running month can be had.

    The past is asked for a month at a time: what was read is kept, so a log that is slow to read is read once.
    """
    calendar = Calendar.at(asking.moment, asking.look.goals.zone)
    first, *older = (COST.over_time().within(asking.scope.on(calendar.last(days * DAY))) for days in _REACHES)
    answer = gateway.answer(first)
    for query in older:
        longer = gateway.answers([query])[0]
        if isinstance(longer, FluxDashError):
            told = Note(NoteKind.FALLBACK, f"older days could not be read: {longer}")
            answer = replace(answer, provenance=replace(answer.provenance, notes=(*answer.provenance.notes, told)))
            break
        answer = longer
    start, hours = answer.window.start, calendar.hours(only(answer).values)
    return Spending(calendar, answer, start, hours, _outlook(hours, start, calendar.zone))


@lru_cache(maxsize=32)
def _outlook(hours: tuple[Amount, ...], start: int, zone: tzinfo) -> Forecast | Refusal:
    """Look ahead once an hour for each view, not at each refresh of each panel: same hours, same forecast."""
    return forecast(hours, start, zone)


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """The chart of the month so far and of where it will end."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        window = Calendar.at(asking.moment, asking.look.goals.zone).last(_REACHES[-1] * DAY)
        return [COST.over_time().within(asking.scope.on(window))]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        found = spending(gateway, asking)
        if found.answer.is_empty:
            return empty(replace(asking, scope=found.answer.query.scope), [found.answer])
        month = found.month(limit(gateway, asking, found.calendar))
        return _pictured(month_to_date(month, asking.look, str(month.start)), found, asking, title)


@dataclass(frozen=True, slots=True)
class DaysAhead:
    """The table of the next seven days."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        return MonthToDate().queries(asking)

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        found = spending(gateway, asking)
        if found.answer.is_empty:
            return empty(replace(asking, scope=found.answer.query.scope), [found.answer])
        if isinstance(found.outlook, Refusal):
            return State("absent", "clock", "No forecast yet", found.outlook.reason)
        days = [
            Outlook(_midnight(each.date, found.calendar.zone), each.expected, each.low, each.high)
            for each in found.outlook.days
        ]
        drawing = days_ahead(days, Clock(found.calendar.zone), found.outlook.sentence)
        return _pictured(drawing, found, asking, title)


def _pictured(drawing: Drawing, found: Spending, asking: Asking, title: str) -> Picture:
    """Return the picture; it says that the time range does not reach it, and what is missing of the month alone."""
    told = found.answer.provenance
    hours = found.month(None).hours
    begun = next((i for i, each in enumerate(hours) if each is not None), 0)
    # That the month is known from a later day on is told below; gaps in it are not.
    whole = None not in hours[begun:]
    notes = [each for each in told.notes if not (whole and each.kind is NoteKind.PARTIAL)]
    source = replace(told, notes=(Note(NoteKind.IGNORED_FILTER, "ignores the time range"), *notes))
    shown = pictured(drawing, [replace(found.answer, provenance=source)], asking, title)
    return replace(shown, title=labelled(title, told.label))


def _ahead(found: Forecast, zone: tzinfo) -> tuple[Ahead, ...]:
    days = found.month.path
    ends = (_midnight(each.date + timedelta(days=1), zone) for each in days)
    return tuple(Ahead(end, day.expected, day.low, day.high) for end, day in zip(ends, days, strict=True))


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time.min, zone).timestamp())
