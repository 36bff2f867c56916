"""A real Jaeger, fed over OTLP by the simulator and by the OpenTelemetry SDK, asked in both of its languages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode, Tracer

from fluxdash.analysis.exceptions import exceptions
from fluxdash.demo.otlp import Collector
from fluxdash.demo.request import Request
from fluxdash.demo.spans import spans
from fluxdash.demo.traffic import Traffic
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources.caller import Address, Caller
from fluxdash.sources.jaeger import FILTERED, Jaeger
from fluxdash.sources.trace_store import Ask, Haul, Hit
from tests.servers.answering import Answering, without
from tests.servers.jaeger import JaegerServer

assert PROFILE.tracing is not None
TRACING: Tracing = PROFILE.tracing
END = int(time.time()) // 60 * 60
START = END - 1800
HALF_AN_HOUR = Ask(START * 10**9 - 10**11, END * 10**9, 200)
ALL = 5000

Requests = dict[TraceId, tuple[Span, ...]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JaegerServer]:
    with JaegerServer(tmp_path_factory.mktemp("jaeger")) as jaeger:
        yield jaeger


@pytest.fixture(scope="module")
def sent(server: JaegerServer) -> Requests:
    """Half an hour of requests that Jaeger has, in the order in which they began."""
    requests: tuple[Request, ...] = tuple(Traffic(seed=11, rate=0.4).between(START, END))
    collector = Collector(server.otlp)
    assert collector.insert(requests) == sum(len(spans(each)) for each in requests)
    collector.close()
    told = sorted((spans(each) for each in requests), key=lambda each: each[0].start)
    ids = {spans(each)[0].id: TraceId(str(each.trace_id)) for each in requests}
    return {ids[each[0].id]: each for each in told}


@pytest.fixture(params=["legacy", "version 3"])
def store(request: pytest.FixtureRequest, server: JaegerServer) -> Iterator[Jaeger]:
    if request.param == "legacy":
        with jaeger(server.url) as older:
            yield older
        return
    with (
        Answering(without(server.url, "/api/services", "/api/traces", "/api/operations")) as newer,
        jaeger(newer.url) as store,
    ):
        yield store


def jaeger(url: str) -> AbstractContextManager[Jaeger]:
    """A store that lets go of its connections at the end."""
    return closing(Jaeger(Caller(Address("Jaeger", url, "JAEGER_URL", timeout=30.0)), TRACING, TRACING.service, None))


def wanted(sent: Requests, passes: Callable[[tuple[Span, ...]], bool] = lambda _: True) -> list[TraceId]:
    """The requests that should be found, newest first, by the spans themselves."""
    return [trace_id for trace_id, told in reversed(sent.items()) if passes(told)]


def found(hits: tuple[Hit, ...]) -> list[TraceId]:
    return [hit.summary.id for hit in hits]


def hauls(store: Jaeger, ask: Ask) -> Iterator[Haul]:
    """Everything that an ask finds, haul by haul: each goes on where the one before it ended."""
    end: int | None = ask.end
    while end is not None:
        haul = store.search(replace(ask, end=end))
        yield haul
        assert haul.older is None or haul.older < end
        end = haul.older


def every(store: Jaeger, ask: Ask) -> list[TraceId]:
    """All requests that an ask finds, newest first."""
    return [each for haul in hauls(store, ask) for each in found(haul.hits)]


def comparable(each: Span) -> Span:
    """A span without the order of its attributes, which Jaeger sorts."""
    events = tuple(replace(event, attributes=tuple(sorted(event.attributes))) for event in each.events)
    process = replace(each.process, attributes=tuple(sorted(each.process.attributes)))
    return replace(each, attributes=tuple(sorted(each.attributes)), events=events, process=process)


def test_the_newest_are_found_and_the_older_ones_go_on(store: Jaeger, sent: Requests) -> None:
    truth = wanted(sent)
    assert len(truth) > 400
    assert [haul.notes for haul in hauls(store, HALF_AN_HOUR) if haul.notes] == []
    assert every(store, HALF_AN_HOUR) == truth


def test_a_summary_says_what_the_request_was(store: Jaeger, sent: Requests) -> None:
    for hit in store.search(HALF_AN_HOUR).hits:
        root, *rest = sent[hit.summary.id]
        row = hit.summary
        assert (row.start, row.seconds, row.operation) == (root.start, root.seconds, "chat_completion")
        assert (row.spans, row.failed) == (1 + len(rest), root.failed)
        assert row.errors == sum(each.failed for each in (root, *rest))


def test_how_long_the_request_took_is_searched_for(store: Jaeger, sent: Requests) -> None:
    ask = replace(HALF_AN_HOUR, least=2.0, most=4.0)
    truth = wanted(sent, lambda told: 2.0 <= told[0].seconds <= 4.0)
    assert every(store, ask) == truth
    assert truth


def test_errors_of_any_span_are_found(store: Jaeger, sent: Requests) -> None:
    truth = wanted(sent, lambda told: any(each.failed for each in told))
    retried = wanted(sent, lambda told: not told[0].failed and any(each.failed for each in told))
    ask = replace(HALF_AN_HOUR, errors=True)
    assert every(store, ask) == truth
    assert retried
    assert {note.text for haul in hauls(store, ask) for note in haul.notes} <= {FILTERED}


def test_an_operation_with_tags_is_found_on_one_span(store: Jaeger, sent: Requests) -> None:
    tags = (("bedrock.region", "us-west-2"), ("bedrock.max_tokens", "1024"))

    def passes(told: tuple[Span, ...]) -> bool:
        return any(
            each.attribute("bedrock.region") == "us-west-2" and each.attribute("bedrock.max_tokens") == 1024
            for each in told
        )

    ask = replace(HALF_AN_HOUR, operation="bedrock.invoke_model", tags=tags)
    seen = every(store, ask)
    assert seen == wanted(sent, passes)
    assert seen


def test_a_trace_comes_as_it_was_sent(store: Jaeger, sent: Requests) -> None:
    failed = next(each for each in sent if any(span.events for span in sent[each]))
    usual = next(each for each in reversed(sent) if len(sent[each]) == 6)
    for trace_id in (failed, usual):
        trace = store.trace(TraceId(str(trace_id).upper()))
        assert trace is not None
        told = Trace.of(trace_id, sent[trace_id])
        assert [comparable(each) for each in trace.spans] == [comparable(each) for each in told.spans]
        assert [node.depth for node in trace.nodes] == [node.depth for node in told.nodes]


def test_a_trace_that_was_never_sent_is_none(store: Jaeger) -> None:
    assert store.trace(TraceId("deadbeefdeadbeefdeadbeefdeadbeef")) is None


def test_the_first_digits_are_enough(store: Jaeger, sent: Requests) -> None:
    newest = next(reversed(sent))
    assert store.beginning(TraceId(newest.text[:8]), HALF_AN_HOUR.start, HALF_AN_HOUR.end) == [newest]


def fail_as_the_gateway_does(tracer: Tracer) -> None:
    """Record an exception by hand and let it pass, so that the SDK records it again."""
    with tracer.start_as_current_span("chat_completion"), tracer.start_as_current_span("bedrock.invoke_model") as call:
        try:
            raise RuntimeError("the model is away")
        except RuntimeError as err:
            call.set_status(Status(StatusCode.ERROR, str(err)))
            call.record_exception(err)
            raise


def test_what_the_sdk_sends_is_found_and_its_doubled_exception_is_one(store: Jaeger, server: JaegerServer) -> None:
    service = f"sdk-{store.name}-{time.time_ns()}"
    provider = TracerProvider(resource=Resource({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{server.otlp}/v1/traces")))
    tracer = provider.get_tracer("app.middleware.tracing")
    with suppress(RuntimeError):
        fail_as_the_gateway_does(tracer)
    provider.shutdown()
    now = time.time_ns()
    ours = Jaeger(store._caller, TRACING, service, None)
    haul = ours.search(Ask(now - 60 * 10**9, now, 10), spans=True)
    assert [hit.summary.failed for hit in haul.hits] == [True]
    trace = haul.hits[0].trace
    assert trace is not None
    assert [(node.depth, node.span.name) for node in trace.nodes] == [
        (0, "chat_completion"),
        (1, "bedrock.invoke_model"),
    ]
    inner = trace.nodes[1].span
    assert len(inner.events) == 2
    (one,) = exceptions(inner)
    assert (one.type, one.message, one.times) == ("RuntimeError", "the model is away", 2)
    assert inner.process.service == service


def test_a_jaeger_that_was_restarted_with_another_language_is_asked_in_it(server: JaegerServer, sent: Requests) -> None:
    with Answering(without(server.url)) as changing, jaeger(changing.url) as store:
        before = found(store.search(HALF_AN_HOUR).hits)
        changing.answer = without(server.url, "/api/services", "/api/traces")
        assert found(store.search(HALF_AN_HOUR).hits) == before
        assert "/api/v3/traces" in changing.paths()
