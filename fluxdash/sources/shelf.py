"""A small shelf of this process for answers that are too large or too young to share: by value, for some seconds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from fluxdash.sources.flights import Flights

T = TypeVar("T")


class Shelf(Generic[T]):
    """Keeps what `work` returned for as long as `keep` says, `most` of it by weight; the same work is done once.

    `weigh` says what an answer weighs; what was used longest ago goes first.
    """

    def __init__(
        self,
        keep: Callable[[T], float],
        most: int,
        weigh: Callable[[T], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keep = keep
        self._most = most
        self._weigh = weigh
        self._clock = clock
        self._lock = threading.Lock()
        self._flights = Flights()
        self._kept: OrderedDict[Hashable, tuple[float, T, int]] = OrderedDict()
        self._weight = 0

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what is kept under a key, or do the work; what fails is not kept."""
        found = self._found(key)
        if found is None:
            found = self._flights.alone(repr(key), lambda: self._found(key) or self._put(key, work()))
        return found[0]

    def put(self, key: Hashable, value: T) -> None:
        """Keep what was had by other means; what is kept already stays."""
        if self._found(key) is None:
            self._put(key, value)

    def _found(self, key: Hashable) -> tuple[T] | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] <= self._clock():
                return None
            self._kept.move_to_end(key)
            return (kept[1],)

    def _put(self, key: Hashable, value: T) -> tuple[T]:
        with self._lock:
            before = self._kept.pop(key, None)
            weight = self._weigh(value)
            self._weight += weight - (before[2] if before else 0)
            self._kept[key] = (self._clock() + self._keep(value), value, weight)
            while len(self._kept) > 1 and (self._weight > self._most or self._is_over()):
                self._weight -= self._kept.popitem(last=False)[1][2]
        return (value,)

    def _is_over(self) -> bool:
        """Tell whether the time of what was used longest ago is over."""
        return next(iter(self._kept.values()))[0] <= self._clock()
