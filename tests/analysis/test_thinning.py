"""What is left of a trace that is too large: the path and the errors first, and every sum."""

from __future__ import annotations

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from fluxdash.analysis.critical_path import critical_path
from fluxdash.analysis.thinning import Thinned, thinned
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traces import Trace
from tests.traced import ID, graphs, ids, span, trace


def assert_sound(whole: Trace, left: Thinned, most: int) -> None:
    assert len(left.trace.nodes) + left.dropped == len(whole.nodes)
    assert len(left.trace.nodes) <= max(most, 0)
    roots_lost = sum(node.parent is None for node in whole.nodes) - sum(
        node.parent is None for node in left.trace.nodes
    )
    below_lost = sum(whole.nodes[root].size for root in whole.roots if root not in left.places)
    assert sum(left.hidden) + below_lost == left.dropped
    assert roots_lost >= 0
    for position, node in enumerate(left.trace.nodes):
        assert node.span == whole.nodes[left.places[position]].span
        above = whole.nodes[left.places[position]].parent
        assert (node.parent is None) == (above is None)
        if node.parent is not None:
            assert left.places[node.parent] == above
        assert node.size == 1 + sum(left.trace.nodes[child].size for child in left.trace.children(position))


def test_a_trace_that_fits_is_left_alone() -> None:
    found = trace(span("r", None, 0, 9), span("a", "r", 1, 2))
    left = thinned(found, most=2)
    assert (left.trace, left.places, left.hidden, left.dropped) == (found, (0, 1), (0, 0), 0)


def test_the_path_stays_then_the_errors_then_what_is_high_and_long() -> None:
    found = trace(
        span("root", None, 0, 100),
        span("model", "root", 10, 99),
        span("deep", "model", 20, 98),
        span("side", "root", 1, 5),
        span("failed", "side", 2, 3, failed=True),
        span("short", "root", 2, 3),
        span("long", "root", 2, 9),
    )
    on_path = [each.place for each in critical_path(found, 0)]
    path = {"root", "long", "model", "deep"}
    assert set(ids(found, on_path)) == path
    assert set(ids(thinned(found, on_path, 4).trace)) == path
    assert set(ids(thinned(found, on_path, 5).trace)) == path | {"side"}  # the error does not fit with its parent
    six = thinned(found, on_path, 6)
    assert set(ids(six.trace)) == path | {"side", "failed"}
    assert (six.dropped, six.hidden[0]) == (1, 1)


def test_what_hangs_below_a_span_that_was_left_out_is_counted_at_the_one_that_stayed() -> None:
    found = trace(span("r", None, 0, 9), span("a", "r", 1, 2), span("b", "a", 1, 2), span("c", "b", 1, 2))
    left = thinned(found, [0], 2)
    assert (ids(left.trace), left.hidden) == (["r", "a"], (0, 2))


@given(graphs(40), st.integers(0, 20))
def test_all_that_is_shown_and_all_that_is_not_add_up(spans: list[Span], most: int) -> None:
    found = Trace.of(ID, spans)
    request = found.request(None)
    path = [] if request is None else [each.place for each in critical_path(found, request)]
    left = thinned(found, path, most)
    assert_sound(found, left, most)
    kept = set(left.places)
    needed = {place for each in path for place in _with_ancestors(found, each)}
    if len(needed) <= most:
        assert needed <= kept
    failed = {place for place, node in enumerate(found.nodes) if node.span.failed}
    both = needed | {place for each in failed for place in _with_ancestors(found, each)}
    if len(both) <= most:
        assert both <= kept


def _with_ancestors(found: Trace, place: int) -> set[int]:
    above: set[int] = set()
    at: int | None = place
    while at is not None:
        above.add(at)
        at = found.nodes[at].parent
    return above


def test_a_hundred_thousand_spans_are_thinned_in_about_a_second_however_deep() -> None:
    rng = random.Random(4)
    n = 100_000
    for shape in ("chain", "bush"):
        parents = [None, *(f"{number - 1 if shape == 'chain' else rng.randrange(number):x}" for number in range(1, n))]
        spans = [span(f"{number:x}", parents[number], 0, n - number, failed=number % 50 == 0) for number in range(n)]
        found = Trace.of(ID, spans)
        began = time.process_time()
        path = critical_path(found, 0)
        left = thinned(found, [each.place for each in path])
        assert time.process_time() - began < 10  # about one second alone; the machine that runs the tests is busy
        assert (len(left.trace.nodes), left.dropped) == (10_000, 90_000)
