"""How a line of the log looks: plain for people or JSON for programs, one event a line, without credentials."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gunicorn.glogging import Logger

from fluxdash.operations.journal import EVERY
from fluxdash.telemetry import REQUEST

Clean = Callable[[str], str]

_KNOWN = ("fluxdash", "gunicorn")
_LONGEST = 200
_MOST_LINES = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_BARE = re.compile(r"[^\s\"=]+")


class Lines(logging.Formatter):
    """What both forms have in common: an event's parts; `clean` takes credentials out of a text."""

    def __init__(self, clean: Clean) -> None:
        super().__init__()
        self._clean = clean

    def parts(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the event: time, level, logger, process, message, its fields, and the request that it belongs to."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": self._clean(record.getMessage()),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            told |= {key: self._clean(value) if isinstance(value, str) else value for key, value in fields.items()}
        request = _request()
        return {**told, "request": request} if request and "request" not in told else told

    def trouble(self, record: logging.LogRecord) -> str:
        """Return the traceback that comes with an event, or nothing."""
        return self._clean(self.formatException(record.exc_info)) if record.exc_info else ""


class Json(Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told = self.parts(record)
        trouble = self.trouble(record)
        return json.dumps({**told, "exception": trouble} if trouble else told, ensure_ascii=False, default=str)


class Plain(Lines):
    """One event a line; the lines of a traceback are indented, so that none of them passes for an event."""

    def format(self, record: logging.LogRecord) -> str:
        told = self.parts(record)
        head = [str(told.pop(each)) for each in ("time", "level", "logger", "message")]
        told.pop("process")
        line = " ".join([f"{head[0]} {head[1]:<7} [{record.process}] {head[2]}: {head[3]}", *map(_pair, told.items())])
        trouble = [f"    {escaped(each)}" for each in self.trouble(record).splitlines()]
        return "\n".join([escaped(line), *trouble])


FORMS: Mapping[str, type[Lines]] = {"text": Plain, "json": Json}


def escaped(text: str) -> str:
    """Return a text that stays on its line, whatever it was made of."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Seldom(logging.Filter):
    """Lets the same line of another library pass once in ten seconds: one about a full disk comes with each answer."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in _KNOWN:
            return True
        line = (record.name, str(record.msg)[:_LONGEST])
        if record.created - self._said.get(line, -math.inf) < EVERY:
            return False
        if len(self._said) >= _MOST_LINES:
            self._said.clear()
        self._said[line] = record.created
        return True


def logger_class(form: Lines) -> type[Logger]:
    """Return gunicorn's logger with our lines, for what gunicorn says, what FluxDash says, and everybody else."""

    seldom = Seldom()

    class Lined(Logger):  # type: ignore[misc]
        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            if cfg.logconfig or cfg.logconfig_dict or cfg.logconfig_json:
                return  # whoever configures the log by hand gets what is written there
            for handler in (*self.error_log.handlers, *self.access_log.handlers):
                handler.setFormatter(form)
                handler.addFilter(seldom)
            logging.captureWarnings(True)
            everybody, ours = logging.getLogger(), logging.getLogger("fluxdash")
            everybody.handlers[:] = self.error_log.handlers
            everybody.setLevel(max(self.loglevel, logging.WARNING))
            ours.setLevel(self.loglevel)

    return Lined


def _pair(field: tuple[str, Any]) -> str:
    key, value = field
    text = str(value)
    return f"{key}={text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)}"


def _request() -> str:
    """Return the id of the request that is being answered; the process that only minds the others has no Flask."""
    flask = sys.modules.get("flask")
    return str(flask.request.environ.get(REQUEST, "")) if flask is not None and flask.has_request_context() else ""
