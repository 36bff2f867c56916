"""What a point leads to: the grid it is found on, and a duration that the request it stands for still has."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL
from fluxdash.semantic.exemplars import Exemplar, Exemplars
from fluxdash.semantic.measures import COST, ERROR_RATE, FAILURES, LATENCY, REQUESTS
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.tracesearch import seconds
from fluxdash.views.causes import failures_by_cause
from fluxdash.views.charts import latency_percentiles, request_rate
from fluxdash.views.courses import lines
from fluxdash.views.exemplars import UID
from fluxdash.views.patches import packed, patch
from fluxdash.views.points import from_duration
from fluxdash.views.scene import Drawing, Look, Scene
from fluxdash.views.times import Clock
from tests.views.scenes import NOW, WINDOW, answer, courses, grouped, scene

P50 = [0.9, 0.8, None, 1.1, 0.7]
P95 = [3.62, 0.4129, None, 12.79, 4.0]
P99 = [7.0, 8.0, None, 31.9, 9.5]


def latency(look: Look | None = None, **more: object) -> Drawing:
    rows = ((0.5, P50), (0.95, P95), (0.99, P99))
    answers = [answer(LATENCY.over_time(q=q), row, head=[5.05], counts=[90] * 5, total=4.44) for q, row in rows]
    return latency_percentiles(Scene(answers, (), look or Look(), "?range=5m", **more))  # type: ignore[arg-type]


def points(drawing: Drawing) -> dict:
    assert drawing.figure is not None
    return drawing.figure["layout"]["meta"]["points"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.62, "3.6s"), (3.69, "3.6s"), (12.79, "12s"), (119.9, "110s"), (0.4129, "410ms"), (0.0512, "51ms"),
     (0.9999, "990ms"), (1.0, "1s"), (30.0, "30s"), (0.001, "1ms"), (0.0009, ""), (0.0, ""), (None, "")],
)  # fmt: skip
def test_a_duration_is_cut_to_two_digits(value: float | None, text: str) -> None:
    assert from_duration(value) == text


@given(st.floats(0.001, 86_000))
@example(0.7)
def test_a_duration_is_read_back_as_no_more_than_it_was_and_hardly_less(value: float) -> None:
    found = seconds(from_duration(value), "min")
    assert found is not None
    assert value * 0.9 <= found <= value


def test_the_grid_is_the_windows_own_with_what_is_still_filling() -> None:
    told = points(latency())
    assert (told["start"], told["step"], told["size"]) == (NOW - 300, 60, 6)
    assert told["first"] == (NOW - 300) * 1000
    east = points(latency(Look(clock=Clock(ZoneInfo("Asia/Kolkata")))))
    assert (east["start"], east["first"]) == (NOW - 300, (NOW - 300 + 19_800) * 1000)


def test_a_latency_leads_to_those_that_took_as_long_as_the_line_says() -> None:
    told = points(latency())
    assert told["about"] == "slow"
    assert [(each["uid"], each["name"]) for each in told["ranks"]] == [("p50", "P50"), ("p95", "P95"), ("p99", "P99")]
    assert told["ranks"][1]["least"] == ["3.6s", "410ms", "", "12s", "4s", "5s"]
    assert told["ranks"][told["usual"]]["name"] == "P95"
    assert told["reach"] == [7, 8, 0, 32, 10, 6]
    assert told["ranks"][1]["whole"] == "4.4s"


def test_charts_of_failures_are_about_failures_and_others_about_nothing() -> None:
    by_cause = grouped(FAILURES.over_time(by=ERROR_TYPE), {"Throttling": [1, 2, 3, 4, 5]})
    failures = answer(FAILURES.over_time(), [1, 2, 3, 4, 5])
    assert points(failures_by_cause(scene(by_cause, failures)))["about"] == "failed"
    assert points(lines(scene(answer(ERROR_RATE.over_time(), [0.1] * 5))))["about"] == "failed"
    assert points(lines(scene(answer(COST.over_time(), [0.1] * 5))))["about"] == ""
    rate = request_rate(scene(answer(REQUESTS.over_time(), [9] * 5), failures))
    assert points(rate)["about"] == ""
    assert rate.figure is not None
    assert {each["uid"]: each.get("meta") for each in rate.figure["data"]}["failed"] == {"about": "failed"}


def test_lines_of_latency_by_model_have_a_duration_each() -> None:
    told = points(lines(scene(courses(LATENCY.over_time(by=MODEL, q=0.95), {"a": [2.22] * 5, "b": [7.77] * 5}))))
    assert {each["name"]: each["least"][0] for each in told["ranks"]} == {"a": "2.2s", "b": "7.7s"}


def test_a_patch_brings_the_points_along() -> None:
    change = patch(packed(latency().figure or {})).to_plotly_json()
    assert ["layout", "meta"] in [each["location"] for each in change["operations"]]


def marked(*rows: tuple[float, float]) -> dict[str, object]:
    found = [Exemplar(WINDOW.start + at, took, TraceId(f"{i:032x}")) for i, (at, took) in enumerate(rows, start=1)]
    return {"exemplars": Exemplars(tuple(found))}


def diamonds(drawing: Drawing) -> list[dict]:
    assert drawing.figure is not None
    return [each for each in drawing.figure["data"] if each["uid"] == UID]


def test_exemplars_stand_where_their_requests_were() -> None:
    drawing = latency(**marked((61.25, 2.5), (130.0, 44.0)))
    (trace,) = diamonds(drawing)
    assert drawing.figure is not None
    top = drawing.figure["layout"]["yaxis"]["tickvals"][-1]
    assert trace["x"] == [(WINDOW.start + 61.25) * 1000, (WINDOW.start + 130) * 1000]
    assert trace["y"] == [2.5, top]
    assert top < 44
    assert trace["marker"]["symbol"] == ["diamond", "triangle-up"]
    assert [each[0] for each in trace["customdata"]] == [f"{1:032x}", f"{2:032x}"]
    assert [each[1].replace("\u00a0", " ")[:7] for each in trace["customdata"]] == ["2.50 s ", "44.00 s"]
    assert [each[2] for each in trace["customdata"]] == [3, 44]
    assert drawing.foot.endswith("2\u00a0traces marked")


def test_without_exemplars_nothing_is_drawn_of_them() -> None:
    assert diamonds(latency()) == []
    assert "marked" not in latency().foot
