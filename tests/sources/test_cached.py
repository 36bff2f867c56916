"""Ribbons: closed buckets are fetched once, a refresh fetches the head, and nobody can tell cached from fresh."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxdash.errors import SourceTimeout
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.scope import Filter
from fluxdash.semantic.window import PRESETS, TICK, Window
from fluxdash.sources.cached import FINAL_AFTER, Kept, Recent, Ribbons, Row
from fluxdash.sources.cells import EVERYTHING, Cells, Spec
from fluxdash.sources.flights import Flights
from tests.heard import Heard

NOON = 1_795_003_200
SPEC = Spec(("requests",))
BY_MODEL = Spec(("requests",), MODEL)


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Memory:
    """A cache that keeps JSON texts for as long as it was told to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, tuple[float, str]] = {}

    def get(self, key: str) -> Any:
        until, text = self.kept.get(key, (0.0, "null"))
        return json.loads(text) if self.clock.now < until else None

    def set(self, key: str, value: Any, timeout: int | None = None) -> None:
        self.kept[key] = (self.clock.now + (timeout or 60), json.dumps(value))


class World:
    """Requests of three models, one every 10 s, written at once; `rare` and `old` are there at times only."""

    def __init__(self, clock: Clock, spec: Spec = SPEC) -> None:
        self.clock = clock
        self.spec = spec
        self.spans: list[tuple[int, int]] = []
        self.late = 0.0

    def fetch(self, start: int, end: int, step: int) -> Cells:
        self.spans.append((start, end))
        return self.look(start, end, step)

    def look(self, start: int, end: int, step: int) -> Cells:
        size = (end - start) // step
        groups: dict[str, dict[str, list[float | None]]] = {}
        if self.spec.by is None:
            groups[EVERYTHING] = {"requests": [None] * size}
        visible = self.clock.now // TICK * TICK
        for moment in range(-(-start // 10) * 10, min(end, int(visible)), 10):
            for group in self.groups(moment) if self.spec.by else (EVERYTHING,):
                row = groups.setdefault(group, {"requests": [None] * size})["requests"]
                at = (moment - start) // step
                row[at] = (row[at] or 0.0) + 1 + self.late
        return Cells(start, step, size, groups)

    @staticmethod
    def groups(moment: int) -> list[str]:
        often = ["often"] if moment % 600 < 420 else []
        rare = ["rare"] if moment % 7200 < 60 else []
        return [*often, *rare, *(["old"] if moment < NOON - 7200 else [])]


class Desk:
    """A clock, a cache, ribbons on both, and a world to ask."""

    def __init__(self, spec: Spec = SPEC, missing: float | None = 0.0) -> None:
        self.clock = Clock()
        self.cache = Memory(self.clock)
        self.ribbons = Ribbons(self.cache, self.clock)
        self.world = World(self.clock, spec)
        self.missing = missing

    def ask(self, window: Window, name: str = "log") -> Kept:
        return self.ribbons.cells(name, self.world.spec, window, self.missing, self.world.fetch)

    def fresh(self, window: Window) -> Cells:
        last = window.end + len(window.head) * window.step
        return self.world.look(window.start, last, window.step).seen(self.missing)

    def asked(self, window: Window, name: str = "log") -> list[tuple[int, int]]:
        """The spans that a question fetches."""
        self.world.spans.clear()
        assert self.ask(window, name).cells == self.fresh(window)
        return list(self.world.spans)

    def restart(self) -> None:
        """Another process, with the same cache behind it."""
        self.ribbons = Ribbons(self.cache, self.clock)


def last(seconds: int, clock: Clock) -> Window:
    return Window.last(seconds, clock.now)


def test_the_first_question_fetches_the_window_with_its_head() -> None:
    desk = Desk()
    desk.clock.now = NOON + 50
    assert desk.asked(last(3600, desk.clock)) == [(NOON - 3600, NOON + 60)]


def test_all_viewers_of_one_moment_share_one_fetch() -> None:
    desk = Desk()
    window = last(3600, desk.clock)
    desk.asked(window)
    assert desk.asked(window) == []
    desk.restart()
    assert desk.asked(window) == []


def test_a_refresh_fetches_only_what_is_not_final() -> None:
    desk = Desk()
    desk.asked(last(3600, desk.clock))
    desk.clock.now += 15
    final = NOON - FINAL_AFTER
    assert desk.asked(last(3600, desk.clock)) == [(final, NOON + 60)]
    desk.clock.now += 600
    assert desk.asked(last(3600, desk.clock)) == [(final, NOON + 660)]
    desk.clock.now += 15
    assert desk.asked(last(3600, desk.clock)) == [(final + 600, NOON + 660)]


def test_a_window_beyond_the_end_of_the_ribbon_does_not_bridge_the_gap() -> None:
    desk = Desk()
    desk.asked(last(900, desk.clock))
    assert desk.asked(last(300, desk.clock)) == [(NOON - 330, NOON)]
    desk.clock.now += 3600
    assert desk.asked(last(900, desk.clock)) == [(NOON + 2670, NOON + 3600)]


def test_the_window_before_is_fetched_where_the_ribbon_does_not_reach() -> None:
    desk = Desk()
    window = last(3600, desk.clock)
    desk.asked(window)
    before = window.previous()
    assert desk.asked(before) == [(before.start, before.end)]
    desk.clock.now += 15
    assert desk.asked(last(3600, desk.clock).previous()) == []


def test_a_zoom_into_final_buckets_fetches_nothing() -> None:
    desk = Desk()
    desk.asked(last(3600, desk.clock))
    assert desk.asked(Window(NOON - 3000, NOON - 2400, 60, NOON - 2400)) == []


def test_an_old_window_does_not_destroy_the_ribbon() -> None:
    desk = Desk()
    desk.asked(last(3600, desk.clock))
    day = Window(NOON - 86400 * 3, NOON - 86400 * 3 + 3600, 60, NOON - 86400 * 3 + 3600)
    assert desk.asked(day) == [(day.start, day.end)]
    desk.clock.now += 15
    assert desk.asked(last(3600, desk.clock)) == [(NOON - FINAL_AFTER, NOON + 60)]
    assert desk.asked(day) == [], "the old window is kept by itself"


def test_after_an_old_window_the_newest_buckets_make_a_new_ribbon() -> None:
    desk = Desk()
    desk.asked(Window(NOON - 86400 * 3, NOON - 86400 * 3 + 3600, 60, NOON - 86400 * 3 + 3600))
    desk.asked(last(3600, desk.clock))
    desk.clock.now += 15
    assert desk.asked(last(3600, desk.clock)) == [(NOON - FINAL_AFTER, NOON + 60)]


def test_after_an_hour_a_ribbon_is_read_anew() -> None:
    desk = Desk()
    desk.asked(last(3600, desk.clock))
    for _ in range(7):
        desk.clock.now += 600
        spans = desk.asked(last(3600, desk.clock))
    assert spans == [(NOON + 4200 - 3600 - 60, NOON + 4200)]


def test_rows_that_came_late_are_seen_while_a_window_is_not_final() -> None:
    """Of a window that ended five minutes ago, rows may still arrive: it is not to stay as first seen for an hour."""
    desk = Desk()
    window = Window(NOON - 3600, NOON - 300, 60, NOON - 300)
    desk.asked(window)
    desk.world.late = 0.5
    desk.clock.now += 61
    found = desk.ask(window).cells.groups[EVERYTHING]["requests"]
    assert found[-1] == 9.0
    assert found[0] == 6.0, "what is final is taken from the ribbon"


def test_a_whole_window_that_is_not_final_is_asked_again_too() -> None:
    desk = Desk()
    window = Window(NOON - 3600, NOON - 300, 60, NOON - 300)
    for passed, fetched in ((0, 1), (1, 1), (61, 2)):
        desk.clock.now = NOON + passed
        desk.ribbons.whole("log", SPEC, window, desk.world.fetch)
        assert len(desk.world.spans) == fetched
    desk.clock.now = NOON + 7200
    desk.ribbons.whole("log", SPEC, window, desk.world.fetch)
    desk.clock.now += 1800
    desk.ribbons.whole("log", SPEC, window, desk.world.fetch)
    assert desk.world.spans == [(window.start, window.end)] * 3


def test_a_whole_window_is_one_bucket_and_moves_with_the_clock() -> None:
    desk = Desk()
    for _ in range(2):
        kept = desk.ribbons.whole("log", SPEC, last(3600, desk.clock), desk.world.fetch)
        assert (kept.cells.size, kept.cells.step) == (1, 3600)
    assert len(desk.world.spans) == 1
    desk.clock.now += 15
    desk.ribbons.whole("log", SPEC, last(3600, desk.clock), desk.world.fetch)
    assert len(desk.world.spans) == 2


def test_other_questions_steps_and_origins_share_nothing() -> None:
    desk = Desk()
    window = last(3600, desk.clock)
    desk.asked(window)
    assert desk.asked(window, "prometheus") != []
    assert desk.asked(Window(NOON - 3600, NOON - 300, 300, NOON - 300)) != []
    for spec in (BY_MODEL, Spec(("requests", "cost")), Spec(("requests",), None, (Filter(MODEL, ("m",)),))):
        desk.world.spans.clear()
        desk.ribbons.cells("log", spec, window, 0.0, desk.world.fetch)
        assert desk.world.spans != []


def test_an_answer_says_when_its_oldest_numbers_were_read() -> None:
    desk = Desk()
    assert desk.ask(last(3600, desk.clock)).as_of == NOON
    desk.clock.now += 7
    assert desk.ask(last(3600, desk.clock)).as_of == NOON
    desk.clock.now += 8
    assert desk.ask(last(3600, desk.clock)).as_of == NOON + 15


@pytest.mark.parametrize(
    "corrupt",
    [
        "null",
        "5",
        '"text"',
        "[]",
        "{}",
        '{"as_of": "x", "cells": {}}',
        '{"as_of": 1795003200, "cells": null}',
        '{"as_of": 1795003200, "cells": {"start": null, "step": 60, "size": 0, "groups": {}, "warnings": []}}',
        '{"as_of": 1795003200, "cells": {"start": "x", "step": 60, "size": 0, "groups": {}, "warnings": []}}',
        '{"as_of": 1795003200, "cells": {"start": 0, "step": 0, "size": 0, "groups": {}, "warnings": []}}',
        '{"as_of": 1795003200, "cells": {"start": 0, "step": 60, "size": 1, "groups": {"": {"a": 1}}, "warnings": []}}',
    ],
)
def test_a_corrupt_entry_is_a_miss(corrupt: str) -> None:
    desk = Desk()
    window = last(3600, desk.clock)
    desk.asked(window)
    desk.cache.kept = {key: (until, corrupt) for key, (until, _) in desk.cache.kept.items()}
    desk.restart()
    assert desk.asked(window) == [(window.start, NOON)]


def test_a_group_from_before_the_window_is_not_in_its_answer() -> None:
    """An answer must not depend on how far back somebody else's window reached."""
    desk = Desk(BY_MODEL)
    desk.clock.now = NOON - 5400
    desk.asked(last(3600, desk.clock))
    desk.clock.now = NOON - 3600
    assert "old" in desk.ask(last(3600, desk.clock)).cells.groups
    desk.clock.now = NOON - 2400
    desk.asked(last(3600, desk.clock))


def test_a_group_that_was_not_there_at_first_is_nothing_or_unknown_before() -> None:
    for missing in (0.0, None):
        desk = Desk(BY_MODEL, missing)
        desk.clock.now = NOON - 30
        desk.asked(last(3600, desk.clock))
        desk.clock.now = NOON + 120
        row = desk.ask(last(3600, desk.clock)).cells.groups["rare"]["requests"]
        assert set(row[:-3]) == {missing}


moves = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 5000)),
    st.tuples(st.just("last"), st.sampled_from(sorted(PRESETS.values())[:5])),
    st.tuples(st.just("before"), st.sampled_from(sorted(PRESETS.values())[:4])),
    st.tuples(st.just("between"), st.integers(60, 40_000), st.integers(60, 10_000), st.sampled_from([None, 60, 300])),
    st.tuples(st.just("restart")),
)


@settings(max_examples=80)
@given(st.lists(moves, max_size=12), st.sampled_from([(SPEC, 0.0), (BY_MODEL, 0.0), (BY_MODEL, None)]))
def test_whatever_was_asked_before_an_answer_is_what_a_fetch_would_give(
    steps: list[tuple[Any, ...]], kind: tuple[Spec, float | None]
) -> None:
    desk = Desk(*kind)
    for move, *values in steps:
        match move:
            case "wait":
                desk.clock.now += values[0]
                continue
            case "restart":
                desk.restart()
                continue
            case "last":
                window = last(values[0], desk.clock)
            case "before":
                window = last(values[0], desk.clock).previous()
            case _:
                ago, length, step = values
                start = desk.clock.now - max(ago, step or 0) - 60
                window = Window.between(start, start + max(length, step or 0), desk.clock.now, step)
        found = desk.ask(window)
        assert found.cells == desk.fresh(window)
        assert found.as_of <= desk.clock.now


def kept(value: float = 1.0) -> Kept:
    return Kept(Cells(0, 60, 1, {"": {"a": [value]}}), value)


def test_twenty_viewers_cost_one_fetch() -> None:
    desk = Desk()
    window = last(3600, desk.clock)
    lock, calls = threading.Barrier(20), []

    def slow(start: int, end: int, step: int) -> Cells:
        calls.append((start, end))
        time.sleep(0.1)
        return desk.world.look(start, end, step)

    def ask() -> Kept:
        lock.wait()
        return desk.ribbons.cells("log", SPEC, window, 0.0, slow)

    with ThreadPoolExecutor(20) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(20)]]
    assert len(calls) == 1
    assert all(each.cells == answers[0].cells for each in answers)


def together(n: int, ask: Callable[[], Kept]) -> list[BaseException | Kept]:
    with ThreadPoolExecutor(n) as pool:
        futures = [pool.submit(ask) for _ in range(n)]
    return [each.exception() or each.result() for each in futures]


def test_when_the_one_who_works_fails_all_who_waited_fail_with_it() -> None:
    """One after the other each would wait for the deadline: twenty viewers of a hanging source, twenty deadlines."""
    flights, calls = Flights(), []

    def work() -> Kept:
        calls.append(1)
        time.sleep(0.3)
        raise SourceTimeout("Prometheus", "did not answer")

    started = time.monotonic()
    failures = together(20, lambda: flights.alone("key", work))
    assert all(type(each) is SourceTimeout for each in failures)
    assert time.monotonic() - started < 1.5
    assert len(calls) <= 2


def test_after_a_failure_the_next_one_tries_again() -> None:
    flights = Flights()

    def fail() -> Kept:
        raise SourceTimeout("Prometheus", "did not answer")

    with pytest.raises(SourceTimeout):
        flights.alone("key", fail)
    assert flights.alone("key", kept) == kept()


def test_different_keys_do_not_wait_for_each_other() -> None:
    flights, inside = Flights(), threading.Barrier(2, timeout=5)

    def work() -> Kept:
        inside.wait()
        return kept()

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(flights.alone, key, work) for key in ("one", "two")]
    assert [each.result() for each in futures] == [kept(), kept()]


def test_no_trace_of_a_flight_is_left_behind() -> None:
    flights = Flights()
    flights.alone("key", kept)
    with pytest.raises(ZeroDivisionError):
        flights.alone("key", lambda: kept(1 / 0))
    assert not flights._flying


ROWS: tuple[Row, ...] = (("a", 1.5, None), ("b", 2.0, 3))


def test_rows_are_fetched_once_a_tick_and_by_what_was_asked() -> None:
    clock, fetched = Clock(NOON + 40), list[str]()
    ribbons = Ribbons(Memory(clock), clock)

    def ask(asked: str, window: Window) -> tuple[Row, ...]:
        return ribbons.listed("log", asked, window, lambda: fetched.append(asked) or ROWS).rows  # type: ignore[func-returns-value]

    window = Window.last(3600, clock.now)
    assert ask("one", window) == ask("one", window) == ask("two", window) == ROWS
    assert fetched == ["one", "two"]
    clock.now += TICK
    ask("one", Window.last(3600, clock.now))
    ask("one", window.previous())
    assert fetched == ["one", "two", "one", "one"]


def test_another_process_finds_the_rows_of_the_first_and_how_old_they_are() -> None:
    clock = Clock(NOON + 40)
    cache, window = Memory(clock), Window.last(3600, clock.now)
    first = Ribbons(cache, clock).listed("log", "one", window, lambda: ROWS)
    clock.now += 5
    assert Ribbons(cache, clock).listed("log", "one", window, lambda: pytest.fail("asked again")) == first
    assert first.as_of == NOON + 40


@pytest.mark.parametrize(
    "kept", [None, 7, {}, {"as_of": 1.0}, {"as_of": 1.0, "rows": 3}, {"as_of": 1.0, "rows": [3]},
             {"as_of": 1.0, "rows": [[{}]]}, {"as_of": "x", "rows": [[1]]}],
)  # fmt: skip
def test_what_is_no_list_of_rows_is_asked_for_again(kept: object) -> None:
    class Odd:
        def get(self, key: str) -> object:
            return kept

        def set(self, key: str, value: object, timeout: int | None = None) -> None:
            pass

    assert Ribbons(Odd(), Clock()).listed("log", "one", Window.last(3600, NOON), lambda: ROWS).rows == ROWS


def test_twenty_who_ask_for_the_same_rows_cost_one_statement() -> None:
    clock, calls = Clock(NOON + 40), []
    ribbons, window = Ribbons(Memory(clock), clock), Window.last(3600, NOON + 40)

    def fetch() -> tuple[Row, ...]:
        calls.append(1)
        time.sleep(0.05)
        return ROWS

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: ribbons.listed("log", "one", window, fetch).rows, range(20)))
    assert found == [ROWS] * 20
    assert len(calls) == 1


def test_how_much_of_an_answer_was_kept_is_told() -> None:
    desk, heard = Desk(), Heard()
    desk.ribbons = Ribbons(desk.cache, desk.clock, heard)
    desk.ask(last(3600, desk.clock))
    assert heard.take() == [("cached", "miss")]
    desk.ask(last(3600, desk.clock))
    assert heard.take() == [("cached", "fresh")]
    desk.clock.now += 60
    desk.ask(last(3600, desk.clock))
    assert heard.take() == [("cached", "stale")]
    window = Window.last(3600, int(desk.clock.now))
    for _ in range(2):
        desk.ribbons.whole("log", SPEC, window, desk.world.fetch)
        desk.ribbons.listed("log", "one", window, lambda: ROWS)
    assert heard.take() == [*[("cached", "miss")] * 2, *[("cached", "fresh")] * 2]


def test_what_a_process_has_at_hand_is_bounded_by_the_amounts_in_it() -> None:
    recent = Recent(heaviest=100)
    row: list[float | None] = [1.0] * 10

    def kept(groups: int) -> Kept:
        return Kept(Cells(NOON, 60, 10, {str(each): {"requests": row, "cost": row} for each in range(groups)}), NOON)

    for key in ("a", "b", "a", "c"):
        recent.put(key, kept(2))
    recent.put("d", kept(1))
    assert [key for key in "abcd" if recent.get(key)] == ["a", "c", "d"], "b was used longest ago"
    recent.put("large", kept(50))
    assert [key for key in ("a", "c", "d", "large") if recent.get(key)] == ["large"]


def test_who_fetched_has_it_at_hand_though_the_cache_keeps_nothing() -> None:
    class Nowhere:
        def get(self, key: str) -> None:
            return None

        def set(self, key: str, value: object, timeout: int | None = None) -> None:
            pass

    clock = Clock(NOON + 40)
    world, ribbons, window = World(clock), Ribbons(Nowhere(), clock), Window.last(3600, NOON + 40)
    for _ in range(2):
        ribbons.cells("log", SPEC, window, 0.0, world.fetch)
        ribbons.whole("log", SPEC, window, world.fetch)
    assert len(world.spans) == 2
