"""The forecast on invented gateways: what it says, how sure it is, and when it says nothing."""

from __future__ import annotations

import math
import warnings
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxdash.analysis.forecast import Forecast, Refusal, forecast

START = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())  # a Tuesday
WEEK = (100.0, 102.0, 98.0, 101.0, 97.0, 45.0, 40.0)  # from Monday
BY_DAY = np.array([1.0 + 0.6 * math.cos(math.tau * (hour - 15) / 24) for hour in range(24)])


def gateway(days: int, *, noise: float = 0.0, growth: float = 0.0, seed: int = 1) -> list[float]:
    """Return the hours of a gateway with a weekly and a daily rhythm; noise is by day, growth a day."""
    rng = np.random.default_rng(seed)
    levels = [WEEK[(day + 1) % 7] * (1 + growth) ** day * math.exp(rng.normal(0, noise)) for day in range(days)]
    hours: list[float] = (np.outer(levels, BY_DAY) / 24).ravel().tolist()
    return hours


def made(hours: list[float | None] | list[float], horizon: int = 7) -> Forecast:
    found = forecast(hours, START, UTC, horizon)
    assert isinstance(found, Forecast), found
    return found


@cache
def ninety() -> Forecast:
    return made(gateway(90, noise=0.1))


def refused(hours: list[float | None] | list[float]) -> str:
    found = forecast(hours, START, UTC)
    assert isinstance(found, Refusal), found
    return found.reason


def test_two_days_are_too_few() -> None:
    assert refused(gateway(2)) == "2 full days of history: a forecast needs at least 3."


def test_no_hours_are_too_few() -> None:
    assert refused([]) == "0 full days of history: a forecast needs at least 3."


def test_a_day_that_began_in_the_middle_is_no_full_day() -> None:
    assert refused([None] * 5 + gateway(4)[5:72]) == "2 full days of history: a forecast needs at least 3."


def test_the_running_day_is_no_full_day() -> None:
    assert refused(gateway(3)[:-1]) == "2 full days of history: a forecast needs at least 3."


def test_zeros_before_the_first_spend_are_no_history() -> None:
    assert "2 full days" in refused([0.0] * 24 * 20 + gateway(3))


def test_a_gateway_that_never_spent_is_refused() -> None:
    assert refused([0.0] * 240) == "Nothing was spent in 10 days, so there is nothing to forecast from."


def test_a_gateway_out_of_use_is_refused() -> None:
    assert "the last 8 days" in refused(gateway(30) + [0.0] * 24 * 8)


def test_rare_spend_is_refused() -> None:
    hours = [0.0] * 24 * 20
    hours[12 :: 24 * 4] = [5.0] * 5
    assert "too rare" in refused(hours)


def test_gaps_everywhere_are_refused() -> None:
    hours: list[float | None] = list(gateway(30))
    for day in range(0, 30, 2):
        hours[day * 24 : day * 24 + 24] = [None] * 24
    assert "too many gaps" in refused(hours)


def test_days_lost_just_now_are_refused() -> None:
    assert "the last 4 days is unknown" in refused([*gateway(30), *[None] * 96])


def test_gaps_long_ago_only_shorten_the_history() -> None:
    hours: list[float | None] = list(gateway(60))
    hours[: 24 * 30 : 2] = [None] * (12 * 30)
    assert made(hours).history in range(30, 45)


def test_three_days_are_enough_and_their_band_is_wide() -> None:
    found = made(gateway(3, noise=0.05))
    assert all(day.high - day.low > 0.5 * day.expected for day in found.days)
    assert found.back_test.origins == 2


def test_the_band_narrows_as_history_grows() -> None:
    widths = [
        sum(day.high - day.low for day in made(gateway(size, noise=0.05, seed=3)).days) for size in (4, 9, 16, 60)
    ]
    assert widths == sorted(widths, reverse=True)


def test_a_weekday_never_seen_gets_a_wider_band() -> None:
    spans = [day.high - day.low for day in made([2.0] * 96).days]
    assert min(spans[:3]) > max(spans[3:])


def test_one_week_is_enough_to_assume_a_weekly_pattern() -> None:
    assert [round(day.expected) for day in made(gateway(7)).days] == [102, 98, 101, 97, 45, 40, 100]


def test_the_weekly_pattern_is_recovered() -> None:
    found = made(gateway(60, noise=0.03), 14)
    for day in found.days:
        assert day.expected == pytest.approx(WEEK[day.date.weekday()], rel=0.06)
    assert found.model not in ("the last day", "the mean of the last 7 days")


def test_growth_is_followed() -> None:
    found = made(gateway(60, noise=0.02, growth=0.015))
    assert found.model == "a steady trend with a weekly pattern"
    assert found.back_test.error < 0.6 * found.back_test.naive_error
    for place, day in enumerate(found.days):
        assert day.expected == pytest.approx(WEEK[day.date.weekday()] * 1.015 ** (60 + place), rel=0.08)


def test_the_seasonal_model_beats_last_week_on_noise() -> None:
    test = ninety().back_test
    assert test.naive == "the same day last week"
    assert test.error < test.naive_error
    assert test.origins == 42


def test_the_same_hours_give_the_same_forecast() -> None:
    assert made(gateway(90, noise=0.1)) == ninety()


def test_a_constant_gateway_goes_on_for_certain() -> None:
    found = made([2.0] * 24 * 40)
    assert {(day.expected, day.low, day.high) for day in found.days} == {(48.0, 48.0, 48.0)}
    assert found.back_test.error == 0
    assert found.back_test.coverage == 1


def test_nothing_is_expected_on_weekends_that_never_spend() -> None:
    hours = [0.0 if (day + 1) % 7 > 4 else hour for day in range(40) for hour in gateway(40)[day * 24 : day * 24 + 24]]
    found = made(hours)
    weekend = [day for day in found.days if day.date.weekday() > 4]
    assert all(day.expected < 1 and day.low >= 0 for day in weekend)


def test_the_month_is_what_is_spent_and_the_days_to_come() -> None:
    hours = gateway(80, noise=0.05)
    hours = hours[: 24 * 70 + 9]  # 10 November, 09:00
    found = made(hours, 21)
    running = math.fsum(hours[24 * 70 :])
    assert found.days[0].date == found.month.path[0].date == date(2026, 11, 10)
    assert found.month.spent == pytest.approx(math.fsum(hours[24 * 61 :]))
    rest = math.fsum(day.expected for day in found.days) - running
    assert found.month.expected == pytest.approx(found.month.spent + rest)
    assert found.month.since == date(2026, 11, 1)
    assert [day.date.day for day in found.month.path] == list(range(10, 31))
    end = found.month.path[-1]
    assert (found.month.expected, found.month.low, found.month.high) == (end.expected, end.low, end.high)


def test_the_month_says_since_when_it_is_known() -> None:
    assert made(gateway(20)[24 * 3 :]).month.since == date(2026, 9, 1)
    assert forecast(gateway(20), START + 86400 * 5, UTC).month.since == date(2026, 9, 6)  # type: ignore[union-attr]


def test_the_month_counts_a_day_that_is_unknown() -> None:
    hours: list[float | None] = list(gateway(27))
    hours[24 * 20 : 24 * 21] = [None] * 24  # Monday the 21st
    month = made(hours).month
    whole = made(gateway(27)).month
    assert month.unknown == pytest.approx(100, rel=0.05)
    assert month.spent == pytest.approx(whole.spent - 100)
    assert month.expected == pytest.approx(whole.expected, rel=0.02)


def test_the_running_day_keeps_what_it_spent() -> None:
    hours = gateway(40, noise=0.05)
    surge = [30.0] * 12
    today = made(hours + surge).days[0]
    assert today.low >= 360
    assert today.expected > 400


def test_the_band_of_the_running_day_narrows() -> None:
    hours = gateway(29, noise=0.1)
    spans = []
    for hour in (0, 12, 20, 23):
        today = made(hours[: 24 * 28 + hour]).days[0]
        spans.append(today.high - today.low)
    assert spans == sorted(spans, reverse=True)
    assert spans[-1] < 0.1 * spans[0]


def test_some_unknown_days_are_bridged() -> None:
    hours: list[float | None] = list(gateway(60, noise=0.03))
    for lost in (20, 33, 34, 59):
        hours[lost * 24 : lost * 24 + 24] = [None] * 24
    hours[24 * 50 + 3] = math.nan
    found = made(hours)
    assert found.history == 56
    for day in found.days:
        assert day.expected == pytest.approx(WEEK[day.date.weekday()], rel=0.08)


def test_an_unknown_hour_is_not_a_cheap_one() -> None:
    hours: list[float | None] = list(gateway(30))
    for day in range(30):
        hours[day * 24 + 15] = None  # the busiest
    whole = made(hours).days
    assert [day.expected for day in whole] == pytest.approx(
        [sum(BY_DAY) / 24 * WEEK[day.date.weekday()] for day in whole], rel=0.04
    )


@pytest.mark.parametrize("size", [12, 60])
def test_the_band_holds_four_days_in_five(size: int) -> None:
    inside, claimed = [], []
    for seed in range(10):
        hours = gateway(size + 7, noise=0.15, seed=seed)
        found = made(hours[: size * 24])
        came = [sum(hours[each * 24 : each * 24 + 24]) for each in range(size, size + 7)]
        inside += [day.low <= each <= day.high for day, each in zip(found.days, came, strict=True)]
        claimed.append(found.back_test.coverage)
    assert 0.7 <= np.mean(inside) <= (0.9 if size == 60 else 1)
    assert np.mean(claimed) == pytest.approx(np.mean(inside), abs=0.1)


def test_the_sentence_names_model_errors_and_coverage() -> None:
    found = ninety()
    assert found.sentence.startswith(f"By {found.model}, from 90 days. In 42 back tests it was off by $")
    assert "the same day last week by $" in found.sentence
    assert f"held {found.back_test.coverage * 100:.0f}\u00a0% of the days" in found.sentence


def test_no_warning_of_the_library_gets_out() -> None:
    with warnings.catch_warnings(record=True) as heard:
        made(gateway(45, noise=0.3))  # the import puts its own filters first, so listen after it
        warnings.simplefilter("always")
        for hours in (gateway(45, noise=1.5), gateway(45), [*gateway(20), *gateway(25, growth=0.3)]):
            made(hours)
    assert heard == []


amounts = st.one_of(
    st.none(), st.just(0.0), st.floats(0, 1e3), st.floats(), st.sampled_from([-3.0, 1e-300, 1e11, 1e308])
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(amounts, min_size=1, max_size=40),
    st.integers(0, 22 * 24),
    st.integers(0, 2**31),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.5, 3.0]),
    st.randoms(use_true_random=False),
)
def test_any_history_gives_numbers_or_a_reason(
    odd: list[float | None], size: int, start: int, horizon: int, noise: float, rng: object
) -> None:
    """Odd hours are strewn over a plausible history, and some histories are odd alone."""
    hours: list[float | None] = list(gateway(30, noise=noise)[:size])
    for each in odd:
        hours.insert(rng.randint(0, len(hours)), each)  # type: ignore[attr-defined]
    found = forecast(hours, start, UTC, horizon)
    if isinstance(found, Refusal):
        assert found.reason.endswith(".")
        return
    assert len(found.days) == horizon
    for day in (*found.days, *found.month.path):
        assert math.isfinite(day.high)
        assert 0 <= day.low <= day.expected <= day.high
    test = found.back_test
    assert all(map(math.isfinite, (test.error, test.naive_error, found.month.unknown, found.month.spent)))
    assert 0 <= test.coverage <= 1
    assert found.month.spent <= found.month.low
