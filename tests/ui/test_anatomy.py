"""A trace taken apart: its critical path by kind, what its tries waited, and what is said beside its bars."""

from __future__ import annotations

import pytest

from fluxdash.analysis.likeness import WAITING
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Opened
from fluxdash.ui.anatomy import FAILED, anatomy
from tests.traced import span, trace
from tests.ui.faketraces import huge, retried


def opened(found: Trace) -> Opened:
    return Opened(found, found.request("chat_completion"), Provenance("jaeger", 0.0, True))


def test_the_critical_path_is_sorted_by_what_was_done_and_adds_up_to_the_request() -> None:
    parts = {each.name: each.seconds for each in anatomy(opened(retried())).parts}
    assert parts[WAITING] == pytest.approx(0.2)
    assert parts[FAILED] == pytest.approx(0.1)
    assert parts["invoke"] == pytest.approx(0.59)
    assert sum(parts.values()) == pytest.approx(1.0)


def test_a_failed_try_says_why_and_the_next_how_long_it_waited() -> None:
    apart = anatomy(opened(retried()))
    notes = {apart.thinned.trace.nodes[at].span.id: row.note for at, row in apart.rows.items()}
    assert notes["invoke 1"] == "ThrottlingException · try 1 of 2"
    assert notes["invoke 2"] == "try 2 of 2 · after 200 ms".replace(" ms", "\u00a0ms")
    assert notes["stray"] == "its parent never came"


def test_what_a_span_was_about_is_said_last_and_not_where_it_failed() -> None:
    apart = anatomy(opened(retried()), lambda span: f"about {span.id}" if span.name == "invoke" else "")
    notes = {apart.thinned.trace.nodes[at].span.id: row.note for at, row in apart.rows.items() if row.note}
    assert notes["invoke 1"] == "ThrottlingException · try 1 of 2"
    assert notes["invoke 2"].endswith(" · about invoke 2")
    assert "chat_completion" not in notes


def test_a_span_that_begins_before_its_parent_shows_the_clocks() -> None:
    apart = anatomy(opened(trace(span("chat_completion", None, 10, 100), span("early", "chat_completion", 2, 50))))
    assert apart.rows[1].skewed
    assert "8\u00a0ms before its parent" in apart.rows[1].note


def test_beyond_ten_thousand_the_path_and_the_errors_are_kept() -> None:
    apart = anatomy(opened(huge(12_000)))
    kept = {node.span.id for node in apart.thinned.trace.nodes}
    assert len(kept) == 10_000
    assert apart.thinned.dropped == 2_000
    assert "work 11999" in kept
    assert sum(row.hidden for row in apart.rows.values()) == 2_000
