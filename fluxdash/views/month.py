"""The month so far and where it will end: its hours, what is ahead, and how both are told in words."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import Unit, figure, money
from fluxdash.views.savings import running
from fluxdash.views.tabular import Cell, Column, Table
from fluxdash.views.times import Clock

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the month will have cost by the end of a day (epoch seconds), and a band that holds it 4 times in 5."""

    end: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month: hourly dollars since `start` and of the month before, None where unknown, and what is ahead.

    `start`, `end` and `now` (the end of the last hour that is over) are epoch seconds. Without a forecast `ahead` is
    empty and `reason` says why; with one, `trust` says how it did on days that are over, and `unknown` is what hours
    that nobody counted are taken to have cost.
    """

    start: int
    end: int
    now: int
    hours: tuple[Amount, ...]
    before: tuple[Amount, ...]
    before_start: int
    ahead: tuple[Ahead, ...] = ()
    reason: str = ""
    trust: str = ""
    unknown: float = 0.0
    budget: float | None = None

    @property
    def spent(self) -> Amount:
        """What is known to be spent."""
        return next((each for each in reversed(self.so_far) if each is not None), None)

    @property
    def so_far(self) -> tuple[Amount, ...]:
        """What was spent by the end of each hour; None where the hour itself is not known."""
        return tuple(running(self.hours))

    @property
    def comparable(self) -> tuple[Amount, ...]:
        """What the month before had spent by the end of each hour; nothing unless it is known from its first day on."""
        known = [each is not None for each in self.before[:24]]
        return tuple(running(self.before)) if known and all(known) else ()

    @property
    def since(self) -> int | None:
        """Where what is known begins, if that is not the month's beginning."""
        first = next((i for i, each in enumerate(self.hours) if each is not None), 0)
        return self.start + first * HOUR if first else None

    @property
    def has_gaps(self) -> bool:
        """Whether hours are unknown after what is known begins."""
        return None in self.hours[next((i for i, each in enumerate(self.hours) if each is not None), 0) :]

    @property
    def gone(self) -> float | None:
        """The moment at which the budget is expected to be used up; None if not this month, or nobody can say."""
        at, total = self.now, self.spent
        if self.budget is None or total is None:
            return None
        for each in self.ahead:
            if each.expected > self.budget:
                return at + (each.end - at) * max(self.budget - total, 0.0) / (each.expected - min(total, self.budget))
            at, total = each.end, each.expected
        return None

    @property
    def elapsed(self) -> float:
        """The share of the month that is over."""
        return (self.now - self.start) / (self.end - self.start)

    @property
    def last(self) -> Ahead | None:
        """Where it will end."""
        return self.ahead[-1] if self.ahead else None

    def until(self, clock: Clock) -> str:
        """Return its last day, such as `30 Nov`."""
        return clock.day(self.end - 1)

    def sentence(self, clock: Clock) -> str:
        """Return what a chart of it shows, for those who can't see it."""
        end = f"; {money(self.last.expected)} expected by {self.until(clock)}" if self.last else ""
        budget = f"; the budget is {money(self.budget)}" if self.budget is not None else ""
        return f"Month to date: {figure(Unit.DOLLARS, self.spent)} spent{end}{budget}."

    def told(self, clock: Clock) -> Component:
        """Return where it will end and how far to trust that, or why nobody can say."""
        said: list[str] = []
        if self.since:
            said.append(f"Nothing is known before {clock.day(self.since)}, so the month is counted from then.")
        if self.last:
            band = f"{money(self.last.low)} and {money(self.last.high)}"
            end = money(self.last.expected)
            said.append(f"{end} by {self.until(clock)}, four times in five between {band}.")
        if self.unknown:
            said.append(f"Of that, {money(self.unknown)} stand for hours that nobody counted.")
        said.append(self.trust or f"No forecast: {self.reason}")
        return html.P(" ".join(said), className="told-below")

    def table(self, clock: Clock) -> Table:
        """Return its numbers: a row an hour that is over, and a row a day ahead."""
        dollars = [Column(name, Unit.DOLLARS) for name in ("Spent", "Expected", "Low", "High")]
        rows: list[tuple[Cell, ...]] = [
            (clock.at(self.start + (i + 1) * HOUR).isoformat(), total, None, None, None)
            for i, total in enumerate(self.so_far)
        ]
        rows += [(clock.at(each.end).isoformat(), None, each.expected, each.low, each.high) for each in self.ahead]
        return Table((Column(f"Until, {clock.name(self.now)}"), *dollars), tuple(rows))
