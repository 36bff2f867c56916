"""Budgets of the running month: spent, how fast, and when the money is gone; worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import ABSENT, Unit, figure, times, whole_money
from fluxdash.views.elements import icon
from fluxdash.views.scene import Drawing
from fluxdash.views.tables import Head, Row, bar, filtering, table
from fluxdash.views.tabular import Column, Table
from fluxdash.views.times import Clock


class Status(StrEnum):
    """How a budget stands: used up, used up before the month ends at this pace, enough, or nobody can say."""

    OVER = "over"
    AT_RISK = "at risk"
    ON_TRACK = "on track"
    UNKNOWN = "unknown"


_LOOKS = {
    Status.OVER: ("bad", "bad", "bad-fill"),
    Status.AT_RISK: ("warn", "warn", "warn-fill"),
    Status.ON_TRACK: ("ok", "good", "m-main"),
    Status.UNKNOWN: ("stale", "off", "m-quiet"),
}
_ORDER = tuple(Status)


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget of a month, in dollars.

    `spent` is what is known to be spent since the month began, or since `since` (epoch seconds) where nothing is known
    before. `burn` is the share spent ÷ the share of the month that was watched: 1 uses the budget up on the last day.
    `pace` is dollars a day lately; `gone` the moment at which the budget is used up at that pace, None if not this
    month. `account` is the UUID, None for the whole gateway.
    """

    name: str
    account: str | None
    budget: float
    spent: Amount
    burn: Amount
    pace: Amount
    gone: float | None
    status: Status
    since: int | None = None

    @property
    def share(self) -> Amount:
        """The part of the budget that is spent, 0 to more than 1."""
        return None if self.spent is None or not self.budget else self.spent / self.budget


_HEADS = (
    Head("Account", numeric=False),
    Head("Spent as a bar", numeric=False, spare=True, spoken=False),
    Head("Spent"),
    Head("Budget"),
    Head("Used", spare=True),
    Head("Burn rate", spare=True),
    Head("Used up", spare=True),
    Head("State", numeric=False),
)


def budget_table(budgets: Sequence[Budget], clock: Clock, month: str, over: float) -> Drawing:
    """Return the budgets as a table; `month` is its name, `over` the share of it that is over."""
    ranked = sorted(budgets, key=lambda each: (_ORDER.index(each.status), -(each.share or 0.0), each.name))
    rows = [_row(each, clock, month) for each in ranked]
    counts = {each: sum(one.status is each for one in ranked) for each in Status}
    said = ", ".join(f"{number} {each}" for each, number in counts.items() if number)
    return Drawing(
        None,
        f"Budgets of {month}: {said}.",
        f"{month}, {figure(Unit.SHARE, over)} of it over",
        said,
        table("Budgets", _HEADS, rows, "budgets"),
        _table(ranked, clock),
    )


def judged(spent: Amount, budget: float, gone: float | None, *, is_known: bool) -> Status:
    """Judge a budget that is `gone` at some moment of the month, or never.

    That it lasts can't be said where a part of the month, or what is ahead of it, is not known.
    """
    if spent is None:
        return Status.UNKNOWN
    if spent > budget:
        return Status.OVER
    if gone is not None:
        return Status.AT_RISK
    return Status.ON_TRACK if is_known else Status.UNKNOWN


def state(status: Status) -> html.Span:
    """Return how a budget stands: an icon, a word and a colour, always all three."""
    mark, kind, _ = _LOOKS[status]
    return html.Span([icon(mark, 14), str(status)], className=f"st {kind}")


def _row(each: Budget, clock: Clock, month: str) -> Row:
    _, _, token = _LOOKS[each.status]
    name = html.Span(each.name, title=each.account or each.name)
    cells = (
        (name, "group-name"),
        (bar((min(each.share or 0.0, 1.0), token)), "group-bar"),
        (_spent(each, clock), "b"),
        whole_money(each.budget),
        (str(figure(Unit.SHARE, each.share)), "t2"),
        (times(each.burn), "t2"),
        (_gone(each, clock, month), "t2"),
        state(each.status),
    )
    return Row(cells, filtering(ACCOUNT, each.account) if each.account else None)


def _spent(each: Budget, clock: Clock) -> Component | str:
    text = str(figure(Unit.DOLLARS, each.spent))
    if each.since is None or each.spent is None:
        return text
    since = f"since {clock.day(each.since)}: nothing is known before"
    return html.Span([icon("warn", 12, "w"), f" {text}"], title=since)


def _gone(each: Budget, clock: Clock, month: str) -> str:
    if each.status is Status.OVER:
        return "used up"
    if each.gone is not None:
        return clock.day(each.gone)
    return ABSENT if each.pace is None or each.spent is None else f"not in {month}"


def _table(budgets: Sequence[Budget], clock: Clock) -> Table:
    columns = (
        Column("Account"),
        Column("Spent", Unit.DOLLARS),
        Column("Budget", Unit.DOLLARS),
        Column("Used", Unit.SHARE),
        Column("Burn rate"),
        Column("Pace a day", Unit.DOLLARS),
        Column("Used up"),
        Column("State"),
    )
    rows = tuple(
        (
            each.name,
            each.spent,
            each.budget,
            each.share,
            each.burn,
            each.pace,
            None if each.gone is None else clock.at(each.gone).date().isoformat(),
            str(each.status),
        )
        for each in budgets
    )
    return Table(columns, rows)
