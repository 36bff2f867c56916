"""What a trace server's answer means before its content is read: JSON or not, found or not, and which error it is."""

from __future__ import annotations

from typing import Any

import orjson

from fluxdash.errors import BadPayload, BadRequest, SourceError, SourceForbidden, SourceRejected, SourceUnreachable
from fluxdash.sources.caller import Response

BROKEN = (TypeError, ValueError, KeyError, AttributeError, RecursionError, BadRequest)
"""What reading an answer that does not follow the contract can raise."""


class NoSuchEndpoint(BadPayload):
    """The server does not speak this dialect, or no longer: it answered with a page, or with a 404 of its router."""


def decoded(name: str, response: Response) -> Any:
    """Return the JSON of an answer of any status; raises the SourceError that fits for one that is none.

    The Content-Type is not looked at: these servers send their JSON errors as text.
    """
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError as err:
        text = response.body[:200].decode(errors="replace").strip()
        if response.status == 404:
            raise NoSuchEndpoint(name, "knows no such address", hint=text) from err
        if 200 <= response.status < 300:
            page = text[:1] == "<"
            kind = NoSuchEndpoint if page else BadPayload
            looks = "an HTML page; a login page or a wrong address" if page else "something that is not JSON"
            raise kind(name, f"answered {looks}", hint=text) from err
        raise refused(name, response.status, text) from err


def refused(name: str, status: int, text: str) -> SourceError:
    """Return the member of our family that says what a status other than success means."""
    hint = text[:300]
    if status in (401, 403):
        return SourceForbidden(name, "refused the credentials", hint=hint)
    if status in (502, 503, 504):
        return SourceUnreachable(name, "is starting, stopping or not reachable behind its proxy", hint=hint)
    if status == 429:
        return SourceRejected(name, "has too many queries already", hint=hint)
    if status >= 500:
        return SourceRejected(name, "failed to answer", hint=hint)
    return SourceRejected(name, "refused the search", hint=hint)


def strange(name: str) -> BadPayload:
    """Return the error for JSON that does not follow the contract."""
    return BadPayload(name, "answered traces that do not follow the contract")
