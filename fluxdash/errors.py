"""Everything that can go wrong in FluxDash, as one family.

FluxDashError
├── SettingError             an environment variable is wrong; the app does not start
├── BadRequest               the browser or an API caller sent something that is not allowed; answered with 400
├── ExtensionError           a page that the user wrote is wrong; names the file and the line
├── NotReported              no source here reports what was asked; a state of the panel, not a failure
└── SourceError              a source failed; names the source and the reason
    ├── SourceUnreachable    no connection, or it broke in the middle
    ├── SourceTimeout        no whole answer before the deadline
    ├── SourceSaturated      too many calls in flight already
    ├── SourceForbidden      the credentials were refused
    ├── SourceRejected       the source understood the question and refused it
    └── BadPayload           the answer is not what the contract promises, or it is too large
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FluxDashError(Exception):
    """The base of the family: catching it catches whatever FluxDash raises on purpose."""


class SettingError(FluxDashError):
    """A setting has a value that is not allowed; the message names the key, the value and what is allowed."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        super().__init__(f"{key}={value!r} is not allowed: {allowed}")
        self.key = key
        self.value = value
        self.allowed = allowed


class BadRequest(FluxDashError):
    """A parameter from outside is wrong; the message names the field, the value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        super().__init__(f"{field}={shown} is not allowed: {allowed}")
        self.field = field
        self.allowed = allowed


class ExtensionError(FluxDashError):
    """A page that the user wrote is wrong; `where` is its file and line, `reason` one sentence."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class NotReported(FluxDashError):
    """No source reports the measure in this form; `reasons` says why, one sentence a source."""

    def __init__(self, subject: str, reasons: Iterable[str]) -> None:
        self.subject = subject
        self.reasons = tuple(reasons)
        super().__init__(f"{subject} is not reported. " + " ".join(self.reasons))


class SourceError(FluxDashError):
    """A source could not answer; `source` is its name on screen and `reason` is one sentence without secrets."""

    kind = "failed"

    def __init__(self, source: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason
        self.hint = hint


class SourceUnreachable(SourceError):
    """No connection could be made, or it broke before the answer was whole."""

    kind = "unreachable"


class SourceTimeout(SourceError):
    """The deadline passed before the answer was whole."""

    kind = "timeout"


class SourceSaturated(SourceError):
    """All calls that may be in flight to this source are in flight."""

    kind = "saturated"


class SourceForbidden(SourceError):
    """The source refused the credentials it was given, or had none to accept."""

    kind = "forbidden"


class SourceRejected(SourceError):
    """The source understood the question and refused it, for example as too expensive."""

    kind = "rejected"


class BadPayload(SourceError):
    """The answer is not what the contract promises: wrong type, truncated, too large or not JSON."""

    kind = "bad_payload"


def meant(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {str(near[0])!r}?" if near else ""
