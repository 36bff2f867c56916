"""Exceptions: recorded twice by the gateway, shown once."""

from __future__ import annotations

from pathlib import Path

from fluxdash.analysis.exceptions import exceptions, others
from fluxdash.semantic.spans import Attributes, Event
from fluxdash.sources import jaeger_reply
from fluxdash.sources.caller import Response
from tests.traced import EPOCH, span

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "jaeger"


def raised(at: int, kind: str, message: str, stack: str = "") -> Event:
    told: Attributes = (("exception.type", kind), ("exception.message", message))
    return Event(EPOCH + at, "exception", (*told, ("exception.stacktrace", stack)) if stack else told)


def test_the_same_type_and_message_are_one_exception_recorded_first_when_it_was() -> None:
    events = (
        raised(9, "A", "m"),
        raised(5, "A", "m", "File 1\n  File 2"),
        raised(7, "A", "other"),
        raised(8, "B", "m"),
    )
    told = exceptions(span("s", None, 0, 1, events=events))
    assert [(each.type, each.message, each.time - EPOCH, each.times) for each in told] == [
        ("A", "m", 5, 2),
        ("A", "other", 7, 1),
        ("B", "m", 8, 1),
    ]
    assert told[0].frames == 2


def test_what_was_not_recorded_is_empty_and_other_events_stay() -> None:
    events = (Event(EPOCH + 3, "exception"), Event(EPOCH + 2, "retry"), Event(EPOCH + 1, "start"))
    found = span("s", None, 0, 1, events=events)
    assert [(each.type, each.message, each.stacktrace) for each in exceptions(found)] == [("", "", "")]
    assert [each.name for each in others(found)] == ["start", "retry"]


def test_the_gateways_own_doubled_exception_is_one() -> None:
    body = (SAMPLES / "trace_error.json").read_bytes()
    (trace,) = jaeger_reply.traces("Jaeger", Response(200, body))
    failed = [each for each in trace.spans if each.failed]
    assert [each.name for each in failed] == ["chat_completion", "bedrock.invoke_model"]
    for each in failed:
        (one,) = exceptions(each)
        assert (one.type, one.times, one.frames) == ("ThrottlingException", 2, 1)
