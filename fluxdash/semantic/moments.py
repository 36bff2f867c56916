"""Times and durations as people write them: `24h`, `1h30m`, RFC 3339 or seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from fluxdash.errors import BadRequest

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,6})?)?", re.ASCII)
_EPOCH = re.compile(r"\d{10}(?:\.\d{1,6})?", re.ASCII)


def duration(text: str, field: str = "range") -> int:
    """Return the seconds that `90s`, `1h30m` or `7d` stand for; raises BadRequest."""
    match = _DURATION.fullmatch(text.strip())
    if not text.strip() or match is None:
        raise BadRequest(field, text, "a duration such as 15m, 1h30m, 24h or 7d")
    seconds = sum(int(count or 0) * _UNITS[unit] for count, unit in zip(match.groups(), "wdhms", strict=True))
    if seconds <= 0:
        raise BadRequest(field, text, "a duration longer than zero")
    return seconds


def instant(text: str, field: str = "from", zone: tzinfo = UTC) -> float:
    """Return the epoch seconds of an RFC 3339 time (in `zone` unless it says otherwise) or of a number of seconds."""
    cleaned = text.strip()
    try:
        seconds = float(cleaned) if _EPOCH.fullmatch(cleaned) else _calendar(cleaned, zone)
    except (ValueError, OverflowError) as err:
        raise BadRequest(field, text, "RFC 3339 such as 2026-11-23T14:00:00Z, or seconds since 1970") from err
    if not 1e9 < seconds < 4e9:
        raise BadRequest(field, text, "a time between 2001 and 2096")
    return seconds


def goes_to(text: str, start: float, end: float, zone: tzinfo = UTC) -> tuple[str, float]:
    """Return the moment that a typed time means in `[start, end)`, in RFC 3339 and in epoch seconds.

    `14:31:59` is the last one of the clock in `zone`, anything else is as `instant` reads it. Raises BadRequest.
    """
    match = _CLOCK.fullmatch(text.strip())
    try:
        moment = instant(text, "at", zone) if match is None else _last_of_clock(match, end, zone)
    except BadRequest as err:
        raise BadRequest("at", text, "a time such as 14:31:59 or 2026-11-23 14:31") from err
    if not start <= moment < end:
        raise BadRequest("at", text, "a time within the range of the page")
    return precisely(moment) if "." in text else rfc3339(int(moment)), moment


def _last_of_clock(match: re.Match[str], end: float, zone: tzinfo) -> float:
    day = datetime.fromtimestamp(end, UTC).astimezone(zone)
    micro = int((match[4] or ".0")[1:].ljust(6, "0"))
    at = day.replace(hour=int(match[1]), minute=int(match[2]), second=int(match[3] or 0), microsecond=micro)
    while at.timestamp() >= end:
        at -= timedelta(days=1)
    return at.timestamp()


def _calendar(text: str, zone: tzinfo) -> float:
    if not text.isprintable():  # Python reads a time up to a NUL
        raise ValueError
    # A '+' that a browser turned into a space is the most common slip in a pasted address.
    parsed = datetime.fromisoformat(text.replace(" +", "+") if "T" in text else text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).timestamp()


def rfc3339(seconds: float) -> str:
    """Return `2026-11-23T14:00:00Z` for epoch seconds; a fraction is kept to the millisecond."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds" if seconds % 1 else "seconds").replace("+00:00", "Z")


def said(seconds: float) -> str:
    """Return `23 Nov 2026, 14:00 UTC` for epoch seconds, for a sentence."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def precisely(seconds: float) -> str:
    """Return `2026-11-23T14:00:00.123456Z` for epoch seconds, always to the microsecond."""
    whole, rest = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06}Z"


def duration_text(seconds: int) -> str:
    """Return the shortest exact text that `duration` reads back, such as `24h` or `7d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0 and (seconds // size > 1 or size < 86400):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
