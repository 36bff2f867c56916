"""Failures by cause: one stack a bucket, strongest cause first, and a table of the causes with their change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import ERROR_TYPE, UNKNOWN
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import FAILURES
from fluxdash.semantic.units import ABSENT, Unit, count, full, growth, signed
from fluxdash.views.axes import over_time, plain_scale, stacked
from fluxdash.views.deltas import delta
from fluxdash.views.elements import label, wild
from fluxdash.views.points import FAILED, points
from fluxdash.views.scene import Drawing, FigureDict, Scene, only, per
from fluxdash.views.tables import filtering
from fluxdash.views.traces import bars

_ROWS = 5
NO_CAUSE = "cause not recorded"


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: what it is called, its colour's token, and its line now; `groups` are the causes it stands for."""

    name: str
    token: str
    line: Line
    groups: tuple[str, ...]

    @property
    def filter(self) -> str | None:
        """What it is filtered by; None where it stands for several causes."""
        return filtering(ERROR_TYPE, self.groups[0]) if len(self.groups) == 1 else None


def failures_by_cause(scene: Scene) -> Drawing:
    """Draw failures by cause, then failures in all: bars a minute over a table."""
    by_cause, failures = scene.answers
    rows = causes(by_cause)
    heights = [per(by_cause, row.line, 60) for row in rows]
    palette = scene.look.palette
    traces = [
        {**bars(scene, _uid(row.name), label(row.name), values, palette[row.token], _said(values)), **_clicked(row)}
        for row, values in zip(rows, heights, strict=True)
    ]
    layout = over_time(scene, plain_scale(stacked(heights), lines=2), left=26, right=2, legend=False)
    layout |= points(scene, FAILED)
    layout["margin"] = {"l": 26, "r": 2, "t": 8, "b": 20, "pad": 0}
    said = "; ".join(f"{row.name} {count(row.line.total)}" for row in rows) or "none"
    sentence = f"Errors by cause: {said}; {scene.look.clock.window(scene.window)}."
    foot = f"{full(Unit.COUNT, failures.total)} failed"
    table = _table(rows, scene, failures)
    return Drawing({"data": traces, "layout": layout}, sentence, "failed requests per minute", foot, table)


def causes(answer: Answer) -> list[Cause]:
    """Return the causes as rows: the strongest by name, the rest as Other, and last what has no cause recorded."""
    named = [each for each in answer.lines if each.group not in (UNKNOWN, OTHER) and each.total]
    nameless = [each for each in answer.lines if each.group == UNKNOWN and each.total]
    rest = [each for each in (*answer.lines, answer.other) if each and each.group == OTHER and each.total]
    room = _ROWS - len(nameless)
    if len(named) + len(rest) > room:
        rest, named = [*named[room - 1 :], *rest], named[: room - 1]
    rows = [
        Cause(answer.name(str(each.group)), f"err-{place}", each, (str(each.group),))
        for place, each in enumerate(named, start=1)
    ]
    if rest:
        groups = tuple(str(each.group) for each in rest)
        rows.append(Cause(f"Other, {len(rest)} causes" if len(rest) > 1 else OTHER, "err-5", _sum(rest), groups))
    rows += [Cause(NO_CAUSE, "m-quiet", each, (UNKNOWN,)) for each in nameless]
    return rows


def _uid(name: str) -> str:
    """Return a name from outside as a trace may be called: by its print."""
    return f"cause-{hashlib.blake2b(name.encode(errors='replace'), digest_size=6).hexdigest()}"


def _clicked(row: Cause) -> FigureDict:
    """Return what a trace says of the filter that a click on it sets, if it stands for one cause."""
    return {} if row.filter is None else {"meta": {"filter": row.filter}}


def _table(rows: list[Cause], scene: Scene, failures: Answer) -> Component:
    if not rows:
        known = only(failures)
        text = f"None of {count(known.n)} requests failed." if known.total == 0 else "No cause is recorded."
        return html.P(text, className="t2 none-failed")
    largest = max(row.line.total or 0 for row in rows)
    body = [_row(row, largest, scene) for row in rows]
    caption = html.Caption("Errors by cause", className="sr")
    return html.Table([caption, html.Tbody(body)], className="tbl compact errt")


def _row(row: Cause, largest: float, scene: Scene) -> html.Tr:
    colour = f"var(--{row.token})"
    now, before = row.line.total, _before(row, scene)
    change = delta(FAILURES, now, before)
    text = ABSENT if now is None or before is None else signed(growth(before, now), before, now)
    swatch = html.Span(className="sw", style={"background": colour})
    share = f"{(now or 0) / largest * 100:.1f}%"
    bar = html.Span(html.I(style={"width": share, "background": colour}), className="hb")
    return html.Tr(
        [
            html.Td(html.Span([swatch, html.Span(row.name, title=row.name)], className="mdl"), className="cause-name"),
            html.Td(bar, className="cause-bar"),
            html.Td(count(now), className="num"),
            html.Td(change.plain(text), className="num cause-delta"),
        ],
        tabIndex=0 if row.filter else None,
        **wild(data_filter=row.filter),
    )


def _before(row: Cause, scene: Scene) -> Amount:
    """Return the row's failures in the window before; 0 where that window is known and lacks the cause."""
    by_cause, failures = scene.earlier(0), scene.earlier(1)
    if by_cause is None or failures is None or failures.total is None:
        return None
    return sum(line.total or 0 for line in by_cause.lines if line.group in row.groups)


def _sum(lines: list[Line]) -> Line:
    def added(parts: list[Amount]) -> Amount:
        known = [each for each in parts if each is not None]
        return sum(known) if known else None

    return Line(
        OTHER,
        added([each.total for each in lines]),
        lines[0].n,
        tuple(added(list(column)) for column in zip(*(each.values for each in lines), strict=True)),
        (),
        tuple(added(list(column)) for column in zip(*(each.head for each in lines), strict=True)),
    )


def _said(values: list[Amount]) -> list[str]:
    return [f"<b>{full(Unit.COUNT, value)}</b> a minute" for value in values]
