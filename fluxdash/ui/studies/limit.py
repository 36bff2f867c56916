"""Which budget a view may be held against: a part of what a budget is for says nothing about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fluxdash.errors import FluxDashError
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.measures import COST
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import Gateway
from fluxdash.ui.studies.calendar import Calendar
from fluxdash.ui.study import Asking
from fluxdash.views.goals import Goals


def limit(gateway: Gateway, asking: Asking, calendar: Calendar) -> float | None:
    """Return the month's budget of all, or of the one account that is looked at; None where neither is seen whole."""
    scope, goals = asking.scope, asking.look.goals
    if scope.conditions:
        return None
    if not scope.filters:
        return goals.budget if scope.grant.accounts is None else None
    accounts = scope.filters[0].values if [each.dimension for each in scope.filters] == [ACCOUNT] else ()
    if len(accounts) != 1 or not goals.budgets or not _granted(scope, accounts[0]):
        return None
    own = by_account(goals, accounts, {})
    if own or not calendar.is_begun:
        return own.get(accounts[0])
    (found,) = gateway.answers([COST.top(1, by=ACCOUNT).within(scope.on(calendar.month))])
    names = {} if isinstance(found, FluxDashError) else dict(found.names)
    return by_account(goals, accounts, names).get(accounts[0])


def by_account(goals: Goals, accounts: Iterable[str], names: Mapping[str, str]) -> dict[str, float]:
    """Return the budgets of accounts by their UUID; a name in a budget stands for the account that is called so."""
    budgets = {key.casefold(): amount for key, amount in goals.budgets}
    found: dict[str, float] = {}
    for each in accounts:
        amount = budgets.get(each.casefold(), budgets.get(names.get(each, each).casefold()))
        if amount is not None:
            found[each] = amount
    return found


def _granted(scope: Scope, account: str) -> bool:
    return scope.grant.accounts is None or account in scope.grant.accounts
