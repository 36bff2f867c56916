"""Forecasts of one app: the same hours are looked ahead from once, whichever panel asks and however often."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import tzinfo

from fluxdash.analysis.forecast import Forecast, Refusal, forecast
from fluxdash.semantic.measure import Amount

_Hours = tuple[tuple[Amount, ...], int, tzinfo]


class Foresight:
    """Keeps the forecasts that were asked for last, by the hours they rest on."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Hours, Forecast | Refusal] = OrderedDict()

    def __call__(self, hours: tuple[Amount, ...], start: int, zone: tzinfo) -> Forecast | Refusal:
        """Return the forecast from hourly dollars since `start` (epoch seconds), or why there is none."""
        key = (hours, start, zone)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        found = forecast(hours, start, zone)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
