"""A scope from the words of an address or an API call, and back: the one way text from outside becomes a scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.semantic.moments import duration, instant
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import PRESETS, Window

DEFAULT_RANGE = "1h"

Words = Mapping[str, Sequence[str]]
"""Parameters as a query string gives them: each name with its values in order."""


def one(words: Words, name: str, default: str | None = None) -> str | None:
    """Return the single value of a parameter; raises BadRequest when it stands there twice."""
    values = words.get(name, ())
    if len(values) > 1:
        raise BadRequest(name, list(values), "given once")
    return values[0] if values else default


def window(words: Words, now: float) -> Window:
    """Return the window of `range`, or of `from` and `to`, with `step` if given; `now` is epoch seconds."""
    step_text = one(words, "step")
    step = None if step_text is None else duration(step_text if step_text[-1:].isalpha() else f"{step_text}s", "step")
    spoken, start, end = one(words, "range"), one(words, "from"), one(words, "to")
    if start is None and end is None:
        text = spoken or DEFAULT_RANGE
        return Window.last(PRESETS.get(text) or duration(text), now, step)
    if spoken is not None:
        raise BadRequest("range", spoken, "either range, or from and to")
    if start is None:
        raise BadRequest("from", None, "given together with to")
    return Window.between(instant(start, "from"), now if end is None else instant(end, "to"), now, step)


def filters(words: Words) -> tuple[Filter, ...]:
    """Return the filters that the parameters named like dimensions ask for; each may be repeated."""
    return tuple(Filter.of(each, tuple(words[each.slug])) for each in DIMENSIONS if words.get(each.slug))


def scope(words: Words, now: float, grant: Grant = EVERY_ACCOUNT) -> Scope:
    """Return the scope that the parameters describe; the grant is the server's and never in the words."""
    return Scope(window(words, now), filters(words), grant)
