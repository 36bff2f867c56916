"""The spans of a request: the contract's tree, within the request's time, the same every time."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from fluxdash.analysis.critical_path import critical_path
from fluxdash.analysis.exceptions import exceptions
from fluxdash.analysis.waits import skewed, tries
from fluxdash.demo.request import EXACT, Request
from fluxdash.demo.spans import UNLOGGED, spans
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace

Requests = tuple[Request, ...]


def tree(request: Request) -> Trace:
    return Trace.of(TraceId(str(request.trace_id)), spans(request))


def names(request: Request) -> list[tuple[int, str]]:
    return [(node.depth, node.span.name) for node in tree(request).nodes]


def test_an_answer_of_a_model_is_the_contracts_tree(requests: Requests) -> None:
    usual = next(each for each in requests if each.cache_hit is False and not each.failed and len(spans(each)) == 6)
    assert names(usual) == [
        (0, "chat_completion"),
        (1, "cache.lookup"),
        (2, "embeddings.generate"),
        (1, "routing.decide"),
        (1, "bedrock.invoke_model"),
        (1, "cost.calculate"),
    ]
    root, lookup, embedding, routing, call, cost = tree(usual).spans
    assert root.attribute("model.id") == usual.requested_model
    assert (root.attribute("output_tokens"), root.attribute("cost")) == (
        usual.output_tokens,
        float(usual.total_cost or 0),
    )
    assert (lookup.attribute("cache.type"), lookup.attribute("cache.similarity_threshold")) == ("semantic", 0.95)
    assert embedding.attribute("embeddings.input_tokens") == usual.input_tokens
    assert routing.attribute("routing.strategy") == usual.strategy
    assert (call.attribute("bedrock.model_id"), call.attribute("bedrock.region")) == (usual.model, usual.region)
    assert (cost.attribute("cost.input_tokens"), cost.attribute("cost.output_tokens")) == (
        usual.input_tokens,
        usual.output_tokens,
    )


def test_a_hit_asks_no_model_and_an_exact_one_no_embedding(requests: Requests) -> None:
    for each in (each for each in requests if each.cache_hit):
        told = [name for _, name in names(each)]
        assert told == [
            "chat_completion",
            "cache.lookup",
            *([] if each.cache_type == EXACT else ["embeddings.generate"]),
        ]
        assert spans(each)[1].attribute("cache.type") == each.cache_type


def test_without_a_cache_nothing_is_looked_up(requests: Requests) -> None:
    for each in (each for each in requests if each.cache_hit is None):
        assert "cache.lookup" not in [name for _, name in names(each)]


def test_a_trace_lasts_as_long_as_its_request_and_all_of_it_lies_within(requests: Requests) -> None:
    for each in requests:
        found = tree(each)
        root = found.nodes[0].span
        assert (root.end, root.seconds) == (round(each.time * 1e6) * 1000, each.latency_ms / 1000)
        assert (found.start, found.end, skewed(found), len(found.roots)) == (root.start, root.end, {}, 1)
        assert all(span.start % 1000 == 0 == span.end % 1000 for span in found.spans)
        if each.upstream_ms is not None:
            called = [span for span in found.spans if span.name == "bedrock.invoke_model"]
            assert called[-1].end - called[0].start == each.upstream_ms * 10**6


def test_spans_at_the_same_level_follow_each_other(requests: Requests) -> None:
    for each in requests:
        found = tree(each)
        siblings = [found.nodes[child].span for child in found.children(0)]
        assert all(one.end <= other.start for one, other in pairwise(siblings))
        assert sum(part.seconds for part in critical_path(found, 0)) > 0


def test_a_failure_is_recorded_twice_on_the_call_and_on_the_request(requests: Requests) -> None:
    for each in (each for each in requests if each.failed):
        failed = [span for span in tree(each).spans if span.failed]
        assert {span.name for span in failed} == {"chat_completion", "bedrock.invoke_model"}
        for span in failed:
            (one,) = exceptions(span)
            assert one.times == 2
            assert (one.type, f"{one.type}: {one.message}") == (
                (each.error_type, each.error_message) if each.error_type else (UNLOGGED[0], ": ".join(UNLOGGED))
            )
            assert span.message == f"{one.type}: {one.message}"
        assert "cost.calculate" not in [span.name for span in tree(each).spans]


def test_a_retry_is_two_calls_with_a_wait_between_them(requests: Requests) -> None:
    counted = Counter[bool]()
    for each in (each for each in requests if not each.failed and not each.cache_hit):
        attempts = [one for _, one in sorted(tries(tree(each)).items())]
        counted[bool(attempts)] += 1
        if attempts:
            assert [(one.number, one.of) for one in attempts] == [(1, 2), (2, 2)]
            assert (attempts[1].wait or 0) > 0
            assert not tree(each).nodes[0].span.failed
    assert 0.03 < counted[True] / counted.total() < 0.12


def test_the_same_request_has_the_same_spans_and_each_its_own_id(requests: Requests) -> None:
    assert [spans(each) for each in requests[:50]] == [spans(each) for each in requests[:50]]
    ids = [span.id for each in requests for span in spans(each)]
    assert len(set(ids)) == len(ids)
    assert all(len(each) == 16 and int(each, 16) for each in ids)


def test_a_request_that_the_log_cannot_link_has_no_spans(careless: Requests) -> None:
    assert {spans(each) for each in careless if each.trace_id is None} == {()}
    assert all(spans(each) for each in careless if each.trace_id is not None)
