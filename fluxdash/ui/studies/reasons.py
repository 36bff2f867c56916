"""What the parts of a cost bridge are called, and the facts behind them in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fluxdash.analysis.bridge import Bridge, Factor, Kind, Note, Part
from fluxdash.semantic.units import ABSENT, Unit, figure, growth, signed
from fluxdash.sources.source import TITLES
from fluxdash.views.bridge import Bridge as Drawn
from fluxdash.views.bridge import Step
from fluxdash.views.models import names

_NAMES: Mapping[Factor, str] = MappingProxyType(
    {
        Factor.VOLUME: "Volume",
        Factor.MIX: "Model mix",
        Factor.TOKENS: "Tokens / req",
        Factor.PRICE: "Price",
        Factor.CACHE: "Cache",
    }
)
_SAME = 0.0005
"""What moved by less, as a share of itself, is the same: sums of rounded costs differ by as much."""


def told(found: Bridge, source: str) -> Drawn:
    """Return a bridge as it is drawn; `source` is who told its facts."""
    models = [part.note.subject[0] for part in found.parts if part.note and part.note.subject]
    called = names(models)
    steps = tuple(Step(_NAMES[part.factor], part.cents, _reason(part, called)) for part in found.parts)
    return Drawn(float(found.before), float(found.after), found.cents, steps, _untold(found, source))


def _reason(part: Part, called: Mapping[str, str]) -> str:
    """Return the fact that says most about a part, its subject on a line of its own."""
    note = part.note
    if part.cents is None:
        return "not reported"
    if note is None:
        return ""
    match note.kind:
        case Kind.REQUESTS:
            return f"requests {_moved(note)}"
        case Kind.SHARE:
            return f"{called[note.subject[0]]}\n{_shares(note)}"
        case Kind.TOKENS:
            return f"{note.subject[0] if note.subject else 'tokens'} {_moved(note)}"
        case Kind.HITS:
            return f"hits\n{_shares(note)}"
        case Kind.REGION:
            return f"{called[note.subject[0]]}\n{note.subject[1]} {_shares(note)}"
        case Kind.PRICE:
            return _price(part, note, called)


def _price(part: Part, note: Note, called: Mapping[str, str]) -> str:
    if not part.cents or _is_same(note):
        return "no new prices"
    region = note.subject[1] if len(note.subject) > 1 else ""
    return f"{called[note.subject[0]]}\n{region} {_moved(note)}".replace("\n ", "\n")


def _is_same(note: Note) -> bool:
    return bool(note.before and note.after) and abs((note.after or 0.0) / (note.before or 1.0) - 1) < _SAME


def _moved(note: Note) -> str:
    if note.before is None or note.after is None:
        return ABSENT
    if _is_same(note):
        return "unchanged"
    return signed(growth(note.before, note.after), note.before, note.after)


def _shares(note: Note) -> str:
    """Return `3.9 → 5.5 %`."""
    return f"{figure(Unit.SHARE, note.before).number} → {figure(Unit.SHARE, note.after)}"


def _untold(found: Bridge, source: str) -> tuple[str, ...]:
    """Return what a part holds that would be another's, were it reported."""
    absent = {part.factor for part in found.parts if part.cents is None}
    name = TITLES.get(source, source)
    who = f"{'The ' if name[:1].islower() else ''}{name}"
    said = []
    if Factor.CACHE in absent:
        holder = "price" if Factor.TOKENS in absent else "tokens"
        said.append(f"{who} does not tell which of these requests were hits, so the cache is part of the {holder}.")
    if Factor.TOKENS in absent:
        said.append(f"{who} does not tell the tokens of what was paid for, so they are part of the price.")
    if found.blended:
        said.append("Input and output tokens have one price here, so a shift between them counts as price.")
    return tuple(said)
