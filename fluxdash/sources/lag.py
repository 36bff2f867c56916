"""Whether a request log is behind, or only quiet: it is behind when somebody else counted what it does not have."""

from __future__ import annotations

import time
from collections.abc import Callable

from fluxdash.sources.glance import Glance
from fluxdash.sources.survey import Survey

Counted = Callable[[float, float], float | None]
"""How many requests somebody else counted between two moments, or None when that cannot be told."""

LATE = 120
"""Seconds of requests that were counted elsewhere and are not in the log, before it is called stale."""

_SETTLED = 30
_KEEP = 15.0


class Lag:
    """Compares the log's newest row with another count of requests, every 15 s at most."""

    def __init__(self, survey: Survey, counted: Counted, clock: Callable[[], float] = time.time) -> None:
        self._survey = survey
        self._counted = counted
        self._stale = Glance(self._compare, lambda found: _KEEP, clock)

    def stale(self) -> str:
        """Return a sentence when the log is behind, else an empty string."""
        return self._stale.now()

    def _compare(self, now: float) -> str:
        last = self._survey.edges().last
        if last is None or now - last <= LATE + _SETTLED:
            return ""
        counted = self._counted(last + _SETTLED, now - _SETTLED)
        behind = counted is not None and counted >= 1
        return f"The request log is {(now - last) / 60:.0f} min behind Prometheus." if behind else ""
