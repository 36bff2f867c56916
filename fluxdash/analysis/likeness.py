"""How a trace compares with others like it: each operation's time against the same operation's in those."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.analysis.waits import tries
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.traces import Trace

WAITING = "waiting between tries"
"""What is said for the time between an attempt that failed and the next, as if it were an operation."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """One operation of a trace, in seconds: all its spans there together, and how many they are.

    `p50` and `p95` are those of the `n` like traces that have the operation, nearest rank; `slower_than` the share of
    these that took less. All three are None where n is 0. `share` is how many of all like traces have it.
    """

    operation: str
    seconds: float
    spans: int
    n: int
    p50: Amount
    p95: Amount
    slower_than: Amount
    share: Amount


def likeness(trace: Trace, place: int, others: Sequence[Trace]) -> tuple[Likeness, ...]:
    """Return the operations of the request at `place`, in the order in which they began, against other requests'.

    The request of another trace is its span of the same name, else its main root.
    """
    name = trace.nodes[place].span.name
    requests = ((other, other.request(name)) for other in others)
    like = [spent(other, at) for other, at in requests if at is not None]
    return tuple(_compared(operation, *told, like) for operation, told in spent(trace, place).items())


def spent(trace: Trace, place: int) -> dict[str, tuple[float, int]]:
    """Return the seconds and the number of spans of each operation below a position, itself included, by first start.

    Spans of an operation below another one of the same are part of it already.
    """
    found: dict[str, tuple[float, int]] = {}
    nodes = trace.nodes
    inside: dict[int, frozenset[str]] = {}
    for at in range(place, place + nodes[place].size):
        node = nodes[at]
        names = inside.get(node.parent, frozenset()) if node.parent is not None and at != place else frozenset()
        name = node.span.name
        seconds, count = found.get(name, (0.0, 0))
        found[name] = (seconds if name in names else seconds + node.span.seconds, count + 1)
        if node.size > 1:
            inside[at] = names if name in names else names | {name}
    waited = [each.wait for at, each in tries(trace).items() if each.wait and place <= at < place + nodes[place].size]
    if waited:
        found[WAITING] = (sum(waited), len(waited))
    return found


def quantile(sorted_values: Sequence[float], q: float) -> Amount:
    """Return the nearest-rank quantile of rising values; None of none."""
    return sorted_values[max(math.ceil(q * len(sorted_values)) - 1, 0)] if sorted_values else None


def _compared(operation: str, amount: float, count: int, like: Sequence[dict[str, tuple[float, int]]]) -> Likeness:
    there = sorted(each[operation][0] for each in like if operation in each)
    n = len(there)
    return Likeness(
        operation,
        amount,
        count,
        n,
        quantile(there, 0.50),
        quantile(there, 0.95),
        bisect_left(there, amount) / n if n else None,
        n / len(like) if like else None,
    )
