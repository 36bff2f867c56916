"""Charts: what is drawn is what was answered, gaps stay gaps, and what is not sure is faint."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from fluxdash.semantic.dimensions import ERROR_TYPE
from fluxdash.semantic.measures import FAILURES, INPUT_TOKENS, LATENCY, OUTPUT_TOKENS, REQUESTS
from fluxdash.semantic.units import ABSENT
from fluxdash.views.causes import NO_CAUSE, causes, failures_by_cause
from fluxdash.views.charts import latency_percentiles, request_rate, token_usage
from fluxdash.views.patches import patch, traces
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock
from tests.views.scenes import NOW, WINDOW, answer, grouped, scene

RANKS = (0.5, 0.95, 0.99)


def latencies(rows: dict[float, list[float | None]], **more: object):
    return [answer(LATENCY.over_time(q=q), rows[q], **more) for q in RANKS]  # type: ignore[arg-type]


def by_uid(drawing):
    return {trace["uid"]: trace for trace in drawing.figure["data"]}


def test_a_rate_is_the_count_over_the_seconds_of_its_bucket() -> None:
    requests = answer(REQUESTS.over_time(), [600, 660, 0, 540, 600], head=[300])
    failures = answer(FAILURES.over_time(), [60, 0, 0, 0, 0], head=[30])
    drawn = by_uid(request_rate(scene(requests, failures)))
    assert drawn["failed"]["y"] == [1, 0, 0, 0, 0, 1]
    assert drawn["success"]["y"] == [9, 11, 0, 9, 10, 9]


def test_the_bucket_that_is_filling_is_pale() -> None:
    requests = answer(REQUESTS.over_time(), [600] * 5, head=[300])
    failures = answer(FAILURES.over_time(), [0] * 5, head=[0])
    drawing = request_rate(scene(requests, failures))
    assert by_uid(drawing)["success"]["marker"]["opacity"] == [1, 1, 1, 1, 1, 0.4]
    assert drawing.foot.replace("\u00a0", " ") == "1 min buckets · last one filling"


def test_an_unknown_bucket_is_no_bar_and_several_are_marked() -> None:
    requests = answer(REQUESTS.over_time(), [600, None, None, 600, None])
    failures = answer(FAILURES.over_time(), [0, None, None, 0, None])
    drawing = request_rate(scene(requests, failures))
    assert by_uid(drawing)["success"]["y"][:5] == [10, None, None, 10, None]
    marked = [note["text"] for note in drawing.figure["layout"]["annotations"]]
    assert marked == ["no data"]
    gap = drawing.figure["layout"]["shapes"][0]
    assert (gap["x0"], gap["x1"]) == ((WINDOW.start + 60) * 1000, (WINDOW.start + 180) * 1000)


def test_the_window_before_is_drawn_on_the_times_of_this_one() -> None:
    requests = answer(REQUESTS.over_time(), [600] * 5)
    failures = answer(FAILURES.over_time(), [0] * 5)
    before = answer(REQUESTS.over_time(), [300] * 5, window=WINDOW.previous())
    drawn = by_uid(request_rate(scene(requests, failures, before=[before, None])))
    past = drawn["requests-before"]
    assert past["x"] == drawn["success"]["x"][:5]
    assert past["y"] == [5] * 5
    assert past["hoverinfo"] == "skip"
    assert past["name"].replace("\u00a0", " ") == "Previous 5 min, total"


def test_a_quantile_of_few_samples_is_faint() -> None:
    rows = {0.5: [1.0] * 5, 0.95: [2.0] * 5, 0.99: [3.0] * 5}
    drawn = by_uid(latency_percentiles(scene(*latencies(rows, counts=[400, 100, 400, 40, 400]))))
    assert drawn["p50"]["y"] == [1.0] * 5
    assert drawn["p95-points"]["y"] == [2.0, 2.0, 2.0, None, 2.0]
    assert drawn["p95-faint"]["y"][3] == 2.0
    assert drawn["p99-points"]["y"] == [3.0, None, 3.0, None, 3.0]


def test_a_line_never_goes_through_a_gap_and_a_lonely_point_is_marked() -> None:
    rows = {0.5: [1.0, None, 1.0, None, None], 0.95: [2.0] * 5, 0.99: [3.0] * 5}
    drawn = by_uid(latency_percentiles(scene(*latencies(rows, counts=[400] * 5))))
    assert drawn["p50-points"]["y"] == [1.0, None, 1.0, None, None]
    assert drawn["p50-points"]["marker"]["size"] == [5, 0, 5, 0, 0]


def test_the_objective_is_drawn_where_it_fits_and_left_out_where_it_would_flatten_the_rest() -> None:
    rows = {0.5: [0.1] * 5, 0.95: [0.2] * 5, 0.99: [0.4] * 5}
    quick = latency_percentiles(scene(*latencies(rows), look=Look(p95_objective=6)))
    assert not [shape for shape in quick.figure["layout"]["shapes"] if shape.get("y0") == 6]
    assert quick.unit == "milliseconds, end to end"
    rows = {0.5: [1.0] * 5, 0.95: [4.0] * 5, 0.99: [8.0] * 5}
    slow = latency_percentiles(scene(*latencies(rows), look=Look(p95_objective=6)))
    assert [shape["y1"] for shape in slow.figure["layout"]["shapes"] if shape.get("y0") == 6] == [6]


def test_the_names_at_the_ends_of_lines_do_not_touch() -> None:
    rows = {0.5: [4.0] * 5, 0.95: [4.1] * 5, 0.99: [4.2] * 5}
    drawing = latency_percentiles(scene(*latencies(rows), look=Look(p95_objective=None)))
    levels = [note["y"] for note in drawing.figure["layout"]["annotations"]]
    assert all(above - below > 0.2 for below, above in pairwise(levels))


def test_tokens_are_stacked_a_minute_and_the_filling_part_is_fainter() -> None:
    outputs = answer(OUTPUT_TOKENS.over_time(), [60_000] * 5, head=[30_000])
    inputs = answer(INPUT_TOKENS.over_time(), [120_000] * 5, head=[60_000])
    drawing = token_usage(scene(outputs, inputs))
    drawn = by_uid(drawing)
    assert drawn["output"]["y"] == [60_000] * 5
    assert drawn["output-faint"]["y"] == [60_000, 60_000]
    assert drawn["output-faint"]["x"][0] == drawn["output"]["x"][-1]
    assert drawing.figure["layout"]["yaxis"]["ticktext"][-1].replace("\u00a0", " ") == "200 k"


def test_causes_are_named_by_strength_and_the_nameless_come_last() -> None:
    rows = {f"Cause{place}": [float(10 - place)] * 5 for place in range(7)} | {"unknown": [20.0] * 5}
    named = causes(grouped(FAILURES.over_time(by=ERROR_TYPE), rows))
    assert [each.name for each in named] == ["Cause0", "Cause1", "Cause2", "Other, 4 causes", NO_CAUSE]
    assert sum(each.line.total or 0 for each in named) == sum(sum(row) for row in rows.values())
    assert named[3].line.values == (22.0,) * 5


def test_no_failures_is_said_with_the_requests_it_was_counted_among() -> None:
    drawing = failures_by_cause(
        scene(grouped(FAILURES.over_time(by=ERROR_TYPE), {}), answer(FAILURES.over_time(), [0] * 5, n=50_512))
    )
    assert "None of 50,512 requests failed." in str(drawing.beside)
    assert drawing.foot == "0 failed"


def test_a_cause_that_is_new_is_called_new() -> None:
    now = grouped(FAILURES.over_time(by=ERROR_TYPE), {"Throttling": [4.0] * 5})
    before = grouped(FAILURES.over_time(by=ERROR_TYPE), {"Timeout": [4.0] * 5})
    all_before = answer(FAILURES.over_time(), [4] * 5)
    drawing = failures_by_cause(scene(now, answer(FAILURES.over_time(), [4] * 5), before=[before, all_before]))
    assert "new" in str(drawing.beside)


def test_a_cause_is_not_called_new_where_the_window_before_is_unknown() -> None:
    now = grouped(FAILURES.over_time(by=ERROR_TYPE), {"Throttling": [4.0] * 5})
    nothing = grouped(FAILURES.over_time(by=ERROR_TYPE), {})
    unknown = answer(FAILURES.over_time(), [None] * 5)
    drawing = failures_by_cause(scene(now, answer(FAILURES.over_time(), [4] * 5), before=[nothing, unknown]))
    assert "new" not in str(drawing.beside)
    assert ABSENT in str(drawing.beside)


def test_an_unknown_window_before_is_not_drawn_and_not_listed() -> None:
    requests, failures = answer(REQUESTS.over_time(), [600] * 5), answer(FAILURES.over_time(), [0] * 5)
    unknown = answer(REQUESTS.over_time(), [None] * 5)
    assert "requests-before" not in by_uid(request_rate(scene(requests, failures, before=[unknown, None])))


def test_a_name_from_outside_is_no_html_in_a_figure() -> None:
    hostile = "<img src=x onerror=alert(1)>" + "x" * 10_000
    drawing = failures_by_cause(
        scene(grouped(FAILURES.over_time(by=ERROR_TYPE), {hostile: [1.0] * 5}), answer(FAILURES.over_time(), [1] * 5))
    )
    name = drawing.figure["data"][0]["name"]
    assert "<" not in name
    assert len(name) < 300


def test_times_are_drawn_in_the_zone_of_the_page() -> None:
    requests = answer(REQUESTS.over_time(), [600] * 5)
    failures = answer(FAILURES.over_time(), [0] * 5)
    berlin = request_rate(scene(requests, failures, look=Look(clock=Clock(ZoneInfo("Europe/Berlin")))))
    start = datetime.fromtimestamp(berlin.figure["data"][0]["x"][0] / 1000, UTC)
    assert start.hour == datetime.fromtimestamp(NOW - 300, ZoneInfo("Europe/Berlin")).hour
    assert "CET" in berlin.sentence


def test_a_patch_is_possible_exactly_where_the_traces_are_the_same() -> None:
    first = request_rate(scene(answer(REQUESTS.over_time(), [600] * 5), answer(FAILURES.over_time(), [0] * 5)))
    second = request_rate(scene(answer(REQUESTS.over_time(), [300] * 5), answer(FAILURES.over_time(), [5] * 5)))
    assert traces(first.figure, "light") == traces(second.figure, "light")
    assert traces(first.figure, "light") != traces(first.figure, "dark")
    sent = patch(second.figure).to_plotly_json()["operations"]
    changed = {tuple(each["location"]): each["params"]["value"] for each in sent}
    assert changed[("data", 1, "y")] == second.figure["data"][1]["y"]
    assert ("layout", "template") not in changed
    assert ("data", 0, "line") not in changed


@pytest.mark.parametrize("values", [[0.0] * 5, [None] * 5, [1e-9] * 5, [1e12] * 5])
def test_any_numbers_can_be_drawn(values: list[float | None]) -> None:
    for drawing in (
        request_rate(scene(answer(REQUESTS.over_time(), values), answer(FAILURES.over_time(), values))),
        token_usage(scene(answer(OUTPUT_TOKENS.over_time(), values), answer(INPUT_TOKENS.over_time(), values))),
        latency_percentiles(scene(*(answer(LATENCY.over_time(q=q), values) for q in RANKS))),
    ):
        top = drawing.figure["layout"]["yaxis"]["range"][1]
        assert top > 0


def test_the_mean_rate_is_over_the_time_that_was_watched() -> None:
    rows = [answer(each.over_time(), [None, None, None, None, 120.0]) for each in (REQUESTS, FAILURES)]
    assert (
        request_rate(scene(*rows)).sentence.replace("\u00a0", " ").startswith("Request rate: 2.00 requests per second")
    )
