"""Usage over time by model: requests, tokens or cost as stacked areas, the largest by name and the rest as Other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, compact, figure, per_second
from fluxdash.views.axes import Scale, missing, money_scale, over_time, plain_scale, stacked
from fluxdash.views.elements import wild
from fluxdash.views.lines import together
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Drawing, Scene, per
from fluxdash.views.stacks import Layer, stack
from fluxdash.views.tables import filtering
from fluxdash.views.times import buckets
from fluxdash.views.traces import uid

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How a measure is drawn over time: as what falls on so many seconds, on which scale, and how that is said."""

    seconds: int
    unit: str
    scale: Callable[[float], Scale]
    said: Callable[[Amount], str]
    left: int


@dataclass(frozen=True, slots=True)
class Part:
    """One layer: a model, or the rest of them; `token` is the colour, `filter` what a click does."""

    uid: str
    name: str
    token: str
    line: Line
    filter: str | None


def requests_by_model(scene: Scene) -> Drawing:
    """Draw requests by model, in requests a second."""
    return _drawn(scene, Pace(1, "req/s, stacked", plain_scale, _requests, 34))


def tokens_by_model(scene: Scene) -> Drawing:
    """Draw tokens by model, a minute."""
    return _drawn(scene, Pace(60, "tokens per minute, stacked", plain_scale, _tokens, 44))


def cost_by_model(scene: Scene) -> Drawing:
    """Draw cost by model, in dollars an hour."""
    return _drawn(scene, Pace(3600, "USD per hour, stacked", money_scale, _dollars, 46))


def _drawn(scene: Scene, pace: Pace) -> Drawing:
    answer = scene.answers[0]
    found = parts(answer, scene)
    slug = answer.query.measure.slug
    layers = []
    for each in found:
        values = per(answer, each.line, pace.seconds)
        said = [f"<b>{pace.said(value)}</b>" for value in values]
        colour = scene.look.palette[each.token]
        layers.append(Layer(f"{slug.replace('_', '-')}-{each.uid}", each.name, values, said, colour, each.filter))
    layout = over_time(scene, pace.scale(stacked([each.values for each in layers])), left=pace.left, legend=False)
    layout |= missing(scene, [each.line.values for each in found])
    unit = answer.query.measure.unit
    largest = sorted(found, key=lambda each: -(each.line.total or 0))[:3]
    told = "; ".join(f"{each.name} {figure(unit, each.line.total)}" for each in largest)
    sentence = f"{answer.query.measure.title} by model, largest: {told}; {scene.look.clock.window(scene.window)}."
    figure_ = {"data": stack(scene, layers), "layout": layout}
    models = max(answer.groups, len(answer.lines))
    cut = [f"the largest {_MOST_NAMED} of {models} models"] if len(found) < models else []
    foot = " · ".join([*cut, buckets(scene.window)])
    return Drawing(figure_, sentence, pace.unit, foot, legend(found))


def parts(answer: Answer, scene: Scene) -> list[Part]:
    """Return the largest models in the order of their colours, whose neighbours differ most, and the rest as Other."""
    there = [each for each in answer.lines if each.total is not None]
    room = _MOST_NAMED if len(there) > _MOST_NAMED + 1 or answer.other else _MOST_NAMED + 1
    models = [str(each.group) for each in there[:room]]
    called, colours = names(models), tokens(models, scene.seats)
    found = [
        Part(uid(model), called[model], colours[model], line, filtering(MODEL, model))
        for model, line in zip(models, there, strict=False)
    ]
    found.sort(key=lambda each: (each.token == OTHER_TOKEN, each.token))
    rest = [*there[room:], *([answer.other] if answer.other else [])]
    if rest:
        found.append(Part("other", OTHER, OTHER_TOKEN, together(rest), None))
    return found


def _requests(value: Amount) -> str:
    return str(per_second(value, "req/s"))


def _dollars(value: Amount) -> str:
    return f"{figure(Unit.DOLLARS, value)} an hour"


def _tokens(value: Amount) -> str:
    return f"{figure(Unit.TOKENS, None) if value is None else compact(value)}{SPACE}a minute"


def legend(found: Sequence[Part]) -> html.Div:
    """Return the names of the layers with their colours; clicking one filters by it."""
    entries = [
        html.Span(
            [html.Span(className="sw", style={"background": f"var(--{each.token})"}), each.name],
            **(wild(data_filter=each.filter, role="button", tabIndex=0) if each.filter else {}),
        )
        for each in found
    ]
    return html.Div(entries, className="legend below")
