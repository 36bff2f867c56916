"""What the numbers must be: totals added up from the requests themselves, in plain Python, for tests.

totals(requests).cost
by(requests, lambda request: request.model)["amazon.titan-text-lite-v1"].failures
by(requests, lambda request: request.time // 60 * 60)      # per minute
quantile(requests, 0.95)                                   # seconds
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from fluxdash.demo.prices import PriceBook
from fluxdash.demo.request import Request

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over some requests; money in USD, exact. The definitions are those of the product's §1."""

    requests: int
    failures: int
    input_tokens: int
    output_tokens: int
    cost: Decimal
    savings: Decimal
    cache_hits: int
    cache_misses: int
    tokens_saved: int
    unpriced: int


def totals(requests: Iterable[Request]) -> Totals:
    """The sums over `requests`.

    `cost` is what was spent: the total_cost of everything that was not a hit. `savings` is the hits' total_cost, or
    their tokens at the list price in force (not rounded) where it is 0 or empty. `unpriced` are the successes that
    were not hits and have tokens, but neither a cost nor a price in force.
    """
    asked = tuple(requests)
    prices = PriceBook()
    hits = [request for request in asked if request.cache_hit]
    others = [request for request in asked if not request.cache_hit]
    return Totals(
        requests=len(asked),
        failures=sum(request.failed for request in asked),
        input_tokens=sum(request.input_tokens for request in asked),
        output_tokens=sum(request.output_tokens for request in asked),
        cost=sum((request.total_cost or Decimal(0) for request in others), Decimal(0)),
        savings=sum((request.total_cost or _list_price(request, prices) for request in hits), Decimal(0)),
        cache_hits=len(hits),
        cache_misses=sum(request.cache_hit is False for request in asked),
        tokens_saved=sum(request.total_tokens for request in hits),
        unpriced=sum(_unpriced(request, prices) for request in others),
    )


def by(requests: Iterable[Request], key: Callable[[Request], Key]) -> dict[Key, Totals]:
    """The sums per value of `key`, values in order of appearance; None is a value like any other."""
    groups: dict[Key, list[Request]] = {}
    for request in requests:
        groups.setdefault(key(request), []).append(request)
    return {value: totals(group) for value, group in groups.items()}


def quantile(requests: Iterable[Request], q: float) -> float | None:
    """The nearest-rank quantile of the latency in seconds (rank = ⌈q·n⌉), or None where there are no requests."""
    latencies = sorted(request.latency_ms for request in requests)
    return latencies[max(math.ceil(q * len(latencies)), 1) - 1] / 1000 if latencies else None


def _list_price(request: Request, prices: PriceBook) -> Decimal:
    price = prices.in_force(request.model, request.region, request.timestamp)
    return price.exact(request.input_tokens, request.output_tokens) if price else Decimal(0)


def _unpriced(request: Request, prices: PriceBook) -> bool:
    if request.failed or request.total_cost or not request.total_tokens:
        return False
    return prices.in_force(request.model, request.region, request.timestamp) is None
