"""What one request through the gateway leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

SUCCESS = "success"
EXACT = "exact"
SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Request:
    """One finished request, as the log, the metrics and the spans tell it.

    `time` is when the gateway booked it, in seconds since the epoch and to the microsecond. Money is USD as the log
    stores it, list price for cache hits too. `cache_hit` None means that the cache was not asked.
    """

    id: str
    request_id: str | None
    trace_id: str | None
    time: float
    account_id: str
    api_key_id: str | None
    requested_model: str
    model: str
    region: str
    strategy: str | None
    latency_ms: int
    upstream_ms: int | None
    input_tokens: int
    output_tokens: int
    input_cost: Decimal | None
    output_cost: Decimal | None
    total_cost: Decimal | None
    cache_hit: bool | None
    cache_type: str | None
    status: str
    error_type: str | None
    error_message: str | None
    metadata: Mapping[str, object] | None

    @property
    def failed(self) -> bool:
        """Anything but success is a failure."""
        return self.status != SUCCESS

    @property
    def total_tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    @property
    def timestamp(self) -> datetime:
        """`time` as the log writes it: a naive datetime that holds UTC."""
        return utc(self.time)


def utc(time: float) -> datetime:
    """The naive UTC datetime of an epoch time, exact to the microsecond."""
    return datetime(1970, 1, 1) + timedelta(microseconds=round(time * 1e6))


def epoch(timestamp: datetime) -> float:
    """The epoch time of a naive UTC datetime; the inverse of `utc`."""
    return (timestamp - datetime(1970, 1, 1)) // timedelta(microseconds=1) / 1e6
