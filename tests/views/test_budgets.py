"""Budgets as a table: worst first, and each with an icon, a word and a colour."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fluxdash.views.budgets import Budget, Status, budget_table, state
from fluxdash.views.times import Clock
from tests.views.reading import cells, every, marked, prop, text

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


def budget(name: str, status: Status, **more: object) -> Budget:
    given = {
        "account": f"id-{name}", "budget": 100.0, "spent": 50.0, "burn": 0.65, "pace": 2.0, "gone": None, **more
    }  # fmt: skip
    return Budget(name=name, status=status, **given)  # type: ignore[arg-type]


ROWS = (
    budget("calm", Status.ON_TRACK),
    budget("gone", Status.OVER, spent=120.0, burn=1.56),
    budget("close", Status.AT_RISK, spent=90.0, gone=NOON),
    budget("nobody", Status.UNKNOWN, spent=None, burn=None, pace=None),
)


def table(*rows: Budget):
    return budget_table(rows, Clock(), "November", 0.77)


def test_the_worst_stand_first() -> None:
    rows = cells(table(*ROWS).beside)
    assert [row[0] for row in rows[1:]] == ["gone", "close", "calm", "nobody"]


def test_a_row_says_what_is_spent_of_what_how_fast_and_until_when() -> None:
    rows = {row[0]: row[2:] for row in cells(table(*ROWS).beside)[1:]}
    assert rows["calm"] == ["$50.00", "$100", "50.0 %", "0.65×", "not in November", "on track"]
    assert rows["close"] == ["$90.00", "$100", "90.0 %", "0.65×", "28 Nov", "at risk"]
    assert rows["gone"] == ["$120.00", "$100", "120.0 %", "1.56×", "used up", "over"]
    assert rows["nobody"] == ["–", "$100", "–", "–", "–", "unknown"]


@pytest.mark.parametrize(
    ("status", "kind", "mark"),
    [(Status.OVER, "bad", "bad"), (Status.AT_RISK, "warn", "warn"), (Status.ON_TRACK, "good", "ok"),
     (Status.UNKNOWN, "off", "stale")],
)  # fmt: skip
def test_a_state_is_an_icon_a_word_and_a_colour(status: Status, kind: str, mark: str) -> None:
    shown = state(status)
    assert f"st {kind}" == shown.className
    assert f"i-{mark}" in shown.children[0].className
    assert shown.children[1] == status


def test_a_bar_is_never_longer_than_its_budget() -> None:
    widths = [each.style["width"] for each in every(table(ROWS[1]).beside) if type(each).__name__ == "I"]
    assert widths == ["100.0%"]


def test_what_is_known_since_the_middle_of_the_month_is_marked() -> None:
    since = int(datetime(2026, 11, 17, tzinfo=UTC).timestamp())
    drawn = table(budget("late", Status.UNKNOWN, since=since)).beside
    (mark,) = marked(drawn, "i-warn")
    assert "w" in mark.className
    titles = [each.title for each in every(drawn) if getattr(each, "title", "")]
    assert "since 17 Nov: nothing is known before" in titles


def test_the_counts_stand_in_the_footnote_and_the_sentence() -> None:
    drawing = table(*ROWS)
    assert drawing.foot == "1 over, 1 at risk, 1 on track, 1 unknown"
    assert drawing.sentence == "Budgets of November: 1 over, 1 at risk, 1 on track, 1 unknown."
    assert text(drawing.unit) == "November, 77.0 % of it over"


def test_a_row_filters_by_its_account_and_the_whole_gateway_by_nothing() -> None:
    drawn = table(budget("acme", Status.ON_TRACK), budget("All accounts", Status.OVER, account=None)).beside
    rows = [each for each in every(drawn) if type(each).__name__ == "Tr"][1:]
    assert [prop(each, "data-filter") for each in rows] == [None, "account=id-acme"]
