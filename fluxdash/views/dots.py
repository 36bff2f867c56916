"""Latency by model: P50, P95 and P99 as ring, square and tick on one scale; upstream against end to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dash import html

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Amount, Measure
from fluxdash.semantic.measures import LATENCY, UPSTREAM_LATENCY
from fluxdash.semantic.query import MOST_GROUPS, Question
from fluxdash.semantic.units import SPACE, Unit, count, figure, seconds_as
from fluxdash.views.axes import Scale, highest, seconds_scale
from fluxdash.views.deltas import LEAST_FOR_P95, LEAST_FOR_P99
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.tables import filtering, named
from fluxdash.views.tabular import Column, Table
from fluxdash.views.tracks import Mark, TrackRow, key, tracks

_MOST_ROWS, _MOST_PAIRS = 15, 9
_UNKNOWN = Line(None, None, None)


def quantiles(measure: Measure) -> tuple[Question, ...]:
    """Return the questions for P95, P50 and P99 of each model; models are ranked by the first."""
    return tuple(measure.top(MOST_GROUPS, by=MODEL, q=q) for q in (0.95, 0.5, 0.99))


@dataclass(frozen=True, slots=True)
class Spread:
    """The latency of one model: its P50, P95 and P99, each with its sample."""

    p50: Line
    p95: Line
    p99: Line

    @property
    def known(self) -> list[Amount]:
        """Its three numbers, in seconds."""
        return [self.p50.total, self.p95.total, self.p99.total]

    @property
    def is_weak(self) -> bool:
        """Whether it rests on too few samples for a P95."""
        return self.p95.n is not None and self.p95.n < LEAST_FOR_P95


_NONE = Spread(_UNKNOWN, _UNKNOWN, _UNKNOWN)


def end_to_end(scene: Scene) -> Drawing:
    """Draw the quantiles of the end-to-end latency."""
    return _drawn(scene, LATENCY, "end to end")


def upstream(scene: Scene) -> Drawing:
    """Draw the quantiles of the upstream latency."""
    return _drawn(scene, UPSTREAM_LATENCY, "upstream inference alone")


def both(scene: Scene) -> Drawing:
    """Draw the end-to-end latency of each model over its upstream latency; says so where there is none."""
    whole, inner = _spreads(scene, LATENCY), _spreads(scene, UPSTREAM_LATENCY)
    if not inner:
        alone = end_to_end(scene)
        return replace(alone, foot=f"without upstream latency · {alone.foot}")
    models = _ranked(whole)
    shown = models[:_MOST_PAIRS]
    scale = _scale([*(whole[each] for each in shown), *(inner[each] for each in shown if each in inner)])
    called, colours = names(shown), tokens(shown, scene.seats)
    rows = []
    for each in shown:
        name, colour = named(called[each], colours[each], each), colours[each]
        rows.append(_row(each, name, colour, whole[each], scale, "end to end"))
        below, spread = html.Span("upstream", className="below"), inner.get(each, _NONE)
        rows.append(_row(each, below, colour, spread, scale, "upstream", "pair"))
    columns = (Column("Model"), *_columns("end to end"), *_columns("upstream"))
    cells = [(each, *_cells(whole.get(each)), *_cells(inner.get(each))) for each in models]
    sentence = _sentence(scene, "Latency by model, end to end and upstream", whole, models)
    beside, foot = tracks(rows, scale, [_head(scale)], _legend()), _foot(len(shown), len(models))
    return Drawing(None, sentence, "end to end over upstream", foot, beside, Table(columns, tuple(cells)))


def _drawn(scene: Scene, measure: Measure, what: str) -> Drawing:
    spreads = _spreads(scene, measure)
    models = _ranked(spreads)
    shown = models[:_MOST_ROWS]
    scale = _scale([spreads[each] for each in shown])
    called, colours = names(shown), tokens(shown, scene.seats)
    rows = [
        _row(each, named(called[each], colours[each], each), colours[each], spreads[each], scale, what)
        for each in shown
    ]
    table = Table((Column("Model"), *_columns("")), tuple((each, *_cells(spreads[each])) for each in models))
    sentence = _sentence(scene, f"Latency by model, {what}", spreads, models)
    unit = f"{'seconds' if scale.top >= 1 else 'milliseconds'}, {what}"
    return Drawing(
        None, sentence, unit, _foot(len(shown), len(models)), tracks(rows, scale, [_head(scale)], _legend()), table
    )


def _spreads(scene: Scene, measure: Measure) -> Mapping[str, Spread]:
    """Return the spread of each model that has a P95."""
    tail, middle, extreme = (_lines(scene.told(each)) for each in quantiles(measure))
    return {
        model: Spread(middle.get(model, _UNKNOWN), line, extreme.get(model, _UNKNOWN))
        for model, line in tail.items()
        if line.total is not None
    }


def _lines(answer: Answer | None) -> dict[str, Line]:
    return {str(line.group): line for line in answer.lines if line.group != OTHER} if answer else {}


def _ranked(spreads: Mapping[str, Spread]) -> list[str]:
    return sorted(spreads, key=lambda model: (-(spreads[model].p95.total or 0.0), model))


def _scale(spreads: Sequence[Spread]) -> Scale:
    return seconds_scale(highest([each.known for each in spreads]))


def _row(model: str, name: html.Span, token: str, spread: Spread, scale: Scale, what: str, kind: str = "") -> TrackRow:
    tail, weak = spread.p95, spread.is_weak
    ends = [each for each in spread.known if each is not None]
    marks = [Mark("from-to", min(ends), max(ends) - min(ends), token)] if len(ends) > 1 else []
    few = {"p50": False, "p95": weak, "p99": spread.p99.n is not None and spread.p99.n < LEAST_FOR_P99}
    for slug, line in (("p50", spread.p50), ("p95", tail), ("p99", spread.p99)):
        if line.total is not None:
            marks.append(Mark(f"{slug} weak" if few[slug] or weak else slug, line.total, None, token))
    said = f"n{SPACE}{count(tail.n)}" if weak else _number(tail, scale)
    quantities = ", ".join(
        f"{rank} {'at least ' if line.at_least else ''}{figure(Unit.SECONDS, line.total)}"
        for rank, line in (("P50", spread.p50), ("P95", tail), ("P99", spread.p99))
    )
    number = html.Span(said, className="muted" if weak or tail.total is None else "b")
    return TrackRow(
        name, marks, [number], f"{what}: {quantities}; n {count(tail.n)}", "", filtering(MODEL, model), kind
    )


def _number(line: Line, scale: Scale) -> str:
    shown = seconds_as(line.total, scale.top if _in_seconds(scale) else None)
    number = shown.number if _in_one_unit(scale) else str(shown)
    return f"≥{SPACE}{number}" if line.at_least else number


def _in_seconds(scale: Scale) -> bool:
    return 1 <= scale.top < 59.9


def _in_one_unit(scale: Scale) -> bool:
    return scale.top < 59.9


def _head(scale: Scale) -> str:
    return f"P95, {'s' if scale.top >= 1 else 'ms'}" if _in_one_unit(scale) else "P95"


def _legend() -> list[html.Span]:
    return [key("p50", "P50"), key("p95", "P95"), key("p99", "P99")]


def _foot(shown: int, every: int) -> str:
    faded = f"faded: P95 under n{SPACE}{LEAST_FOR_P95}, P99 under {LEAST_FOR_P99}"
    return faded if shown == every else f"the slowest {shown} of {every} models · {faded}"


def _sentence(scene: Scene, what: str, spreads: Mapping[str, Spread], models: Sequence[str]) -> str:
    slowest = "; ".join(f"{each} P95 {figure(Unit.SECONDS, spreads[each].p95.total)}" for each in models[:3])
    return f"{what}, slowest first: {slowest}; {scene.look.clock.window(scene.window)}."


def _columns(what: str) -> list[Column]:
    tail = f", {what}" if what else ""
    ranks = [Column(f"{rank}{tail}", Unit.SECONDS) for rank in ("P50", "P95", "P99")]
    return [*ranks, Column(f"n{tail}", Unit.COUNT)]


def _cells(spread: Spread | None) -> tuple[Amount, ...]:
    return (*spread.known, spread.p95.n) if spread else (None,) * 4
