"""One span of a trace: what was done, by whom, from when to when, and what was noted on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NANOSECONDS = 1_000_000_000
"""A second. Times of spans are whole nanoseconds since 1970, which a float of seconds could not hold."""

EXCEPTION = "exception"
"""The name of the event that records one."""

Value = str | int | float | bool
"""What an attribute can hold; lists and maps come as JSON text, bytes as base64."""

Attributes = tuple[tuple[str, Value], ...]
"""Attributes in the order they came; a key may be there twice."""


class Status(StrEnum):
    """How a span ended; `unset` is the quiet normal."""

    UNSET = "unset"
    OK = "ok"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one moment within a span."""

    time: int
    name: str
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Process:
    """Who did the work: the service, and what its resource says of it."""

    service: str
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Another span, usually of another trace, that this one follows from."""

    trace: str
    span: str


UNKNOWN_PROCESS = Process("unknown")


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work; `start` and `end` in nanoseconds since 1970, `end` never before `start`.

    `id` and `parent` are in lower case; `parent` is None for a root. `message` is what the status says. `warnings` are
    the store's and our own remarks on what is wrong with the span.
    """

    id: str
    parent: str | None
    name: str
    start: int
    end: int
    process: Process = UNKNOWN_PROCESS
    kind: str = ""
    status: Status = Status.UNSET
    message: str = ""
    attributes: Attributes = ()
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) / NANOSECONDS

    @property
    def failed(self) -> bool:
        """Whether it ended in an error."""
        return self.status is Status.ERROR

    def attribute(self, key: str) -> Value | None:
        """Return the first value of a key, or None."""
        return first(self.attributes, key)


def first(attributes: Attributes, key: str) -> Value | None:
    """Return the first value of a key, or None."""
    return next((value for name, value in attributes if name == key), None)


def text(value: Value) -> str:
    """Return a value as stores compare it and people read it: `true`, `0.95`, `4096`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
