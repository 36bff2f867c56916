"""A trace as the browser draws it: a row of numbers for each span, and only those in sight become elements.

Names come from outside: assets/54-spanrow.js writes them as text and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from dash import html

from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traces import Mark, Trace
from fluxdash.semantic.units import Unit, figure, seconds_as
from fluxdash.views.elements import wild

FAILED, ON_PATH, ODD, SKEWED = 1, 2, 4, 8
"""What a span's flags are made of; assets/54-spanrow.js knows them too."""

TICKS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """What is special about a span's row; times in nanoseconds since 1970, `hidden` counts spans left out below it."""

    on_path: bool = False
    note: str = ""
    gaps: tuple[tuple[int, int], ...] = ()
    wait: tuple[int, int] | None = None
    skewed: bool = False
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of work on the critical path: its seconds, and where it stands as shares of the trace."""

    name: str
    token: str
    seconds: float
    stretches: tuple[tuple[float, float], ...]


_PLAIN = Row()


def waterfall(
    trace: Trace, places: Sequence[int], rows: Mapping[int, Row], request: int | None, *, fresh: bool = False
) -> dict[str, Any]:
    """Return the columns of all rows: times in nanoseconds after the trace's start, durations as they are written.

    `places[i]` is where row i stands in the whole trace, which is how its drawer is asked for. A `fresh` trace may
    still grow, so that the browser asks for it again.
    """
    start, length = trace.start, max(trace.end - trace.start, 1)
    names, services = _Index(), _Index()
    spans = [node.span for node in trace.nodes]
    flags = [_flags(node.span.failed, rows.get(at, _PLAIN), node.mark) for at, node in enumerate(trace.nodes)]
    return {
        "trace": trace.id.padded,
        "length": length,
        "ticks": _ticks(length / NANOSECONDS),
        "name": [names.place(each.name) for each in spans],
        "service": [services.place(each.process.service) for each in spans],
        "depth": [node.depth for node in trace.nodes],
        "size": [node.size for node in trace.nodes],
        "start": [each.start - start for each in spans],
        "took": [each.end - each.start for each in spans],
        "said": [str(figure(Unit.SECONDS, each.seconds)) for each in spans],
        "flags": flags,
        "span": [each.id for each in spans],
        "place": list(places),
        "notes": {at: row.note for at, row in rows.items() if row.note},
        "gaps": {at: [[a - start, b - start] for a, b in row.gaps] for at, row in rows.items() if row.gaps},
        "waits": {at: [row.wait[0] - start, row.wait[1] - start] for at, row in rows.items() if row.wait},
        "hidden": {at: row.hidden for at, row in rows.items() if row.hidden},
        "names": names.words,
        "services": services.words,
        "request": request,
        "fresh": fresh,
    }


def compact(rows: dict[str, Any]) -> str:
    """Return the columns as JSON."""
    return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()


def strip(parts: Sequence[Part]) -> html.Div | None:
    """Return the critical path as a strip with its legend; None where there is none."""
    if not parts:
        return None
    legend = [
        html.Span(
            [
                html.Span(className="sw", style={"background": f"var(--{each.token})"}),
                html.Span(each.name, className="ell"),
                html.B(str(figure(Unit.SECONDS, each.seconds))),
            ]
        )
        for each in parts
    ]
    pieces = [
        html.I(
            style={"left": f"{a * 100:.3f}%", "width": f"{(b - a) * 100:.3f}%", "background": f"var(--{each.token})"}
        )
        for each in parts
        for a, b in each.stretches
    ]
    said = ", ".join(f"{each.name} {figure(Unit.SECONDS, each.seconds)}" for each in parts)
    return html.Div(
        [
            html.Div(
                [html.Span("Critical path", className="b"), html.Span(legend, className="legend")], className="row-f"
            ),
            html.Div(pieces, className="cp-strip", role="img", **wild(aria_label=f"Critical path: {said}")),
        ],
        className="cp-b",
    )


class _Index:
    """Words that are sent once, by their place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, word: str) -> int:
        return self._places.setdefault(word, len(self._places))

    @property
    def words(self) -> list[str]:
        return list(self._places)


def _flags(failed: bool, row: Row, mark: Mark | None) -> int:
    return FAILED * failed + ON_PATH * row.on_path + ODD * (mark is not None) + SKEWED * row.skewed


def _ticks(seconds: float) -> list[str]:
    """The times on the axis in one unit, which only the last one names."""
    inner = [seconds_as(seconds * at / TICKS, seconds).number for at in range(1, TICKS)]
    return ["0", *inner, str(figure(Unit.SECONDS, seconds))]
