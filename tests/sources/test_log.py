"""Answers from a request log on SQLite: exact, and one and the same however they are put together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.answer import Answer, NoteKind
from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL, REGION
from fluxdash.semantic.measures import COST, FAILURES, HIT_RATE, LATENCY, REQUESTS, UNPRICED
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.database import Database
from fluxdash.sources.log import LogSource
from fluxdash.sources.survey import Survey

assert PROFILE.log is not None
LOG = PROFILE.log
NOON = 1_795_003_200  # 2026-11-18 12:00 UTC
HOUR = Window(NOON - 3600, NOON, 60, NOON)
COLUMNS = (
    "timestamp, model_id, region, status, cache_hit, input_tokens, output_tokens, total_cost, latency_ms, error_message"
)


class Memory:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> Any:
        return json.loads(self.kept.get(key, "null"))

    def set(self, key: str, value: Any, timeout: int | None = None) -> None:
        self.kept[key] = json.dumps(value)


class Desk:
    """A log in a file, and a source on it that sees what is written at once."""

    def __init__(self, path: Path, columns: str = COLUMNS) -> None:
        self.engine = sa.create_engine(f"sqlite:///{path}")
        self.execute(f"CREATE TABLE request_metrics ({columns})")
        self.now = NOON + 40.0
        self.cache = Memory()
        self.database = Database(f"sqlite:///{path}")

    def execute(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def write(self, time: str, model: str | None = "m", latency: int | None = 100, **more: object) -> None:
        row = {"timestamp": f"2026-11-18 {time}", "model_id": model, "latency_ms": latency, "status": "success",
               "total_cost": 0.5, **more}  # fmt: skip
        names = ", ".join(row)
        self.execute(f"INSERT INTO request_metrics ({names}) VALUES ({', '.join(f':{name}' for name in row)})", **row)

    def source(self) -> LogSource:
        """A source that has looked at nothing yet, over the same cache."""
        survey = Survey(self.database, LOG, 200_000, lambda: self.now)
        return LogSource(self.database, LOG, Ribbons(self.cache, lambda: self.now), survey, "test")

    def ask(self, question: Question, window: Window = HOUR) -> Answer:
        query, source = question.within(Scope(window)), self.source()
        verdict = source.verdict(query)
        assert verdict.reason == ""
        return source.answer(query, verdict)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "log.db")
    yield made
    made.database.close()
    made.engine.dispose()


def totals(answer: Answer) -> dict[str | None, float | None]:
    return {line.group: line.total for line in answer.lines}


def test_a_row_in_the_last_instant_of_a_window_is_counted_in_its_last_bucket(desk: Desk) -> None:
    desk.write("11:00:00")
    desk.write("11:59:59.999999")
    desk.write("12:00:00")
    answer = desk.ask(REQUESTS.over_time())
    assert (answer.total, answer.lines[0].values[0], answer.lines[0].values[-1]) == (2.0, 1.0, 1.0)
    assert desk.ask(REQUESTS.top(3, by=MODEL)).lines[0].total == 2.0
    assert desk.ask(LATENCY.over_time(q=0.5)).lines[0].counts[-1] == 1.0


def test_a_quiet_bucket_is_zero_requests_and_no_latency(desk: Desk) -> None:
    desk.write("11:00:00")
    requests, latency = desk.ask(REQUESTS.over_time()), desk.ask(LATENCY.over_time(q=0.5))
    assert requests.lines[0].values == (1.0, *[0.0] * 59)
    assert latency.lines[0].values == (0.1, *[None] * 59)


def test_before_the_first_row_nothing_is_known(desk: Desk) -> None:
    desk.write("11:30:30")
    answer = desk.ask(REQUESTS.over_time())
    assert answer.lines[0].values == (*[None] * 30, 1.0, *[0.0] * 29)
    assert answer.total == 1.0
    assert [note.kind for note in answer.provenance.notes] == [NoteKind.PARTIAL]


def test_an_empty_log_is_empty(desk: Desk) -> None:
    for question in (REQUESTS.over_time(), COST.top(3, by=MODEL), LATENCY.over_time(), HIT_RATE.total()):
        assert desk.ask(question).is_empty


def test_a_model_of_an_earlier_window_is_not_in_the_next(desk: Desk) -> None:
    """Both windows share one ribbon; what is in an answer must not depend on what was asked before."""
    desk.write("09:30:00", "retired")
    desk.write("10:30:00", "m")
    desk.write("11:30:00", "m")
    earlier = desk.ask(REQUESTS.over_time(by=MODEL), Window(NOON - 10800, NOON - 3600, 60, NOON - 3600))
    assert totals(earlier) == {"retired": 1.0, "m": 1.0}
    desk.now += 1
    assert totals(desk.ask(REQUESTS.over_time(by=MODEL))) == {"m": 1.0}


def test_a_late_row_of_a_new_group_breaks_no_chart_of_quantiles(desk: Desk) -> None:
    window = Window(NOON - 7200, NOON - 3600, 60, NOON - 3600)
    desk.write("10:30:00", "m")
    desk.ask(LATENCY.over_time(by=MODEL), window)
    desk.cache.kept = {key: text for key, text in desk.cache.kept.items() if '"size": 1,' not in text}
    desk.write("10:30:00", "late")
    answer = desk.ask(LATENCY.over_time(by=MODEL), window)
    assert len(list(answer.rows())) == 120
    assert totals(answer)["late"] == 0.1


def test_a_series_and_a_ranking_say_the_same(desk: Desk) -> None:
    for minute in range(60):
        desk.write(f"11:{minute:02}:30", "ab"[minute % 2], status="success" if minute % 3 else "error")
    for measure in (REQUESTS, COST, FAILURES):
        series, ranking = desk.ask(measure.over_time(by=MODEL)), desk.ask(measure.top(10, by=MODEL))
        assert totals(series) == totals(ranking)
        assert sum(total or 0 for total in totals(series).values()) == desk.ask(measure.total()).total


def test_rows_priced_by_the_list_are_an_estimate(desk: Desk) -> None:
    desk.execute("CREATE TABLE model_pricing (model_id, region, effective_date, input_per_1k, output_per_1k)")
    desk.execute("INSERT INTO model_pricing VALUES ('m', 'r', '2026-01-01 00:00:00', 1, 2)")
    desk.write("11:30:00", total_cost=0, region="r", input_tokens=100, output_tokens=100)
    desk.write("11:31:00", total_cost=0, region="elsewhere", input_tokens=100, output_tokens=100)
    answer = desk.ask(COST.total())
    assert answer.total == pytest.approx(0.3)
    assert not answer.provenance.exact
    assert "1 requests priced from the price list" in [note.text for note in answer.provenance.notes]
    assert desk.ask(UNPRICED.total()).total == 1.0


def test_a_log_without_a_column_says_what_it_lacks_and_tells_the_rest(tmp_path: Path) -> None:
    lacking = Desk(tmp_path / "log.db", COLUMNS.replace("region, ", "").replace("cache_hit, ", ""))
    lacking.execute("CREATE TABLE model_pricing (model_id, region, effective_date, input_per_1k, output_per_1k)")
    lacking.write("11:30:00")
    source = lacking.source()

    def reason(question: Question) -> str:
        return source.verdict(question.within(Scope(HOUR))).reason

    assert reason(COST.total()) == "The database has no column request_metrics.cache_hit."
    assert reason(REQUESTS.top(3, by=REGION)) == "The database has no column request_metrics.region."
    assert lacking.ask(REQUESTS.total()).total == 1.0
    assert lacking.ask(FAILURES.over_time(by=ERROR_TYPE)).is_empty
    lacking.database.close()
    lacking.engine.dispose()


def test_a_log_without_its_table_says_so(tmp_path: Path) -> None:
    empty = Desk(tmp_path / "log.db")
    empty.execute("DROP TABLE request_metrics")
    verdict = empty.source().verdict(REQUESTS.total().within(Scope(HOUR)))
    assert verdict.reason == "The database has no table request_metrics."
    empty.database.close()
    empty.engine.dispose()


def test_a_log_without_a_region_still_knows_its_own_costs(tmp_path: Path) -> None:
    """The price needs the region; what has a cost of its own does not."""
    desk = Desk(tmp_path / "log.db", COLUMNS.replace("region, ", ""))
    desk.execute("CREATE TABLE model_pricing (model_id, region, effective_date, input_per_1k, output_per_1k)")
    desk.write("11:30:00")
    assert desk.ask(COST.total()).total == 0.5
    desk.database.close()
    desk.engine.dispose()


@pytest.mark.parametrize("written", ["2026-11-18 {}", "2026-11-18T{}", "2026-11-18T{}Z"])
def test_a_time_may_be_written_with_a_t(desk: Desk, written: str) -> None:
    for time in ("10:59:59", "11:00:00", "11:00:00.5", "11:59:59.999999", "12:00:00"):
        desk.write("", timestamp=written.format(time))
    assert desk.ask(REQUESTS.total()).total == 3.0
    assert desk.ask(REQUESTS.over_time()).lines[0].values[0] == 2.0
    assert desk.ask(LATENCY.total(q=0.5)).n == 3.0
