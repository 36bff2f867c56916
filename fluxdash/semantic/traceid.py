"""The id of a trace as people paste it and stores print it: hex digits of any case, with leading zeros or without."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fluxdash.errors import BadRequest

_PASTED = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_PRINTED = re.compile(r"[0-9a-f]{1,32}", re.ASCII)
_LENGTH = 32


@dataclass(frozen=True, slots=True)
class TraceId:
    """A trace's id: equal to any other spelling of the same number; `text` is how it was given, in lower case."""

    text: str = field(compare=False)
    digits: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lower = self.text.lower()
        if not _PRINTED.fullmatch(lower) or not lower.strip("0"):
            raise BadRequest("trace", self.text, "a trace id of up to 32 hex digits, not all of them 0")
        object.__setattr__(self, "text", lower)
        object.__setattr__(self, "digits", lower.lstrip("0"))

    @classmethod
    def pasted(cls, text: str) -> TraceId:
        """Return the id that somebody typed or pasted, or the beginning of one; raises BadRequest."""
        cleaned = text.strip().lower()
        if not _PASTED.fullmatch(cleaned) or not cleaned.strip("0"):
            raise BadRequest("trace", text, "8 to 32 hex digits")
        return cls(cleaned)

    @classmethod
    def known(cls, text: str | None) -> TraceId | None:
        """Return the id that a log or a store wrote, or None where it wrote none that any trace could have."""
        lower = (text or "").strip().lower()
        return cls(lower) if _PRINTED.fullmatch(lower) and lower.strip("0") else None

    @property
    def padded(self) -> str:
        """All 32 digits, as OpenTelemetry writes it."""
        return self.digits.zfill(_LENGTH)

    @property
    def shown(self) -> str:
        """As people read it: 16 digits where they suffice, as Jaeger prints them, else all 32."""
        return self.digits.zfill(16) if len(self.digits) <= 16 else self.padded

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write it in lower case that is in use: 32 digits, 16 where they suffice, no leading zeros."""
        short = (self.digits.zfill(16),) if len(self.digits) <= 16 else ()
        return tuple(dict.fromkeys((self.padded, *short, self.digits)))

    def begins(self, other: TraceId) -> bool:
        """Return whether the other id, in any of its spellings, begins with the digits given here."""
        return any(spelling.startswith(self.text) for spelling in other.spellings)

    def __str__(self) -> str:
        return self.text
