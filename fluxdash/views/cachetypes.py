"""Cache types: what they are called, in which order they stand, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import UNKNOWN
from fluxdash.views.lines import together
from fluxdash.views.traces import uid

_NAMED = (("exact", "Exact", "m-main"), ("semantic", "Semantic", "m-2"))
_SPARE = ("m-quiet", "c-other")
NO_TYPE = "Type not recorded"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of hits: what it is called, the token of its colour, and its line; `groups` are those it stands for."""

    name: str
    token: str
    line: Line
    groups: tuple[str, ...]

    @property
    def uid(self) -> str:
        """Its name in traces, which is never one from outside."""
        return next((slug for slug, name, _ in _NAMED if name == self.name), uid(self.name))


def kinds(answer: Answer) -> list[Kind]:
    """Return the types of hits there were: exact, semantic, then others by size; more than two others are one."""
    every = (*answer.lines, *([answer.other] if answer.other else []))
    there = [each for each in every if each.total is not None and each.n != 0]
    known = {slug for slug, _, _ in _NAMED}
    found = [Kind(name, token, line, (slug,)) for slug, name, token in _NAMED for line in there if line.group == slug]
    others = [each for each in there if each.group not in known]
    if len(others) > len(_SPARE):
        groups = tuple(str(each.group) for each in others[1:])
        rest = Kind(f"Other, {len(groups)} types", _SPARE[1], together(others[1:]), groups)
        return [*found, _kind(others[0], _SPARE[0]), rest]
    return found + [_kind(line, token) for line, token in zip(others, _SPARE, strict=False)]


def _kind(line: Line, token: str) -> Kind:
    group = str(line.group)
    return Kind(NO_TYPE if group == UNKNOWN else group.capitalize(), token, line, (group,))
