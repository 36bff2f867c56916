"""The exceptions of a span, each once: a gateway records one by hand, and its tracing records it again at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fluxdash.semantic.spans import EXCEPTION, Event, Span, first, text


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: `time` in nanoseconds since 1970 is when it was first recorded, `times` how often.

    What was not recorded of it is an empty text.
    """

    time: int
    type: str
    message: str
    stacktrace: str = ""
    times: int = 1

    @property
    def frames(self) -> int:
        """How many frames the stack trace has, as far as can be counted."""
        return sum(line.lstrip().startswith(("File ", "at ")) for line in self.stacktrace.splitlines())


def exceptions(span: Span) -> tuple[Raised, ...]:
    """Return the exceptions recorded on a span, by time; those of the same type and message are one."""
    found: dict[tuple[str, str], Raised] = {}
    for event in sorted(_recorded(span.events), key=lambda event: event.time):
        kind, message, stack = (_told(event, f"exception.{part}") for part in ("type", "message", "stacktrace"))
        known = found.get((kind, message))
        if known is None:
            found[kind, message] = Raised(event.time, kind, message, stack)
        else:
            found[kind, message] = Raised(known.time, kind, message, known.stacktrace or stack, known.times + 1)
    return tuple(found.values())


def others(span: Span) -> tuple[Event, ...]:
    """Return the events of a span that record no exception, by time."""
    return tuple(sorted((each for each in span.events if each.name != EXCEPTION), key=lambda event: event.time))


def _recorded(events: Iterable[Event]) -> Iterable[Event]:
    return (event for event in events if event.name == EXCEPTION)


def _told(event: Event, key: str) -> str:
    value = first(event.attributes, key)
    return "" if value is None else text(value)
