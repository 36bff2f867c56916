"""How real installations differ from the reference: empty fields, hits booked for nothing, a model without a price."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.demo.catalog import MISTRAL_7B, UNPRICED
from fluxdash.demo.prices import FREE
from fluxdash.demo.request import SEMANTIC, Request


def quirky(request: Request) -> Request:
    """The request as a careless installation books it; the same request always comes out the same."""
    # The digits of the id are the dice: no random stream shifts, so both worlds hold the same requests.
    dice = [int(digit, 16) for digit in request.id[24:]]
    changes: dict[str, object] = {}
    if dice[0] < 3:
        changes["request_id"] = None
    if dice[1] < 4:
        changes["trace_id"] = None
    if dice[2] < 2:
        changes["strategy"] = None
    if dice[3] < 3:
        changes["api_key_id"] = None
    if request.model == MISTRAL_7B.id and dice[4] < 8:
        changes |= _without_a_price(request, None if dice[5] < 8 else FREE)
    if request.cache_hit:
        changes |= _hit(request, free=dice[6] < 4)
    elif dice[7] < 1:
        changes["cache_hit"] = None
    if request.failed:
        if dice[8] < 5:
            changes |= {"error_type": None, "error_message": None}
        if dice[9] < 6:
            changes["metadata"] = None
    return replace(request, **changes)  # type: ignore[arg-type]  # the keys above are fields, each with its own type


def _without_a_price(request: Request, cost: object) -> dict[str, object]:
    asked = UNPRICED.id if request.requested_model == request.model else request.requested_model
    return {
        "model": UNPRICED.id,
        "requested_model": asked,
        "input_cost": cost,
        "output_cost": cost,
        "total_cost": cost,
    }


def _hit(request: Request, free: bool) -> dict[str, object]:
    booked: dict[str, object] = {
        "cache_type": SEMANTIC,
        "metadata": {**(request.metadata or {}), "cache_type": SEMANTIC},
    }
    return booked | {"input_cost": FREE, "output_cost": FREE, "total_cost": FREE} if free else booked
