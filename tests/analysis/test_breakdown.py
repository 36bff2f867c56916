"""What a request's time went into: the parts of its critical path."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from fluxdash.analysis.breakdown import Part, Work, breakdown, pieces
from fluxdash.analysis.critical_path import critical_path
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traces import Trace
from tests.traced import ID, graphs, span, trace

RETRIED = trace(
    span("chat", None, 0, 5620),
    span("lookup", "chat", 4, 100),
    span("invoke 1", "chat", 105, 517, failed=True),
    span("invoke 2", "chat", 1420, 5608),
)


def test_failed_tries_and_waits_stand_apart_from_work() -> None:
    assert breakdown(RETRIED, critical_path(RETRIED, 0)) == (
        Part("invoke", Work.DONE, pytest.approx(4.188)),
        Part("chat", Work.WAITED, pytest.approx(0.903)),
        Part("invoke", Work.FAILED, pytest.approx(0.412)),
        Part("lookup", Work.DONE, pytest.approx(0.096)),
        Part("chat", Work.DONE, pytest.approx(0.021)),
    )


def test_a_request_that_failed_because_a_span_below_it_did_has_worked_all_the_same() -> None:
    found = trace(span("chat", None, 0, 100, failed=True), span("invoke", "chat", 10, 90, failed=True))
    assert breakdown(found, critical_path(found, 0)) == (
        Part("invoke", Work.FAILED, pytest.approx(0.08)),
        Part("chat", Work.DONE, pytest.approx(0.02)),
    )


@given(graphs())
def test_the_parts_add_up_to_the_request(spans: list[Span]) -> None:
    found = Trace.of(ID, spans)
    for root in found.roots:
        path = critical_path(found, root)
        cut = pieces(found, path)
        assert sum(each.end - each.start for each in cut) == sum(each.end - each.start for each in path)
        assert all(one.end == other.start for one, other in pairwise(cut))
        assert sum(each.seconds for each in breakdown(found, path)) == pytest.approx(found.nodes[root].span.seconds)
