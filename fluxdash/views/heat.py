"""Model by region as a heat map: P95, errors or requests in each cell, in seven steps of one colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import MODEL, REGION, cross, values
from fluxdash.semantic.measure import Amount, Measure, Ratio
from fluxdash.semantic.measures import ERROR_RATE, LATENCY, REQUESTS
from fluxdash.semantic.query import MOST_SLICES
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count
from fluxdash.views.deltas import least
from fluxdash.views.elements import wild
from fluxdash.views.lines import added
from fluxdash.views.models import names, tokens
from fluxdash.views.ramp import Paint, step, steps
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.tables import filtering, named
from fluxdash.views.tabular import Column, Table

_MOST_ROWS, _MOST_COLUMNS = 15, 8

PLACES = cross(MODEL, REGION)
COUNTED = REQUESTS.top(MOST_SLICES, by=PLACES)
"""The requests of each cell: without them nobody could tell a cell without requests from one that is not known."""

TAILS = LATENCY.top(MOST_SLICES, by=PLACES, q=0.95)
ERRORS = ERROR_RATE.top(MOST_SLICES, by=PLACES)

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of an answer by model and region, its rows and columns by requests; `whole` if no cell is left out."""

    cells: Mapping[Cell, Line]
    asked: Mapping[Cell, Amount]
    models: Sequence[str]
    regions: Sequence[str]
    whole: bool


def heat(scene: Scene) -> Drawing:
    """Draw COUNTED and what is to be shown; where that is all there is, the requests themselves."""
    counted, shown = scene.answers[0], scene.answers[-1]
    grid = _grid(counted, shown)
    models, regions = grid.models[:_MOST_ROWS], grid.regions[:_MOST_COLUMNS]
    called, colours = names(grid.models), tokens(grid.models, scene.seats)
    places = [(model, region) for model in models for region in regions]
    seen = [line.total for place in places if (line := grid.cells.get(place)) and line.total is not None]
    paint = Paint(shown, steps(seen), max(seen, default=None))
    rows: list[Component] = [html.Span()]
    rows += [_head(region) for region in regions]
    for model in models:
        rows.append(_name(model, called[model], colours[model]))
        rows += [_cell(paint, grid, (model, region), called[model]) for region in regions]
    board = html.Div(rows, className="heat", style={"--n": str(len(regions))})
    scroll = html.Div(board, className="scroll-x", tabIndex=0, **wild(role="group", aria_label="Model by region"))
    highest = paint.full(paint.highest)
    sentence = f"{paint.title} by model and region: at most {highest}; {scene.look.clock.window(scene.window)}."
    cut = [
        f"{some} of {len(every)} {what}"
        for some, every, what in ((len(models), grid.models, "models"), (len(regions), grid.regions, "regions"))
        if some < len(every)
    ]
    foot = " · ".join([*cut, "hatched: no requests"])
    return Drawing(None, sentence, paint.unit, foot, html.Div([scroll, _legend(paint)]), _listed(paint, grid))


def _grid(counted: Answer, shown: Answer) -> Grid:
    asked, cells = _cells(counted), _cells(shown)
    requests = {place: line.total for place, line in asked.items()}
    whole = counted.groups <= len(counted.lines)
    # A counter that stands still is a place without requests, too.
    places = [place for place in dict.fromkeys([*asked, *cells]) if requests.get(place) != 0]
    return Grid(cells, requests, _by_size(places, requests, 0), _by_size(places, requests, 1), whole)


def _cells(answer: Answer) -> dict[Cell, Line]:
    parted = ((values(str(line.group)), line) for line in answer.lines)
    return {(parts[0], parts[1]): line for parts, line in parted if len(parts) == 2}


def _by_size(places: Sequence[Cell], requests: Mapping[Cell, Amount], side: int) -> list[str]:
    sizes = {
        name: added(requests.get(place) for place in places if place[side] == name) or 0.0
        for name in dict.fromkeys(place[side] for place in places)
    }
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def _head(region: str) -> html.Span:
    chosen = filtering(REGION, region)
    return html.Span(region, className="ch", title=region, **_click(chosen))


def _name(model: str, called: str, token: str) -> html.Span:
    return html.Span(named(called, token, model), className="rh", **_click(filtering(MODEL, model)))


def _click(chosen: str | None) -> dict[str, Any]:
    return wild(data_filter=chosen, role="button", tabIndex=0) if chosen else {}


def _cell(paint: Paint, grid: Grid, place: Cell, called: str) -> html.Span:
    line, where = grid.cells.get(place), f"{called}, {place[1]}"
    if grid.asked.get(place) == 0 or (place not in grid.asked and place not in grid.cells and grid.whole):
        return html.Span("none", className="none", title=f"{where}: no requests")
    if line is None or line.total is None:
        return html.Span(ABSENT, className="nil", title=f"{where}: not known")
    question = paint.answer.query.question
    n = line.n if line.n is not None else grid.asked.get(place)
    weak = n is not None and n < least(question.measure, question.q)
    sample = f", n{SPACE}{count(n)}{': too few to rely on' if weak else ''}"
    text = f"{'≥' if line.at_least else ''}{paint.written(line.total)}"
    kind = "weak" if weak else f"q{step(line.total, paint.bounds)}"
    return html.Span(text, className=kind, title=f"{where}: {paint.full(line.total)}{sample}")


def _requests(grid: Grid, place: Cell, measure: Measure) -> Amount:
    """Return the requests of a cell: those that its rate is of, to which not all filters need apply."""
    line = grid.cells.get(place)
    return line.n if line and isinstance(measure, Ratio) else grid.asked.get(place)


def _legend(paint: Paint) -> html.Div:
    swatches = [html.Span(className=f"sw q{place}") for place in range(1, len(paint.bounds) + 2)]
    told = " · ".join([*(paint.bound(each) for each in paint.bounds), "over"])
    text = html.Span(f"under {told}", className="muted") if paint.bounds else None
    return html.Div([html.Span(paint.unit), html.Span(swatches, className="ramp"), text], className="legend below")


def _listed(paint: Paint, grid: Grid) -> Table:
    measure = paint.answer.query.measure
    columns = (Column("Model"), Column("Region"), Column(paint.title, measure.unit), Column("Requests", Unit.COUNT))
    every = [(model, region) for model in grid.models for region in grid.regions]
    rows = [
        (*place, line.total if (line := grid.cells.get(place)) else None, _requests(grid, place, measure))
        for place in every
        if place in grid.cells or place in grid.asked
    ]
    return Table(columns, tuple(rows))
