"""The totals that tests trust, against sums small enough to see through."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fluxdash.demo import truth
from fluxdash.demo.prices import FREE, PriceBook
from fluxdash.demo.request import Request


def test_the_parts_of_a_split_add_up_to_the_whole(requests: tuple[Request, ...]) -> None:
    whole = truth.totals(requests)
    for key in ("account_id", "model", "region", "status", "strategy", "cache_type", "error_type"):
        parts = truth.by(requests, lambda request, key=key: getattr(request, key)).values()  # type: ignore[misc]
        assert sum(part.requests for part in parts) == whole.requests
        assert sum((part.cost for part in parts), Decimal(0)) == whole.cost
        assert sum((part.savings for part in parts), Decimal(0)) == whole.savings


def test_cost_and_savings_share_out_everything_that_was_booked(requests: tuple[Request, ...]) -> None:
    whole = truth.totals(requests)
    assert whole.cost + whole.savings == sum((request.total_cost or FREE for request in requests), Decimal(0))
    assert whole.cost > whole.savings > 0


def test_a_hit_booked_for_nothing_saves_its_list_price(requests: tuple[Request, ...]) -> None:
    hit = next(request for request in requests if request.cache_hit)
    price = PriceBook().in_force(hit.model, hit.region, hit.timestamp)
    assert price is not None
    for nothing in (FREE, None):
        saved = truth.totals([replace(hit, total_cost=nothing)]).savings
        assert saved == price.exact(hit.input_tokens, hit.output_tokens)


def test_a_quantile_is_the_nearest_rank(requests: tuple[Request, ...]) -> None:
    ten = [replace(request, latency_ms=100 * (n + 1)) for n, request in enumerate(requests[:10])]
    assert [truth.quantile(ten, q) for q in (0.0, 0.5, 0.51, 0.95, 1.0)] == [0.1, 0.5, 0.6, 1.0, 1.0]
    assert truth.quantile([], 0.5) is None
