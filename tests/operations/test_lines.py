"""Lines of the log: one event a line, whatever it is made of, and no credentials in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.operations.lines import FORMS, Seldom
from fluxdash.settings import redacted
from fluxdash.telemetry import REQUEST

TEXT, JSON = (FORMS[each](redacted) for each in ("text", "json"))
ADDRESS = "postgresql://viewer:s3cr3t@db:5432/fluxai"


def record(message: str, *given: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("fluxdash.sources.gate", logging.WARNING, __file__, 1, message, given, None)
    made.__dict__.update(more)
    return made


def failed(text: str) -> logging.LogRecord:
    try:
        raise ValueError(text)
    except ValueError:
        return record("it failed", exc_info=sys.exc_info())


def test_json_holds_the_event_and_its_fields() -> None:
    told = json.loads(JSON.format(record("a source %s", "fails", fields={"source": "log", "unsaid": 3})))
    assert datetime.fromisoformat(told.pop("time")).utcoffset() is not None
    assert told.pop("process") > 0
    assert told == {
        "level": "warning",
        "logger": "fluxdash.sources.gate",
        "message": "a source fails",
        "source": "log",
        "unsaid": 3,
    }


def test_text_holds_the_same() -> None:
    line = TEXT.format(record("a source %s", "fails", fields={"source": "log", "unsaid": 3, "reason": "no such file"}))
    assert line.endswith('fluxdash.sources.gate: a source fails source=log unsaid=3 reason="no such file"')
    assert " warning [" in line


@given(st.text(), st.text())
def test_whatever_is_said_stays_on_its_line(message: str, value: str) -> None:
    for form in (TEXT, JSON):
        line = form.format(record("%s", message, fields={"value": value}))
        assert len(line.splitlines()) == 1 or form is JSON
        assert "\n" not in line
        assert "\r" not in line
    told = json.loads(JSON.format(record("%s", message, fields={"value": value})))
    assert (told["message"], told["value"]) == (redacted(message), redacted(value))


def test_a_forged_line_in_a_traceback_does_not_pass_for_an_event() -> None:
    forged = "x\n2026-01-01T00:00:00.000+00:00 error   [1] fluxdash: all is lost\r\nmore"
    first, *rest = TEXT.format(failed(forged)).split("\n")
    assert first.endswith("it failed")
    assert len(rest) > 3
    assert all(each.startswith("    ") for each in rest)
    assert "\r" not in "".join(rest)
    told = json.loads(JSON.format(failed(forged)))
    assert told["exception"].startswith("Traceback")
    assert forged in told["exception"]


@pytest.mark.parametrize("form", [TEXT, JSON])
def test_credentials_are_taken_out_of_every_part(form: logging.Formatter) -> None:
    lines = [
        form.format(record("cannot reach %s", ADDRESS)),
        form.format(record("failed", fields={"address": ADDRESS})),
        form.format(failed(f"no such host in {ADDRESS}")),
    ]
    assert "s3cr3t" not in "".join(lines)
    assert "".join(lines).count("***@db:5432") == 3


def test_a_line_names_the_request_that_it_belongs_to() -> None:
    app = Flask("host")
    with app.test_request_context("/", environ_base={REQUEST: "abc-1"}):
        assert json.loads(JSON.format(record("x")))["request"] == "abc-1"
        assert json.loads(JSON.format(record("x", fields={"request": "its own"})))["request"] == "its own"
    with app.test_request_context("/"):
        assert "request" not in json.loads(JSON.format(record("x")))
    assert "request" not in json.loads(JSON.format(record("x")))


def test_other_libraries_say_the_same_thing_once_in_ten_seconds() -> None:
    seldom = Seldom()

    def passes(name: str, message: str, at: float) -> bool:
        made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, (), None)
        made.created = at
        return bool(seldom.filter(made))

    assert [passes("root", "the disk is full", at) for at in (0, 1, 9, 10, 11)] == [True, False, False, True, False]
    assert passes("root", "something else", 11)
    assert all(passes("gunicorn.error", "Handling signal: hup", 1) for _ in range(3))
    assert all(passes("fluxdash.ui.watched", "%s could not be drawn", 1) for _ in range(3))
    for number in range(1000):
        passes("root", f"message {number}", 12)
    assert len(seldom._said) <= 200
