"""OTLP as JSON: Jaeger's version 3, the same traces as in its other language, and what should not come."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadPayload, SourceError, SourceForbidden, SourceRejected, SourceUnreachable
from fluxdash.semantic.spans import Link, Status
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources import jaeger_reply, otlp_reply
from fluxdash.sources.caller import Response
from fluxdash.sources.replies import NoSuchEndpoint
from tests.sources.composed import INDEX, content, response

NAME = "Jaeger"


def read(body: object, status: int = 200) -> list[Trace]:
    return otlp_reply.traces(NAME, Response(status, json.dumps(body).encode()))


def bare(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    return {"result": {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}}


def written(**changes: Any) -> dict[str, Any]:
    """The least that a span must say, with changes."""
    least = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "n", "startTimeUnixNano": "5", "endTimeUnixNano": "9"}
    return {key: value for key, value in {**least, **changes}.items() if value is not ...}


def test_every_composed_response_of_this_language_is_tested() -> None:
    here = {
        "v3_services.json",
        "v3_operations.json",
        "v3_trace_error.json",
        "v3_search_two_traces.json",
        "v3_trace_summaries.json",
        "v3_trace_summaries_empty.json",
        "v3_error_404.json",
        "v3_error_400_times.json",
    }
    assert {each["file"] for each in INDEX if each["file"].startswith("v3_")} == here


def test_a_trace_is_the_same_in_both_languages() -> None:
    (legacy,) = jaeger_reply.traces(NAME, response("trace_error.json"))
    (three,) = otlp_reply.traces(NAME, response("v3_trace_error.json"))
    assert three == legacy


def test_traces_that_come_together_are_told_apart() -> None:
    found = otlp_reply.traces(NAME, response("v3_search_two_traces.json"))
    alone = [jaeger_reply.traces(NAME, response(name))[0] for name in ("trace_cache_hit.json", "trace_cache_miss.json")]
    assert found == alone


def test_no_match_is_nothing_and_not_a_failure() -> None:
    assert otlp_reply.traces(NAME, response("v3_error_404.json")) == []
    assert otlp_reply.traces(NAME, Response(200, b"{}")) == []
    assert read({"error": {"httpCode": 404, "message": "trace not found"}}) == []


def test_a_refusal_is_told_with_its_words() -> None:
    with pytest.raises(SourceRejected) as caught:
        otlp_reply.traces(NAME, response("v3_error_400_times.json"))
    assert "are required" in caught.value.hint


def test_services_and_operations_are_answers() -> None:
    assert otlp_reply.result(NAME, response("v3_services.json")) == {"services": ["fluxai-gateway", "jaeger"]}
    assert "operations" in (otlp_reply.result(NAME, response("v3_operations.json")) or {})


def test_summaries_leave_out_what_is_zero() -> None:
    rows = otlp_reply.summaries(NAME, response("v3_trace_summaries.json"))
    told = [(row.id.text[:8], row.operation, row.seconds, row.spans, row.errors, row.failed) for row in rows]
    assert told == [
        ("ca00fccf", "chat_completion", 8.120774, 4, 2, True),
        ("63d04dee", "chat_completion", 0.058941, 3, 0, False),
        ("80688fc3", "chat_completion", 2.413882, 6, 0, False),
        ("2a21fe6d", "chat_completion", 73.051369, 300, 2, True),
    ]
    assert (rows[0].start, rows[0].model) == (1795460495000000000, None)
    assert otlp_reply.summaries(NAME, response("v3_trace_summaries_empty.json")) == []
    assert otlp_reply.summaries(NAME, response("v3_error_404.json")) == []


def test_a_removed_endpoint_is_told_from_nothing_found() -> None:
    for reply in (response("removed_endpoint_404.txt"), Response(200, b"<html>")):
        with pytest.raises(NoSuchEndpoint):
            otlp_reply.traces(NAME, reply)


def test_values_are_unwrapped_whatever_their_kind() -> None:
    values = {
        "text": {"stringValue": "a"},
        "number": {"intValue": "9223372036854775807"},
        "plain": {"intValue": 12},
        "share": {"doubleValue": 1},
        "odd": {"doubleValue": "NaN"},
        "flag": {"boolValue": False},
        "bytes": {"bytesValue": "AAwOQQ=="},
        "list": {"arrayValue": {"values": [{"stringValue": "x"}, {"intValue": "2"}]}},
        "map": {"kvlistValue": {"values": [{"key": "k", "value": {"arrayValue": {}}}]}},
        "empty": {},
        "none": None,
    }
    attributes = [{"key": key, "value": value} for key, value in values.items()]
    (found,) = read(bare(written(attributes=[*attributes, {"key": "text", "value": {"stringValue": "again"}}])))
    span = found.nodes[0].span
    assert {key: span.attribute(key) for key in values} == {
        "text": "a",
        "number": 9223372036854775807,
        "plain": 12,
        "share": 1.0,
        "odd": "NaN",
        "flag": False,
        "bytes": "AAwOQQ==",
        "list": '["x",2]',
        "map": '{"k":[]}',
        "empty": "",
        "none": "",
    }
    assert [value for key, value in span.attributes if key == "text"] == ["a", "again"]


def test_values_within_values_end_somewhere() -> None:
    value: dict[str, Any] = {"stringValue": "deep"}
    for _ in range(200):
        value = {"arrayValue": {"values": [value]}}
    assert "…" in str(read(bare(written(attributes=[{"key": "k", "value": value}])))[0].nodes[0].span.attribute("k"))


def test_what_is_left_out_is_the_usual() -> None:
    (found,) = read(bare(written(name=...)))
    span = found.nodes[0].span
    assert (span.parent, span.name, span.kind, span.status, span.process.service) == (
        None,
        "",
        "",
        Status.UNSET,
        "unknown",
    )
    assert read(bare(written(parentSpanId="")))[0].nodes[0].span.parent is None
    assert read(bare(written(parentSpanId="0" * 16)))[0].nodes[0].span.parent is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [(1, "internal"), (3, "client"), ("SPAN_KIND_SERVER", "server"), ("SPAN_KIND_UNSPECIFIED", ""), (99, "")],
)
def test_kinds_come_as_numbers_and_as_names(kind: object, told: str) -> None:
    assert read(bare(written(kind=kind)))[0].nodes[0].span.kind == told


@pytest.mark.parametrize(
    ("code", "status"),
    [(0, Status.UNSET), (1, Status.OK), (2, Status.ERROR), ("STATUS_CODE_ERROR", Status.ERROR), (None, Status.UNSET)],
)
def test_a_status_comes_as_a_number_and_as_a_name(code: object, status: Status) -> None:
    assert read(bare(written(status={"code": code, "message": "m"})))[0].nodes[0].span.status is status


def test_ids_may_be_in_base64_as_tempo_writes_them() -> None:
    def packed(text: str) -> str:
        return base64.b64encode(bytes.fromhex(text)).decode()

    linked = [{"traceId": packed("12" * 16), "spanId": packed("34" * 8)}]
    span = written(traceId=packed("ab" * 16), spanId=packed("cd" * 8), parentSpanId=packed("ef" * 8), links=linked)
    (found,) = read(bare(span))
    assert found.id == TraceId("ab" * 16)
    told = found.nodes[0].span
    assert (told.id, told.parent, told.links) == ("cd" * 8, "ef" * 8, (Link("12" * 16, "34" * 8),))


def test_spans_of_one_trace_may_come_under_several_resources() -> None:
    body = bare(written(), attributes=[{"key": "service.name", "value": {"stringValue": "a"}}])
    body["result"]["resourceSpans"] += bare(written(spanId="ef" * 8, parentSpanId="cd" * 8))["result"]["resourceSpans"]
    (found,) = read(body)
    assert [(node.depth, node.span.process.service) for node in found.nodes] == [(0, "a"), (1, "unknown")]


def test_jaegers_remarks_on_a_span_are_its_warnings() -> None:
    remarks = {"key": "@jaeger@warnings", "value": {"arrayValue": {"values": [{"stringValue": "clock skew"}]}}}
    (found,) = read(bare(written(attributes=[remarks], startTimeUnixNano="9", endTimeUnixNano="5")))
    span = found.nodes[0].span
    assert span.warnings == ("clock skew", "the span ends before it starts")
    assert (span.attributes, span.start, span.end) == ((), 9, 9)


@pytest.mark.parametrize(
    "changes",
    [
        {"traceId": ...},
        {"traceId": 5},
        {"traceId": "zz"},
        {"traceId": ""},
        {"traceId": "0" * 32},
        {"traceId": "../../etc/passwd"},
        {"traceId": "AAAZ"},
        {"spanId": ...},
        {"spanId": "not an id"},
        {"name": 5},
        {"startTimeUnixNano": ...},
        {"startTimeUnixNano": "-1"},
        {"startTimeUnixNano": "9" * 19},
        {"endTimeUnixNano": "9" * 400},
        {"endTimeUnixNano": True},
        {"endTimeUnixNano": "1e9"},
        {"attributes": {"a": 1}},
        {"attributes": [{"value": {}}]},
        {"attributes": [{"key": "a", "value": 5}]},
        {"attributes": [{"key": "a", "value": {"intValue": "x"}}]},
        {"attributes": [{"key": "a", "value": {"arrayValue": {"values": 5}}}]},
        {"events": [5]},
        {"events": [{"timeUnixNano": "x"}]},
        {"links": [{}]},
        {"status": "bad"},
        {"status": {"code": []}},
        {"status": {"message": 5}},
        {"parentSpanId": 7},
    ],
)
def test_what_must_not_be_is_a_bad_payload(changes: Any) -> None:
    with pytest.raises(BadPayload):
        read(bare(written(**changes)))


@pytest.mark.parametrize(
    "body",
    [
        [],
        5,
        None,
        "x",
        {"result": 5},
        {"result": {"resourceSpans": 5}},
        {"result": {"resourceSpans": [5]}},
        {"result": {"resourceSpans": [{"scopeSpans": [5]}]}},
        {"result": {"resourceSpans": [{"scopeSpans": [{"spans": [5]}]}]}},
    ],
)
def test_an_answer_that_is_none_is_a_bad_payload(body: object) -> None:
    with pytest.raises(BadPayload):
        read(body)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"Unauthorized", SourceForbidden),
        (403, b'{"error":{"httpCode":403,"message":"no"}}', SourceForbidden),
        (500, b'{"error":{"httpCode":500,"message":"search depth"}}', SourceRejected),
        (503, b"no healthy upstream", SourceUnreachable),
    ],
)
def test_a_status_says_what_is_wrong(status: int, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(kind):
        otlp_reply.traces(NAME, Response(status, body))


@given(st.data())
def test_a_truncated_answer_is_a_bad_payload(data: st.DataObject) -> None:
    body = response("v3_trace_error.json").body.rstrip()
    with pytest.raises(BadPayload):
        otlp_reply.traces(NAME, Response(200, body[: data.draw(st.integers(0, len(body) - 1))]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_junk_anywhere_raises_nothing_but_a_source_error(data: st.DataObject) -> None:
    name, reader = data.draw(
        st.sampled_from([("v3_trace_error.json", otlp_reply.traces), ("v3_trace_summaries.json", otlp_reply.summaries)])
    )
    body = copy.deepcopy(content(name))
    holder, key = data.draw(st.sampled_from(list(_places(body))))
    holder[key] = data.draw(JSON)
    with contextlib.suppress(SourceError):
        reader(NAME, Response(data.draw(st.sampled_from([200, 200, 404, 500])), json.dumps(body).encode()))


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)
