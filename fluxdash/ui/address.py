"""The address of a view: what the query string says, what is wrong in it, and what a typed range becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from urllib.parse import parse_qs

from fluxdash.errors import BadRequest
from fluxdash.semantic import wording
from fluxdash.semantic.conditions import MOST_CONDITIONS, WHERE, Condition, condition, together
from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.semantic.moments import duration, duration_text, instant, rfc3339
from fluxdash.semantic.scope import EVERY_ACCOUNT, Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui import zones

LONGEST = 8192
"""Characters of a query string; a longer one is not read."""

AUTO, OFF = "auto", "off"
SHOW = "show-"
"""Begins the name of a parameter that says which variant of a panel is shown: `show-what-changed=cost`."""

FASTEST, SLOWEST = 5, 3600

_MOST_FIELDS = 400
_RELATIVE = re.compile(r"now(?:-([0-9wdhms]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A view as its address describes it; `notices` say what of it was wrong and left out.

    `refresh` is seconds, 0 for off, None for whatever suits the range; `spoken` is the relative range, None for a
    fixed one. `shown` names the variant chosen in a panel, by its slug. `zone` is None for the reporting zone.
    `at` is the moment that the log is read from, in epoch seconds; None for its newest row.
    """

    scope: Scope
    spoken: str | None
    compared: bool
    refresh: int | None
    notices: tuple[str, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    zone: tzinfo | None = None
    at: float | None = None


def read(search: str, now: float, refresh: int | None = None, grant: Grant = EVERY_ACCOUNT) -> Address:
    """Return the view of a query string; never raises: what is wrong falls back to its default and is told."""
    notices: list[str] = []
    words = _words(search, notices)
    window, spoken = _window(words, now, notices)
    scope = Scope(window, _filters(words, notices), grant, _conditions(words, notices))
    chosen = _refresh(words, refresh, notices)
    compared, zone = _compared(words, notices), _zone(words, notices)
    at = _at(words, window, notices)
    return Address(scope, spoken, compared, chosen, tuple(notices), _shown(words), zone, at)


def interval(address: Address) -> int:
    """Return the seconds between refreshes, 0 for none: longer ranges change more slowly."""
    if address.refresh is not None:
        return address.refresh
    seconds = address.scope.window.seconds
    return 15 if seconds <= 3600 else 30 if seconds <= 21600 else 60


def typed(start: str, end: str, now: float, zone: tzinfo = UTC) -> dict[str, str]:
    """Return the words for a range as people type it: `now-6h`, RFC 3339 or seconds since 1970.

    A range up to now stays relative, so that a link to it stays live. A time without an offset is read in `zone`.
    Raises BadRequest naming the field.
    """
    first, last = _relative(start, "from"), _relative(end or "now", "to")
    if first is not None and last == 0:
        if first < 15:
            raise BadRequest("from", start, "at least 15 s before to")
        words = {"range": duration_text(first)}
    else:
        begin = now - first if first is not None else _moment(start, "from", zone)
        stop = now - last if last is not None else _moment(end, "to", zone)
        words = {"from": rfc3339(int(begin)), "to": rfc3339(int(stop))}
    wording.window({name: [text] for name, text in words.items()}, now)
    return words


def _relative(text: str, field: str) -> int | None:
    """Return how many seconds before now a text means; None where it names a moment."""
    cleaned = text.strip()
    if not cleaned:
        raise BadRequest(field, text, "a time such as now-6h or 2026-11-23T14:00:00Z")
    match = _RELATIVE.fullmatch(cleaned)
    if match is None:
        return None
    return 0 if match[1] is None else duration(match[1], field)


def _moment(text: str, field: str, zone: tzinfo) -> float:
    try:
        return instant(text, field, zone)
    except BadRequest as err:
        raise BadRequest(field, text, f"now-6h, {err.allowed}") from err


def _words(search: str, notices: list[str]) -> Mapping[str, Sequence[str]]:
    if len(search) > LONGEST:
        notices.append(f"The address is longer than {LONGEST:,} characters.")
        return {}
    try:
        return parse_qs(search.removeprefix("?"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        notices.append("The address holds too many parameters.")
        return {}


def _window(words: Mapping[str, Sequence[str]], now: float, notices: list[str]) -> tuple[Window, str | None]:
    given = {name: words[name] for name in ("range", "from", "to") if name in words}
    try:
        window = wording.window(given, now)
        spoken = None if "from" in given else wording.one(given, "range", wording.DEFAULT_RANGE)
    except BadRequest as err:
        notices.append(str(err))
        window, spoken = wording.window({}, now), wording.DEFAULT_RANGE
    return window, spoken


def _filters(words: Mapping[str, Sequence[str]], notices: list[str]) -> tuple[Filter, ...]:
    kept: list[Filter] = []
    for each in DIMENSIONS:
        values = words.get(each.slug)
        if not values:
            continue
        try:
            kept.append(Filter.of(each, tuple(values)))
        except BadRequest as err:
            notices.append(str(err))
    return tuple(kept)


def _conditions(words: Mapping[str, Sequence[str]], notices: list[str]) -> tuple[Condition, ...]:
    kept: dict[Condition, None] = {}
    for each in words.get(WHERE, ()):
        try:
            kept[condition(each)] = None
        except BadRequest as err:
            notices.append(str(err))
    try:
        return together(kept)
    except BadRequest as err:
        notices.append(str(err))
        return together(list(kept)[:MOST_CONDITIONS])


def _at(words: Mapping[str, Sequence[str]], window: Window, notices: list[str]) -> float | None:
    if "at" not in words:
        return None
    text = words["at"][-1]
    try:
        return within(instant(text, "at"), text, window)
    except BadRequest as err:
        notices.append(str(err))
        return None


def within(moment: float, text: str, window: Window) -> float:
    """Return a moment of the window, a whole second's last microsecond; raises BadRequest for one outside of it."""
    if not window.start <= moment < max(window.end, window.now):
        raise BadRequest("at", text, f"a time from {rfc3339(window.start)} to {rfc3339(max(window.end, window.now))}")
    return moment if "." in text else int(moment) + 0.999999


def _shown(words: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    chosen = {name.removeprefix(SHOW): values[-1] for name, values in words.items() if name.startswith(SHOW)}
    return tuple(sorted(chosen.items()))


def _compared(words: Mapping[str, Sequence[str]], notices: list[str]) -> bool:
    values = words.get("compare", ())
    if values and list(values) not in (["on"], [OFF]):
        notices.append(str(BadRequest("compare", list(values), "on or off")))
    return list(values) != [OFF]


def _zone(words: Mapping[str, Sequence[str]], notices: list[str]) -> tzinfo | None:
    if "zone" not in words:
        return None
    try:
        return zones.zone(wording.one(words, "zone", "") or "")
    except BadRequest as err:
        notices.append(str(err))
        return None


def _refresh(words: Mapping[str, Sequence[str]], default: int | None, notices: list[str]) -> int | None:
    values = words.get("refresh", ())
    if not values:
        return default
    text = values[0] if len(values) == 1 else ""
    if text == AUTO:
        return None
    if text == OFF:
        return 0
    if text.isascii() and text.isdecimal() and len(text) <= len(str(SLOWEST)) and FASTEST <= int(text) <= SLOWEST:
        return int(text)
    notices.append(str(BadRequest("refresh", list(values), f"off, auto, or {FASTEST} to {SLOWEST} seconds")))
    return default
