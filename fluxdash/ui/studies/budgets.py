"""What accounts spent of their budgets this month, and how long the rest will last.

A budget is for all that an account spends, so the filters by anything else do not narrow it, and the panel says so. The
pace is what the last seven days cost a day, of those that were watched at all. At that pace a budget is used up at
now + (budget − spent) ÷ pace. The burn rate is the share of the budget that is spent ÷ the share of the month that was
watched, so 1 uses it up on the month's last day. The one budget that the month to date is held against too is judged
as it is there, by the forecast where there is one, so that a page has one opinion of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import COST
from fluxdash.semantic.query import MOST_GROUPS, Query
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import State
from fluxdash.ui.studies.calendar import DAY, HOUR, Calendar
from fluxdash.ui.studies.limit import by_account
from fluxdash.ui.studies.month import spending
from fluxdash.ui.study import Asking, Picture, labelled, pictured
from fluxdash.views.budgets import Budget, budget_table, judged
from fluxdash.views.goals import Goals
from fluxdash.views.lines import added
from fluxdash.views.month import Month
from fluxdash.views.scene import only
from fluxdash.views.times import Clock

_LATELY = 7 * DAY
_WHOLE = "All accounts"
_AT_ONCE = 100
_MOST_NAMED = 3
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BY_ACCOUNT = COST.top(MOST_GROUPS, by=ACCOUNT)


@dataclass(frozen=True, slots=True)
class Spent:
    """What is known of spend in a window of hours: by account, in all, and since when; None where nobody watched.

    `strangers` have a budget and are nobody that the gateway knows: of them there is nothing to know.
    """

    window: Window
    accounts: Mapping[str, Amount]
    total: Amount
    source: Provenance
    since: int | None
    strangers: frozenset[str | None]

    @property
    def watched(self) -> int:
        """Seconds of the window of which anything is known."""
        return 0 if self.since is None else self.window.end - self.since

    @property
    def is_whole(self) -> bool:
        """Whether it is known from the window's beginning on."""
        return self.since is not None and self.since < self.window.start + HOUR

    def of(self, account: str | None) -> Amount:
        """Return what an account spent: 0 where somebody watched and saw nothing of it."""
        if account is None:
            return self.total
        return self.accounts.get(account, 0.0 if self.since is not None and account not in self.strangers else None)

    def pace(self, account: str | None) -> Amount:
        """Return dollars a day; None where not even a day was watched."""
        spent = self.of(account)
        return spent / self.watched * DAY if spent is not None and self.watched >= DAY else None


@dataclass(frozen=True, slots=True)
class Budgets:
    """The table of budgets, of the whole gateway and per account."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        calendar = Calendar.at(asking.moment, asking.look.goals.zone)
        return [_BY_ACCOUNT.within(_scope(asking).on(calendar.month))] if calendar.is_begun else []

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        goals = asking.look.goals
        if goals.budget is None and not goals.budgets:
            text = "Give accounts a monthly limit in `FLUXDASH_BUDGETS`, the whole gateway one in `FLUXDASH_BUDGET`."
            return State("empty", "cost", "No budgets are set", text, foot="no budgets")
        calendar, clock = Calendar.at(asking.moment, goals.zone), Clock(goals.zone)
        month = f"{clock.at(calendar.start):%B}"
        if not calendar.is_begun:
            return State("empty", "clock", f"{month} has just begun", "No hour of it is over yet.")
        scope = _scope(asking)
        answer = gateway.answer(_BY_ACCOUNT.within(scope.on(calendar.month)))
        wanted = _wanted(goals, scope, dict(answer.names))
        so_far = _spent(gateway, scope.on(calendar.month), answer, wanted)
        week = scope.on(calendar.last(_LATELY))
        lately, foreseen = _lately(gateway, week, wanted), _foreseen(gateway, asking, wanted)
        rows = [
            _budget(answer, each, amount, so_far, lately, calendar, foreseen.get(each))
            for each, amount in wanted.items()
        ]
        if not rows:
            return State("empty", "filter", "No budget matches", "None of the accounts looked at has a budget.")
        drawing = budget_table(rows, clock, month, calendar.elapsed)
        told = [*([answer.provenance] if set(wanted) != {None} else []), *([so_far.source] if None in wanted else [])]
        sources = (replace(told[0], notes=(*_unheard(asking), *_unmet(so_far), *told[0].notes)), *told[1:])
        label = told[0].label
        if label and any(each.label != label for each in told):
            label = f"by account: {label[:1].lower()}{label[1:]}"
        shown = pictured(drawing, [answer], asking, title)
        span = (calendar.start, calendar.now)
        return replace(shown, sources=sources, title=labelled(title, label), span=span, zone=calendar.zone)


def _scope(asking: Asking) -> Scope:
    """Return the scope of the page with the filter by account alone."""
    kept = tuple(each for each in asking.scope.filters if each.dimension == ACCOUNT)
    return replace(asking.scope, filters=kept, conditions=())


def _unheard(asking: Asking) -> list[Note]:
    names = [each.dimension.title for each in asking.scope.filters if each.dimension != ACCOUNT]
    names += ["Condition"] if asking.scope.conditions else []
    said = [f"{', '.join(names)} filter not applied: a budget is for all of an account's spend"] if names else []
    return [Note(NoteKind.IGNORED_FILTER, text) for text in (*said, "ignores the time range")]


def _unmet(so_far: Spent) -> list[Note]:
    """Return the note about budgets of accounts that nobody here has heard of, most likely misspelt."""
    names = sorted(each for each in so_far.strangers if each is not None and each not in so_far.accounts)
    shown = ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else "")
    return [Note(NoteKind.PARTIAL, f"FLUXDASH_BUDGETS names accounts not known here: {shown}")] if names else []


def _wanted(goals: Goals, scope: Scope, names: Mapping[str, str]) -> dict[str | None, float]:
    """Return the budgets to show by account; the whole gateway's is None's, where all of it is looked at."""
    granted = scope.grant.accounts
    chosen = scope.filters[0].values if scope.filters else None
    called = {each.casefold() for pair in names.items() for each in pair}
    known = [*names, *(key for key, _ in goals.budgets if key.casefold() not in called)]
    seen = [each for each in known if (granted is None or each in granted) and (chosen is None or each in chosen)]
    wanted: dict[str | None, float] = dict(by_account(goals, seen, names).items())
    if goals.budget is not None and granted is None and chosen is None:
        wanted[None] = goals.budget
    return wanted


def _spent(gateway: Gateway, scope: Scope, answer: Answer, wanted: Mapping[str | None, float]) -> Spent:
    """Return what was spent in a window; accounts that the ranking cut off are asked for by name."""
    hours = gateway.answer(COST.over_time().within(replace(scope, filters=())))
    accounts = {str(line.group): line.total for line in answer.lines}
    missing = [each for each in wanted if each is not None and each not in accounts] if answer.other else []
    for some in (missing[i : i + _AT_ONCE] for i in range(0, len(missing), _AT_ONCE)):
        more = gateway.answer(_BY_ACCOUNT.within(replace(scope, filters=(Filter.of(ACCOUNT, some),))))
        accounts |= {str(line.group): line.total for line in more.lines}
    window = hours.window
    first = next((i for i, each in enumerate(only(hours).values) if each is not None), None)
    since = None if first is None else window.start + first * window.step
    known = dict(answer.names)
    # Without names nobody can say whom a budget's name means, but a UUID needs none.
    strangers = frozenset(each for each in wanted if each not in known and (known or not _UUID.fullmatch(each or "")))
    return Spent(window, accounts, added(only(hours).values), hours.provenance, since, strangers)


def _lately(gateway: Gateway, scope: Scope, wanted: Mapping[str | None, float]) -> Spent | None:
    """Return what was spent in the last days; without it there is no pace, and all else stands."""
    try:
        return _spent(gateway, scope, gateway.answer(_BY_ACCOUNT.within(scope)), wanted)
    except FluxDashError:
        return None


def _foreseen(gateway: Gateway, asking: Asking, wanted: Mapping[str | None, float]) -> dict[str | None, Month]:
    """Return the month, looked ahead, of the one budget that the page's own spend may be held against."""
    filters = asking.scope.filters
    if asking.scope.conditions or any(each.dimension != ACCOUNT or len(each.values) > 1 for each in filters):
        return {}
    account = filters[0].values[0] if filters else None
    if account not in wanted:
        return {}
    try:
        month = spending(gateway, asking).month(wanted[account])
    except FluxDashError:
        return {}
    return {account: month} if month.last else {}


def _budget(
    answer: Answer,
    account: str | None,
    budget: float,
    so_far: Spent,
    lately: Spent | None,
    calendar: Calendar,
    foreseen: Month | None,
) -> Budget:
    spent, pace = so_far.of(account), lately.pace(account) if lately else None
    share = so_far.watched / (calendar.end - calendar.start)
    burn = spent / budget / share if spent is not None and share and budget else None
    left = None if spent is None else budget - spent
    gone = calendar.now + left / pace * DAY if left is not None and pace and left >= 0 else None
    name = _WHOLE if account is None else answer.name(account)
    gone = gone if gone is not None and gone < calendar.end else None
    if foreseen:
        gone = foreseen.gone
    status = judged(spent, budget, gone, is_known=so_far.is_whole and (foreseen is not None or pace is not None))
    return Budget(name, account, budget, spent, burn, pace, gone, status, None if so_far.is_whole else so_far.since)
