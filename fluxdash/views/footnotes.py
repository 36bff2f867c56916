"""The footnote of a panel: where its numbers come from, how old they are, and what to know about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import NoteKind, Provenance
from fluxdash.semantic.units import SPACE
from fluxdash.views.elements import ago, icon

_WARN_ICONS = {NoteKind.IGNORED_FILTER: "filter", NoteKind.PARTIAL: "partial"}
_SOURCE_ICONS = {"prometheus": "pulse", "log": "db", "jaeger": "traces", "tempo": "traces", "spans": "traces"}


def source_icon(source: str) -> str:
    """Return the icon of a source."""
    return _SOURCE_ICONS.get(source, "info")


def footnote(
    origins: Sequence[Provenance], titles: Mapping[str, str], now: float, end: str | Component
) -> list[Component | str]:
    """Return `Prometheus · 4 s ago · notes`, then the end; what narrows or cuts the numbers stands out."""
    sources = list(dict.fromkeys(each.source for each in origins))
    notes = list(dict.fromkeys(note for each in origins for note in each.notes))
    as_of = min((each.as_of for each in origins), default=now)
    named = " + ".join(titles.get(each, each) for each in sources)
    quiet = [f" · {note.text}" for note in notes if note.kind not in _WARN_ICONS]
    loud = [
        html.Span([icon(_WARN_ICONS[note.kind], 12), note.text], className="w note", title=note.text)
        for note in notes
        if note.kind in _WARN_ICONS
    ]
    said = "".join([named, *quiet])
    return [
        icon(source_icon(sources[0]) if sources else "info", 12),
        html.Span([named, " · ", ago(as_of, now), f"{SPACE}ago", *quiet], className="said", title=said),
        *loud,
        html.Span(end, className="end"),
    ]
