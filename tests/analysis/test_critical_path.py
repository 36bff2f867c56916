"""The critical path on traces drawn by hand, and what holds for it on any trace."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from fluxdash.analysis.critical_path import critical_path
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traces import Trace
from tests.traced import EPOCH, ID, MS, graphs, span, trace


def path(found: Trace, place: int = 0) -> list[tuple[str, float, float]]:
    """The path in milliseconds from the start: which span, from when to when."""
    return [
        (found.nodes[each.place].span.id, (each.start - EPOCH) / MS, (each.end - EPOCH) / MS)
        for each in critical_path(found, place)
    ]


def test_a_span_alone_is_the_path() -> None:
    assert path(trace(span("root", None, 0, 10))) == [("root", 0, 10)]


def test_one_child_after_the_other_and_the_gateway_between_them() -> None:
    #  root  |--------------------|
    #  a       |---|
    #  b               |------|
    found = trace(span("root", None, 0, 20), span("a", "root", 2, 6), span("b", "root", 10, 17))
    assert path(found) == [("root", 0, 2), ("a", 2, 6), ("root", 6, 10), ("b", 10, 17), ("root", 17, 20)]


def test_of_two_at_once_the_one_that_ended_last_was_waited_for() -> None:
    #  root  |----------|
    #  a      |----|
    #  b        |------|
    found = trace(span("root", None, 0, 12), span("a", "root", 1, 6), span("b", "root", 3, 10))
    assert path(found) == [("root", 0, 3), ("b", 3, 10), ("root", 10, 12)]


def test_before_the_last_one_began_the_one_that_had_ended_by_then_was_waited_for() -> None:
    #  root  |------------------|
    #  a      |----|
    #  b       |--------|            still ran when c began, so c did not wait for it
    #  c             |----------|
    found = trace(
        span("root", None, 0, 20), span("a", "root", 1, 6), span("b", "root", 2, 11), span("c", "root", 8, 20)
    )
    assert path(found) == [("root", 0, 1), ("a", 1, 6), ("root", 6, 8), ("c", 8, 20)]


def test_the_path_goes_down_to_where_the_time_was_spent() -> None:
    found = trace(
        span("root", None, 0, 30),
        span("lookup", "root", 1, 21),
        span("embed", "lookup", 3, 19),
        span("cost", "root", 28, 29),
    )
    assert path(found) == [
        ("root", 0, 1), ("lookup", 1, 3), ("embed", 3, 19), ("lookup", 19, 21), ("root", 21, 28), ("cost", 28, 29),
        ("root", 29, 30),
    ]  # fmt: skip


def test_a_child_is_cut_to_its_parent_and_so_are_its_own_children() -> None:
    #  root     |----------|
    #  early  |-----|                began before its parent
    #  late             |------|     and its child outlive the parent
    #  below              |-----|
    found = trace(
        span("root", None, 10, 30),
        span("early", "root", 5, 14),
        span("late", "root", 22, 40),
        span("below", "late", 25, 44),
    )
    assert path(found) == [("early", 10, 14), ("root", 14, 22), ("late", 22, 25), ("below", 25, 30)]


def test_a_child_wholly_outside_its_parent_held_nobody_up() -> None:
    found = trace(span("root", None, 10, 20), span("before", "root", 0, 5), span("after", "root", 25, 30))
    assert path(found) == [("root", 10, 20)]


def test_spans_without_duration_are_passed_over() -> None:
    found = trace(span("root", None, 0, 10), span("none", "root", 4, 4))
    assert path(found) == [("root", 0, 10)]
    assert path(trace(span("root", None, 5, 5), span("a", "root", 5, 5))) == []


def test_of_two_that_ended_together_the_longer_is_on_the_path() -> None:
    found = trace(span("root", None, 0, 10), span("short", "root", 6, 9), span("long", "root", 2, 9))
    assert path(found) == [("root", 0, 2), ("long", 2, 9), ("root", 9, 10)]


def test_the_path_of_a_request_within_a_trace_leaves_the_rest_alone() -> None:
    found = trace(span("http", None, 0, 100), span("chat", "http", 10, 60), span("model", "chat", 20, 50))
    assert path(found, 1) == [("chat", 10, 20), ("model", 20, 50), ("chat", 50, 60)]


def test_two_tries_and_the_wait_between_them() -> None:
    found = trace(
        span("root", None, 0, 5620),
        span("lookup", "root", 4, 100),
        span("try 1", "root", 105, 517, failed=True),
        span("try 2", "root", 1420, 5608),
        span("cost", "root", 5609, 5611),
    )
    names = [name for name, _, _ in path(found)]
    assert names == ["root", "lookup", "root", "try 1", "root", "try 2", "root", "cost", "root"]


@given(graphs())
def test_the_path_lasts_as_long_as_the_request_without_gap_or_overlap(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for root in found.roots:
        top = found.nodes[root].span
        segments = critical_path(found, root)
        assert sum(each.end - each.start for each in segments) == top.end - top.start
        assert all(one.end == other.start for one, other in pairwise(segments))
        assert all(each.end > each.start for each in segments)
        if segments:
            assert (segments[0].start, segments[-1].end) == (top.start, top.end)


@given(graphs())
def test_at_each_moment_the_path_is_in_a_span_that_ran_then_and_that_all_above_it_waited_in(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for root in found.roots:
        for each in critical_path(found, root):
            place: int | None = each.place
            while place is not None:
                node = found.nodes[place]
                assert node.span.start <= each.start
                assert each.end <= node.span.end
                place = node.parent


@given(graphs())
def test_while_a_span_was_busy_itself_none_of_its_children_ended(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for root in found.roots:
        for each in critical_path(found, root):
            first, last = cut(found, each.place)
            for child in found.children(each.place):
                inner = found.nodes[child].span
                start, end = max(inner.start, first), min(inner.end, last)
                assert start >= end or not each.start < end <= each.end


def cut(found: Trace, place: int) -> tuple[int, int]:
    """The part of a span that lies within all those above it."""
    start, end = found.nodes[place].span.start, found.nodes[place].span.end
    above = found.nodes[place].parent
    while above is not None:
        start, end = max(start, found.nodes[above].span.start), min(end, found.nodes[above].span.end)
        above = found.nodes[above].parent
    return start, end
