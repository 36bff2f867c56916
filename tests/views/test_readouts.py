"""Tiles: what stands beside a number, and how a number that needs attention looks."""

from __future__ import annotations

from fluxdash.semantic.measures import COST, REQUESTS
from fluxdash.semantic.units import Figure
from fluxdash.views.readouts import Beside, Readout
from tests.views.reading import marked, prop, text
from tests.views.scenes import answer


def test_a_number_beside_can_be_what_falls_on_a_day() -> None:
    five_minutes = answer(COST.over_time(), [1.0] * 5)
    assert Beside(question=COST.over_time(), per=86_400).amount(five_minutes) == 5 / 300 * 86_400
    assert Beside(question=COST.over_time()).amount(five_minutes) == 5.0
    assert Beside(question=COST.over_time(), per=86_400).amount(answer(COST.over_time(), [None] * 5)) is None


def test_a_rate_is_still_by_the_second() -> None:
    assert Beside(question=REQUESTS.over_time(), rate=True).amount(answer(REQUESTS.over_time(), [60.0] * 5)) == 1.0


def test_a_tone_is_told_by_the_number_alone() -> None:
    drawn = Readout(title="Unpriced", value=Figure("3"), tone="warn", hint="of opus").drawn()
    (value,) = marked(drawn, "kpi-v")
    assert (value.className, value.title) == ("kpi-v warn", "of opus")
    assert prop(drawn, "aria-label") == "Unpriced: 3"
    assert text(marked(drawn, "kpi-h")).strip() == "Unpriced"


def test_time_that_nobody_watched_is_in_no_rate() -> None:
    known = answer(COST.over_time(), [None] * 4 + [6.0])
    assert Beside(question=COST.over_time(), per=86_400).amount(known) == 6 / 60 * 86_400
    assert Beside(question=COST.over_time(), rate=True).amount(known) == 6 / 60
