"""A log in a file that is missing, taken away, locked or not a log: told in a sentence, and never a zero."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.errors import SourceError, SourceRejected, SourceUnreachable
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import LATENCY, REQUESTS, TOKENS
from fluxdash.sources.database import Database
from fluxdash.sources.router import Router
from tests.faults.conftest import at_most, failure, healed
from tests.truth import reckoning, world
from tests.truth.world import RECENT_END, scope, window

HOUR = window(RECENT_END - 3600, RECENT_END, 60)
REQUESTED = REQUESTS.total().within(scope(HOUR))
ANOTHER = TOKENS.over_time(by=MODEL).within(scope(HOUR))
"""Another question, which no cache has the answer to."""
HEALED = 8.0


@pytest.fixture
def path(sqlite_log: Path, tmp_path: Path) -> Path:
    """A log that a test may spoil."""
    return Path(shutil.copy(sqlite_log, tmp_path / "log.db"))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Router]:
    """FluxDash with nothing but the file `log.db`, whether it is there or not."""
    with world.fluxdash(DATABASE_URL=f"sqlite:///{tmp_path / 'log.db'}", FLUXDASH_DATABASE_TIMEOUT="1") as router:
        yield router


def true(rows: tuple[Request, ...]) -> float:
    return float(len(reckoning.within(rows, HOUR.start, HOUR.end)))


def test_a_file_that_is_missing_is_named_and_not_made_and_heals(
    alone: Router, sqlite_log: Path, tmp_path: Path, rows: tuple[Request, ...]
) -> None:
    err = failure(alone, REQUESTED)
    assert isinstance(err, SourceUnreachable)
    assert str(err) == "The request log: cannot be opened: no such file"
    assert list(tmp_path.iterdir()) == []
    shutil.copy(sqlite_log, tmp_path / "log.db")
    assert healed(alone, REQUESTED, HEALED).total == true(rows)


def test_a_file_that_is_replaced_is_read_anew(
    alone: Router, path: Path, rows: tuple[Request, ...], tmp_path: Path
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    few = reckoning.within(rows, HOUR.start, HOUR.start + 600)
    world.write_log(f"sqlite:///{tmp_path / 'new.db'}", few)
    path.unlink()
    (tmp_path / "new.db").rename(path)
    assert world.everything(alone.answer(REQUESTS.top(20, by=MODEL).within(scope(HOUR)))) == len(few)


def test_a_file_that_is_deleted_is_an_error_and_not_an_empty_log(
    alone: Router, path: Path, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    for each in path.parent.glob("log.db*"):
        each.unlink()
    assert isinstance(failure(alone, ANOTHER), SourceUnreachable)
    assert not path.exists()


def test_a_writer_in_the_middle_keeps_nobody_from_reading(alone: Router, path: Path, rows: tuple[Request, ...]) -> None:
    with closing(sqlite3.connect(path)) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM request_metrics")
        with at_most(2):
            assert alone.answer(REQUESTED).total == true(rows)
            assert alone.answer(LATENCY.total().within(scope(HOUR))).n == true(rows)
        writer.rollback()


def test_a_log_without_write_ahead_is_waited_for_and_then_told_to_be_locked(alone: Router, path: Path) -> None:
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = DELETE")
        writer.execute("BEGIN EXCLUSIVE")
        with at_most(4):
            err = failure(alone, REQUESTED)
        assert isinstance(err, SourceError)
        writer.rollback()
    assert healed(alone, REQUESTED, HEALED).total


def test_what_is_written_meanwhile_is_read_at_the_next_question(
    alone: Router, path: Path, rows: tuple[Request, ...]
) -> None:
    assert alone.answer(REQUESTED).total == true(rows)
    log = RequestLog(f"sqlite:///{path}")
    earlier = reckoning.moved(world.requests()[:50], world.RECENT)
    log.insert(earlier)
    log.close()
    start = world.START + world.RECENT
    answer = alone.answer(REQUESTS.top(20, by=MODEL).within(scope(window(start, start + 3600))))
    assert world.everything(answer) == 50


@pytest.mark.parametrize("content", [b"<html>not a database</html>" * 100, b"SQLite format 3\x00" + bytes(5000)])
def test_a_file_that_is_no_database_is_an_error(alone: Router, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.db").write_bytes(content)
    assert isinstance(failure(alone, REQUESTED), SourceError)


def test_a_damaged_database_is_an_error_and_not_a_smaller_number(
    alone: Router, path: Path, rows: tuple[Request, ...]
) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    try:
        answer = alone.answer(REQUESTED)
    except SourceError as err:
        assert "request log" in str(err)  # noqa: PT017
    else:
        assert answer.total == true(rows)


@pytest.mark.parametrize("statement", ["DELETE FROM accounts", "CREATE TABLE ours (n int)", "DROP TABLE accounts"])
def test_fluxdash_writes_nothing_into_a_file(path: Path, statement: str) -> None:
    database = Database(f"sqlite:///{path}")
    with pytest.raises(SourceRejected) as caught:
        database.rows(sa.text(statement))
    database.close()
    assert "readonly" in caught.value.hint
