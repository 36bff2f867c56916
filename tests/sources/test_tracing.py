"""Traces put together from settings: whose address, with which headers, under which name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fluxdash.demo.log import RequestLog
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import NotReported
from fluxdash.profiles.registry import profile
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.sources.traces import TraceRouter
from fluxdash.sources.tracing import connect_traces
from tests.servers.answering import Answering, sample
from tests.sources.composed import FOLDER

START, END = 1_795_460_400, 1_795_464_000
HOUR = Scope(Window(START, END, 60, END))


def traces(gateway: str = "fluxai", **environ: str) -> TraceRouter:
    return connect_traces(Settings.from_env(environ), profile(gateway))


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering(
        lambda question: sample(FOLDER, "services.json" if "services" in question.path else "search_results.json")
    ) as answering:
        yield answering


def test_jaeger_is_asked_with_the_headers_and_the_token_of_the_settings(server: Answering) -> None:
    router = traces(JAEGER_URL=f"{server.url}/jaeger", JAEGER_HEADERS="x-tenant: team-a", JAEGER_BEARER_TOKEN="secret")
    found = router.search(TraceSearch(HOUR))
    assert len(found.rows) == 3
    assert server.paths() == ["/jaeger/api/services", "/jaeger/api/traces"]
    sent = {name.lower(): value for name, value in server.asked[1].headers.items()}
    assert (sent["x-tenant"], sent["authorization"]) == ("team-a", "Bearer secret")
    assert server.asked[1].parameters["service"] == "fluxai-gateway"
    router.close()


def test_another_service_and_another_screen_can_be_named(server: Answering) -> None:
    router = traces(
        JAEGER_URL=server.url, FLUXDASH_TRACE_SERVICE="our-gateway", FLUXDASH_JAEGER_SCREEN="https://traces.example/ui/"
    )
    router.search(TraceSearch(HOUR))
    assert server.asked[1].parameters["service"] == "our-gateway"
    server.answer = lambda _: sample(FOLDER, "trace_cache_hit.json")
    opened = router.open("63d04dee7c50f6fb120287649c32b5e3", HOUR)
    assert opened is not None
    assert opened.link == "https://traces.example/ui/trace/63d04dee7c50f6fb120287649c32b5e3"
    router.close()


def test_a_gateway_whose_name_in_traces_nobody_knows_asks_for_it(server: Answering) -> None:
    with pytest.raises(NotReported, match="FLUXDASH_TRACE_SERVICE"):
        traces("otel_genai", JAEGER_URL=server.url).search(TraceSearch(HOUR))
    named = traces("otel_genai", JAEGER_URL=server.url, FLUXDASH_TRACE_SERVICE="fluxai-gateway")
    assert [row.operation for row in named.search(TraceSearch(HOUR)).rows] == ["chat_completion"] * 3


def test_nothing_is_asked_before_anybody_wants_to_know(server: Answering) -> None:
    router = traces(JAEGER_URL=server.url)
    assert [(each.name, each.status) for each in router.states()] == [("jaeger", "ok")]
    assert "bedrock.invoke_model" in router.operations()
    assert server.asked == []


def test_the_embedded_gateway_has_spans_without_a_jaeger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    requests = tuple(Traffic(rate=0.05).between(START, END))
    for each in (RequestLog(url), SpanLog(url)):
        each.insert(requests)
        each.close()
    router = traces(DATABASE_URL=url)
    found = router.search(TraceSearch(HOUR))
    assert (len(found.rows), found.provenance.source) == (len(requests) if len(requests) < 200 else 200, "spans")
    opened = router.open(str(found.rows[0].id), HOUR)
    assert opened is not None
    assert len(opened.trace.nodes) > 1
    assert {each.name: each.status for each in router.states()} == {"spans": "ok", "log": "ok", "jaeger": "absent"}
    router.close()


def test_a_real_log_without_spans_lists_its_requests(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    log = RequestLog(url)
    log.insert(Traffic(rate=0.05).between(START, END))
    log.close()
    router = traces(DATABASE_URL=url)
    found = router.search(TraceSearch(HOUR))
    assert found.provenance.source == "log"
    opened = router.open(str(found.rows[0].id), HOUR)
    assert opened is not None
    assert (len(opened.trace.nodes), opened.provenance.source) == (1, "log")
    assert {each.name: each.status for each in router.states()} == {"spans": "absent", "log": "ok", "jaeger": "absent"}
    router.close()


def test_a_profile_without_a_log_or_traces_says_what_it_lacks() -> None:
    with pytest.raises(NotReported):
        traces().search(TraceSearch(HOUR))
