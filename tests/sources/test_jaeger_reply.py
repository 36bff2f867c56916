"""Jaeger's legacy JSON: every composed response, and what no Jaeger should send."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadPayload, SourceError, SourceForbidden, SourceRejected, SourceUnreachable
from fluxdash.semantic.spans import UNKNOWN_PROCESS, Link, Status
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Mark, Trace
from fluxdash.sources import jaeger_reply
from fluxdash.sources.caller import Response
from fluxdash.sources.replies import NoSuchEndpoint
from tests.sources.composed import INDEX, content, response

NAME = "Jaeger"
FOUND = {
    "search_results.json": [4, 3, 6],
    "search_empty.json": [],
    "trace_cache_miss.json": [6],
    "trace_cache_hit.json": [3],
    "trace_error.json": [4],
    "trace_300_spans.json": [300],
    "trace_odd_but_legal.json": [3],
    "error_404_trace.json": [],
}
REFUSED = {
    "error_400_bad_start.json": "unable to parse param 'start'",
    "error_400_bad_tags.json": "malformed 'tags' parameter",
    "error_400_missing_service.json": "parameter 'service' is required",
    "error_400_numeric_tag.json": "cannot unmarshal number",
    "error_500_storage.json": "storage query timed out",
}
LISTS = {"services.json", "operations.json", "operations_legacy.json", "dependencies.json"}


def read(body: object, status: int = 200) -> list[Trace]:
    return jaeger_reply.traces(NAME, Response(status, json.dumps(body).encode()))


def one(name: str) -> Trace:
    (trace,) = jaeger_reply.traces(NAME, response(name))
    return trace


def changed(**changes: Any) -> dict[str, Any]:
    """The hit's envelope with changes to its root span, which stands first."""
    body = content("trace_cache_hit.json")
    span = body["data"][0]["spans"][0]
    span.update(changes)
    for name in [name for name, value in changes.items() if value is ...]:
        del span[name]
    return dict(body)


def test_every_composed_response_of_this_language_is_tested() -> None:
    told = {each["file"] for each in INDEX if not each["file"].startswith(("v3_", "tempo_"))}
    assert told == {*FOUND, *REFUSED, *LISTS, "removed_endpoint_404.txt"}


@pytest.mark.parametrize(("name", "sizes"), FOUND.items())
def test_a_composed_response_holds_its_traces(name: str, sizes: list[int]) -> None:
    assert [len(trace.nodes) for trace in jaeger_reply.traces(NAME, response(name))] == sizes


@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_a_refusal_is_told_with_its_words_though_it_comes_as_text(name: str, words: str) -> None:
    with pytest.raises(SourceRejected) as caught:
        jaeger_reply.traces(NAME, response(name))
    assert words in caught.value.hint


@pytest.mark.parametrize("name", sorted(LISTS))
def test_what_is_no_list_of_traces_is_not_taken_for_one(name: str) -> None:
    assert jaeger_reply.data(NAME, response(name)) == content(name)["data"]
    with pytest.raises(BadPayload):
        jaeger_reply.traces(NAME, response(name))


def test_a_removed_endpoint_is_told_from_a_trace_that_is_not_there() -> None:
    with pytest.raises(NoSuchEndpoint):
        jaeger_reply.traces(NAME, response("removed_endpoint_404.txt"))
    with pytest.raises(NoSuchEndpoint):  # up to 2.15 an unknown address shows the screen
        jaeger_reply.traces(NAME, Response(200, b"<!doctype html><title>Jaeger UI</title>"))
    assert jaeger_reply.traces(NAME, response("error_404_trace.json")) == []


def test_the_usual_request_is_a_tree_of_six() -> None:
    trace = one("trace_cache_miss.json")
    assert [(node.depth, node.span.name) for node in trace.nodes] == [
        (0, "chat_completion"),
        (1, "cache.lookup"),
        (2, "embeddings.generate"),
        (1, "routing.decide"),
        (1, "bedrock.invoke_model"),
        (1, "cost.calculate"),
    ]
    root = trace.nodes[0].span
    assert (root.process.service, root.kind, root.status) == ("fluxai-gateway", "internal", Status.UNSET)
    assert root.seconds == trace.seconds == 2.413882
    assert root.attribute("model.max_tokens") == 1024


def test_an_error_is_a_status_with_its_message() -> None:
    trace = one("trace_error.json")
    failed = [node.span for node in trace.nodes if node.span.failed]
    assert (
        [span.name for span in failed]
        == ["chat_completion", "bedrock.invoke_model"]
        == [span.name for span in trace.spans if span.message.startswith("ThrottlingException: ")]
    )
    assert trace.failed == 2
    assert not any(key in ("error", "otel.status_code", "span.kind") for span in failed for key, _ in span.attributes)


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ([("error", "bool", True)], Status.ERROR),
        ([("error", "string", "true")], Status.ERROR),
        ([("error", "bool", False)], Status.UNSET),
        ([("error", "string", "it broke")], Status.UNSET),
        ([("otel.status_code", "string", "ERROR")], Status.ERROR),
        ([("otel.status_code", "string", "OK")], Status.OK),
        ([], Status.UNSET),
    ],
)
def test_what_counts_as_an_error(tags: list[tuple[str, str, object]], status: Status) -> None:
    written = [{"key": key, "type": kind, "value": value} for key, kind, value in tags]
    assert read(changed(tags=written))[0].nodes[0].span.status is status


def test_what_is_odd_but_legal_is_kept_as_it_is() -> None:
    trace = one("trace_odd_but_legal.json")
    assert str(trace.id) == "6be6b035a532b488"
    assert trace.id == TraceId("00000000000000006be6b035a532b488")
    by_name = {node.span.name: node for node in trace.nodes}
    early = by_name["bedrock.invoke_model"].span
    assert by_name["bedrock.invoke_model"].depth == 1
    assert early.start < by_name["chat_completion"].span.start
    assert early.warnings == ("clock skew adjustment disabled; not applying calculated delta of 15.35ms",)
    assert early.links == (Link("63d04dee7c50f6fb120287649c32b5e3", "b60f4d6c28d116f9"),)
    assert early.attribute("request.sequence") == 9223372036854775807
    assert early.attribute("payload.digest") == "AAwOQQ=="
    assert early.attribute("sampler.param") == 1.0
    assert isinstance(early.attribute("sampler.param"), float)
    assert by_name["cost.calculate"].mark is Mark.ORPHAN


def test_three_hundred_spans_in_random_order_are_one_tree() -> None:
    trace = one("trace_300_spans.json")
    written = content("trace_300_spans.json")["data"][0]["spans"]
    assert [span["spanID"] for span in written] != [span.id for span in trace.spans]
    assert (len(trace.roots), trace.failed, trace.duplicates) == (1, 2 * 1, 0)
    assert sorted(span.id for span in trace.spans) == sorted(span["spanID"] for span in written)


def test_the_parent_is_the_first_reference_that_leads_to_a_span_of_the_trace() -> None:
    body = content("trace_cache_hit.json")
    trace_id, spans = body["data"][0]["traceID"], body["data"][0]["spans"]

    def refer(*references: tuple[str, str, str]) -> str | None:
        spans[2]["references"] = [{"refType": kind, "traceID": of, "spanID": span} for kind, of, span in references]
        node = next(node for node in read(body)[0].nodes if node.span.id == spans[2]["spanID"])
        return node.span.parent

    root, lookup = spans[0]["spanID"], spans[1]["spanID"]
    assert refer(("FOLLOWS_FROM", "ab" * 16, root), ("CHILD_OF", trace_id, lookup)) == lookup
    assert refer(("CHILD_OF", trace_id, "00000000deadbeef"), ("FOLLOWS_FROM", trace_id, root)) == root
    assert refer(("CHILD_OF", trace_id, "00000000deadbeef")) == "00000000deadbeef"
    assert refer(("FOLLOWS_FROM", "ab" * 16, root)) is None
    assert refer(("CHILD_OF", f"{'0' * 2}{trace_id}"[-32:].upper(), lookup)) == lookup
    assert refer() is None
    spans[2]["parentSpanID"] = root
    assert refer() == root


@pytest.mark.parametrize(
    ("changes", "start", "seconds", "remarks"),
    [
        ({"startTime": "1795460437000000"}, 1795460437000000000, 0.058941, 0),
        ({"startTime": 1.795460437e15}, 1795460437000000000, 0.058941, 0),
        ({"duration": 0}, 1795460437000000000, 0.0, 0),
        ({"duration": -5}, 1795460437000000000, 0.0, 1),
        ({"startTime": 0, "duration": 86_400_000_000}, 0, 86400.0, 0),
    ],
)
def test_times_are_read_however_they_are_written(changes: Any, start: int, seconds: float, remarks: int) -> None:
    span = next(span for span in read(changed(**changes))[0].spans if span.name == "chat_completion")
    assert (span.start, span.seconds, len(span.warnings)) == (start, seconds, remarks)


@pytest.mark.parametrize(
    "changes",
    [
        {"processID": "p9"},
        {"processID": ...},
        {"processID": None},
        {"warnings": ...},
        {"logs": None},
        {"tags": None},
        {"references": None},
    ],
)
def test_what_may_be_missing_may_be_missing(changes: Any) -> None:
    span = next(span for span in read(changed(**changes))[0].spans if span.name == "chat_completion")
    assert span.process == UNKNOWN_PROCESS if "processID" in changes else span.process.service == "fluxai-gateway"


@pytest.mark.parametrize(
    "changes",
    [
        {"spanID": ...},
        {"spanID": 5},
        {"spanID": None},
        {"operationName": None},
        {"operationName": ["a"]},
        {"startTime": ...},
        {"startTime": True},
        {"startTime": 1.5},
        {"startTime": "soon"},
        {"startTime": 10**30},
        {"startTime": -1},
        {"duration": None},
        {"duration": 2**62},
        {"tags": {"a": 1}},
        {"tags": ["a"]},
        {"tags": [{"value": 1}]},
        {"tags": [{"key": 3, "value": 1}]},
        {"tags": [{"key": "n", "type": "int64", "value": "1e5"}]},
        {"logs": [{"fields": []}]},
        {"logs": ["a"]},
        {"warnings": [1]},
        {"references": ["x"]},
        {"references": [{"spanID": "a", "traceID": "../etc"}]},
        {"processID": ["p1"]},
    ],
)
def test_what_must_not_be_is_a_bad_payload(changes: Any) -> None:
    with pytest.raises(BadPayload):
        read(changed(**changes))


@pytest.mark.parametrize(
    "body",
    [
        [],
        5,
        "x",
        None,
        {},
        {"data": 5},
        {"data": {"spans": []}},
        {"data": [5]},
        {"data": [{}]},
        {"data": [{"spans": []}]},
        {"data": [{"traceID": "xyz", "spans": []}]},
        {"data": [{"traceID": "ab", "spans": "ab"}]},
        {"data": [{"traceID": "ab", "spans": [], "processes": ["p1"]}]},
    ],
)
def test_an_envelope_that_is_none_is_a_bad_payload(body: object) -> None:
    with pytest.raises(BadPayload):
        read(body)


def test_an_empty_envelope_may_hold_nothing_instead_of_a_list() -> None:
    assert read({"data": None, "errors": None}) == []
    assert len(read({"data": [{"traceID": "ab", "spans": None}]})[0].nodes) == 0


def test_a_deep_or_a_broken_body_is_a_bad_payload() -> None:
    for body in (b"[" * 20_000, b"", b"{", b"NaN", b"\xff\xfe", b'{"data": NaN}'):
        with pytest.raises(BadPayload):
            jaeger_reply.traces(NAME, Response(200, body))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"Unauthorized", SourceForbidden),
        (403, b'{"data":null,"errors":[{"code":403,"msg":"no"}]}', SourceForbidden),
        (502, b"<html>bad gateway</html>", SourceUnreachable),
        (503, b"starting", SourceUnreachable),
        (429, b"slow down", SourceRejected),
        (500, b"oops", SourceRejected),
        (501, b'{"data":null,"errors":[{"code":501,"msg":"metrics disabled"}]}', SourceRejected),
    ],
)
def test_a_status_says_what_is_wrong(status: int, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(kind):
        jaeger_reply.traces(NAME, Response(status, body))


def test_texts_without_end_are_cut() -> None:
    long = "x" * 100_000
    body = changed(operationName=long, tags=[{"key": long, "type": "string", "value": long}] * 1000)
    span = next(span for span in read(body)[0].spans if span.name.startswith("xxx"))
    assert {len(span.name), len(span.attributes[0][0]), len(str(span.attributes[0][1]))} == {20_000}
    assert len(span.attributes) == 256


@given(st.data())
def test_a_truncated_answer_is_a_bad_payload(data: st.DataObject) -> None:
    body = response("trace_error.json").body.rstrip()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(BadPayload):
        jaeger_reply.traces(NAME, Response(200, body[:cut]))


@given(st.data())
def test_a_flipped_byte_is_data_or_a_bad_payload(data: st.DataObject) -> None:
    body = bytearray(response("trace_odd_but_legal.json").body)
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadPayload):
        jaeger_reply.traces(NAME, Response(200, bytes(body)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_junk_anywhere_raises_nothing_but_a_source_error(data: st.DataObject) -> None:
    body = copy.deepcopy(content("trace_odd_but_legal.json"))
    places = list(_places(body))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(JSON)
    with contextlib.suppress(SourceError):
        read(body, data.draw(st.sampled_from([200, 200, 200, 404, 500])))


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)
