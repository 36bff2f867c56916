"""The running month and the days ahead: hours of spend from the gateway, the forecast from them, and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from fluxdash.analysis.forecast import Forecast, Refusal
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
    """The hours of the last ninety days, under the page's filters but not its range, and what follows from them.

    `answer` is the month's own, which no longer look back changes; `is_empty` that there is none further back.
    """

    calendar: Calendar
    answer: Answer
    is_empty: bool
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

    The past is asked for a month at a time: what was read is kept, so a log that is slow to read is read once. Its
    hours stand before those of the month and never in their place, for another source may have counted others.
    """
    calendar = Calendar.at(asking.moment, asking.look.goals.zone)
    windows = [*([calendar.month] if calendar.is_begun else []), *(calendar.last(days * DAY) for days in _REACHES)]
    first, *older = (COST.over_time().within(asking.scope.on(each)) for each in windows)
    answer = longest = gateway.answer(first)
    for query in older:
        longer = _longer(gateway, query, answer)
        if isinstance(longer, FluxDashError) or not _continues(longer, answer):
            reason = longer if isinstance(longer, FluxDashError) else "they would be told otherwise"
            told = Note(NoteKind.FALLBACK, f"older days could not be read: {reason}")
            answer = replace(answer, provenance=replace(answer.provenance, notes=(*answer.provenance.notes, told)))
            break
        longest = longer
    own = only(answer).values
    values = (*only(longest).values[: longest.window.size - len(own)], *own)
    start, hours = longest.window.start, calendar.hours(values)
    is_empty = answer.is_empty and longest.is_empty
    return Spending(calendar, answer, is_empty, start, hours, asking.foresee(hours, start, calendar.zone))


def _longer(gateway: Gateway, query: Query, answer: Answer) -> Answer | FluxDashError:
    """Ask whoever told the month for a longer look back, though another source might be asked first for that."""
    try:
        return gateway.answer(query, answer.provenance.source)
    except FluxDashError as err:
        return err


def _continues(longer: Answer, answer: Answer) -> bool:
    """Whether a longer look back counts as the month's own answer does, so that its hours may stand before those."""
    if (longer.window.end, longer.window.step) != (answer.window.end, answer.window.step):
        return False
    one, two = longer.provenance, answer.provenance
    return (one.source, one.label, one.ignored) == (two.source, two.label, two.ignored)


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """The chart of the month so far and of where it will end."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        window = Calendar.at(asking.moment, asking.look.goals.zone).last(_REACHES[-1] * DAY)
        return [COST.over_time().within(asking.scope.on(window))]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        found = spending(gateway, asking)
        if found.is_empty:
            return empty(replace(asking, scope=found.answer.query.scope), [found.answer])
        month = found.month(limit(gateway, asking, found.calendar))
        drawing = month_to_date(month, asking.look, str(month.start))
        return _pictured(drawing, found, (month.start, month.end), asking, title)


@dataclass(frozen=True, slots=True)
class DaysAhead:
    """The table of the next seven days."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        return MonthToDate().queries(asking)

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        found = spending(gateway, asking)
        if found.is_empty:
            return empty(replace(asking, scope=found.answer.query.scope), [found.answer])
        if isinstance(found.outlook, Refusal):
            return State("absent", "clock", "No forecast yet", found.outlook.reason)
        days = [
            Outlook(_midnight(each.date, found.calendar.zone), each.expected, each.low, each.high)
            for each in found.outlook.days
        ]
        drawing = days_ahead(days, Clock(found.calendar.zone), found.outlook.sentence)
        end = _midnight(found.outlook.days[-1].date + timedelta(days=1), found.calendar.zone)
        return _pictured(drawing, found, (days[0].start, end), asking, title)


def _pictured(drawing: Drawing, found: Spending, span: tuple[int, int], asking: Asking, title: str) -> Picture:
    """Return the picture; it says that the time range does not reach it, and what is missing of the month alone."""
    told = found.answer.provenance
    # That the month is known from a later day on is told below; gaps in it are not.
    has_gaps = found.month(None).has_gaps
    notes = [each for each in told.notes if has_gaps or each.kind is not NoteKind.PARTIAL]
    source = replace(told, notes=(Note(NoteKind.IGNORED_FILTER, "ignores the time range"), *notes))
    shown = pictured(drawing, [replace(found.answer, provenance=source)], asking, title)
    return replace(shown, title=labelled(title, told.label), span=span, zone=found.calendar.zone)


def _ahead(found: Forecast, zone: tzinfo) -> tuple[Ahead, ...]:
    days = found.month.path
    ends = (_midnight(each.date + timedelta(days=1), zone) for each in days)
    return tuple(Ahead(end, day.expected, day.low, day.high) for end, day in zip(ends, days, strict=True))


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time.min, zone).timestamp())
