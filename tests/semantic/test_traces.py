"""The tree of a trace: every span once, whatever its references say."""

from __future__ import annotations

import time

import pytest
from hypothesis import given

from fluxdash.semantic.spans import Span
from fluxdash.semantic.traces import Mark, Trace
from tests.traced import EPOCH, ID, MS, graphs, ids, span, trace


def test_spans_stand_under_their_parents_in_the_order_in_which_they_began() -> None:
    found = trace(
        span("late", "root", 50, 60),
        span("leaf", "early", 12, 14),
        span("root", None, 0, 100),
        span("early", "root", 10, 20),
    )
    assert ids(found) == ["root", "early", "leaf", "late"]
    assert [node.depth for node in found.nodes] == [0, 1, 2, 1]
    assert [node.size for node in found.nodes] == [4, 2, 1, 1]
    assert [node.parent for node in found.nodes] == [None, 0, 1, 0]
    assert ids(found, found.children(0)) == ["early", "late"]
    assert found.roots == (0,)


def test_a_span_whose_parent_never_came_is_a_root_with_a_mark() -> None:
    found = trace(span("root", None, 0, 10), span("lost", "nobody", 5, 6), span("below", "lost", 5, 6))
    assert ids(found, found.roots) == ["root", "lost"]
    assert [node.mark for node in found.nodes] == [None, Mark.ORPHAN, None]


def test_several_roots_are_legal_and_the_trace_lasts_from_the_first_to_the_last() -> None:
    found = trace(span("one", None, 0, 10), span("two", None, 20, 45))
    assert ids(found, found.roots) == ["one", "two"]
    assert (found.start, found.end, found.seconds) == (EPOCH, EPOCH + 45 * MS, 0.045)


def test_a_loop_is_cut_at_its_earliest_span() -> None:
    found = trace(span("b", "a", 5, 6), span("c", "b", 7, 8), span("a", "c", 3, 9), span("tail", "c", 8, 9))
    assert ids(found) == ["a", "b", "c", "tail"]
    assert [node.mark for node in found.nodes] == [Mark.LOOP, None, None, None]


def test_a_span_that_is_its_own_parent_is_a_loop() -> None:
    assert trace(span("a", "a", 0, 1)).nodes[0].mark is Mark.LOOP


def test_what_was_delivered_twice_is_there_once_and_counted() -> None:
    again = span("a", None, 0, 1)
    found = trace(again, again, span("b", "a", 0, 1))
    assert (ids(found), found.duplicates) == (["a", "b"], 1)


def test_two_spans_with_one_id_are_both_kept_and_children_stand_under_the_first() -> None:
    found = trace(span("a", None, 0, 10), span("a", None, 2, 9), span("b", "a", 3, 4))
    assert ids(found) == ["a", "b", "a"]
    assert found.duplicates == 0


def test_the_request_is_the_highest_of_the_spans_called_so() -> None:
    found = trace(
        span("http", None, 0, 100),
        span("chat_completion 1", "http", 1, 90),
        span("chat_completion 2", "chat_completion 1", 2, 9),
    )
    assert found.nodes[found.request("chat_completion") or 0].span.id == "chat_completion 1"


def test_without_such_a_span_the_longest_root_is_the_request() -> None:
    found = trace(span("short", None, 0, 5), span("long", None, 3, 50), span("inner", "short", 0, 90))
    assert found.nodes[found.request("chat_completion") or 0].span.id == "long"
    assert trace().request("chat_completion") is None
    assert (trace().start, trace().end, trace().failed, trace().roots) == (0, 0, 0, ())


@given(graphs())
def test_every_span_is_in_the_tree_once_whatever_the_graph(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    different = {(each.id, each.name, each.start, each.end) for each in spans}
    assert sorted((each.id, each.name, each.start, each.end) for each in found.spans) == sorted(different)
    assert len(found.nodes) + found.duplicates == len(spans)


@given(graphs())
def test_a_tree_is_a_tree(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for place, node in enumerate(found.nodes):
        if node.parent is None:
            assert node.depth == 0
        else:
            above = found.nodes[node.parent]
            assert (node.depth, node.parent < place) == (above.depth + 1, True)
            assert place < node.parent + above.size
        assert node.size == 1 + sum(found.nodes[child].size for child in found.children(place))
        assert node.depth <= len(found.nodes)
    assert sum(found.nodes[root].size for root in found.roots) == len(found.nodes)


@pytest.mark.parametrize("shape", ["a chain", "a loop", "one id"])
def test_a_hundred_thousand_spans_are_arranged_in_about_a_second(shape: str) -> None:
    n = 100_000

    def parent(number: int) -> str | None:
        if shape == "one id":
            return "0"
        return f"{(number - 1) % n:x}" if number or shape == "a loop" else None

    spans = [span("0" if shape == "one id" else f"{number:x}", parent(number), number, n) for number in range(n)]
    began = time.process_time()
    found = Trace.of(ID, reversed(spans))
    assert time.process_time() - began < 5  # about one second alone; the machine that runs the tests is busy
    assert len(found.nodes) == n
