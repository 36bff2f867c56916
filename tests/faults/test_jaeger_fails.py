"""Jaeger in every fault: the log's rows stand in for it, each failure is told, and it heals by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fluxdash.demo.log import RequestLog
from fluxdash.demo.spans import spans
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import SourceError
from fluxdash.profiles.registry import profile
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.sources.traces import TraceRouter
from fluxdash.sources.tracing import connect_traces
from tests.servers.answering import SCREEN, Answering, Question, Reply, told
from tests.servers.fault_proxy import FaultProxy

START, END = 1_795_460_400, 1_795_464_000
REQUESTS = tuple(Traffic(rate=0.02).between(START, END))
TIMEOUT = 1.0


def answer(question: Question) -> Reply:
    """A Jaeger that has the first request alone, as its own language tells it."""
    if question.path == "/api/services":
        return told({"data": ["fluxai-gateway"]})
    request = REQUESTS[0]
    written = [
        {
            "traceID": request.trace_id,
            "spanID": each.id,
            "operationName": each.name,
            "processID": "p1",
            "tags": [],
            "logs": [],
            "startTime": each.start // 1000,
            "duration": (each.end - each.start) // 1000,
            "warnings": None,
            "references": [{"refType": "CHILD_OF", "traceID": request.trace_id, "spanID": each.parent}]
            if each.parent
            else [],
        }
        for each in spans(request)
    ]
    processes = {"p1": {"serviceName": "fluxai-gateway", "tags": []}}
    return told({"data": [{"traceID": request.trace_id, "spans": written, "processes": processes}], "errors": None})


@pytest.fixture
def jaeger() -> Iterator[Answering]:
    with Answering(answer) as server:
        yield server


@pytest.fixture
def proxy(jaeger: Answering) -> Iterator[FaultProxy]:
    host, _, port = jaeger.url.removeprefix("http://").partition(":")
    with FaultProxy((host, int(port))) as between:
        yield between


@pytest.fixture
def traces(proxy: FaultProxy, tmp_path: Path) -> Iterator[TraceRouter]:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    log = RequestLog(url)
    log.insert(REQUESTS)
    log.close()
    environ = {"JAEGER_URL": proxy.url, "DATABASE_URL": url, "FLUXDASH_JAEGER_TIMEOUT": str(TIMEOUT)}
    router = connect_traces(Settings.from_env(environ), profile("fluxai"))
    yield router
    router.close()


def search(now: int = END) -> TraceSearch:
    """A search of the hour; another `now` is another question, which nobody has an answer to at hand."""
    return TraceSearch(Scope(Window(START, END, 60, now)))


@pytest.mark.parametrize(
    ("fault", "arg"),
    [
        ("reset", None),
        ("blackhole", None),
        ("hang", None),
        ("drip", 0.05),
        ("fin_after", 90),
        ("http", {"status": 200, "ctype": "text/html", "body": b"<html>please log in</html>"}),
        ("http", {"status": 401, "ctype": "text/plain", "body": b"Unauthorized"}),
        ("http", {"status": 302, "body": b"", "headers": ("Location: http://169.254.169.254/",)}),
        ("http", {"status": 502, "ctype": "text/html", "body": b"<html>bad gateway</html>"}),
        ("http", {"status": 500, "body": b'{"data":null,"errors":[{"code":500,"msg":"storage query timed out"}]}'}),
        ("http", {"status": 200, "body": b'{"data": [{"traceID": 5}]}'}),
        ("http", {"status": 200, "body": b'{"data": [NaN]}'}),
    ],
)
def test_the_log_stands_in_for_it_and_says_why(proxy: FaultProxy, traces: TraceRouter, fault: str, arg: Any) -> None:
    began = time.monotonic()
    with proxy.fault(fault, arg):
        found = traces.search(search())
        opened = traces.open(str(REQUESTS[0].trace_id), search().scope)
    assert time.monotonic() - began < 6 * TIMEOUT
    assert (found.provenance.source, len(found.rows)) == ("log", len(REQUESTS))
    reasons = [note.text for note in found.provenance.notes if note.kind is NoteKind.FALLBACK]
    assert any(reason.startswith("Jaeger ") for reason in reasons)
    assert opened is not None
    assert (opened.provenance.source, len(opened.trace.nodes)) == ("log", 1)
    assert traces.states()[0].status == "down"


def test_it_is_asked_again_when_it_is_back(proxy: FaultProxy, traces: TraceRouter) -> None:
    with proxy.fault("reset"):
        assert traces.search(search()).provenance.source == "log"
    deadline = time.monotonic() + 10
    now = END
    while traces.states()[0].status != "ok" and time.monotonic() < deadline:
        now += 15
        traces.search(search(now))
        time.sleep(0.2)
    found = traces.search(search(now + 15))
    assert (found.provenance.source, [row.id.text for row in found.rows]) == ("jaeger", [REQUESTS[0].trace_id])


def test_what_speaks_no_language_is_not_jaeger(jaeger: Answering, traces: TraceRouter) -> None:
    jaeger.answer = lambda _: SCREEN
    found = traces.search(search())
    assert "Jaeger answers neither as Jaeger nor as Tempo" in [note.text for note in found.provenance.notes]


def test_a_trace_too_large_to_be_read_is_its_row(jaeger: Answering, traces: TraceRouter) -> None:
    jaeger.answer = lambda question: Reply(b" " * 40_000_000) if "/traces/" in question.path else answer(question)
    opened = traces.open(str(REQUESTS[0].trace_id), search().scope)
    assert opened is not None
    assert opened.provenance.source == "log"
    assert any("more than 32 MiB" in note.text or "did not answer" in note.text for note in opened.provenance.notes)


def test_without_a_log_a_failure_is_an_error(proxy: FaultProxy) -> None:
    environ = {"JAEGER_URL": proxy.url, "FLUXDASH_JAEGER_TIMEOUT": str(TIMEOUT)}
    router = connect_traces(Settings.from_env(environ), profile("fluxai"))
    with proxy.fault("reset"), pytest.raises(SourceError):
        router.search(search())
    router.close()
