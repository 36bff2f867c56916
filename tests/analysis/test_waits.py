"""Tries, gaps and clocks that disagree, as one sees them in a waterfall."""

from __future__ import annotations

import pytest
from hypothesis import given

from fluxdash.analysis.waits import Gap, Skew, Try, gaps, skewed, tries
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traces import Trace
from tests.traced import EPOCH, ID, MS, graphs, span, trace

RETRIED = trace(
    span("root", None, 0, 1000),
    span("lookup", "root", 4, 100),
    span("invoke 1", "root", 100, 200, failed=True),
    span("invoke 2", "root", 500, 600, failed=True),
    span("invoke 3", "root", 650, 990),
)


def test_tries_are_numbered_and_know_how_long_they_waited() -> None:
    told = {RETRIED.nodes[place].span.id: each for place, each in tries(RETRIED).items()}
    assert told == {"invoke 1": Try(1, 3, None), "invoke 2": Try(2, 3, 0.3), "invoke 3": Try(3, 3, 0.05)}


def test_the_last_try_may_fail_too_but_none_before_it_may_have_worked() -> None:
    failed = trace(span("r", None, 0, 9), span("a 1", "r", 1, 2, failed=True), span("a 2", "r", 3, 4, failed=True))
    assert len(tries(failed)) == 2
    twice = trace(span("r", None, 0, 9), span("a 1", "r", 1, 2), span("a 2", "r", 3, 4))
    assert tries(twice) == {}


def test_tries_at_the_same_time_waited_for_nothing() -> None:
    hedged = trace(span("r", None, 0, 9), span("a 1", "r", 1, 5, failed=True), span("a 2", "r", 3, 8))
    assert [each.wait for each in tries(hedged).values()] == [None, None]


def test_a_gap_says_between_what_it_lies_and_whether_it_was_a_wait_for_the_next_try() -> None:
    told = [
        (each.before and RETRIED.nodes[each.before].span.id, each.after and RETRIED.nodes[each.after].span.id,
         each.seconds, each.retry)
        for each in gaps(RETRIED, 0)
    ]  # fmt: skip
    assert told == [
        ("invoke 1", "invoke 2", pytest.approx(0.3), True),
        ("invoke 2", "invoke 3", pytest.approx(0.05), True),
        ("invoke 3", None, pytest.approx(0.01), False),
    ]


def test_where_children_overlap_there_is_no_gap() -> None:
    found = trace(span("r", None, 0, 10), span("a", "r", 0, 8), span("b", "r", 1, 3), span("c", "r", 8, 10))
    assert gaps(found, 0) == ()


def test_a_span_without_children_has_no_gaps() -> None:
    assert gaps(trace(span("r", None, 0, 10)), 0) == ()


def test_a_child_outside_its_parent_is_told_and_not_moved() -> None:
    found = trace(
        span("r", None, 10, 20),
        span("early", "r", 6, 12),
        span("late", "r", 18, 21),
        span("both", "r", 5, 30),
        span("in", "r", 10, 20),
    )
    told = {found.nodes[place].span.id: each for place, each in skewed(found).items()}
    assert told == {"early": Skew(0.004, 0), "late": Skew(0, 0.001), "both": Skew(0.005, 0.01)}
    assert found.nodes[ids_of(found, "early")].span.start == EPOCH + 6 * MS


def ids_of(found: Trace, name: str) -> int:
    return next(place for place, node in enumerate(found.nodes) if node.span.id == name)


@given(graphs())
def test_no_child_runs_within_a_gap(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for place in range(len(found.nodes)):
        told: tuple[Gap, ...] = gaps(found, place, 0)
        for each in told:
            assert found.nodes[place].span.start <= each.start < each.end <= found.nodes[place].span.end
            inner = [found.nodes[child].span for child in found.children(place)]
            assert not any(other.start < each.end and other.end > each.start for other in inner)
