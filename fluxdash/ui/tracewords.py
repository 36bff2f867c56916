"""How an address searches for traces: `operation=…&min=2s&max=30s&errors=on&tags=cache.type=exact&before=…`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qs

from fluxdash.errors import BadRequest
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch, seconds, tags
from fluxdash.ui.address import LONGEST

T = TypeVar("T")

_MOST_FIELDS = 400


def searched(search: str, scope: Scope) -> tuple[TraceSearch, tuple[str, ...]]:
    """Return what an address searches for, and what of it was wrong and is left out; never raises."""
    words, notices = _words(search), list[str]()
    found = TraceSearch(scope)
    wanted: tuple[tuple[str, Callable[[str], dict[str, Any]]], ...] = (
        ("operation", lambda text: {"operation": text.strip()}),
        ("min", lambda text: {"least": seconds(text, "min duration")}),
        ("max", lambda text: {"most": seconds(text, "max duration")}),
        ("errors", lambda text: {"errors": text == "on"}),
        ("tags", lambda text: {"tags": tags(text)}),
        ("before", lambda text: {"before": _moment(text)}),
    )
    for name, read in wanted:
        if not (text := words.get(name, "")).strip():
            continue
        try:
            found = replace(found, **read(text))
        except BadRequest as err:
            notices.append(str(err))
    return found, tuple(notices)


def opened(search: str) -> str:
    """Return the id that an address opens, as it is written there; empty where it opens none."""
    return _words(search).get("id", "").strip()


def _words(search: str) -> Mapping[str, str]:
    """Return the last value of each word; an address that is too long has been told of already."""
    if len(search) > LONGEST:
        return {}
    try:
        found = parse_qs(search.removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in found.items()}


def _moment(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise BadRequest("before", text, "nanoseconds since 1970")
    return int(text)
