"""Casts: the kinds of value a setting may hold, each with what it allows in words.

A cast returns the value or raises ValueError; it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: what it allows, in words, and the cast that raises ValueError for anything else."""

    allowed: str
    cast: Callable[[str], Any]
    secret: bool = False


def _refuse(condition: bool) -> None:
    if condition:
        raise ValueError


def whole(low: int, high: int, unit: str = "") -> Kind:
    def cast(text: str) -> int:
        _refuse(not re.fullmatch(r"[0-9]{1,12}", text))
        value = int(text)
        _refuse(not low <= value <= high)
        return value

    return Kind(f"a whole number{unit and f' of {unit}'} from {low} to {high}", cast)


def seconds(low: float, high: float) -> Kind:
    def cast(text: str) -> float:
        _refuse(not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text))
        value = float(text)
        _refuse(not low <= value <= high)
        return value

    return Kind(f"seconds from {low:g} to {high:g}", cast)


def percent(low: float, high: float) -> Kind:
    """Return the kind that is written in percent and meant as a ratio."""

    def cast(text: str) -> float:
        _refuse(not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text))
        value = float(text)
        _refuse(not low <= value <= high)
        return value / 100

    return Kind(f"a percentage from {low:g} to {high:g}", cast)


def choice(*names: str) -> Kind:
    def cast(text: str) -> str:
        _refuse(text.lower() not in names)
        return text.lower()

    return Kind("one of " + ", ".join(f"`{name}`" for name in names), cast)


def matching(pattern: str, allowed: str, *, secret: bool = False) -> Kind:
    def cast(text: str) -> str:
        _refuse(not re.fullmatch(pattern, text))
        return text

    return Kind(allowed, cast, secret)


def _flag(text: str) -> bool:
    _refuse(text.lower() not in ("true", "false"))
    return text.lower() == "true"


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    _refuse(parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0)
    _refuse(bool(parts.query or parts.fragment or re.search(r"[\s\x00-\x1f\\]", text)))
    return text.rstrip("/")


def _database_url(text: str) -> str:
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", text))
    except ArgumentError as err:
        raise ValueError from err
    if url.drivername == "sqlite":
        _refuse(url.database in (None, "", ":memory:") or bool(url.host))
        return text
    _refuse(url.drivername not in {"postgresql", *(f"postgresql+{d}" for d in ("asyncpg", "psycopg", "psycopg2"))})
    _refuse(not (url.host or url.database or url.query))
    return _for_psycopg2(url).render_as_string(hide_password=False)


def _for_psycopg2(url: URL) -> URL:
    """Return the same address for psycopg2: the gateway's own driver, asyncpg, calls `sslmode` `ssl`."""
    query = dict(url.query)
    if url.drivername == "postgresql+asyncpg":
        if "ssl" in query:
            mode = query.pop("ssl")
            query.setdefault("sslmode", "require" if mode in ("true", "True") else mode)
        query = {key: value for key, value in query.items() if "statement" not in key}
    return url.set(drivername="postgresql+psycopg2", query=query)


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition(":") for part in text.split(";") if part.strip()]
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    for name, value in headers:
        _refuse(not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not re.fullmatch(r"[\x20-\x7e]+", value))
    return headers


def _dollars(text: str) -> float:
    _refuse(not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text) or not float(text))
    return float(text)


def _budgets(text: str) -> tuple[tuple[str, float], ...]:
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    budgets = tuple((account.strip(), _dollars(amount.strip())) for account, _, amount in pairs)
    _refuse(not all(account for account, _ in budgets) or len({account for account, _ in budgets}) < len(budgets))
    return budgets


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError) as err:
        raise ValueError from err


def _prefix(text: str) -> str:
    _refuse(not re.fullmatch(r"/|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?", text))
    return text.rstrip("/") + "/"


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        # What stands in a header between spaces and semicolons: nothing but a scheme, a host and a port.
        _refuse(not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?", origin))
    return origins


def _cache(text: str) -> str:
    parts = urlsplit(text)
    _refuse(text not in ("filesystem", "memory") and not (parts.scheme in ("redis", "rediss") and parts.hostname))
    _refuse(parts.port == 0)
    return text


def _folder(text: str) -> Path:
    _refuse(not Path(text).is_absolute())
    return Path(text)


FLAG = Kind("`true` or `false`", _flag)
HTTP_URL = Kind("an `http://` or `https://` address", _http_url)
DATABASE_URL = Kind("a `postgresql://`, `postgres://`, `postgresql+asyncpg://` or `sqlite:///` address", _database_url)
HEADERS = Kind("`Name: value`, several separated by `;`", _headers, secret=True)
TOKEN = matching(r"[\x21-\x7e]+", "a token without spaces", secret=True)
PROFILE = matching(r"[a-z][a-z0-9_]*|[A-Za-z_][\w.]*:[A-Za-z_]\w*", "`fluxai`, `litellm` or `package.module:NAME`")
HOST = matching(r"[A-Za-z0-9.:_-]+", "an address or a host name to listen on")
TITLE = matching(r"[^\x00-\x1f]{1,60}", "a text of 1 to 60 characters")
DOLLARS = Kind("dollars above 0, such as `125000`", _dollars)
BUDGETS = Kind("`account=dollars`, several separated by commas, each account once", _budgets)
ZONE = Kind("an IANA name such as `UTC` or `Europe/Berlin`", _zone)
PREFIX = Kind("a path such as `/obs/`", _prefix)
ORIGINS = Kind("origins such as `https://portal.example.com`, several separated by commas", _origins)
CACHE = Kind("`filesystem`, `memory`, or a `redis://` or `rediss://` address", _cache)
FOLDER = Kind("an absolute path", _folder)
