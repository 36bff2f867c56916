"""Tiles: what stands beside a number, and how a number that needs attention looks."""

from __future__ import annotations

from fluxdash.semantic.answer import Answer
from fluxdash.semantic.measures import COST, HIT_RATE, REQUESTS
from fluxdash.semantic.units import Figure
from fluxdash.views.readouts import Beside, Readout, TileScene, tile
from fluxdash.views.times import Clock
from tests.views.reading import marked, prop, text
from tests.views.scenes import WINDOW, answer


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


def told(now: Answer) -> str:
    """Return what a tile says of a change from 100 of something in the five minutes before."""
    before = answer(now.query.question, [20.0] * 5, total=100.0, n=400, window=WINDOW.previous())
    scene = TileScene(
        title="T",
        answer=now,
        before=before,
        beside=(),
        clock=Clock(),
        drawn_before=True,
        usual_source="log",
        source_titles=(),
    )
    return " ".join(text(marked(tile(scene), "delta")).split())


def test_a_sum_of_which_a_part_is_missing_did_not_fall() -> None:
    """Where nobody watched four of five minutes, a fifth of the traffic is no loss of it; a rate can be compared."""
    for question in (REQUESTS.over_time(), COST.over_time()):
        assert told(answer(question, [None] * 4 + [20.0], n=400)) == "– part is missing"
        assert "missing" not in told(answer(question, [4.0] * 5, n=400))
    assert "missing" not in told(answer(HIT_RATE.over_time(), [None] * 4 + [0.2], total=0.2, n=400))
