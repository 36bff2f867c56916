"""An open trace against others like it: each operation's time on the range from P50 to P95 of the same in those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, count, figure, percent
from fluxdash.views.tables import Head, Row, table

LEAST = 20
"""Like traces under which a comparison says nothing."""

_UNUSUAL, _SLOW = 0.95, 0.90
_MOST = 8


@dataclass(frozen=True, slots=True)
class Compared:
    """One operation: its seconds here, P50 and P95 of the `n` others that have it, and the share that took less.

    `share` is how many of the like traces have the operation at all.
    """

    name: str
    seconds: float
    spans: int
    n: int
    p50: Amount
    p95: Amount
    slower_than: Amount
    share: Amount


def alike(rows: Sequence[Compared], model: str, n: int) -> list[Component]:
    """Return the table, or in words why there is none."""
    head = html.H3(["Against similar traces ", html.Span(f"{model} · n{SPACE}{count(n)}", className="muted")])
    if n < LEAST:
        kept = "No other trace" if not n else "Only one other trace" if n == 1 else f"Only {count(n)} other traces"
        few = f"{kept} of this model {'is' if n < 2 else 'are'} kept in this range: too few to compare with."
        return [head, html.P(few, className="muted alike-none")]
    shown = sorted(rows, key=lambda each: -each.seconds)[:_MOST]
    top = max(max(each.seconds, each.p95 or 0.0) for each in shown) * 1.05 or 1.0
    heads = [
        Head("Span", numeric=False),
        Head("This"),
        Head("P50", spare=True),
        Head("P95", spare=True),
        Head("P50 – P95, this", numeric=False, spare=True),
        Head("Verdict", numeric=False, spoken=False),
    ]
    body = [
        Row(
            (
                html.Span(_named(each), className="mono", title=each.name),
                (str(figure(Unit.SECONDS, each.seconds)), "b"),
                (str(figure(Unit.SECONDS, each.p50)), "t2"),
                (str(figure(Unit.SECONDS, each.p95)), "t2"),
                _range(each, top),
                _verdict(each),
            )
        )
        for each in shown
    ]
    return [head, table("Against similar traces", heads, body)]


def _named(told: Compared) -> str:
    return f"{told.name} ×{count(told.spans)}" if told.spans > 1 else told.name


def _range(told: Compared, top: float) -> html.Span:
    pieces = []
    if told.p50 is not None and told.p95 is not None:
        width = max((told.p95 - told.p50) / top * 100, 0.6)
        pieces.append(
            html.I(className="al-r", style={"left": f"{told.p50 / top * 100:.1f}%", "width": f"{width:.1f}%"})
        )
    pieces.append(html.I(className="al-m", style={"left": f"{told.seconds / top * 100:.1f}%"}))
    return html.Span(pieces, className="al")


def _verdict(told: Compared) -> html.Span:
    if told.n < LEAST:
        if told.share is not None and told.share < 0.5:
            return html.Span(f"{percent(told.share, 0)} of traces have it", className="tag warn")
        return html.Span(f"n{SPACE}{count(told.n)}, too few", className="tag")
    slower = told.slower_than or 0.0
    if slower >= _SLOW:
        return html.Span(f"slower than {percent(slower, 0)}", className="tag warn" if slower >= _UNUSUAL else "tag")
    return html.Span("as usual", className="tag")
