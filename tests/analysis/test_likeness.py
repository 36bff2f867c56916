"""A trace against others like it: operation by operation, nearest rank."""

from __future__ import annotations

import pytest

from fluxdash.analysis.likeness import WAITING, likeness, quantile, spent
from fluxdash.semantic.traces import Trace
from tests.traced import span, trace


def usual(milliseconds: float, *, lookup: bool = True) -> Trace:
    spans = [span("chat", None, 0, milliseconds + 20), span("invoke", "chat", 10, 10 + milliseconds)]
    return trace(*spans, *([span("lookup", "chat", 1, 6)] if lookup else []))


SLOW = trace(
    span("chat", None, 0, 1000),
    span("lookup", "chat", 1, 6),
    span("invoke 1", "chat", 10, 110, failed=True),
    span("invoke 2", "chat", 400, 990),
)


def test_tries_are_added_up_and_the_wait_between_them_is_told_apart() -> None:
    assert spent(SLOW, 0) == {
        "chat": (1.0, 1),
        "lookup": (pytest.approx(0.005), 1),
        "invoke": (pytest.approx(0.69), 2),
        WAITING: (pytest.approx(0.29), 1),
    }


def test_an_operation_within_itself_is_counted_once() -> None:
    nested = trace(span("chat 1", None, 0, 100), span("chat 2", "chat 1", 10, 60), span("chat 3", "chat 2", 20, 30))
    assert spent(nested, 0)["chat"] == (pytest.approx(0.1), 3)


def test_each_operation_is_ranked_among_those_that_have_it() -> None:
    others = [usual(10 * number, lookup=number % 2 == 0) for number in range(1, 101)]
    told = {each.operation: each for each in likeness(SLOW, 0, others)}
    invoke = told["invoke"]
    assert (invoke.n, invoke.p50, invoke.p95) == (100, pytest.approx(0.5), pytest.approx(0.95))
    assert invoke.slower_than == pytest.approx(sum(10 * number < 690 for number in range(1, 101)) / 100)
    assert (told["lookup"].n, told["lookup"].share, told["lookup"].slower_than) == (50, 0.5, 0.0)
    assert (told[WAITING].n, told[WAITING].share, told[WAITING].p50, told[WAITING].slower_than) == (0, 0.0, None, None)


def test_with_nothing_to_compare_with_nothing_is_said() -> None:
    (chat, *_) = likeness(SLOW, 0, [])
    assert (chat.operation, chat.n, chat.p50, chat.p95, chat.slower_than, chat.share) == (
        "chat",
        0,
        None,
        None,
        None,
        None,
    )


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert quantile([], 0.5) is None
    assert [quantile([1.0, 2.0, 3.0, 4.0], q) for q in (0.0, 0.25, 0.5, 0.95, 1.0)] == [1.0, 1.0, 2.0, 4.0, 4.0]
