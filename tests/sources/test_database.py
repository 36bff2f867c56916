"""The fetcher for a log on SQLite: it reads and never writes, and whatever goes wrong is one of our errors."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fluxdash.errors import BadPayload, SourceError, SourceRejected, SourceTimeout, SourceUnreachable
from fluxdash.sources.database import Database

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
Open = Callable[..., Database]


@pytest.fixture
def opened() -> Iterator[Open]:
    made: list[Database] = []

    def database(path: Path, timeout: float = 5.0) -> Database:
        made.append(Database(f"sqlite:///{path}", timeout))
        return made[-1]

    yield database
    for each in made:
        each.close()


def create(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("name", ["log.db", "a b.db", "a#b.db", "ä😀.db"])
def test_a_file_is_opened_whatever_its_name(tmp_path: Path, opened: Open, name: str) -> None:
    path = create(tmp_path / name, "CREATE TABLE t (x, y)", "CREATE INDEX i ON t (y, x)")
    database = opened(path)
    assert database.tables(["t", "missing"]) == {"t": frozenset({"x", "y"})}
    assert database.leading_columns("t") == {"y"}
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_file_that_does_not_exist_is_an_error_and_is_not_made(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(SourceUnreachable, match="no such file"):
        opened(tmp_path / "none.db").rows(sa.text("SELECT 1"))
    assert list(tmp_path.iterdir()) == []


def test_a_statement_that_comes_once_is_not_kept(tmp_path: Path, opened: Open) -> None:
    database = opened(create(tmp_path / "log.db", "CREATE TABLE t (x)"))
    kept = database._engine._compiled_cache  # type: ignore[attr-defined]
    for i in range(500):
        database.rows(sa.text(f"SELECT {i}"), once=True)
    assert len(kept) == 0
    for i in range(500):
        database.rows(sa.text(f"SELECT {i}"))
    assert 200 <= len(kept) <= 300


def test_nothing_is_ever_written(tmp_path: Path, opened: Open) -> None:
    database = opened(create(tmp_path / "log.db", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"))
    for statement in ("DELETE FROM t", "DROP TABLE t", "CREATE TABLE u (x)"):
        with pytest.raises(SourceRejected):
            database.rows(sa.text(statement))
    assert [tuple(row) for row in database.rows(sa.text("SELECT x FROM t"))] == [(1,)]


def test_a_statement_that_never_ends_is_interrupted(tmp_path: Path, opened: Open) -> None:
    database = opened(create(tmp_path / "log.db"), 0.3)
    started = time.monotonic()
    with pytest.raises(SourceTimeout, match=r"did not answer in 0\.3 s"):
        database.rows(sa.text(FOREVER))
    assert time.monotonic() - started < 1.5
    assert [tuple(row) for row in database.rows(sa.text("SELECT 1"))] == [(1,)]


@pytest.mark.parametrize("statement", ["SELECT z FROM t", "SELECT 1 FROM z"])
def test_a_table_or_column_that_is_gone_is_a_bad_payload(tmp_path: Path, opened: Open, statement: str) -> None:
    database = opened(create(tmp_path / "log.db", "CREATE TABLE t (x)"))
    with pytest.raises(BadPayload, match="lacks a table or a column"):
        database.rows(sa.text(statement))


def test_a_statement_that_is_wrong_does_not_make_the_log_unreachable(tmp_path: Path, opened: Open) -> None:
    """Metadata that are no JSON fail one panel; the others must not rest for that."""
    database = opened(create(tmp_path / "log.db", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('{broken')"))
    for statement in ("SELECT x ->> 'cache_type' FROM t", "SELECT FROM WHERE"):
        with pytest.raises(SourceRejected):
            database.rows(sa.text(statement))
    assert database.tables(["t"]) == {"t": frozenset({"x"})}


def test_a_file_that_is_no_database_is_one_of_our_errors(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "log.db").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(SourceError):
        opened(tmp_path / "log.db").rows(sa.text("SELECT * FROM t"))


def test_text_for_people_has_its_values_written_in(tmp_path: Path, opened: Open) -> None:
    statement = sa.select(sa.literal("it's 5%", sa.String).label("x"))
    assert opened(create(tmp_path / "log.db")).text(statement) == "SELECT 'it''s 5%' AS x"
