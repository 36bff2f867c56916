"""Budgets to hold a view against: a part of the spend is never held against the budget of all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fluxdash.semantic.conditions import condition, together
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.studies.calendar import Calendar
from fluxdash.ui.studies.limit import by_account, limit
from fluxdash.ui.study import Asking
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.ui.studies.hourly import Hourly

NOW = datetime(2026, 11, 23, 14, 32, tzinfo=UTC).timestamp()
CALENDAR = Calendar.at(NOW, UTC)
GOALS = Goals(budget=1000.0, budgets=(("ID-1", 100.0), ("Borealis-Bank", 200.0)))
ONE, TWO, MODELS = Filter.of(ACCOUNT, ["id-1"]), Filter.of(ACCOUNT, ["id-2"]), Filter.of(MODEL, ["opus"])


def told(
    *filters: Filter, grant: Grant | None = None, goals: Goals = GOALS, held: tuple[str, ...] = ()
) -> float | None:
    scope = Scope(Window.last(3600, NOW), filters, grant or Grant(None), together(map(condition, held)))
    spent = dict.fromkeys(("id-1", "id-2"), lambda hour: 1.0)
    hourly = Hourly(cost=spent, named={"id-1": "acme", "id-2": "borealis-bank"})
    return limit(hourly, Asking(scope, Look(goals=goals), now=NOW), CALENDAR)


def test_all_is_held_against_the_budget_of_all() -> None:
    assert told() == 1000.0
    assert told(goals=Goals()) is None


@pytest.mark.parametrize(("chosen", "budget"), [(ONE, 100.0), (TWO, 200.0), (Filter.of(ACCOUNT, ["id-3"]), None)])
def test_one_account_is_held_against_its_own_by_uuid_or_name(chosen: Filter, budget: float | None) -> None:
    assert told(chosen) == budget


def test_a_part_of_the_spend_is_held_against_nothing() -> None:
    assert told(MODELS) is None
    assert told(ONE, MODELS) is None
    assert told(Filter.of(ACCOUNT, ["id-1", "id-2"])) is None
    assert told(grant=Grant(frozenset({"id-1"}))) is None
    assert told(held=("latency:ge:2",)) is None
    assert told(ONE, held=("latency:ge:2",)) is None


def test_nobody_is_told_the_budget_of_an_account_that_is_not_theirs() -> None:
    mine = Grant(frozenset({"id-1"}))
    assert (told(ONE, grant=mine), told(TWO, grant=mine)) == (100.0, None)


def test_a_name_in_a_budget_stands_for_the_account_that_is_called_so() -> None:
    assert by_account(GOALS, ["id-1", "id-2", "id-3"], {"id-2": "borealis-bank"}) == {"id-1": 100.0, "id-2": 200.0}


def test_a_uuid_goes_before_a_name() -> None:
    goals = Goals(budgets=(("id-1", 1.0), ("acme", 2.0)))
    assert by_account(goals, ["id-1"], {"id-1": "acme"}) == {"id-1": 1.0}
