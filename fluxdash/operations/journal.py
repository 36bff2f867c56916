"""What FluxDash writes into the log of itself: a failing source once in ten seconds, each request for debugging."""

from __future__ import annotations

import logging
import threading
from collections import Counter

from fluxdash.operations.noticeboard import Noticeboard
from fluxdash.telemetry import Telemetry

EVERY = 10.0
"""Seconds between two lines about the same source, by whichever process."""

_log = logging.getLogger(__name__)


class Journal(Telemetry):
    """Writes what happens into the log, with its parts as `fields` of the record.

    What fails, fails many times a second; what is not said is counted, and the next line says how much that was.
    """

    def __init__(self, board: Noticeboard) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._unsaid: Counter[str] = Counter()
        self._down: frozenset[str] = frozenset()

    def asked(self, source: str, seconds: float, outcome: str) -> None:
        if source in self._down and outcome == "ok" and self._board.claim(source, EVERY):
            with self._lock:
                self._down -= {source}
                unsaid = self._unsaid.pop(source, 0)
            fields = {"source": source, "outcome": outcome, "seconds": round(seconds, 3), "unsaid": unsaid}
            _log.info("a source answers again", extra={"fields": fields})

    def failed(self, source: str, kind: str, reason: str) -> None:
        said = self._board.claim(source, EVERY)
        with self._lock:
            self._down |= {source}
            if not said:
                self._unsaid[source] += 1
                return
            unsaid = self._unsaid.pop(source, 0)
        fields = {"source": source, "outcome": kind, "unsaid": unsaid}
        _log.warning("a source fails: %s", reason, extra={"fields": fields})

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        if _log.isEnabledFor(logging.DEBUG):
            fields = {"route": route, "status": status, "seconds": round(seconds, 4), "request": request}
            _log.debug("answered", extra={"fields": fields})
