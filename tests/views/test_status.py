"""States: on a threshold a model is as well as the threshold says, and under too few requests nobody knows."""

from __future__ import annotations

import pytest

from fluxdash.casts import percent as cast
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import AVAILABILITY, ERROR_RATE, FAILURES
from fluxdash.views.goals import Goals
from fluxdash.views.status import (
    DEGRADED,
    HEALTHY,
    UNHEALTHY,
    UNKNOWN,
    Status,
    healths,
    judged,
    percent,
    rules,
    summary,
)
from tests.views.reading import text
from tests.views.scenes import ranked

GOALS = Goals()


@pytest.mark.parametrize(
    ("failed", "n", "status"),
    [
        (0, 59, HEALTHY),
        (0, 58, UNKNOWN),
        (1, 100, HEALTHY),
        (10, 1000, HEALTHY),
        (11, 1000, DEGRADED),
        (5, 100, DEGRADED),
        (50, 1000, DEGRADED),
        (51, 1000, UNHEALTHY),
        (100, 100, UNHEALTHY),
        (58, 58, UNKNOWN),
        (0, 0, UNKNOWN),
    ],
)
def test_a_state_changes_exactly_on_its_threshold(failed: int, n: int, status: Status) -> None:
    available = (n - failed) / n if n else None
    assert judged(available, n, GOALS) is status


@pytest.mark.parametrize("thousandths", range(900, 1001))
def test_a_threshold_as_it_is_typed_is_met_by_the_very_share_it_means(thousandths: int) -> None:
    goals = Goals(healthy=cast(0, 100).cast(f"{thousandths / 10:.1f}"), degraded=0.0)
    assert judged(thousandths / 1000, 1000, goals) is HEALTHY
    assert judged((thousandths - 1) / 1000, 1000, goals) is DEGRADED


def test_an_unknown_availability_or_sample_is_an_unknown_state() -> None:
    assert judged(None, 1000, GOALS) is UNKNOWN
    assert judged(1.0, None, GOALS) is UNKNOWN


def rows():
    errors = {"a": (0.2, 100), "b": (0.02, 500), "c": (0.001, 1000), "d": (0.9, 10), "e": (0.03, 200), "f": (0, 5000)}
    available = {name: (1 - share, n) for name, (share, n) in errors.items()}
    failed = {name: (share * n, n) for name, (share, n) in errors.items()}
    return (
        ranked(ERROR_RATE.top(9, by=MODEL), errors),
        ranked(AVAILABILITY.top(9, by=MODEL), available),
        ranked(FAILURES.top(9, by=MODEL), failed),
    )


def test_models_stand_worst_first_and_the_unknown_last() -> None:
    found = healths(*rows(), GOALS)
    assert [each.model for each in found] == ["a", "e", "b", "c", "f", "d"]
    assert [each.status for each in found] == [UNHEALTHY, DEGRADED, DEGRADED, HEALTHY, HEALTHY, UNKNOWN]
    assert (found[0].n, found[0].errors, found[0].availability, found[0].failures) == (100, 0.2, 0.8, 20)


def test_the_summary_counts_each_state_that_occurs() -> None:
    found = healths(*rows(), GOALS)
    assert [text(each) for each in summary(found)] == ["1 unhealthy", "2 degraded", "2 healthy", "1 unknown"]
    assert summary([]) == []


def test_a_state_is_icon_word_and_colour() -> None:
    chip = UNHEALTHY.chip()
    assert chip.className == "st bad"
    assert chip.children[0].className.startswith("i i-bad")
    assert chip.children[1] == "Unhealthy"


def test_the_rules_are_those_of_the_settings() -> None:
    told = [said.replace("\u00a0", " ") for _, said in rules(Goals(healthy=0.9995, degraded=0.9, least=1000))]
    assert told == ["≥ 99.95 % of requests succeed", "≥ 90 %", "under 90 %", "under 1,000 requests"]
    assert percent(0.95).replace("\u00a0", " ") == "95 %"
