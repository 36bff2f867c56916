"""One piece of work at a time for each key: whoever asks for it meanwhile waits for what it leaves in the cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from fluxdash.errors import SourceError

T = TypeVar("T")


@dataclass(slots=True)
class Flight:
    """One key's work in the air: how many wait for it, and how it failed."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0
    failure: SourceError | None = None


class Flights:
    """Lets one caller a key do the work while the others of this process wait for what it leaves in the cache.

    Who waited for work that failed fails with it: one after the other, each would wait for the whole deadline anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[str, Flight] = {}

    def alone(self, key: str, work: Callable[[], T]) -> T:
        """Return what `work` returns, run by nobody else for the same key meanwhile."""
        with self._lock:
            flight = self._flying.setdefault(key, Flight())
            flight.waiting += 1
        try:
            with flight.lock:
                return self._once(key, flight, work)
        finally:
            with self._lock:
                flight.waiting -= 1
                if flight.waiting == 0 and self._flying.get(key) is flight:
                    del self._flying[key]

    def _once(self, key: str, flight: Flight, work: Callable[[], T]) -> T:
        failed = flight.failure
        if failed is not None:
            raise type(failed)(failed.source, failed.reason, hint=failed.hint) from failed
        try:
            return work()
        except SourceError as err:
            flight.failure = err
            with self._lock:  # whoever comes from now on tries anew
                if self._flying.get(key) is flight:
                    del self._flying[key]
            raise
