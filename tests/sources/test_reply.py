"""Every recorded answer through the one parser, and P11 and P12: whatever comes, it is data or an error of ours."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluxdash.errors import (
    BadPayload,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.sources.reply import NAME, Reply, parse

SAMPLES = Path(__file__).parents[1] / "samples"
REFUSED: dict[str, type[SourceError]] = {
    "prometheus/error_bad_promql.json": SourceRejected,
    "prometheus/error_bad_promql_range.json": SourceRejected,
    "prometheus/error_missing_query.json": SourceRejected,
    "prometheus/error_missing_step.json": SourceRejected,
    "prometheus/error_zero_step.json": SourceRejected,
    "prometheus/error_bad_time.json": SourceRejected,
    "prometheus/error_end_before_start.json": SourceRejected,
    "prometheus/error_too_many_points.json": SourceRejected,
    "prometheus/error_many_to_many.json": SourceRejected,
    "prometheus/error_too_many_samples.json": SourceRejected,
    "prometheus/error_timeout.json": SourceTimeout,
    "prometheus/error_label_name_invalid.json": SourceRejected,
    "prometheus/error_series_no_match.json": SourceRejected,
    "prometheus/error_unknown_endpoint.txt": SourceRejected,
    "prometheus/error_method_not_allowed.txt": SourceRejected,
    "prometheus/error_unauthorized.txt": SourceForbidden,
    "prometheus/ready.txt": BadPayload,
    "victoriametrics/error_bad_promql.json": SourceRejected,
    "victoriametrics/error_missing_query.json": SourceRejected,
    "victoriametrics/error_zero_step.json": SourceRejected,
    "victoriametrics/error_bad_time.json": SourceRejected,
    "victoriametrics/error_too_many_points.json": SourceRejected,
    "victoriametrics/error_many_to_many.json": SourceRejected,
    "victoriametrics/error_too_many_samples.json": SourceRejected,
    "victoriametrics/error_series_no_match.json": SourceRejected,
    "victoriametrics/format_query.txt": SourceRejected,
    "victoriametrics/error_unknown_endpoint.txt": SourceRejected,
    "victoriametrics/export.txt": BadPayload,
    "victoriametrics/export_csv.txt": BadPayload,
    "victoriametrics/health.txt": BadPayload,
}
INDEX = {
    f"{folder}/{entry['file']}": entry
    for folder in ("prometheus", "victoriametrics")
    for entry in json.loads((SAMPLES / folder / "index.json").read_text())
}


def sample(name: str) -> Reply:
    return parse(INDEX[name]["status"], (SAMPLES / name).read_bytes())


def body(data: object, **more: object) -> bytes:
    return json.dumps({"status": "success", "data": data, **more}).encode()


def matrix(*values: object) -> bytes:
    return body({"resultType": "matrix", "result": [{"metric": {"m": "x"}, "values": list(values)}]})


def test_every_recorded_file_is_in_the_index() -> None:
    files = {f"{folder}/{path.name}" for folder in ("prometheus", "victoriametrics")
             for path in (SAMPLES / folder).iterdir()}  # fmt: skip
    assert files - set(INDEX) == {f"{each}/{name}" for each in ("prometheus", "victoriametrics")
                                  for name in ("README.md", "index.json")}  # fmt: skip
    assert set(REFUSED) <= set(INDEX)


@pytest.mark.parametrize("name", [name for name in INDEX if name not in REFUSED])
def test_a_recorded_success_is_read(name: str) -> None:
    reply = sample(name)
    envelope = json.loads((SAMPLES / name).read_text())
    assert reply.data == envelope["data"]
    assert list(reply.warnings) == envelope.get("warnings", [])
    data = envelope["data"]
    if isinstance(data, dict) and data.get("resultType") in ("vector", "matrix"):
        assert len(reply.series) == len([each for each in data["result"] if "value" in each or "values" in each
                                         or data["resultType"] == "matrix"])  # fmt: skip
    for series in reply.series:
        times = [time for time, _ in series.points]
        assert times == sorted(set(times))
        assert all(value is None or math.isfinite(value) for _, value in series.points)


@pytest.mark.parametrize("name", REFUSED)
def test_a_recorded_failure_is_the_right_error_of_the_family(name: str) -> None:
    with pytest.raises(SourceError) as failed:
        sample(name)
    assert type(failed.value) is REFUSED[name]
    assert failed.value.source == NAME
    assert failed.value.reason


def test_the_reason_given_is_kept_as_a_hint() -> None:
    with pytest.raises(SourceRejected) as failed:
        sample("prometheus/error_too_many_samples.json")
    assert "too many samples" in failed.value.hint


def test_an_empty_result_is_no_series_and_no_error() -> None:
    for name in ("query_empty", "query_sum_empty", "query_range_empty", "query_error_ratio_no_errors"):
        assert sample(f"prometheus/{name}.json").series == ()


def test_points_of_a_gap_are_absent_and_not_zero() -> None:
    (series,) = sample("prometheus/query_range_gap.json").series
    steps = {round(later - earlier) for (earlier, _), (later, _) in zip(series.points, series.points[1:], strict=False)}
    assert 120 in steps
    assert max(steps) >= 1200
    assert all(value for _, value in series.points)


def test_what_is_no_number_is_unknown() -> None:
    series = sample("prometheus/query_nan_inf.json").series
    values = {each.labels["kind"] if "kind" in each.labels else str(each.labels): each.points[0][1] for each in series}
    assert sum(value is None for value in values.values()) == 3
    assert any(value is not None and value > 2**53 for value in values.values())
    (divided, *_rest) = sample("prometheus/query_division_by_zero.json").series
    assert divided.points[0][1] is None


def test_a_scalar_is_one_series_without_labels_and_a_string_is_none() -> None:
    (series,) = sample("prometheus/query_scalar.json").series
    assert (series.labels, len(series.points)) == ({}, 1)
    assert sample("prometheus/query_string.json").series == ()


def test_native_histograms_are_left_out() -> None:
    assert sample("prometheus/native_histogram_vector.json").series == ()
    assert all(not each.points for each in sample("prometheus/native_histogram_matrix.json").series)
    assert sample("prometheus/native_histogram_quantile.json").series != ()


def test_the_same_bucket_means_the_same_on_both() -> None:
    for name in ("query_range_matrix.json", "query_vector.json"):
        ours, theirs = sample(f"prometheus/{name}"), sample(f"victoriametrics/{name}")
        assert [each.labels for each in ours.series] == [each.labels for each in theirs.series] or (
            {tuple(each.labels.items()) for each in ours.series}
            == {tuple(each.labels.items()) for each in theirs.series}
        )


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (200, b"<!doctype html><title>Sign in</title>", BadPayload),
        (200, b"", BadPayload),
        (200, b"OK", BadPayload),
        (200, b"[]", BadPayload),
        (200, b"null", BadPayload),
        (200, b'{"message": "hello"}', BadPayload),
        (200, b'{"status": "success"}', BadPayload),
        (200, b'{"status":"success","data":NaN}', BadPayload),
        (200, b"\xff\xfe", BadPayload),
        (200, b"[" * 20_000, BadPayload),
        (200, b'{"status":"error","errorType":"execution","error":"no"}', SourceRejected),
        (422, b'{"status":"error","errorType":"422","error":"no"}', SourceRejected),
        (422, b'{"status":"error","errorType":422,"error":null}', SourceRejected),
        (400, b'{"status":"error"}', SourceRejected),
        (400, b"bad", SourceRejected),
        (404, b"404 page not found", SourceRejected),
        (429, b"slow down", SourceRejected),
        (429, b'{"status":"error","errorType":"too_many","error":"no"}', SourceRejected),
        (500, b"oops", SourceRejected),
        (401, b"Unauthorized", SourceForbidden),
        (403, b"<html>", SourceForbidden),
        (401, b'{"status":"error","error":"no"}', SourceForbidden),
        (503, b"Service Unavailable", SourceUnreachable),
        (502, b"<html>Bad gateway</html>", SourceUnreachable),
        (504, b"", SourceUnreachable),
        (503, b'{"status":"error","errorType":"unavailable","error":"starting"}', SourceUnreachable),
        (503, b'{"status":"error","errorType":"timeout","error":"query timed out"}', SourceTimeout),
        (500, b'{"status":"success","data":[]}', SourceRejected),
    ],
)
def test_other_answers_are_told_apart_by_code_first(status: int, text: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as failed:
        parse(status, text)
    assert type(failed.value) is kind


def test_a_login_page_is_called_a_login_page() -> None:
    with pytest.raises(BadPayload, match="login page"):
        parse(200, b"<!DOCTYPE html><html>Sign in</html>")


def test_warnings_and_partial_answers_are_told() -> None:
    assert parse(200, body([], warnings=["one", 2])).warnings == ("one", "2")
    assert "partial" in parse(200, body([], isPartial=True)).warnings[0]
    assert parse(200, body([], infos=["PromQL info"], isPartial=False, warnings=None)).warnings == ()


@pytest.mark.parametrize("warnings", [5, True, "text", {"a": 1}])
def test_warnings_that_are_no_list_are_no_failure(warnings: object) -> None:
    assert parse(200, body([], warnings=warnings)).warnings == ()


@pytest.mark.parametrize(
    "data",
    [
        {"resultType": "matrix"},
        {"resultType": "tensor", "result": []},
        {"resultType": ["matrix"], "result": []},
        {"resultType": "matrix", "result": None},
        {"resultType": "vector", "result": ""},
        {"resultType": "vector", "result": {}},
        {"resultType": "vector", "result": [5]},
        {"resultType": "vector", "result": [{"value": [1, "2"]}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": None}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": [1, 2]}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]},
        {"resultType": "scalar", "result": [1, "2", 3]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [["nan", "1"]]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [["1795467600", "1"]]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[None, "1"]]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": ["ab"]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": 5}]},
        {"resultType": "matrix", "result": [{"metric": [], "values": []}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "one"]]}]},
    ],
)
def test_a_result_against_the_contract_is_a_bad_payload(data: object) -> None:
    with pytest.raises(BadPayload):
        parse(200, body(data))


def test_points_out_of_order_are_sorted_and_a_time_stands_once() -> None:
    (series,) = parse(200, matrix([30, "3"], [10, "1"], [20.0004, "2"], [10, "4"])).series
    assert series.points == ((10.0, 4.0), (20.0, 2.0), (30.0, 3.0))


numbers = st.floats().map(str) | st.sampled_from(["NaN", "+Inf", "-Inf", "1e-300", "1.7976931348623157e+308", "0x", ""])
times = st.floats(1e9, 4e9) | st.integers(-(2**63), 2**63) | st.none() | st.text(max_size=3)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ("status", "data", "resultType", "result", "metric", "value", "values", "histogram", "warnings", "error", "le")
    ), inner, max_size=5),
    max_leaves=15,
)  # fmt: skip


def read(status: int, text: bytes) -> Reply | None:
    """Parse it; anything but data or an error of ours fails the test."""
    try:
        reply = parse(status, text)
    except SourceError as err:
        str(err)
        return None
    for series in reply.series:
        times = [time for time, _ in series.points]
        assert times == sorted(set(times))
        assert all(math.isfinite(time) for time in times)
        assert all(value is None or math.isfinite(value) for _, value in series.points)
        assert all(isinstance(label, str) for each in series.labels.items() for label in each)
    return reply


@given(st.lists(st.tuples(times, numbers) | st.tuples(times, numbers, numbers) | st.floats(0, 1), max_size=8))
def test_p11_any_matrix_is_sorted_and_finite_or_a_bad_payload(values: list[Any]) -> None:
    read(200, matrix(*values))


@given(st.sampled_from(("matrix", "vector", "scalar", "string", "what")), anything)
def test_p11_any_result_of_any_type_is_data_or_a_bad_payload(kind: str, result: Any) -> None:
    read(200, body({"resultType": kind, "result": result}))


@given(st.integers(100, 599), anything)
@example(200, {"status": "success", "data": {"resultType": "vector", "result": [{}]}, "warnings": 5})
def test_p11_any_json_is_data_or_an_error_of_ours(status: int, envelope: Any) -> None:
    read(status, json.dumps(envelope).encode())


SMALL = (
    "prometheus/query_vector_selector.json",
    "prometheus/error_timeout.json",
    "prometheus/native_histogram_vector.json",
    "victoriametrics/query_nan_inf.json",
)


@pytest.mark.parametrize("name", SMALL)
def test_p12_an_answer_cut_off_anywhere_is_an_error(name: str) -> None:
    text = json.dumps(json.loads((SAMPLES / name).read_text())).encode()
    status = INDEX[name]["status"]
    assert [at for at in range(len(text)) if read(status, text[:at]) is not None] == []


@given(st.sampled_from(SMALL), st.data())
def test_p12_a_flipped_byte_is_data_or_an_error(name: str, data: st.DataObject) -> None:
    text = bytearray(json.dumps(json.loads((SAMPLES / name).read_text())).encode())
    for _ in range(20):
        at, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 7))
        text[at] ^= 1 << bit
        read(INDEX[name]["status"], bytes(text))


@given(st.integers(100, 599), st.binary(max_size=200))
def test_p12_any_bytes_are_an_error_or_data(status: int, text: bytes) -> None:
    read(status, text)
