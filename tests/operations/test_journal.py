"""A source that fails is told once in ten seconds, with what was not said, and once more when it is well."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from fluxdash.operations.journal import Journal
from fluxdash.operations.noticeboard import Noticeboard


class Told:
    """A journal, its clock, and what it wrote."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.now = 1000.0
        self.journal = Journal(Noticeboard(None, lambda: self.now))
        self._caplog = caplog

    def lines(self) -> list[tuple[str, str, str, int]]:
        """What was written since: level, message, source and how much went unsaid."""
        found = [(each.levelname, each.getMessage(), each.fields) for each in self._caplog.records]  # type: ignore[attr-defined]
        self._caplog.clear()
        return [(level, said, fields["source"], fields["unsaid"]) for level, said, fields in found]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[Told]:
    with caplog.at_level(logging.INFO, "fluxdash"):
        yield Told(caplog)


def test_a_failing_source_is_told_at_most_once_in_ten_seconds(told: Told) -> None:
    for _ in range(100):
        told.journal.failed("log", "unreachable", "cannot be reached")
        told.now += 0.25
    found = [(level, unsaid) for level, _, _, unsaid in told.lines()]
    assert found == [("WARNING", 0), ("WARNING", 39), ("WARNING", 39)]


def test_sources_are_told_apart(told: Told) -> None:
    told.journal.failed("log", "unreachable", "cannot be reached")
    told.journal.failed("jaeger", "timeout", "did not answer in 10 s")
    assert told.lines() == [
        ("WARNING", "a source fails: cannot be reached", "log", 0),
        ("WARNING", "a source fails: did not answer in 10 s", "jaeger", 0),
    ]


def test_that_it_is_well_again_is_told_once_and_not_too_soon_either(told: Told) -> None:
    told.journal.failed("log", "unreachable", "cannot be reached")
    told.journal.failed("log", "unreachable", "cannot be reached")
    told.lines()
    told.now += 3
    told.journal.asked("log", 0.1, "ok")
    assert told.lines() == []
    told.now += 8
    told.journal.asked("log", 0.1, "timeout")
    told.journal.asked("log", 0.1, "ok")
    told.journal.asked("log", 0.1, "ok")
    assert told.lines() == [("INFO", "a source answers again", "log", 1)]


def test_a_source_that_comes_and_goes_is_told_no_more_often(told: Told) -> None:
    for _ in range(40):
        told.journal.failed("log", "unreachable", "cannot be reached")
        told.now += 0.5
        told.journal.asked("log", 0.1, "ok")
        told.now += 0.5
    assert len(told.lines()) == 4


def test_a_source_that_is_well_is_not_told_of(told: Told) -> None:
    told.journal.asked("log", 0.1, "ok")
    told.journal.cached("miss")
    told.journal.left("/", 200, 0.1, "1")
    assert told.lines() == []


def test_requests_are_told_for_debugging(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "fluxdash"):
        told.journal.left("/api/v1/query", 200, 0.12345, "abc")
    (record,) = caplog.records
    expected = {"route": "/api/v1/query", "status": 200, "seconds": 0.1235, "request": "abc"}
    assert record.fields == pytest.approx(expected)  # type: ignore[attr-defined]
