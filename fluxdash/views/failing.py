"""Why a model fails: its most frequent cause in a word, and when most of that happened."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import UNKNOWN, values
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import count
from fluxdash.semantic.window import Window
from fluxdash.views.times import Clock

_DAY = 86_400
_THROTTLING = ("throttl", "ratelimit", "rate_limit", "toomanyrequests", "quota")
_TIMEOUT = ("timeout", "timedout", "timed_out")


def is_throttling(cause: str) -> bool:
    """Whether a cause is that too much was asked at once, whatever the gateway calls it."""
    return any(each in cause.lower() for each in _THROTTLING)


def causes_of(answer: Answer | None) -> dict[str, list[tuple[str, Line]]]:
    """Return the causes of each model's failures, most frequent first, from failures by model and cause."""
    found: dict[str, list[tuple[str, Line]]] = {}
    for line in answer.lines if answer else ():
        parts = values(str(line.group))
        if len(parts) == 2 and line.total:
            found.setdefault(parts[0], []).append((parts[1], line))
    return {model: sorted(rows, key=lambda row: -(row[1].total or 0)) for model, rows in found.items()}


def culprit(causes: Sequence[tuple[str, Line]], failures: Amount, window: Window, clock: Clock) -> str:
    """Return `836 throttled, most 14:09 – 14:22` where one cause is behind most failures; else an empty string."""
    for cause, line in causes[:1]:
        if cause == UNKNOWN or not failures or (line.total or 0) * 2 <= failures:
            return ""
        when = _most(line.values, window, clock)
        return f"{count(line.total)} {_in_words(cause)}{f', most {when}' if when else ''}"
    return ""


def _in_words(cause: str) -> str:
    if is_throttling(cause):
        return "throttled"
    return "timed out" if any(each in cause.lower() for each in _TIMEOUT) else cause


def _most(row: Sequence[Amount], window: Window, clock: Clock) -> str:
    """Return the shortest time in which more than half of it happened, if that is less than half of the window."""
    amounts = [each or 0.0 for each in row]
    half, within, first = sum(amounts) / 2, 0.0, 0
    length, since = len(amounts), 0
    for last, amount in enumerate(amounts, start=1):
        within += amount
        while within - amounts[first] > half:
            within -= amounts[first]
            first += 1
        if within > half and last - first < length:
            length, since = last - first, first
    if length * 2 >= len(amounts):
        return ""
    start, end = window.start + since * window.step, window.start + (since + length) * window.step
    if window.seconds <= _DAY:
        return f"{clock.time(start)} – {clock.time(end)}"
    until = clock.time(end) if clock.day(start) == clock.day(end) else f"{clock.day(end)}, {clock.time(end)}"
    return f"{clock.day(start)}, {clock.time(start)} – {until}"
