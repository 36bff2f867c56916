"""Jaeger as a store: which language it speaks, what it is asked, and what is made of what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from fluxdash.errors import BadPayload, NotReported, SourceForbidden, SourceRejected, SourceUnreachable
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.traceid import TraceId
from fluxdash.sources.caller import Address, Caller
from fluxdash.sources.jaeger import FILTERED, PICKED, Jaeger
from fluxdash.sources.trace_store import Ask
from tests.servers.answering import NO_SUCH_PAGE, SCREEN, Answer, Answering, Question, Reply, sample, told
from tests.servers.process import free_port
from tests.sources.composed import FOLDER, content

START, END = 1_795_460_400 * 10**9, 1_795_464_000 * 10**9
HOUR = Ask(START, END, 20)
ERROR = TraceId("ca00fccfb408989eddc401062c4d1219")
MISS = TraceId("80688fc3d5f88a06909e3ff7575018a5")
assert PROFILE.tracing is not None
TRACING: Tracing = PROFILE.tracing


def legacy(question: Question) -> Reply:
    """A Jaeger of version 1: its own language alone, and its screen for everything else."""
    match question.path:
        case "/api/services":
            return sample(FOLDER, "services.json")
        case "/api/traces":
            return sample(FOLDER, "search_results.json")
        case "/api/traces/80688fc3d5f88a06909e3ff7575018a5":
            return sample(FOLDER, "trace_cache_miss.json")
        case path if path.startswith("/api/traces/"):
            return sample(FOLDER, "error_404_trace.json")
    return SCREEN


def three(question: Question) -> Reply:
    """A Jaeger without its old language, and without summaries."""
    match question.path:
        case "/api/v3/services":
            return sample(FOLDER, "v3_services.json")
        case "/api/v3/traces":
            return sample(FOLDER, "v3_search_two_traces.json")
        case "/api/v3/traces/ca00fccfb408989eddc401062c4d1219":
            return sample(FOLDER, "v3_trace_error.json")
        case path if path.startswith("/api/v3/traces/"):
            return sample(FOLDER, "v3_error_404.json")
    return NO_SUCH_PAGE


def summarising(question: Question) -> Reply:
    """A Jaeger from 2.20 on, with summaries."""
    return sample(FOLDER, "v3_trace_summaries.json") if question.path == "/api/v3/trace-summaries" else three(question)


def tempo(question: Question) -> Reply:
    """Grafana Tempo."""
    match question.path:
        case "/api/echo":
            return Reply(b"echo", 200, "text/plain")
        case "/api/search":
            return sample(FOLDER, "tempo_search.json")
        case "/api/v2/traces/ca00fccfb408989eddc401062c4d1219":
            return told({"trace": content("v3_trace_error.json")["result"]})
    return NO_SUCH_PAGE


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering(legacy) as answering:
        yield answering


def jaeger(url: str, tracing: Tracing = TRACING, service: str = "fluxai-gateway", ui: str | None = None) -> Jaeger:
    return Jaeger(Caller(Address("Jaeger", url, "JAEGER_URL", timeout=5.0)), tracing, service, ui or url)


def searches(server: Answering) -> list[Question]:
    """What was asked, but for the questions that find out the language."""
    return [each for each in server.asked if each.path not in ("/api/services", "/api/v3/services", "/api/echo")]


def test_version_1_is_asked_in_its_own_language(server: Answering) -> None:
    haul = jaeger(server.url).search(HOUR)
    assert server.paths() == ["/api/services", "/api/traces"]
    assert searches(server)[0].parameters == {
        "service": "fluxai-gateway",
        "operation": "chat_completion",
        "start": str(START // 1000),
        "end": str(END // 1000 - 1),
        "limit": "30",
    }
    assert [hit.summary.id.text[:4] for hit in haul.hits] == ["ca00", "63d0", "8068"]  # the newest first
    assert (haul.older, haul.looked, haul.notes) == (None, 3, ())


@pytest.mark.parametrize(("answer", "path"), [(legacy, "/api/traces"), (three, "/api/v3/traces")])
def test_the_statement_is_the_address_that_a_search_asks(server: Answering, answer: Answer, path: str) -> None:
    server.answer = answer
    ask = replace(HOUR, tags=(("note", "a b&c"),))
    store = jaeger(server.url.replace("http://", "http://user:secret@"))
    for _ in range(2):  # before and after the language is known
        statement = httpx.URL(store.statement(ask))
        assert str(statement.copy_with(query=None)) == path
        store.search(ask)
    asked = {**searches(server)[-1].parameters}
    limit = "limit" if answer is legacy else "query.num_traces"
    assert (asked.pop(limit), statement.params[limit]) == ("30", "20")  # some more are asked for, to know the newest
    assert asked == {**statement.params.remove(limit)}


def test_the_statement_for_tempo_is_traceql(server: Answering) -> None:
    server.answer = tempo
    ask = replace(HOUR, least=2.0)
    store = jaeger(server.url)
    assert store.statement(ask).startswith('{ resource.service.name = "fluxai-gateway"')
    store.search(ask)
    assert searches(server)[-1].parameters["q"] == store.statement(ask)


def test_without_its_old_language_version_3_is_asked(server: Answering) -> None:
    server.answer = three
    haul = jaeger(server.url).search(HOUR)
    assert server.paths() == ["/api/services", "/api/v3/services", "/api/v3/trace-summaries", "/api/v3/traces"]
    assert searches(server)[-1].parameters == {
        "query.service_name": "fluxai-gateway",
        "query.operation_name": "chat_completion",
        "query.start_time_min": "2026-11-23T19:00:00.000000000Z",
        "query.start_time_max": "2026-11-23T19:59:59.999999999Z",
        "query.num_traces": "30",
    }
    assert [(hit.summary.id.text[:4], hit.summary.region) for hit in haul.hits] == [
        ("63d0", None),
        ("8068", "us-east-1"),
    ]


def test_summaries_are_enough_for_a_list_but_not_for_spans(server: Answering) -> None:
    server.answer = summarising
    store = jaeger(server.url)
    assert [hit.summary.spans for hit in store.search(HOUR).hits] == [300, 4, 3, 6]
    assert [len(hit.trace.nodes) for hit in store.search(HOUR, spans=True).hits if hit.trace] == [3, 6]


def test_tempo_is_asked_in_traceql(server: Answering) -> None:
    server.answer = tempo
    store = jaeger(server.url)
    haul = store.search(Ask(START, END + 1, 20, least=2.0, most=9.5))
    assert searches(server)[-1].parameters == {
        "q": '{ resource.service.name = "fluxai-gateway" && name = "chat_completion"'
        " && duration >= 2000000us && duration <= 9500000us }",
        "start": "1795460400",
        "end": "1795464001",
        "limit": "30",
        "spss": "1",
    }
    assert ([hit.summary.id for hit in haul.hits], store.name) == ([ERROR], "tempo")
    trace = store.trace(ERROR)
    assert trace is not None
    assert (len(trace.nodes), store.link(ERROR)) == (4, None)
    assert store.trace(MISS) is None
    assert server.paths()[-2:] == [f"/api/v2/traces/{MISS}", f"/api/traces/{MISS}"]


def test_tempo_is_asked_for_all_of_it_at_once(server: Answering) -> None:
    server.answer = tempo
    jaeger(server.url).search(Ask(START, END, 20, "cache.lookup", (("cache.type", "exact"),), least=2.0, errors=True))
    service = 'resource.service.name = "fluxai-gateway"'
    assert searches(server)[-1].parameters["q"] == (
        f'{{ {service} && name = "cache.lookup" && ."cache.type" = "exact" }} && {{ {service} && status = error }}'
        f' && {{ {service} && name = "chat_completion" && duration >= 2000000us }}'
    )


def test_bounds_and_tags_are_sent_as_the_language_wants_them(server: Answering) -> None:
    store = jaeger(server.url)
    store.search(Ask(START, END, 20, least=0.25, most=1.0000001))
    assert (searches(server)[-1].parameters["minDuration"], searches(server)[-1].parameters["maxDuration"]) == (
        "250000us",
        "1000001us",
    )
    store.search(Ask(START, END, 20, "cache.lookup", (("cache.type", "exact"), ("n", "5")), least=0.25))
    asked = searches(server)[-1].parameters
    assert (asked["operation"], json.loads(asked["tags"])) == ("cache.lookup", {"cache.type": "exact", "n": "5"})
    assert "minDuration" not in asked  # that would be how long the lookup took
    assert asked["end"] == str(END // 1000 + 60_000_000 - 1)  # a request of the last second is looked up after it


def test_how_long_is_how_long_the_request_took_and_not_any_span(server: Answering) -> None:
    store = jaeger(server.url)
    about_lookups = Ask(START, END, 20, "cache.lookup", (), least=1.0)
    assert [hit.summary.id for hit in store.search(about_lookups).hits] == [ERROR, MISS]
    assert store.search(Ask(START, END, 20, "cache.lookup", (), least=1.0, most=3.0)).hits[0].summary.id == MISS


def test_what_an_older_server_did_not_search_for_is_sorted_out_here(server: Answering) -> None:
    server.answer = three  # it takes no notice of tags
    found = jaeger(server.url).search(Ask(START, END, 20, None, (("bedrock.region", "us-east-1"),)))
    assert [hit.summary.id for hit in found.hits] == [MISS]
    assert found.looked == 2
    with_another = Ask(START, END, 20, "cache.lookup", (("bedrock.region", "us-east-1"),))
    assert jaeger(server.url).search(with_another).hits == ()  # the region stands on another span


def test_errors_are_those_of_any_span(server: Answering) -> None:
    found = jaeger(server.url).search(Ask(START, END, 20, errors=True))
    assert json.loads(searches(server)[0].parameters["tags"]) == {"error": "true"}
    assert "operation" not in searches(server)[0].parameters
    assert [hit.summary.id for hit in found.hits] == [ERROR]


def test_a_store_that_finds_no_errors_by_their_tag_is_looked_through(server: Answering) -> None:
    def deaf(question: Question) -> Reply:
        return sample(FOLDER, "search_empty.json") if "tags" in question.parameters else legacy(question)

    server.answer = deaf
    found = jaeger(server.url).search(Ask(START, END, 20, errors=True))
    assert [hit.summary.id for hit in found.hits] == [ERROR]
    assert [note.text for note in found.notes] == [FILTERED]


def test_as_many_as_were_asked_for_may_not_be_all(server: Answering) -> None:
    def limited(question: Question) -> Reply:
        if question.path != "/api/traces":
            return legacy(question)
        start, end = int(question.parameters["start"]), int(question.parameters["end"])
        traces = [
            each
            for each in content("search_results.json")["data"]
            if start <= min(span["startTime"] for span in each["spans"]) <= end
        ]
        return told(
            {"data": traces[-int(question.parameters["limit"]) :], "errors": None}
        )  # the oldest ones, perversely

    server.answer = limited
    store = jaeger(server.url)
    first = store.search(Ask(START, END, 1))
    assert ([hit.summary.id for hit in first.hits], first.older) == ([ERROR], 1795460495000000000)
    assert first.notes == ()
    second = store.search(Ask(START, first.older or 0, 1))
    assert [hit.summary.id.text[:4] for hit in second.hits] == ["63d0"]
    third = store.search(Ask(START, second.older or 0, 1))
    assert ([hit.summary.id for hit in third.hits], third.older) == ([MISS], None)


def test_a_store_that_never_stops_picking_is_said_to(server: Answering) -> None:
    found = jaeger(server.url).search(Ask(START, END, 2))  # it answers three, whatever the limit and the stretch
    assert [note.text for note in found.notes] == [PICKED]


def test_one_huge_trace_hides_no_other(server: Answering) -> None:
    def written(number: int) -> dict[str, Any]:
        trace_id, start = f"{number:032x}", START // 1000 + number * 1_000_000
        huge = [{"key": "prompt", "type": "string", "value": "x" * 6_000_000}] if number in (90, 100) else []
        span = {"traceID": trace_id, "spanID": "a", "operationName": "chat_completion", "startTime": start}
        return {"traceID": trace_id, "spans": [{**span, "duration": 5, "tags": huge}], "processes": {}}

    def crowded(question: Question) -> Reply:
        if question.path != "/api/traces":
            return legacy(question)
        start, end, limit = (int(question.parameters[name]) for name in ("start", "end", "limit"))
        inside = [each for each in map(written, range(1, 101)) if start <= each["spans"][0]["startTime"] <= end]
        return told({"data": inside[-limit:], "errors": None})

    server.answer = crowded
    store, seen, end = jaeger(server.url), list[int](), int(END)
    while end > START:
        haul = store.search(Ask(START, end, 20))
        seen += [int(hit.summary.id.padded, 16) for hit in haul.hits]
        end = haul.older or START
    assert seen == list(range(100, 0, -1))
    assert store.beginning(TraceId(f"{40:032x}"), START, END) == [TraceId(f"{40:032x}")]


def test_a_trace_is_asked_for_by_all_its_digits(server: Answering) -> None:
    store = jaeger(server.url)
    found = store.trace(TraceId("80688FC3D5F88A06909E3FF7575018A5"))
    assert found is not None
    assert len(found.nodes) == 6
    assert store.trace(TraceId("6be6b035a532b488")) is None
    assert server.paths()[-1] == "/api/traces/00000000000000006be6b035a532b488"


def test_a_trace_of_version_3_is_the_one_that_was_asked_for(server: Answering) -> None:
    server.answer = three
    found = jaeger(server.url).trace(ERROR)
    assert found is not None
    assert (found.id, len(found.nodes)) == (ERROR, 4)
    assert jaeger(server.url).trace(MISS) is None


def test_the_language_is_found_out_once_and_again_when_it_is_gone(server: Answering) -> None:
    store = jaeger(server.url)
    store.search(HOUR)
    store.search(HOUR)
    assert server.paths().count("/api/services") == 1
    server.answer = summarising  # it was upgraded
    server.asked.clear()
    assert len(store.search(HOUR).hits) == 4
    assert server.paths() == ["/api/traces", "/api/services", "/api/v3/services", "/api/v3/trace-summaries"]
    server.answer = tempo
    assert [hit.summary.id for hit in store.search(HOUR).hits] == [ERROR]


def test_what_speaks_none_of_them_is_said_to(server: Answering) -> None:
    server.answer = lambda _: SCREEN
    store = jaeger(server.url)
    with pytest.raises(BadPayload, match="neither as Jaeger nor as Tempo"):
        store.search(HOUR)
    assert (store.state().status, store.state().reason) == ("down", "answers neither as Jaeger nor as Tempo")
    server.answer = legacy
    assert len(store.search(HOUR).hits) == 3
    assert store.state().status == "ok"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"Unauthorized", 401, "text/plain"), SourceForbidden),
        (Reply(b"<html>bad gateway</html>", 502, "text/html"), SourceUnreachable),
        (sample(FOLDER, "error_500_storage.json"), SourceRejected),
    ],
)
def test_a_failure_is_no_language(server: Answering, reply: Reply, kind: type[Exception]) -> None:
    server.answer = lambda _: reply
    with pytest.raises(kind):
        jaeger(server.url).search(HOUR)
    assert server.paths() == ["/api/services"]


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(SourceUnreachable):
        jaeger(f"http://127.0.0.1:{free_port()}").trace(MISS)


def test_without_a_service_nothing_is_asked(server: Answering) -> None:
    with pytest.raises(NotReported, match="FLUXDASH_TRACE_SERVICE"):
        jaeger(server.url, service="").search(HOUR)
    assert server.asked == []


def test_where_no_span_is_known_to_be_the_request_the_root_is(server: Answering) -> None:
    store = jaeger(server.url, Tracing("fluxai-gateway", None))
    found = store.search(Ask(START, END, 20, least=1.0))
    assert not {"operation", "minDuration"} & set(searches(server)[0].parameters)
    assert [hit.summary.id for hit in found.hits] == [ERROR, MISS]


@pytest.mark.parametrize(
    ("ui", "link"),
    [
        ("http://user:secret@jaeger:16686/base/?x=1#y", f"http://jaeger:16686/base/trace/{MISS}"),
        ("https://traces.example", f"https://traces.example/trace/{MISS}"),
    ],
)
def test_the_link_leads_to_the_screen_without_credentials(ui: str, link: str) -> None:
    assert jaeger("http://127.0.0.1:9", ui=ui).link(MISS) == link


def test_the_beginning_of_an_id_is_looked_for_among_the_newest(server: Answering) -> None:
    store = jaeger(server.url)
    assert store.beginning(TraceId("80688fc3"), START, END) == [MISS]
    assert store.beginning(TraceId("deadbeef"), START, END) == []


def hostile(text: str) -> dict[str, Any]:
    """A trace whose every word is the same hostile one."""
    body: dict[str, Any] = content("trace_cache_hit.json")
    trace = body["data"][0]
    for span in trace["spans"]:
        span["operationName"] = text
        span["tags"] = [{"key": text, "type": "string", "value": text}]
        span["logs"] = [{"timestamp": 5, "fields": [{"key": text, "type": "string", "value": text}]}]
        span["warnings"] = [text]
    trace["processes"]["p1"] = {"serviceName": text, "tags": [{"key": text, "type": "string", "value": text}]}
    return body


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=window.__xss=1>", "javascript:alert(1)", "{{7*7}}", "%{customdata}", "=cmd|' /C calc'!A0"],
)
def test_words_from_spans_are_kept_as_they_are_for_those_who_draw_to_escape(server: Answering, text: str) -> None:
    server.answer = lambda question: told(hostile(text)) if question.path != "/api/services" else legacy(question)
    found = jaeger(server.url).trace(MISS)
    assert found is not None
    span = found.nodes[0].span
    assert (span.name, span.attributes, span.process.service, span.warnings) == (text, ((text, text),), text, (text,))
