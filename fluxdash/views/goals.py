"""What the operator wants of the gateway: objectives, targets, budgets, and where a model stops being healthy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class Goals:
    """The lines that charts draw and states are judged by; ratios 0–1, seconds, dollars a calendar month.

    A model is healthy from `healthy` availability on, degraded from `degraded` on, and unknown under `least` requests.
    `budgets` are per account, by its UUID or its name; `budget` is the whole gateway's. `zone` is the reporting zone,
    in which months begin and end, whatever zone the reader looks at times in.
    """

    cache_target: float | None = 0.4
    healthy: float = 0.99
    degraded: float = 0.95
    least: int = 59
    budget: float | None = None
    budgets: tuple[tuple[str, float], ...] = ()
    zone: tzinfo = UTC
