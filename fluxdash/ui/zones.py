"""Zones by their names in an address: looked up, never trusted."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

from fluxdash.errors import BadRequest, meant

# right/… counts leap seconds, posix… and localtime are what the machine happens to have.
_NAME = re.compile(r"(?!right/|posix|localtime)[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)


def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raises BadRequest with the nearest one that exists."""
    if _NAME.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            pass
    near = meant(name[:64], available_timezones())
    raise BadRequest("zone", name, f"an IANA name such as Europe/Berlin.{near}")
