"""What a log holds, as its database tells it: looked at now and then, not for each question of a page."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from fluxdash.errors import SourceTimeout
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.sources.survey import Survey

assert PROFILE.log is not None
LOG = PROFILE.log
NOON = 1_795_003_200


class Large:
    """A database whose planner expects a row a second in any window."""

    is_sqlite = False

    def __init__(self) -> None:
        self.planned: list[str] = []
        self.silent = False

    def tables(self, names: Sequence[str]) -> dict[str, frozenset[str]]:
        return {LOG.table: frozenset({LOG.time})}

    def leading_columns(self, table: str) -> frozenset[str]:
        return frozenset({LOG.time})

    def rows(self, statement: sa.Select[Any] | sa.TextClause) -> Sequence[Any]:
        return [(10_000_000,)] if "reltuples" in str(statement) else [SimpleNamespace(first=0, last=NOON)]

    def planned_rows(self, statement: sa.Select[Any]) -> int:
        if self.silent:
            raise SourceTimeout("The request log", "did not answer")
        bound = statement.compile().params
        self.planned.append(f"{bound['start']:%H:%M} {bound['end']:%H:%M}")
        return int((bound["end"] - bound["start"]).total_seconds())


def survey(database: Large, clock: list[float]) -> Survey:
    return Survey(database, LOG, 3000, lambda: clock[0])  # type: ignore[arg-type]


def test_however_many_questions_are_about_a_window_the_planner_is_asked_once() -> None:
    database, clock = Large(), [float(NOON)]
    found = survey(database, clock)
    for _ in range(20):
        assert found.expensive(NOON - 3600, NOON).startswith("About 3,600 rows lie in the window")
        assert found.expensive(NOON - 1800, NOON) == ""
    assert database.planned == ["11:00 12:00", "11:30 12:00"]
    clock[0] += 61
    assert found.expected(NOON - 1800, NOON) == 1800
    assert database.planned[2:] == ["11:30 12:00"]


def test_a_planner_that_did_not_answer_is_asked_again() -> None:
    database, clock = Large(), [float(NOON)]
    found = survey(database, clock)
    database.silent = True
    assert found.expected(NOON - 60, NOON) is None
    database.silent = False
    assert found.expected(NOON - 60, NOON) == 60
