"""Single requests as the log tells them, and the orders they can be listed in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fluxdash.errors import BadRequest, meant
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.measure import Amount

MOST_RECORDS = 200


class Order(StrEnum):
    """Which requests come first: those that cost most, or those that came last."""

    COST = "cost"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Record:
    """One request; what the log does not tell of it is None.

    `time` is in epoch seconds, `latency` in seconds, money in USD. `cost` is what was spent: 0 for a cache hit, whose
    `list_price` says what it would have cost; `input_cost` is the part of the cost spent on input tokens. `account` is
    the UUID, `cache` one of hit, miss and off, `cache_type` told of hits alone. `estimated` says that nobody booked a
    price, and that what stands there is tokens times the price in force.
    """

    time: float
    request_id: str | None = None
    trace_id: str | None = None
    account: str | None = None
    account_name: str | None = None
    model: str | None = None
    region: str | None = None
    status: str | None = None
    strategy: str | None = None
    latency: Amount = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Amount = None
    list_price: Amount = None
    input_cost: Amount = None
    cache: str | None = None
    cache_type: str | None = None
    error: str | None = None
    estimated: bool = False
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The first rows in some order, and how many there are in all; None where counting would cost too much."""

    rows: tuple[Record, ...]
    provenance: Provenance
    total: int | None = None


def order(text: str) -> Order:
    """Return the order of that name; raises BadRequest naming all of them."""
    try:
        return Order(text)
    except ValueError as err:
        raise BadRequest("order", text, f"one of {', '.join(Order)}.{meant(text, Order)}") from err


def limit(n: int) -> int:
    """Return the number of rows asked for; raises BadRequest for more than are ever listed."""
    if not 1 <= n <= MOST_RECORDS:
        raise BadRequest("n", n, f"a whole number from 1 to {MOST_RECORDS}")
    return n
