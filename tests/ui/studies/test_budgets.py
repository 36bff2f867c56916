"""Budgets against what was really spent: burn rates, the day the money is gone, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fluxdash.errors import FluxDashError, SourceTimeout
from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.studies.budgets import Budgets
from fluxdash.ui.studies.month import spending
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.ui.studies.hourly import HOUR, Hourly

NOW = datetime(2026, 11, 21, 0, 10, tzinfo=UTC).timestamp()
DAY = 24 * HOUR
START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
END = START + 30 * DAY
NAMES = {"id-1": "acme", "id-2": "borealis", "id-3": "calm"}


def fast(hour: int) -> float:
    """A dollar an hour, and three in the last seven days."""
    return 3.0 if hour >= START + 13 * DAY else 1.0


def gateway(**more: object) -> Hourly:
    given = {"cost": {"id-1": fast, "id-2": lambda hour: 0.5, "id-4": lambda hour: 0.0}, "named": NAMES, **more}
    return Hourly(**given)  # type: ignore[arg-type]


def asking(goals: Goals, *filters: Filter, grant: Grant | None = None, now: float = NOW) -> Asking:
    scope = Scope(Window.last(3600, NOW), filters, grant or Grant(None))
    return Asking(scope, Look(goals=goals), True, "?range=1h", now=now)


def rows(goals: Goals, hourly: Hourly | None = None, *filters: Filter, **more: object) -> dict[str, tuple]:
    shown = Budgets().draw(hourly or gateway(), asking(goals, *filters, **more), "Budgets")  # type: ignore[arg-type]
    assert isinstance(shown, Picture), shown
    return {str(row[0]): row[1:] for row in shown.table.rows}


def test_a_budget_is_spent_since_the_month_began_and_gone_at_the_pace_of_the_last_seven_days() -> None:
    spent = 13 * 24 * 1.0 + 7 * 24 * 3.0
    found = rows(Goals(budgets=(("acme", 1000.0), ("borealis", 1000.0))))
    amount, budget, used, burn, pace, gone, status = found["acme"]
    assert (amount, budget, used, pace) == (spent, 1000.0, spent / 1000, 72.0)
    assert burn == pytest.approx((spent / 1000) / (20 / 30))
    # 184 dollars at 72 a day last two days and a half.
    assert (gone, status) == ("2026-11-23", "at risk")
    amount, _, _, burn, pace, gone, status = found["borealis"]
    assert (amount, pace, gone, status) == (240.0, 12.0, None, "on track")
    assert burn == pytest.approx(0.24 / (20 / 30))


def test_what_is_spent_is_over() -> None:
    assert rows(Goals(budgets=(("acme", 800.0),)))["acme"][-1] == "over"


def test_a_burn_rate_of_one_uses_the_budget_up_on_the_last_day() -> None:
    amount, _, _, burn, _, gone, status = rows(Goals(budgets=(("borealis", 360.0),)))["borealis"]
    assert (amount, burn) == (240.0, pytest.approx(1.0))
    assert (gone, status) == (None, "on track")
    assert rows(Goals(budgets=(("borealis", 359.0),)))["borealis"][5:] == ("2026-11-30", "at risk")


def test_an_account_that_spent_nothing_yet_has_zero_where_the_month_is_known_and_nothing_where_it_is_not() -> None:
    assert rows(Goals(budgets=(("calm", 10.0),)))["calm"][:2] == (0.0, 10.0)
    found = rows(Goals(budgets=(("calm", 10.0),)), gateway(since=int(NOW) - 100))
    assert found["calm"][0] is None
    assert found["calm"][-1] == "unknown"


def test_an_account_that_nobody_knows_has_no_zero() -> None:
    found = rows(Goals(budgets=(("typo", 10.0), ("ID-2", 500.0))))
    assert (found["typo"][0], found["typo"][-1]) == (None, "unknown")
    assert found["borealis"][0] == 240.0


def test_an_account_that_nobody_knows_is_named_as_such() -> None:
    goals = Goals(budget=5000.0, budgets=(("typo", 10.0), ("acme", 500.0)))
    shown = Budgets().draw(gateway(), asking(goals), "Budgets")
    assert isinstance(shown, Picture)
    partial = [note.text for note in shown.sources[0].notes if note.kind is NoteKind.PARTIAL]
    assert partial == ["FLUXDASH_BUDGETS names accounts not known here: typo"]
    many = Budgets().draw(gateway(), asking(Goals(budgets=tuple((f"typo-{i}", 1.0) for i in range(5)))), "Budgets")
    assert isinstance(many, Picture)
    assert many.sources[0].notes[1].text.endswith("not known here: typo-0, typo-1, typo-2 and 2 more")


def test_without_names_a_uuid_can_be_told_and_a_name_cannot() -> None:
    uuid = "496304a0-fad9-50eb-a49d-77813c64e728"
    found = rows(Goals(budgets=((uuid, 10.0), ("acme", 10.0), ("id-2", 500.0))), gateway(named={}))
    assert (found[uuid][0], found["acme"][0], found["id-2"][0]) == (0.0, None, 240.0)


def test_a_pace_that_cannot_be_read_takes_nothing_else_away() -> None:
    class Slow(Hourly):
        def _refused(self, query: Query) -> FluxDashError | None:
            week = query.question.by == ACCOUNT and query.scope.window.seconds == 7 * DAY
            return SourceTimeout("Request log", "did not answer in 10 s") if week else None

    slow = Slow(cost={"id-2": lambda hour: 0.5}, named=NAMES)
    amount, _, _, _, pace, gone, status = rows(Goals(budgets=(("borealis", 1000.0),)), slow)["borealis"]
    assert (amount, pace, gone, status) == (240.0, None, None, "unknown")


def test_list_prices_are_not_called_spend() -> None:
    class Listed(Hourly):
        def _told(self, query: Query) -> Answer:
            found = super()._told(query)
            return replace(found, provenance=replace(found.provenance, label="List-price cost, hits included"))

    listed = Listed(cost={"id-2": lambda hour: 0.5}, named=NAMES)
    shown = Budgets().draw(listed, asking(Goals(budgets=(("borealis", 1000.0),))), "Budgets")
    assert isinstance(shown, Picture)
    assert shown.title == "Budgets (list-price cost, hits included)"


def test_a_month_that_is_not_known_from_its_beginning_is_never_on_track() -> None:
    late = gateway(since=START + 10 * DAY)
    found = rows(Goals(budgets=(("borealis", 1000.0), ("acme", 500.0))), late)
    amount, _, _, burn, pace, _, status = found["borealis"]
    assert (amount, pace, status) == (120.0, 12.0, "unknown")
    assert burn == pytest.approx(0.12 / (10 / 30))
    assert found["acme"][-1] == "over"


def test_without_a_day_of_the_last_week_there_is_no_pace() -> None:
    found = rows(Goals(budgets=(("borealis", 1000.0),)), gateway(since=int(NOW) - 20 * HOUR))
    assert found["borealis"][4] is None


def test_the_whole_gateway_has_a_budget_too() -> None:
    found = rows(Goals(budget=5000.0, budgets=(("acme", 1000.0),)))
    assert found["All accounts"][0] == 13 * 24 + 7 * 24 * 3 + 240
    assert list(found) == ["acme", "All accounts"]


def test_accounts_that_the_ranking_cut_off_are_asked_for_by_name() -> None:
    crowd = {f"id-{i}": (lambda hour, i=i: float(i)) for i in range(10, 20)}
    hourly = Hourly(cost={**crowd, "id-2": lambda hour: 0.5}, named=NAMES | {each: each for each in crowd}, most=3)
    assert rows(Goals(budgets=(("borealis", 500.0),)), hourly)["borealis"][0] == 240.0
    assert any(Filter.of(ACCOUNT, ["id-2"]) in query.scope.filters for query in hourly.asked)


def test_the_account_filter_chooses_rows_and_the_others_do_not_narrow_a_budget() -> None:
    goals = Goals(budget=5000.0, budgets=(("acme", 1000.0), ("borealis", 1000.0)))
    found = rows(goals, None, Filter.of(ACCOUNT, ["id-2"]), Filter.of(MODEL, ["opus"]))
    assert list(found) == ["borealis"]
    shown = Budgets().draw(gateway(), asking(goals, Filter.of(MODEL, ["opus"])), "Budgets")
    assert isinstance(shown, Picture)
    ignored = [note.text for note in shown.sources[0].notes if note.kind is NoteKind.IGNORED_FILTER]
    assert ignored == ["Model filter not applied: a budget is for all of an account's spend", "ignores the time range"]


def test_conditions_on_single_requests_do_not_narrow_a_budget_and_are_named() -> None:
    goals = Goals(budget=5000.0, budgets=(("acme", 1000.0),))
    plain, hourly = asking(goals), gateway()
    held = replace(plain, scope=replace(plain.scope, conditions=(condition("latency:ge:2"),)))
    shown, whole = (Budgets().draw(hourly, each, "Budgets") for each in (held, plain))
    assert isinstance(shown, Picture)
    assert isinstance(whole, Picture)
    assert shown.table.rows[0][1:3] == whole.table.rows[0][1:3]
    assert {query.scope.conditions for query in hourly.asked} == {()}
    ignored = [note.text for note in shown.sources[0].notes if note.kind is NoteKind.IGNORED_FILTER]
    assert ignored[0] == "Condition filter not applied: a budget is for all of an account's spend"


def test_nobody_sees_the_budget_of_an_account_that_is_not_theirs() -> None:
    goals = Goals(budget=5000.0, budgets=(("acme", 1000.0), ("borealis", 1000.0), ("stranger", 7.0)))
    assert list(rows(goals, None, grant=Grant(frozenset({"id-2"})))) == ["borealis"]
    none = Budgets().draw(gateway(), asking(goals, grant=Grant(frozenset({"id-9"}))), "Budgets")
    assert isinstance(none, State)
    assert none.title == "No budget matches"


def test_without_budgets_the_panel_says_how_to_set_them_and_asks_nobody() -> None:
    hourly = gateway()
    shown = Budgets().draw(hourly, asking(Goals()), "Budgets")
    assert isinstance(shown, State)
    assert "`FLUXDASH_BUDGETS`" in shown.text
    assert hourly.asked == []


def test_months_are_those_of_the_reporting_zone() -> None:
    zone = ZoneInfo("America/New_York")
    found = rows(Goals(budgets=(("borealis", 1000.0),), zone=zone))
    start = datetime(2026, 11, 1, tzinfo=zone).timestamp()
    assert found["borealis"][0] == (NOW // HOUR * HOUR - start) / HOUR * 0.5


def test_in_the_first_hour_of_a_month_nothing_is_said_of_it() -> None:
    shown = Budgets().draw(gateway(), asking(Goals(budget=1.0), now=END + 600), "Budgets")
    assert isinstance(shown, State)
    assert shown.title == "December has just begun"


def test_a_source_that_fails_is_a_state_of_the_panel() -> None:
    late = gateway(longest=DAY, refusal=SourceTimeout("Request log", "did not answer in 10 s"))
    shown = Panel("Budgets", height=0, study=Budgets()).draw(late, asking(Goals(budget=1.0)))
    assert isinstance(shown, State)
    assert shown.kind == "failed"


def test_a_week_of_which_one_question_fails_leaves_the_budgets_without_a_pace() -> None:
    class Slow(Hourly):
        def _refused(self, query: Query) -> FluxDashError | None:
            week = query.question.by is None and query.scope.window.seconds == 7 * DAY
            return SourceTimeout("Request log", "did not answer in 10 s") if week else None

    slow = Slow(cost={"id-2": lambda hour: 0.5}, named=NAMES)
    assert rows(Goals(budgets=(("borealis", 1000.0),)), slow)["borealis"][4] is None


def test_the_whole_is_what_its_hours_cost_and_not_the_list_prices_of_the_accounts() -> None:
    class Listed(Hourly):
        def _told(self, query: Query) -> Answer:
            found = super()._told(query)
            if query.question.by is None:
                return found
            lines = tuple(replace(each, total=(each.total or 0.0) * 2) for each in found.lines)
            return replace(found, lines=lines, provenance=replace(found.provenance, label="List-price cost"))

    listed = Listed(cost={"id-2": lambda hour: 0.5}, named=NAMES)
    goals = Goals(budget=1000.0, budgets=(("borealis", 1000.0),))
    found = rows(goals, listed)
    assert (found["All accounts"][0], found["borealis"][0]) == (240.0, 480.0)
    shown = Budgets().draw(listed, asking(goals), "Budgets")
    assert isinstance(shown, Picture)
    assert shown.title == "Budgets (by account: list-price cost)"


def test_the_budget_of_the_month_to_date_is_judged_by_the_forecast_as_it_is_there() -> None:
    def busy(hour: int) -> float:
        return 1.0 if datetime.fromtimestamp(hour, UTC).weekday() >= 5 else 5.0

    hourly = Hourly(cost={"id-1": busy}, named=NAMES)
    month = spending(hourly, asking(Goals())).month(None)
    assert month.last is not None
    for budget, status in ((month.last.expected - 1.0, "at risk"), (month.last.expected + 1.0, "on track")):
        assert rows(Goals(budget=budget), hourly)["All accounts"][-1] == status
