"""What processes tell each other through a folder, and what a process alone makes of it."""

from __future__ import annotations

import os
from pathlib import Path

from fluxdash.operations.noticeboard import HELD, Noticeboard


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_who_leaves_is_known_to_all(tmp_path: Path) -> None:
    first, second = Noticeboard(tmp_path), Noticeboard(tmp_path)
    assert not second.leaving
    first.leave(port_closes=False)
    assert second.leaving
    assert not second.port_closes, "somebody else goes on listening"
    first.leave(port_closes=True)
    assert second.port_closes


def test_a_process_alone_never_leaves_and_waits_for_nobody() -> None:
    alone = Noticeboard()
    alone.leave(port_closes=True)
    alone.reloaded(2)
    alone.arrived(3)
    assert not alone.leaving
    assert not alone.port_closes
    assert alone.relieved(1, 2)
    assert alone.processes() == (os.getpid(),)


def test_an_old_worker_is_relieved_when_as_many_young_ones_have_arrived(tmp_path: Path) -> None:
    board = Noticeboard(tmp_path)
    for age in (1, 2):
        board.arrived(age)
    assert board.relieved(1, 2), "without a reload nobody comes in its place"
    board.reloaded(2)
    assert not board.relieved(1, 2)
    board.arrived(3)
    assert not board.relieved(2, 2)
    board.arrived(10)
    assert board.relieved(1, 2)
    assert board.relieved(2, 2)
    assert board.relieved(3, 2), "it came after the reload"
    board.reloaded(10)
    assert not board.relieved(3, 2)


def test_a_turn_comes_once_in_a_while_for_all_processes_together(tmp_path: Path) -> None:
    clock = Clock()
    first, second = Noticeboard(tmp_path, clock), Noticeboard(tmp_path, clock)
    assert first.claim("log", 10)
    assert not first.claim("log", 10)
    assert not second.claim("log", 10)
    assert second.claim("jaeger", 10)
    clock.now += 9.9
    assert not second.claim("log", 10)
    clock.now += 0.2
    assert second.claim("log", 10)
    assert not first.claim("log", 10)


def test_a_turn_comes_once_in_a_while_for_a_process_alone() -> None:
    clock = Clock()
    board = Noticeboard(None, clock)
    assert board.claim("log", 10)
    assert not board.claim("log", 10)
    clock.now += 10
    assert board.claim("log", 10)


def test_who_looked_at_the_clock_before_another_took_the_turn_is_too_late(tmp_path: Path) -> None:
    clock = Clock()
    assert Noticeboard(tmp_path, clock).claim("log", 10)
    clock.now -= 0.01
    assert not Noticeboard(tmp_path, clock).claim("log", 10)


def test_a_clock_that_was_put_back_silences_nobody(tmp_path: Path) -> None:
    clock = Clock()
    board = Noticeboard(tmp_path, clock)
    assert board.claim("log", 10)
    clock.now -= 3600
    assert board.claim("log", 10)


def test_a_folder_that_went_away_takes_no_words_away(tmp_path: Path) -> None:
    board = Noticeboard(tmp_path / "gone")
    assert board.claim("log", 10)
    assert not board.leaving


def test_a_folder_of_others_is_no_board(tmp_path: Path) -> None:
    assert Noticeboard.found(tmp_path).folder is None
    assert Noticeboard.found(None).folder is None
    (tmp_path / HELD).touch()
    assert Noticeboard.found(tmp_path).folder == tmp_path
