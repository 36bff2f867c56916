"""The grid of time: aligned, closed, of a bounded size, and moved by nothing but the clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.semantic.window import LADDER, PRESETS, SETTLE, TICK, Window, step_for

NOON = 1_795_003_200  # 2026-11-18 12:00 UTC
DAY = 86400
LONGEST = 730 * DAY

nows = st.floats(1_100_000_000, 3_800_000_000)
seconds = st.integers(15, LONGEST)
steps = st.sampled_from(LADDER)


@pytest.mark.parametrize(
    ("name", "step", "size"),
    [("5m", 15, 20), ("15m", 15, 60), ("1h", 60, 60), ("6h", 300, 72), ("24h", 900, 96), ("7d", 7200, 84),
     ("30d", 21600, 120)],
)  # fmt: skip
def test_a_preset_has_the_buckets_of_the_design(name: str, step: int, size: int) -> None:
    window = Window.last(PRESETS[name], NOON)
    assert (window.step, window.size, window.seconds) == (step, size, PRESETS[name])


def test_every_step_of_the_ladder_divides_the_day() -> None:
    assert all(DAY % step == 0 for step in LADDER)
    assert list(LADDER) == sorted(set(LADDER))


@pytest.mark.parametrize(("seconds", "step"), [(15, 15), (1500, 15), (1501, 30), (7200, 120), (8_640_000, 86400)])
def test_other_ranges_take_the_finest_step_with_at_most_a_hundred_buckets(seconds: int, step: int) -> None:
    assert step_for(seconds) == step


def test_the_newest_bucket_is_closed_only_after_it_has_settled() -> None:
    assert Window.last(300, NOON + SETTLE - 0.1).end == NOON - 15
    assert Window.last(300, NOON + SETTLE).end == NOON


def test_the_head_holds_the_buckets_that_are_still_filling() -> None:
    window = Window.last(3600, NOON + 95)
    assert (window.end, window.now) == (NOON + 60, NOON + 90)
    assert list(window.head) == [NOON + 60]
    assert list(Window.last(3600, NOON + 29).head) == [NOON - 60, NOON]


def test_all_viewers_within_a_tick_ask_equal_questions() -> None:
    windows = {Window.last(3600, NOON + 45 + offset) for offset in (0, 4.2, TICK - 0.001)}
    assert len(windows) == 1
    assert Window.last(3600, NOON + 45 + TICK) not in windows


def test_a_range_between_two_times_covers_whole_buckets() -> None:
    window = Window.between(NOON - 3599, NOON - 1, NOON + 9000)
    assert (window.start, window.end, window.step) == (NOON - 3600, NOON, 60)


def test_a_range_in_the_past_has_no_head_and_does_not_move() -> None:
    early, late = (Window.between(NOON - 7200, NOON - 3600, now) for now in (NOON, NOON + DAY))
    assert early == late
    assert list(early.head) == []


def test_a_range_up_to_now_has_a_head() -> None:
    assert Window.between(NOON - 3600, NOON + 60, NOON + 60) == Window(NOON - 3600, NOON, 60, NOON + 60)


def test_what_lies_after_now_is_cut_off() -> None:
    window = Window.between(NOON, NOON + DAY, NOON + 300)
    assert window == Window(NOON, NOON + 270, 15, NOON + 300)


def test_the_previous_window_is_as_long_and_ends_where_this_one_starts() -> None:
    window = Window.last(3600, NOON + 95)
    before = window.previous()
    assert (before.end, before.seconds, before.step, list(before.head)) == (window.start, window.seconds, 60, [])


def test_a_window_is_coarsened_to_the_next_step_of_the_ladder() -> None:
    window = Window.last(300, NOON + 75).coarsened(60)
    assert window == Window(NOON - 300, NOON, 60, NOON + 75)
    assert list(window.head) == [NOON, NOON + 60]


def test_a_window_that_is_coarse_enough_stays_as_it_is() -> None:
    window = Window.last(3600, NOON)
    assert window.coarsened(60) is window


@pytest.mark.parametrize("least", [61, 100, 86400, 100_000])
def test_an_odd_scrape_interval_takes_a_step_at_least_as_wide(least: int) -> None:
    step = Window.last(300, NOON).coarsened(least).step
    assert step in LADDER
    assert step >= min(least, LADDER[-1])


@pytest.mark.parametrize(
    ("start", "end", "step"), [(0, 60, 0), (0, 60, -60), (1, 61, 60), (0, 61, 60), (60, 60, 60), (120, 60, 60)]
)
def test_a_window_off_its_grid_is_refused(start: int, end: int, step: int) -> None:
    with pytest.raises(BadRequest, match="multiples of the step"):
        Window(start, end, step, end)


@pytest.mark.parametrize("asked", [0, 1, 14, LONGEST + 1, 10 * 365 * DAY])
def test_a_range_too_short_or_too_long_is_refused(asked: int) -> None:
    with pytest.raises(BadRequest, match="range"):
        Window.last(asked, NOON)


@pytest.mark.parametrize(("asked", "step"), [(3600, 0), (3600, -15), (3600, 7), (3600, 7200), (15 * 1001, 15)])
def test_a_step_that_is_not_on_the_ladder_or_does_not_fit_is_refused(asked: int, step: int) -> None:
    with pytest.raises(BadRequest, match="step"):
        Window.last(asked, NOON, step)


@pytest.mark.parametrize(
    ("start", "end"),
    [(NOON, NOON), (NOON, NOON - 60), (0, NOON), (NOON - 60, 5e9), (NOON + 60, NOON + 120), (NOON - 29, NOON),
     (float("nan"), NOON), (NOON - 60, float("inf"))],
)  # fmt: skip
def test_times_out_of_order_or_out_of_this_world_are_refused(start: float, end: float) -> None:
    with pytest.raises(BadRequest, match="from"):
        Window.between(start, end, NOON)


@given(seconds, nows)
def test_the_newest_buckets_are_aligned_closed_and_few(asked: int, now: float) -> None:
    window = Window.last(asked, now)
    assert window.start < window.end <= now - SETTLE
    assert window.end > now - SETTLE - window.step
    assert window.start % window.step == window.end % window.step == 0
    assert asked - window.step < window.seconds <= asked
    assert 1 <= window.size <= 730
    assert len(window.starts) == window.size
    assert window.now <= now < window.now + TICK
    assert len(window.head) <= 1 + -(-SETTLE // window.step)


@given(seconds, nows, st.integers(-2000, 2000))
def test_shifting_now_by_days_shifts_the_window_by_as_much(asked: int, now: float, days: int) -> None:
    window, shifted = Window.last(asked, int(now)), Window.last(asked, int(now) + days * DAY)
    shift = days * DAY
    assert shifted == Window(window.start + shift, window.end + shift, window.step, window.now + shift)


@given(nows, st.integers(31, LONGEST), st.integers(-LONGEST, LONGEST), st.none() | steps)
def test_any_two_times_make_a_window_inside_the_limits_or_a_bad_request(
    now: float, ago: int, later: int, step: int | None
) -> None:
    start, end = now - ago, now - ago + later
    try:
        window = Window.between(start, end, now, step)
    except BadRequest:
        return
    assert window.start <= start < window.end
    assert window.start % window.step == window.end % window.step == 0
    assert window.end <= now, "a bucket of the future was called closed"
    assert 1 <= window.size <= 1001
    assert step in (None, window.step)
    assert window.now >= window.end


@given(seconds, nows, st.integers(1, DAY))
def test_coarsening_keeps_the_window_on_a_grid_and_never_moves_its_end_on(asked: int, now: float, least: int) -> None:
    window = Window.last(asked, now)
    coarse = window.coarsened(least)
    assert coarse.step >= least
    assert window.end - coarse.step < coarse.end <= window.end
    assert 1 <= coarse.size <= window.size
    assert coarse.now == window.now


@given(seconds, nows)
def test_a_window_and_its_previous_one_tile_the_time(asked: int, now: float) -> None:
    window = Window.last(asked, now)
    before = window.previous()
    assert [*before.starts, *window.starts] == list(range(before.start, window.end, window.step))
