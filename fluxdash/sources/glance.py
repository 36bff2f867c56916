"""Something that is looked at now and then: one caller looks again, and nobody else waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Glance(Generic[T]):
    """Keeps what the last look found for as many seconds as `keep` says.

    `look` is given the time and never raises. Only the first look is waited for by all: later ones may meet a source
    that is silent, and then whoever asks meanwhile goes on with what is known.
    """

    def __init__(
        self, look: Callable[[float], T], keep: Callable[[T], float], clock: Callable[[], float] = time.time
    ) -> None:
        self._look = look
        self._keep = keep
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None

    def now(self) -> T:
        """Return what was found, by a new look if the last one is too old."""
        known = self._kept
        if known is not None and not self._old(known):
            return known[1]
        if not self._lock.acquire(blocking=known is None) and known is not None:
            return known[1]
        try:
            known = self._kept
            if known is None or self._old(known):
                moment = self._clock()
                self._kept = known = (moment, self._look(moment))
            return known[1]
        finally:
            self._lock.release()

    @property
    def last(self) -> T | None:
        """What the last look found, however old; None before the first."""
        return self._kept[1] if self._kept else None

    def put(self, found: T) -> None:
        """Keep what was found on another way as if it were looked at now."""
        self._kept = (self._clock(), found)

    def _old(self, known: tuple[float, T]) -> bool:
        return self._clock() - known[0] > self._keep(known[1])
