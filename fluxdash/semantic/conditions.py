"""What single requests can be held against: a column of the log, an operator, a value, as `status:not:success`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.errors import BadRequest, meant

WHERE = "where"
"""The word of an address that a condition stands behind; it may come several times, and all of them must hold."""

MOST_CONDITIONS = 20
LONGEST_VALUE = 200

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)


class Op(StrEnum):
    """How a column is held against a value: as it is written, or where a part of it is looked for whatever its case.

    Whatever is unknown is not the value, so NOT keeps it; no other operator with a value does.
    """

    IS = "is"
    NOT = "not"
    CONTAINS = "contains"
    STARTS = "starts"
    LEAST = "ge"
    MOST = "le"
    UNKNOWN = "unknown"
    KNOWN = "known"

    @property
    def is_bare(self) -> bool:
        """Whether it takes no value."""
        return self in (Op.UNKNOWN, Op.KNOWN)


OPS = {
    Op.IS: "equals", Op.NOT: "not", Op.CONTAINS: "contains", Op.STARTS: "starts with", Op.LEAST: "≥", Op.MOST: "≤",
    Op.UNKNOWN: "is unknown", Op.KNOWN: "is known",
}  # fmt: skip
"""What the operators are called on screen."""


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """One column of the log by the name that a Record has for it; `unit` is that of the numbers typed for it."""

    slug: str
    title: str
    numeric: bool = False
    unit: str = ""

    def refuses(self, op: Op) -> str:
        """Return why an operator does not fit, or an empty string."""
        if self.numeric and op in (Op.CONTAINS, Op.STARTS):
            return "texts only"
        return "numbers only" if not self.numeric and op in (Op.LEAST, Op.MOST) else ""


FIELDS = (
    Field("status", "Status"),
    Field("error", "Error message"),
    Field("error_type", "Cause"),
    Field("latency", "Latency", True, "s"),
    Field("cost", "Cost", True, "USD"),
    Field("input_tokens", "Input tokens", True),
    Field("output_tokens", "Output tokens", True),
    Field("account", "Account"),
    Field("model", "Model"),
    Field("region", "Region"),
    Field("strategy", "Strategy"),
    Field("cache", "Cache"),
    Field("cache_type", "Cache type"),
    Field("request_id", "Request id"),
    Field("trace_id", "Trace id"),
)


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One condition; `value` is empty for the operators that take none, and a number's digits for a number."""

    field: Field
    op: Op
    value: str = ""

    def __str__(self) -> str:
        """Return it as an address has it."""
        return ":".join([self.field.slug, self.op, *([] if self.op.is_bare else [self.value])])

    @property
    def said(self) -> str:
        """Return it as people say it: `Latency ≥ 2.5 s`."""
        unit = f" {self.field.unit}" if self.field.unit and not self.op.is_bare else ""
        return f"{self.field.title} {OPS[self.op]} {self.value}".rstrip() + unit


def condition(text: str) -> Condition:
    """Return the condition of a word of an address; raises BadRequest for a column, operator or value there is not."""
    slug, _, rest = text.partition(":")
    name, _, value = rest.partition(":")
    field = next((each for each in FIELDS if each.slug == slug), None)
    if field is None:
        slugs = [each.slug for each in FIELDS]
        raise BadRequest(WHERE, slug, f"a column, one of {', '.join(slugs)}.{meant(slug, slugs)}")
    if name not in tuple(Op):
        raise BadRequest(WHERE, name, f"an operator, one of {', '.join(Op)}.{meant(name, Op)}")
    op = Op(name)
    if why := field.refuses(op):
        raise BadRequest(WHERE, f"{field.slug}:{op}", f"an operator for this column: {op} is for {why}")
    return Condition(field, op, "" if op.is_bare else _value(field, value.strip()))


def together(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return conditions that must all hold, in one order and each once; raises BadRequest for too many."""
    found = sorted(set(conditions))
    if len(found) > MOST_CONDITIONS:
        raise BadRequest(WHERE, len(found), f"at most {MOST_CONDITIONS} conditions")
    return tuple(found)


def _value(field: Field, text: str) -> str:
    if field.numeric:
        if not _NUMBER.fullmatch(text):
            raise BadRequest(WHERE, text, f"a number for {field.slug}, such as 2.5")
        return text
    if not text or len(text) > LONGEST_VALUE or not text.isprintable():
        raise BadRequest(WHERE, text, f"1 to {LONGEST_VALUE} printable characters for {field.slug}")
    return text
