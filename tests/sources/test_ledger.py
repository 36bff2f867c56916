"""Leaves of a log on SQLite: no row twice, none lost, whatever is NULL and whatever is written meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fluxdash.errors import BadRequest, NotReported
from fluxdash.semantic.dimensions import MODEL, STATUS
from fluxdash.semantic.leaves import MOST_NEWER, By, Leafing, Place, place
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.ledger import LogLedger
from fluxdash.sources.log import LogSource
from fluxdash.sources.survey import Survey
from tests.sources.test_log import HOUR, LOG, NOON
from tests.sources.test_log import Desk as Log
from tests.sources.test_rows import COLUMNS

SCOPE = Scope(HOUR)
LIVE = Scope(Window(NOON - 3600, NOON, 60, NOON + 40))
EVERY_WAY = [Leafing(by, ascending) for by in By for ascending in (False, True)]


class Desk(Log):
    def __init__(self, path: Path, columns: str = f"id, {COLUMNS}") -> None:
        super().__init__(path, columns)

    def ledger(self, most: int = 200_000) -> LogLedger:
        """A reader that has looked at nothing yet."""
        survey = Survey(self.database, LOG, most, lambda: self.now)
        source = LogSource(self.database, LOG, Ribbons(self.cache, lambda: self.now), survey, "test")
        return LogLedger(source, self.database, LOG, survey, lambda: self.now)

    def index(self) -> None:
        self.execute("CREATE INDEX at ON request_metrics (timestamp)")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "log.db")
    yield made
    made.database.close()
    made.engine.dispose()


def through(ledger: LogLedger, scope: Scope, how: Leafing, n: int) -> list[str | None]:
    """The ids of all requests, leaf by leaf, each place passed through its cursor."""
    found: list[str | None] = []
    after: Place | None = None
    while True:
        leaf = ledger.leaf(scope, how, after, n)
        assert len(leaf.entries) <= n
        found += [each.record.request_id for each in leaf.entries]
        if not leaf.more:
            return found
        assert len(leaf.entries) == n
        after = place(str(leaf.entries[-1].place))


def scattered(desk: Desk, rows: int = 60) -> None:
    """Rows of which many share their time, their numbers, or have none; few have a key."""
    rng = random.Random(5)
    written: list[tuple[object, ...]] = []
    for i in range(rows):
        time = rng.choice(["11:10:00", "11:10:00.5", "11:10:00.500001", "11:59:59.999999", f"11:{i % 60:02}:00"])
        numbers = [rng.choice(each) for each in ((None, 1, 7), (None, 0.1, 0.3), (None, 0, 3), (None, "x", str(i)))]
        written.append((f"2026-11-18 {time}", f"r{i}", *numbers))
    written += [(f"2026-11-18 {time}", "outside", 1, 1, 1, "y") for time in ("12:00:00", "10:59:59.999999")]
    names = "timestamp, request_id, latency_ms, total_cost, input_tokens, id"
    with desk.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO request_metrics ({names}) VALUES (?, ?, ?, ?, ?, ?)", written)


@pytest.mark.parametrize("n", [1, 7, 60, 61])
@pytest.mark.parametrize("how", EVERY_WAY, ids=str)
def test_every_row_of_the_window_comes_once_in_every_order(desk: Desk, how: Leafing, n: int) -> None:
    scattered(desk)
    found = through(desk.ledger(), SCOPE, how, n)
    assert sorted(map(str, found)) == sorted(f"r{i}" for i in range(60))


def test_the_newest_come_first_and_unknown_numbers_last(desk: Desk) -> None:
    scattered(desk)
    newest = desk.ledger().leaf(SCOPE, Leafing(), None, 100).entries
    times = [each.record.time for each in newest]
    assert times == sorted(times, reverse=True)
    for ascending in (False, True):
        slow = [
            each.record.latency for each in desk.ledger().leaf(SCOPE, Leafing(By.LATENCY, ascending), None, 99).entries
        ]
        known = [each for each in slow if each is not None]
        assert known == sorted(known, reverse=not ascending)
        assert slow[len(known) :] == [None] * (60 - len(known))
        assert 0 < len(known) < 60


def test_rows_that_are_written_meanwhile_move_none_of_those_below(desk: Desk) -> None:
    for i in range(20):
        desk.write(f"11:30:{i:02}", request_id=f"r{i}")
    ledger = desk.ledger()
    first = ledger.leaf(LIVE, Leafing(), None, 8)
    for i in range(5):
        desk.write(f"12:00:0{i}", request_id=f"new{i}")
        desk.write("11:30:12", request_id=f"late{i}")  # of the very moment where the leaf ended
    rest = ledger.leaf(LIVE, Leafing(), first.entries[-1].place, 100)
    found = [each.record.request_id for each in (*first.entries, *rest.entries)]
    assert [each for each in found if str(each).startswith("r")] == [f"r{i}" for i in range(19, -1, -1)]
    assert len(set(found)) == len(found)
    assert ledger.newer(LIVE, Leafing(), first.entries[0].place) == 5


def test_newer_rows_are_counted_under_the_same_filters_and_not_without_end(desk: Desk) -> None:
    desk.write("11:30:00", request_id="seen")
    with desk.engine.begin() as connection:
        insert = "INSERT INTO request_metrics (timestamp, model_id, status) VALUES (?, ?, 'success')"
        connection.exec_driver_sql(insert, [("2026-11-18 11:40:00", "m" if i % 2 else "n") for i in range(2200)])
    ledger, seen = desk.ledger(), Place("2026-11-18 11:30:00", "1")
    assert ledger.newer(SCOPE, Leafing(), seen) == MOST_NEWER
    assert ledger.newer(replace(SCOPE, filters=(Filter(MODEL, ("m",)),)), Leafing(find="no"), seen) == 0


def test_errors_are_found_whatever_their_case_and_signs_mean_themselves(desk: Desk) -> None:
    desk.write("11:30:00", request_id="a", error_message="Throttling: 100% of _quota_", status="error")
    desk.write("11:30:01", request_id="b", error_message="throttling: 1000 of xquotax", status="error")
    desk.write("11:30:02", request_id="Throttling", trace_id="t")
    ledger = desk.ledger()

    def found(text: str) -> set[str | None]:
        leaf = ledger.leaf(SCOPE, Leafing.of(find=text), None, 10)
        assert ledger.extent(SCOPE, Leafing.of(find=text)).rows == len(leaf.entries)
        return {each.record.request_id for each in leaf.entries}

    assert found("THROTTLING:") == {"a", "b"}
    assert found("100%") == {"a"}
    assert found("_quota_") == {"a"}
    assert found("/") == found("' OR 1=1 --") == found("%") - {"a"} == set()
    assert found("t") == {"a", "b", "Throttling"}
    assert found("Throttlin") == {"a", "b"}  # an id is found as a whole


def test_filters_and_the_grant_narrow_every_leaf_and_every_row(desk: Desk) -> None:
    desk.write("11:30:00", request_id="mine", account_id="u")
    desk.write("11:30:01", request_id="theirs", account_id="v", error_message="secret")
    ledger, granted = desk.ledger(), Scope(HOUR, (), Grant(frozenset({"u"})))
    theirs = ledger.leaf(SCOPE, Leafing(), None, 1).entries[0].place
    assert through(ledger, granted, Leafing(), 1) == ["mine"]
    assert through(ledger, granted, Leafing(find="secret"), 1) == []
    assert ledger.extent(granted, Leafing()).rows == 1
    assert ledger.whole(granted, theirs) is None
    assert ledger.whole(granted, replace(theirs, key="99")) is None
    assert ledger.whole(SCOPE, theirs) is not None
    assert through(ledger, replace(SCOPE, filters=(Filter(STATUS, ("error",)),)), Leafing(), 1) == []


def test_a_row_is_told_with_every_column_by_its_own_name_and_null_is_not_empty(desk: Desk) -> None:
    desk.write("11:30:00", request_id="q", trace_id="", error_message="x" * 9000)
    (row,) = desk.ledger().leaf(SCOPE, Leafing(), None, 5).entries
    whole = desk.ledger().whole(SCOPE, row.place)
    assert whole is not None
    fields = dict(whole.fields)
    assert set(fields) == {name.strip() for name in f"id, {COLUMNS}".split(",")}
    assert whole.fields[0] == ("timestamp", "2026-11-18 11:30:00")
    assert (fields["request_id"], fields["trace_id"], fields["region"]) == ("q", "", None)
    assert fields["error_message"] == "x" * 4000
    assert whole.record == row.record


def test_secrets_are_in_no_drawer(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "log.db", f"{COLUMNS}, key_hash")
    desk.write("11:30:00", key_hash="CANARY")
    whole = desk.ledger().whole(SCOPE, desk.ledger().leaf(SCOPE, Leafing(), None, 1).entries[0].place)
    assert whole is not None
    assert "CANARY" not in str(whole)
    desk.database.close()
    desk.engine.dispose()


def test_without_an_index_the_statement_that_adds_it_is_told_and_works(desk: Desk) -> None:
    desk.write("11:30:00")
    statement = desk.ledger().extent(SCOPE, Leafing()).index
    assert statement == 'CREATE INDEX "ix_request_metrics_timestamp" ON "request_metrics" ("timestamp");'
    desk.execute(statement)
    assert desk.ledger().extent(SCOPE, Leafing()).index == ""


def test_a_window_with_too_many_rows_is_read_by_time_alone_and_says_why(desk: Desk) -> None:
    desk.index()
    for i in range(10):
        desk.write(f"11:{i:02}:00", latency=i)
    ledger = desk.ledger(most=5)
    extent = ledger.extent(SCOPE, Leafing())
    assert (extent.exact, extent.rows) == (False, 10)
    assert extent.unsortable.startswith("About 10 rows lie in the window")
    assert len(ledger.leaf(SCOPE, Leafing(), None, 20).entries) == 10
    with pytest.raises(NotReported, match="This order"):
        ledger.leaf(SCOPE, Leafing(By.COST), None, 20)
    assert ledger.extent(replace(SCOPE, filters=(Filter(MODEL, ("m",)),)), Leafing()).rows is None


def sparse(desk: Desk) -> None:
    """Sixty rows a minute apart, of which every thirteenth failed and says so."""
    desk.index()
    for i in range(60):
        failed = {"status": "error", "error_message": "slow down"} if i % 13 == 0 else {}
        desk.write(f"11:{i:02}:00", request_id=f"r{i}", **failed)


SPARSE = [Leafing(find="slow", ascending=each) for each in (False, True)]


@pytest.mark.parametrize("how", SPARSE, ids=str)
def test_many_rows_are_looked_through_part_by_part_and_found_in_the_same_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, how: Leafing
) -> None:
    sparse(desk)
    whole = through(desk.ledger(), SCOPE, how, 2)
    monkeypatch.setattr("fluxdash.sources.ledger.SLICE", 7)
    assert (
        through(desk.ledger(), SCOPE, how, 2)
        == whole
        == [f"r{i}" for i in sorted(range(0, 60, 13), reverse=not how.ascending)]
    )


@pytest.mark.parametrize("how", SPARSE, ids=str)
def test_looking_ends_where_it_takes_too_long_and_goes_on_from_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, how: Leafing
) -> None:
    sparse(desk)
    monkeypatch.setattr("fluxdash.sources.ledger.SLICE", 7)
    monkeypatch.setattr("fluxdash.sources.ledger.PATIENCE", -1.0)
    ledger, found, reached, looked = desk.ledger(), list[str | None](), list[int](), how
    while True:
        leaf = ledger.leaf(SCOPE, looked, None, 5)
        found += [each.record.request_id for each in leaf.entries]
        if leaf.reached is None:
            break
        reached.append(leaf.reached)
        looked = looked.onward(leaf.reached)
    assert found == [f"r{i}" for i in sorted(range(0, 60, 13), reverse=not how.ascending)]
    assert reached == sorted(set(reached), reverse=not how.ascending)
    assert len(reached) > 3


def test_a_leaf_begins_at_a_moment_to_the_microsecond(desk: Desk) -> None:
    for time in ("11:10:00", "11:30:00", "11:30:00.25", "11:30:00.250001", "11:30:01", "11:50:00"):
        desk.write(time, request_id=time)
    ledger, at = desk.ledger(), NOON - 1800

    def first(how: Leafing) -> list[str | None]:
        return through(ledger, SCOPE, how, 2)

    assert first(Leafing(at=at + 0.25)) == ["11:30:00.25", "11:30:00", "11:10:00"]
    assert first(Leafing(at=at + 0.999999)) == ["11:30:00.250001", "11:30:00.25", "11:30:00", "11:10:00"]
    assert first(Leafing(ascending=True, at=float(at))) == [
        "11:30:00", "11:30:00.25", "11:30:00.250001", "11:30:01", "11:50:00",
    ]  # fmt: skip


def test_texts_are_sorted_by_their_bytes_and_unknown_ones_last(desk: Desk) -> None:
    for i, model in enumerate(["b", "B", None, "ä", "a", "", "a"]):
        desk.write(f"11:30:0{i}", request_id=str(i), model=model)
    assert through(desk.ledger(), SCOPE, Leafing(By.MODEL, True), 2) == ["1", "6", "4", "0", "3", "5", "2"]
    assert through(desk.ledger(), SCOPE, Leafing(By.MODEL), 2) == ["3", "0", "6", "4", "1", "5", "2"]


def test_the_place_of_another_order_is_refused(desk: Desk) -> None:
    desk.write("11:30:00")
    for how, value in ((Leafing(By.COST), "x"), (Leafing(By.MODEL), 1.5)):
        with pytest.raises(BadRequest, match="in this order"):
            desk.ledger().leaf(SCOPE, how, Place("2026-11-18 11:30:00", "1", value), 5)


def test_a_log_without_errors_says_that_it_has_none_to_search(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "log.db", "timestamp, model_id, latency_ms, status, total_cost")
    desk.write("11:30:00")
    with pytest.raises(NotReported, match=r"no column request_metrics\.error_message"):
        desk.ledger().leaf(SCOPE, Leafing(find="x"), None, 5)
    assert len(desk.ledger().leaf(SCOPE, Leafing(), None, 5).entries) == 1
    desk.database.close()
    desk.engine.dispose()


@pytest.mark.parametrize("key", ["x", "1; DROP TABLE request_metrics", "9" * 30, "", "1.5", "١"])
def test_a_key_that_no_row_could_have_is_refused(desk: Desk, key: str) -> None:
    desk.write("11:30:00")
    with pytest.raises(BadRequest):
        desk.ledger().leaf(SCOPE, Leafing(), Place("2026-11-18 11:30:00", key), 5)


@pytest.mark.parametrize("n", [0, -1, 1001, 10**9])
def test_a_leaf_has_its_limits(desk: Desk, n: int) -> None:
    with pytest.raises(BadRequest):
        desk.ledger().leaf(SCOPE, Leafing(), None, n)


def test_no_leaf_skips_rows_and_the_index_finds_where_it_begins(desk: Desk) -> None:
    desk.index()
    text = desk.ledger().statement(SCOPE, Leafing(), 200)
    plan = f"EXPLAIN QUERY PLAN {text}"
    with desk.engine.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql(plan)]
    assert any("USING INDEX at (timestamp>? AND timestamp<?)" in each for each in steps)
    assert sum("TEMP B-TREE" in each for each in steps) <= 1  # of the leaf itself
