"""How a request ends: answered from the cache, answered upstream, or failed, and how long that took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from fluxdash.demo.catalog import Account, Route
from fluxdash.demo.request import EXACT, SEMANTIC, SUCCESS
from fluxdash.demo.weather import Conditions

EXACT_SHARE = 0.55  # of the hits
SLOWEST_MS = 28_000  # the gateway gives up at 30 s, so an answer never takes longer


@dataclass(frozen=True, slots=True)
class Cause:
    """Why requests fail: how often among background failures, after how long, and under which status."""

    error_type: str | None
    message: str | None
    weight: float
    fastest_ms: int
    slowest_ms: int
    status: str = "error"
    status_share: float = 1.0


THROTTLING = Cause(
    "ThrottlingException", "Too many requests, please wait before trying again.", 0.08, 90, 1600, "throttled", 0.35
)
UNAVAILABLE = Cause("ServiceUnavailableException", "Bedrock is unable to process your request.", 0.24, 150, 2900)
CAUSES = (
    THROTTLING,
    UNAVAILABLE,
    Cause("ValidationException", "The requested max_tokens exceeds the limit of the model.", 0.38, 30, 120),
    Cause("ModelTimeoutException", "The model did not respond in time.", 0.18, 29_900, 30_600, "timeout", 0.60),
    Cause(None, None, 0.12, 200, 6000),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one request; `upstream_ms` is None where the answer came from the cache."""

    latency_ms: int
    upstream_ms: int | None
    status: str = SUCCESS
    cache_type: str | None = None
    error_type: str | None = None
    error_message: str | None = None


def outcome(
    rng: Random, account: Account, route: Route, output_tokens: int, conditions: Conditions, lane: int
) -> Outcome:
    """Draw how one request ends under these conditions."""
    looked_up = account.hit_share is not None
    if account.hit_share is not None and rng.random() < account.hit_share * conditions.warmth:
        return _hit(rng)
    gateway_ms = rng.uniform(6, 30) + (rng.uniform(8, 35) if looked_up else 0)
    if rng.random() < conditions.throttled[lane]:
        return _failure(rng, THROTTLING, gateway_ms)
    if rng.random() < conditions.unavailable[lane]:
        return _failure(rng, UNAVAILABLE, gateway_ms)
    if rng.random() < conditions.failing:
        (cause,) = rng.choices(CAUSES, [cause.weight for cause in CAUSES])
        return _failure(rng, cause, gateway_ms)
    return _answer(rng, route, output_tokens, conditions.slowness[lane], gateway_ms)


def _hit(rng: Random) -> Outcome:
    if rng.random() < EXACT_SHARE:
        return Outcome(round(10 + 30 * rng.betavariate(2, 4)), None, cache_type=EXACT)
    return Outcome(round(60 + 90 * rng.betavariate(2, 4)), None, cache_type=SEMANTIC)


def _failure(rng: Random, cause: Cause, gateway_ms: float) -> Outcome:
    upstream_ms = rng.uniform(cause.fastest_ms, cause.slowest_ms)
    return Outcome(
        latency_ms=round(upstream_ms + gateway_ms),
        upstream_ms=round(upstream_ms),
        status=cause.status if rng.random() < cause.status_share else "error",
        error_type=cause.error_type,
        error_message=f"{cause.error_type}: {cause.message}" if cause.error_type else None,
    )


def _answer(rng: Random, route: Route, output_tokens: int, slowness: float, gateway_ms: float) -> Outcome:
    writing = route.model.first_token_ms + route.model.ms_per_token * output_tokens
    upstream_ms = writing * route.region.slowness * slowness * math.exp(rng.gauss(0, 0.26))
    if rng.random() < 0.006:
        upstream_ms *= 1 + rng.paretovariate(1.7)  # the tail no lognormal has: a cold start, a retried connection
    upstream_ms = min(upstream_ms, SLOWEST_MS)
    return Outcome(round(upstream_ms + gateway_ms), round(upstream_ms))
