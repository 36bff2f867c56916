"""Tempo's answers: its composed search, and traces in both of its wrappings."""

from __future__ import annotations

import json

import pytest

from fluxdash.errors import BadPayload, SourceForbidden, SourceRejected
from fluxdash.sources import otlp_reply, tempo_reply
from fluxdash.sources.caller import Response
from fluxdash.sources.replies import NoSuchEndpoint
from tests.sources.composed import content, response

NAME = "Jaeger"


def packed(body: object) -> Response:
    return Response(200, json.dumps(body).encode())


def test_a_search_lists_what_was_found() -> None:
    (row,) = tempo_reply.summaries(NAME, response("tempo_search.json"))
    assert (row.id.text, row.start, row.seconds) == ("ca00fccfb408989eddc401062c4d1219", 1795460495000000000, 8.12)
    assert (row.operation, row.service, row.spans, row.failed) == ("chat_completion", "fluxai-gateway", None, None)


def test_an_id_without_its_leading_zeros_and_a_duration_of_nothing_are_usual() -> None:
    (row,) = tempo_reply.summaries(
        NAME, packed({"traces": [{"traceID": "6be6b035a532b488", "startTimeUnixNano": "5"}]})
    )
    assert (row.id.padded, row.seconds) == ("00000000000000006be6b035a532b488", None)
    assert tempo_reply.summaries(NAME, packed({"metrics": {}})) == []


@pytest.mark.parametrize("wrapping", ["trace", "batches"])
def test_a_trace_is_the_same_in_both_wrappings(wrapping: str) -> None:
    spans = content("v3_trace_error.json")["result"]["resourceSpans"]
    body = {"trace": {"resourceSpans": spans}} if wrapping == "trace" else {"batches": spans}
    found = tempo_reply.trace(NAME, packed(body))
    assert found == otlp_reply.traces(NAME, response("v3_trace_error.json"))[0]


def test_a_part_of_a_trace_says_that_it_is_one() -> None:
    spans = content("v3_trace_error.json")["result"]["resourceSpans"]
    found = tempo_reply.trace(NAME, packed({"trace": {"resourceSpans": spans}, "status": "PARTIAL"}))
    assert found is not None
    assert found.warnings == ("Tempo has only a part of this trace.",)


def test_a_trace_that_is_not_there_is_none() -> None:
    assert tempo_reply.trace(NAME, Response(404, b"trace not found")) is None
    assert tempo_reply.trace(NAME, packed({"trace": {}})) is None


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(SourceRejected) as caught:
        tempo_reply.summaries(NAME, Response(400, b"invalid TraceQL query: parse error at line 1"))
    assert "parse error" in caught.value.hint
    with pytest.raises(SourceForbidden):
        tempo_reply.summaries(NAME, Response(401, b"no org id"))
    with pytest.raises(NoSuchEndpoint):
        tempo_reply.summaries(NAME, Response(200, b"<html>"))
    for body in ({"traces": [{}]}, {"traces": 5}, [], {"traces": [{"traceID": "x y"}]}):
        with pytest.raises(BadPayload):
            tempo_reply.summaries(NAME, packed(body))
    with pytest.raises(BadPayload):
        tempo_reply.trace(NAME, packed({"trace": {"resourceSpans": [5]}}))
