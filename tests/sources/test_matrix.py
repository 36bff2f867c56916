"""A matrix on the grid: the point at a bucket's end is the bucket's, and what no cause explains is `unknown`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fluxdash.errors import BadPayload
from fluxdash.semantic.dimensions import JOINT
from fluxdash.sources import matrix
from fluxdash.sources.cells import Cells
from fluxdash.sources.reply import Reply, Series, parse

SAMPLES = Path(__file__).parents[1] / "samples" / "prometheus"


def reply(*series: tuple[dict[str, str], Sequence[tuple[float, float | None]]]) -> Reply:
    return Reply(tuple(Series(labels, tuple(points)) for labels, points in series), None, ("partial",))


def test_a_point_at_the_end_of_a_bucket_is_the_buckets() -> None:
    found = matrix.cells(reply(({}, [(660, 1.0), (720, 2.0), (840, 4.0)])), 600, 840, 60, (), ("",), part="requests")
    assert found == Cells(600, 60, 4, {"": {"requests": [1.0, 2.0, None, 4.0]}}, ("partial",))


def test_points_outside_of_the_grid_or_without_a_number_are_left_out() -> None:
    found = matrix.cells(reply(({}, [(600, 9.0), (660, None), (900, 9.0)])), 600, 720, 60, (), ("",), part="requests")
    assert found.groups == {"": {"requests": [None, None]}}


def test_a_recorded_day_is_24_buckets_of_each_model() -> None:
    recorded = parse(200, (SAMPLES / "query_range_matrix.json").read_bytes())
    end = 1_795_467_600
    found = matrix.cells(recorded, end - 86400, end, 3600, ("model",), ("",), part="requests")
    raw = json.loads((SAMPLES / "query_range_matrix.json").read_text())["data"]["result"]
    assert set(found.groups) == {each["metric"]["model"] for each in raw}
    for each in raw:
        row = found.groups[each["metric"]["model"]]["requests"]
        assert len(row) == 24
        assert [amount for amount in row if amount is not None] == [float(text) for _, text in each["values"]]


def test_all_that_means_unknown_is_one_group() -> None:
    series = [({"team": each}, [(660.0, 1.0)]) for each in ("alpha", "None", "")] + [({}, [(660.0, 1.0)])]
    found = matrix.cells(reply(*series), 600, 660, 60, ("team",), ("", "None"), part="requests")
    assert found.groups == {"alpha": {"requests": [1.0]}, "unknown": {"requests": [3.0]}}


def test_two_labels_make_groups_of_both_values() -> None:
    series = [({"model": "m", "region": "r"}, [(660.0, 1.0)]), ({"model": "m"}, [(660.0, 2.0)])]
    found = matrix.cells(reply(*series), 600, 660, 60, ("model", "region"), ("",), part="requests")
    assert found.groups == {f"m{JOINT}r": {"requests": [1.0]}, f"m{JOINT}unknown": {"requests": [2.0]}}


def test_a_difference_is_never_less_than_nothing() -> None:
    found = matrix.cells(reply(({}, [(660, -0.25)])), 600, 660, 60, (), ("",), part="cost", least=0.0)
    assert found.groups == {"": {"cost": [0.0]}}


def test_buckets_of_a_histogram_are_parts_by_their_bound() -> None:
    series = [
        ({"le": "0.5"}, [(660, 1.0)]),
        ({"le": "+Inf"}, [(660, 2.0)]),
    ]
    found = matrix.cells(reply(*series), 600, 660, 60, (), ("",), part=None)
    assert {float(bound): row for bound, row in found.groups[""].items()} == {0.5: [1.0], float("inf"): [2.0]}


def test_a_bound_written_in_two_ways_is_one_bucket() -> None:
    """Clients write `1` or `1.0`; during a roll-out both are there and each counts its own requests."""
    series = [
        ({"le": "1"}, [(660, 3.0)]),
        ({"le": "1.0"}, [(660, 4.0)]),
        ({"le": "+Inf"}, [(660, 10.0)]),
    ]
    found = matrix.cells(reply(*series), 600, 660, 60, (), ("",), part=None)
    assert {float(bound): row for bound, row in found.groups[""].items()} == {1.0: [7.0], float("inf"): [10.0]}


def test_a_bound_that_is_no_number_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload, match="bounds"):
        matrix.cells(reply(({"le": "fast"}, [(660, 1.0)])), 600, 660, 60, (), ("",), part=None)


def causes(**rows: list[float | None]) -> Cells:
    return Cells(0, 60, 3, {group: {"failures": row} for group, row in rows.items()}, ("w",))


def whole(*row: float | None) -> Cells:
    return Cells(0, 60, 3, {"": {"requests": list(row)}})


def test_failures_that_no_cause_explains_are_unknown() -> None:
    found = matrix.with_rest("failures", causes(Throttling=[2.0, None, 1.0]), whole(5.0, 3.0, 1.0), "requests")
    assert found.groups == {"Throttling": {"failures": [2.0, None, 1.0]}, "unknown": {"failures": [3.0, 3.0, 0.0]}}


def test_causes_that_gateway_itself_calls_unknown_are_added_to_the_rest() -> None:
    found = matrix.with_rest(
        "failures", causes(a=[1.0, 1.0, 1.0], unknown=[1.0, 1.0, 1.0]), whole(4.0, 2.0, None), "requests"
    )
    assert found.groups["unknown"] == {"failures": [3.0, 1.0, 1.0]}


def test_where_causes_explain_everything_nothing_is_unknown() -> None:
    found = matrix.with_rest("failures", causes(a=[2.0, 3.0, None]), whole(2.0, 2.9, None), "requests")
    assert set(found.groups) == {"a"}


def test_of_a_gauge_the_lowest_of_all_that_means_unknown_counts() -> None:
    reply = Reply(tuple(Series({"model": name}, ((60.0, value),)) for name, value in (("", 0.9), ("None", 0.4))), None)
    found = matrix.cells(reply, 0, 60, 60, ("model",), ("", "None"), part="up", merged=min)
    assert found.groups == {"unknown": {"up": [0.4]}}


def test_the_dust_of_floats_is_no_failure_of_unknown_cause() -> None:
    found = matrix.with_rest(
        "failures", causes(a=[0.1] * 3, b=[0.2] * 3), whole(0.1 + 0.2 + 5e-17, 0.3, 0.30000000000000009), "requests"
    )
    assert "unknown" not in found.groups
