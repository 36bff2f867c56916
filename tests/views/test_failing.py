"""Why a model fails: the cause behind most of it, and the shortest time in which most of that happened."""

from __future__ import annotations

import pytest

from fluxdash.semantic.dimensions import ERROR_TYPE, JOINT, MODEL, UNKNOWN, cross
from fluxdash.semantic.measures import FAILURES
from fluxdash.semantic.window import Window
from fluxdash.views.failing import causes_of, culprit, is_throttling
from fluxdash.views.times import Clock
from tests.views.scenes import NOW, WINDOW, grouped

BY_CAUSE = FAILURES.over_time(by=cross(MODEL, ERROR_TYPE))
LONG = Window(NOW - 600, NOW, 60, NOW)


def causes(rows: dict[str, list[float]], window: Window = WINDOW):
    named = {f"opus{JOINT}{cause}": row for cause, row in rows.items()}
    return causes_of(grouped(BY_CAUSE, named, window))["opus"]


@pytest.mark.parametrize(
    "cause", ["ThrottlingException", "throttled", "RateLimitError", "rate_limit_exceeded", "TooManyRequestsException"]
)
def test_being_asked_too_much_is_known_by_many_names(cause: str) -> None:
    assert is_throttling(cause)


def test_other_causes_are_not_throttling() -> None:
    assert not any(map(is_throttling, ("ValidationException", "ModelTimeoutException", UNKNOWN, "")))


def test_causes_are_told_by_model_most_frequent_first() -> None:
    rows = {f"a{JOINT}X": [1.0] * 5, f"a{JOINT}Y": [2.0] * 5, f"b{JOINT}X": [3.0] * 5, "unknown": [9.0] * 5}
    found = causes_of(grouped(BY_CAUSE, rows))
    assert {model: [cause for cause, _ in each] for model, each in found.items()} == {"a": ["Y", "X"], "b": ["X"]}
    assert causes_of(None) == {}


def test_the_cause_behind_most_failures_is_named_with_its_time() -> None:
    row = [0.0, 0.0, 10.0, 12.0, 8.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    told = culprit(causes({"ThrottlingException": row}, LONG), 40, LONG, Clock())
    assert told == "32 throttled, most 14:24 – 14:26"


def test_what_happens_all_the_time_has_no_time() -> None:
    assert culprit(causes({"ModelTimeoutException": [4.0] * 5}), 20, WINDOW, Clock()) == "20 timed out"


def test_a_cause_behind_no_more_than_half_of_it_is_not_the_culprit() -> None:
    found = causes({"ThrottlingException": [2.0] * 5, "ValidationException": [2.0] * 5})
    assert culprit(found, 20, WINDOW, Clock()) == ""
    assert culprit(found, 19, WINDOW, Clock()) == "10 throttled"


def test_an_unknown_cause_is_no_culprit() -> None:
    assert culprit(causes({UNKNOWN: [4.0] * 5}), 20, WINDOW, Clock()) == ""


def test_another_cause_goes_by_its_own_name() -> None:
    assert culprit(causes({"ValidationException": [4.0] * 5}), 20, WINDOW, Clock()) == "20 ValidationException"


def test_in_a_long_window_the_day_is_told() -> None:
    days = Window(NOW // 21600 * 21600 - 6 * 21600, NOW // 21600 * 21600, 21600, NOW)
    found = causes({"ThrottlingException": [0.0, 0.0, 9.0, 0.0, 0.0, 0.0]}, days)
    assert culprit(found, 9, days, Clock()) == "9 throttled, most 22 Nov, 12:00 – 18:00"
    over = causes({"ThrottlingException": [0.0, 0.0, 0.0, 9.0, 0.0, 0.0]}, days)
    assert culprit(over, 9, days, Clock()) == "9 throttled, most 22 Nov, 18:00 – 23 Nov, 00:00"


def test_nothing_failed_is_nobodys_fault() -> None:
    assert culprit([], 0, WINDOW, Clock()) == ""
