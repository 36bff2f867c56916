"""Status cards: each model with its state, why it is so, and its availability, errors and P95; worst first."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL, cross
from fluxdash.semantic.measures import AVAILABILITY, ERROR_RATE, FAILURES, LATENCY, REPORTED_AVAILABILITY, REQUESTS
from fluxdash.semantic.query import MOST_GROUPS
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count, figure
from fluxdash.views.deltas import LEAST_FOR_P95
from fluxdash.views.elements import wild
from fluxdash.views.failing import causes_of, culprit
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.sparkline import sparkline
from fluxdash.views.status import HEALTHY, UNKNOWN, Health, healths, percent, rules, summary, too_few
from fluxdash.views.tables import filtering, named
from fluxdash.views.tabular import Column, Table

_MOST_CARDS = 12

NEEDED = tuple(measure.top(MOST_GROUPS, by=MODEL) for measure in (ERROR_RATE, AVAILABILITY, FAILURES))
"""What the states are judged by."""

TAIL = LATENCY.over_time(by=MODEL, q=0.95)
CAUSES = FAILURES.over_time(by=cross(MODEL, ERROR_TYPE))
SEEN = REQUESTS.over_time(by=MODEL)
REPORTED = REPORTED_AVAILABILITY.top(MOST_GROUPS, by=MODEL)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card tells besides the state: its reason, its P95's line, what the gateway reports, when it was asked."""

    why: str
    tail: Line | None
    reported: float | None
    last_seen: str


def status_cards(scene: Scene) -> Drawing:
    """Draw NEEDED as cards; P95, causes, the last request and what the gateway reports where they could be had."""
    every = _healths(scene)
    called = names(each.model for each in every)
    colours = tokens(called, scene.seats)
    facts = {each.model: _facts(scene, each) for each in every}
    shown = every[:_MOST_CARDS]
    cards = [_card(each, facts[each.model], called[each.model], colours[each.model]) for each in shown]
    order = "worst first" if len(shown) == len(every) else f"the worst {len(shown)} of {len(every)} models"
    chips = summary(every)
    head = html.Div([*chips, html.Span(className="grow"), html.Span(order, className="muted")], className="row-f sums")
    beside = html.Div([head, html.Div([*cards, _rules(scene)], className="cards")], className="statuses")
    said = ", ".join(each.children[1] for each in chips)
    sentence = f"Model status: {said}; {scene.look.clock.window(scene.window)}."
    return Drawing(None, sentence, "", "availability = 1 − failed ÷ requests", beside, _listed(every, facts))


def _healths(scene: Scene) -> list[Health]:
    errors, availability, failures = scene.answers[:3]
    return healths(errors, availability, failures, scene.look.goals)


def _facts(scene: Scene, each: Health) -> Facts:
    tail, reported = _line(scene.told(TAIL), each.model), _line(scene.told(REPORTED), each.model)
    stated = reported.total if reported else None
    return Facts(_why(scene, each), tail, stated, _last_seen(scene, each.model))


def _line(answer: Answer | None, group: str) -> Line | None:
    return next((line for line in answer.lines if line.group == group), None) if answer else None


def _why(scene: Scene, each: Health) -> str:
    if each.status is UNKNOWN:
        return too_few(each.n)
    if each.status is HEALTHY:
        return f"{percent(scene.look.goals.healthy)} or better"
    causes = scene.told(CAUSES)
    mine = causes_of(causes).get(each.model, [])
    told = culprit(mine, each.failures, causes.window, scene.look.clock) if causes else ""
    number = "" if each.failures is None else f", {count(each.failures)} of {count(each.n)}"
    return told or f"{figure(Unit.RATIO, each.errors)} failed{number}"


def _last_seen(scene: Scene, model: str) -> str:
    """Return the bucket in which a model was asked last: a minute by its time, a longer one from when to when."""
    answer = scene.told(SEEN)
    line = _line(answer, model)
    if answer is None or line is None:
        return ""
    window, clock = answer.window, scene.look.clock
    asked = [place for place, each in enumerate((*line.values, *line.head)) if each]
    if not asked:
        return ""
    start = window.start + asked[-1] * window.step
    day = "" if window.seconds <= 86_400 else f"{clock.day(start)}, "
    until = "" if window.step <= 60 else f" – {clock.time(start + window.step)}"
    return f"last request {day}{clock.time(start)}{until}{SPACE}{clock.name(start)}"


def _card(each: Health, facts: Facts, name: str, token: str) -> html.Div:
    tone = each.status.kind if each.status.kind in ("bad", "warn") else ""
    top = html.Div([html.Div(named(name, token, each.model), className="nm"), each.status.chip()], className="top")
    figures = _figures(each, facts)
    listed = html.Dl([html.Div([html.Dt(term), html.Dd(said, className=kind)]) for term, said, kind in figures])
    stated = f"the gateway reports {figure(Unit.RATIO, facts.reported)}"
    parts: list[Component | None] = [
        top,
        html.Div(facts.why, className=f"why {tone}".strip(), title=facts.why),
        listed,
        html.Div(stated, className="reported", title=REPORTED_AVAILABILITY.meaning)
        if facts.reported is not None
        else None,
        _course(each, facts),
    ]
    said = ", ".join(f"{term.lower()} {text}" for term, text, _ in figures)
    chosen = filtering(MODEL, each.model)
    more = wild(data_filter=chosen, role="button", tabIndex=0) if chosen else {}
    sentence = f"{name}: {each.status.word.lower()}, {facts.why}; {said}"
    return html.Div(parts, className=f"mcard {each.status.kind}", **more, **wild(aria_label=sentence))


def _figures(each: Health, facts: Facts) -> list[tuple[str, str, str | None]]:
    """Return term, text and class of what a card counts; nothing is told of too few requests."""
    if each.status is UNKNOWN:
        return [(term, ABSENT, "muted") for term in ("Available", "Errors", "P95")]
    tail, few = facts.tail, (each.n or 0) < LEAST_FOR_P95
    slow = figure(Unit.SECONDS, tail.total if tail else None)
    least = f"≥{SPACE}" if tail and tail.at_least else ""
    return [
        ("Available", str(figure(Unit.RATIO, each.availability)), None),
        ("Errors", str(figure(Unit.RATIO, each.errors)), None),
        ("P95", f"{least}{slow}", "muted" if few else None),
    ]


def _course(each: Health, facts: Facts) -> html.Div | None:
    if each.status is UNKNOWN:
        return html.Div(facts.last_seen, className="muted seen")
    course = sparkline(facts.tail.values, ended=False) if facts.tail else ""
    return html.Div(className="spark", style={"--sp": course}) if course else html.Div(className="seen")


def _rules(scene: Scene) -> html.Div:
    lines = [
        html.Div([status.chip(), html.Span(text, className="muted")], className="row-f")
        for status, text in rules(scene.look.goals)
    ]
    head = html.Div(html.Span("How status is decided", className="b"), className="top")
    return html.Div([head, html.Div(lines, className="rules-l")], className="mcard decided")


def _listed(every: list[Health], facts: dict[str, Facts]) -> Table:
    columns = (
        Column("Model"),
        Column("Status"),
        Column("Requests", Unit.COUNT),
        Column("Availability", Unit.RATIO),
        Column("Error rate", Unit.RATIO),
        Column("P95", Unit.SECONDS),
        Column("Reported availability", Unit.RATIO),
        Column("Why"),
    )
    rows = []
    for each in every:
        told = facts[each.model]
        tail = told.tail.total if told.tail else None
        rows.append(
            (each.model, each.status.word, each.n, each.availability, each.errors, tail, told.reported, told.why)
        )
    return Table(columns, tuple(rows))
