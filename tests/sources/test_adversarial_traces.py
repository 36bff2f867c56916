"""Traces as a hostile store may send them, in both of Jaeger's languages: read, drawn whole, and nothing lost (P10)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.trace import ID, in_legacy, in_otlp, made
from fluxdash.analysis.critical_path import critical_path
from fluxdash.analysis.thinning import thinned
from fluxdash.errors import BadPayload
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Opened
from fluxdash.sources import jaeger_reply, otlp_reply
from fluxdash.sources.caller import Response
from fluxdash.ui.anatomy import anatomy
from fluxdash.views.waterfall import compact, waterfall
from tests.traced import EPOCH

NAMES = [f"{number:016x}" for number in range(1, 13)]
TIMES = st.one_of(st.integers(0, 200), st.sampled_from([0, -5, 2**40, 2**52]))
TAGS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"key": "n", "type": "int64", "value": "9007199254740993"},
        {"key": "n", "type": "int64", "value": -1},
        {"key": "share", "type": "float64", "value": 0.1},
        {"key": "hit", "type": "bool", "value": True},
        {"key": "error", "type": "bool", "value": True},
        {"key": "error", "type": "string", "value": "it broke"},
        {"key": "raw", "type": "binary", "value": "AAEC"},
        {"key": "", "type": "string", "value": ""},
        {"key": "odd", "type": "no-such-type", "value": {"a": [1]}},
    ]
)


@st.composite
def hostile(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Spans in microseconds: parents anywhere, in circles too, ids twice, times from before to long after."""
    spans = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=25)):
        parent = draw(st.one_of(st.none(), st.sampled_from([*NAMES, "ffffffffffffffff"])))
        spans.append(
            {
                "id": name,
                "parent": parent,
                "name": draw(st.sampled_from(["chat_completion", "bedrock.invoke_model", "", "<b>"])),
                "start": EPOCH // 1000 + draw(st.integers(0, 100)),
                "took": draw(TIMES),
                "tags": draw(st.lists(TAGS, max_size=3)),
                "process": draw(st.sampled_from(["p1", "p2", "", None])),
            }
        )
    return spans


def legacy(spans: list[dict[str, Any]]) -> list[Trace]:
    def written(each: dict[str, Any]) -> dict[str, Any]:
        kind, to = "CHILD_OF", {"traceID": ID.text, "spanID": each["parent"]}
        return {
            "traceID": ID.text, "spanID": each["id"], "operationName": each["name"], "startTime": each["start"],
            "duration": each["took"], "references": [{"refType": kind, **to}] if each["parent"] else None,
            "tags": each["tags"], "logs": None, "processID": each["process"], "warnings": None,
        }  # fmt: skip

    told = {"traceID": ID.text, "spans": [written(each) for each in spans], "processes": {"p1": {"serviceName": "a"}}}
    return jaeger_reply.traces("Jaeger", Response(200, json.dumps({"data": [told], "errors": None}).encode()))


def version_three(spans: list[dict[str, Any]]) -> list[Trace]:
    def written(each: dict[str, Any]) -> dict[str, Any]:
        start = each["start"] * 1000
        return {
            "traceId": ID.padded, "spanId": each["id"], "parentSpanId": each["parent"] or "", "name": each["name"],
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + each["took"] * 1000),
            "status": {"code": 2} if any(tag["key"] == "error" for tag in each["tags"]) else {},
        }  # fmt: skip

    told = [{"scopeSpans": [{"spans": [written(each)]}]} for each in spans]
    return otlp_reply.traces("Jaeger", Response(200, json.dumps({"result": {"resourceSpans": told}}).encode()))


@pytest.mark.parametrize("read", [legacy, version_three])
@given(hostile(), st.integers(0, 30))
def test_what_is_sent_is_drawn_whole_or_counted_as_left_out(read: Any, sent: list[dict[str, Any]], most: int) -> None:
    (trace,) = read(sent)
    assert len(trace.nodes) + trace.duplicates == len(sent)
    assert all(0 <= node.depth < len(trace.nodes) for node in trace.nodes)
    assert sum(trace.nodes[root].size for root in trace.roots) == len(trace.nodes)
    request = trace.request("chat_completion")
    assert request is not None
    path = critical_path(trace, request)
    assert sum(each.end - each.start for each in path) <= trace.end - trace.start
    left = thinned(trace, [each.place for each in path], most)
    assert len(left.places) + left.dropped == len(trace.nodes)
    apart = anatomy(Opened(trace, request, Provenance("jaeger", 0.0, True)))
    sheet = json.loads(compact(waterfall(apart.thinned.trace, apart.thinned.places, apart.rows, request)))
    assert len(sheet["span"]) == len(trace.nodes)
    assert all(took >= 0 for took in sheet["took"])
    assert max(start + took for start, took in zip(sheet["start"], sheet["took"], strict=True)) <= sheet["length"]
    assert sum(part.seconds for part in apart.parts) <= trace.seconds + 1e-9


@pytest.mark.parametrize("took", [2**63, 2**70, "9" * 40])
def test_times_that_no_clock_shows_are_refused_and_not_drawn(took: object) -> None:
    span = {"id": NAMES[0], "parent": None, "name": "a", "start": 1, "took": took, "tags": [], "process": "p1"}
    with pytest.raises(BadPayload):
        legacy([span])


@pytest.mark.parametrize("language", ["legacy", "version 3"])
def test_a_hundred_thousand_spans_are_taken_apart_in_about_a_second(language: str) -> None:
    spans = tuple(made(100_000))
    body = json.dumps(in_legacy(spans) if language == "legacy" else in_otlp(spans)).encode()
    read = jaeger_reply.traces if language == "legacy" else otlp_reply.traces
    (trace,) = read("Jaeger", Response(200, body))
    assert len(trace.nodes) == len(spans)
    began = time.process_time()
    apart = anatomy(Opened(trace, 0, Provenance("jaeger", 0.0, True)))
    sheet = waterfall(apart.thinned.trace, apart.thinned.places, apart.rows, 0)
    assert time.process_time() - began < 5  # half a second alone; the machine that runs the tests is busy
    assert len(sheet["span"]) + apart.thinned.dropped == len(spans)
    assert len(sheet["span"]) == 10_000
