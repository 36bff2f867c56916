"""A telemetry that remembers what it was told, for tests to read."""

from __future__ import annotations

from fluxdash.telemetry import Telemetry


class Heard(Telemetry):
    """Every word in its order; seconds are left out, for they are never twice the same."""

    def __init__(self) -> None:
        self.words: list[tuple[object, ...]] = []

    def asked(self, source: str, seconds: float, outcome: str) -> None:
        assert seconds >= 0
        self.words.append(("asked", source, outcome))

    def failed(self, source: str, kind: str, reason: str) -> None:
        self.words.append(("failed", source, kind, reason))

    def refused(self, source: str, why: str) -> None:
        self.words.append(("refused", source, why))

    def rests(self, source: str, resting: bool) -> None:
        self.words.append(("rests", source, resting))

    def abandoned(self, source: str, change: int) -> None:
        self.words.append(("abandoned", source, change))

    def cached(self, result: str) -> None:
        self.words.append(("cached", result))

    def drew(self, state: str, source: str, reason: str) -> None:
        self.words.append(("drew", state, source, reason))

    def entered(self) -> None:
        self.words.append(("entered",))

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        assert seconds >= 0
        self.words.append(("left", route, status, request))

    def take(self) -> list[tuple[object, ...]]:
        """Return what was heard since the last time."""
        words, self.words = self.words, []
        return words
