"""What the operator decided about the pages: their name, their zone, their objective and how they refresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from fluxdash.views.goals import Goals
from fluxdash.views.times import Clock

Now = Callable[[], float]
"""The time, in epoch seconds; an argument everywhere, so that tests can stop it."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the pages are; `refresh` is the interval in seconds where it is fixed, 0 for never, None for by range."""

    title: str = "FluxAI Gateway"
    clock: Clock = field(default_factory=Clock)
    p95_objective: float | None = 6.0
    refresh: int | None = None
    goals: Goals = field(default_factory=Goals)

    def seen(self, zone: tzinfo | None) -> Clock:
        """Return the clock of a view: in the zone that it chose, else in the reporting zone."""
        return self.clock if zone is None else Clock(zone)
