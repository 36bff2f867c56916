"""The log a leaf at a time: in which order it is read, where a leaf begins, and one request with all its fields."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fluxdash.errors import BadRequest, meant
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.records import Record

LEAF = 200
"""Rows of a leaf on screen."""

MOST_ROWS = 1000
"""Rows of the largest leaf that can be asked for."""

MOST_NEWER = 1000
"""As far as newer rows are counted."""

LONGEST_PLACE = 1000
"""Characters of the longest cursor."""

SORTED_BY = 64
"""Characters that texts are sorted by; those that share them follow each other by time."""

_LONGEST_KEY = 255
_LONGEST_FIND = 200
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)


class By(StrEnum):
    """What the rows can be sorted by: by time always, by the others where the window holds few enough."""

    TIME = "time"
    LATENCY = "latency"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    COST = "cost"
    REQUEST_ID = "request_id"
    ACCOUNT = "account"
    MODEL = "model"
    REGION = "region"
    STRATEGY = "strategy"
    STATUS = "status"
    CACHE = "cache"
    ERROR = "error"

    @property
    def is_text(self) -> bool:
        """Whether rows are sorted by letters: capitals before small ones, as the bytes of UTF-8 are."""
        return self not in (By.TIME, By.LATENCY, By.INPUT_TOKENS, By.OUTPUT_TOKENS, By.COST)


@dataclass(frozen=True, slots=True)
class Leafing:
    """How the log is leafed through: by what, which way, and what its errors (or an id) must say.

    Rows of equal time follow in the order of their keys, rows that lack what is sorted by stand last. `at` is a moment
    in epoch seconds, to the microsecond, that the reading by time begins at.
    """

    by: By = By.TIME
    ascending: bool = False
    find: str = ""
    at: float | None = None

    @classmethod
    def of(cls, by: str = By.TIME, ascending: bool = False, find: str = "", at: float | None = None) -> Leafing:
        """Return the canonical order and search; raises BadRequest."""
        if by not in tuple(By):
            raise BadRequest("sort", by, f"one of {', '.join(By)}.{meant(by, By)}")
        text = find.strip()
        if len(text) > _LONGEST_FIND or not text.isprintable():
            raise BadRequest("find", text, f"at most {_LONGEST_FIND} printable characters")
        return cls(By(by), ascending, text, at if by == By.TIME else None)

    def onward(self, reached: int) -> Leafing:
        """Return the reading that begins where this one has looked up to."""
        return replace(self, at=float(reached) if self.ascending else reached - 0.000001)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one row stands: its time as the log writes it, its key, and the value that rows are sorted by, if known."""

    time: str
    key: str
    value: float | str | None = None

    def __str__(self) -> str:
        """Return it as a cursor: letters that mean nothing to who passes them on."""
        text = json.dumps([self.time, self.key, self.value], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(cursor: str) -> Place:
    """Return the place that a cursor names; raises BadRequest for everything that no Place was written as."""
    try:
        if len(cursor) > LONGEST_PLACE:
            raise ValueError
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        time, key, value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError) as err:
        raise BadRequest("after", cursor, "the place of a row, as it was given") from err
    if not _is_place(time, key, value):
        raise BadRequest("after", cursor, "the place of a row, as it was given")
    return Place(time, key, value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log: what it tells, and where it stands."""

    record: Record
    place: Place


@dataclass(frozen=True, slots=True)
class Leaf:
    """Rows that follow each other, and whether more follow them.

    `reached` is the moment, in epoch seconds, that rows were looked for up to where looking further takes too long;
    None where all was looked at, or enough was found.
    """

    entries: tuple[Entry, ...]
    provenance: Provenance
    more: bool = False
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to leaf through, and what that allows.

    `rows` is None where nobody can tell cheaply, and `exact` where they were counted. `index` is the statement that
    adds the index that is missing, `unsortable` and `unsearchable` say why; each is empty where nothing is wrong.
    `held` is about how many rows the whole log holds.
    """

    rows: int | None = None
    exact: bool = False
    index: str = ""
    unsortable: str = ""
    unsearchable: str = ""
    held: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """One request with every field of the log by its own name; None is NULL there, long text is cut."""

    record: Record
    fields: tuple[tuple[str, str | None], ...]
    provenance: Provenance


def _is_place(time: object, key: object, value: object) -> bool:
    return (
        _is_time(time)
        and isinstance(key, str)
        and len(key) <= _LONGEST_KEY
        and key.isprintable()
        and (value is None or _is_number(value) or _is_text(value))
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > SORTED_BY or "\x00" in value:
        return False
    return not any("\ud800" <= each <= "\udfff" for each in value)


def _is_time(text: object) -> bool:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return False
    try:
        return 1 < datetime.fromisoformat(text[:19]).year < 9999  # a second and an offset away there is no time
    except ValueError:
        return False
