"""Tiles of the Cost page: the month to date, and requests that nobody could price."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import Answer, Note, NoteKind
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import ABSENT, SPACE, Figure, Unit, count, figure, money, percent, whole_money
from fluxdash.views.budgets import Status, judged
from fluxdash.views.deltas import Delta, delta
from fluxdash.views.elements import icon
from fluxdash.views.models import names
from fluxdash.views.month import Month
from fluxdash.views.readouts import WARNED, Readout
from fluxdash.views.scene import Look, only
from fluxdash.views.sparkline import sparkline
from fluxdash.views.times import Clock

_MOST_NAMED = 5
_LOOKS = {
    Status.OVER: ("bad", "bad"),
    Status.AT_RISK: ("warn", "warn"),
    Status.ON_TRACK: ("good", "ok"),
    Status.UNKNOWN: ("", "stale"),
}


def month_tile(title: str, month: Month, answer: Answer, look: Look) -> html.Div:
    """Return the spend of the running month, held against its budget, with where it will end."""
    clock = Clock(look.goals.zone)
    # That the month is known from a later day on stands beside the title; gaps in it do not.
    notes = [each for each in answer.provenance.notes if month.has_gaps or each.kind is not NoteKind.PARTIAL]
    label = answer.provenance.label
    return Readout(
        title=f"{title} ({label[:1].lower()}{label[1:]})" if label else title,
        value=figure(Unit.DOLLARS, month.spent),
        aside=_aside(month, notes, clock),
        course=sparkline([each for each in month.so_far if each is not None]),
        under=_budgeted(month),
        foot=_expected(month, clock),
        hint=f"{label or 'money spent'} since the month began; it does not follow the time range",
        notes=_told(notes),
        sentence=month.sentence(clock),
    ).drawn()


def unpriced_tile(
    title: str, unpriced: Answer, requests: Answer | None, before: Answer | None, by_model: Answer | None, clock: Clock
) -> html.Div:
    """Return how many requests have no price, of how many, and what models they are of."""
    number, measure = unpriced.total, unpriced.query.measure
    change = delta(measure, number, before.total if before else None)
    start = clock.start(unpriced.window.previous())
    notes = unpriced.provenance.notes
    warned = _warned(notes)
    mark = html.Span(icon("warn", 12), className="n w", title=warned) if number or warned else None
    return Readout(
        title=unpriced.provenance.label or title,
        value=Figure(count(number)),
        aside=mark,
        course=sparkline(only(unpriced).values) if number else "",
        under=_of_all(number, requests, by_model),
        foot=(change.chip(), f"vs {start}" if before else None),
        hint=_named(number, by_model) or measure.meaning,
        notes=_told(notes),
        sentence=f"{title}: {count(number)}. {_named(number, by_model)}".strip(),
        tone="warn" if number else "",
    ).drawn()


def _aside(month: Month, notes: Sequence[Note], clock: Clock) -> Component | None:
    warned = _warned(notes)
    if month.since is None and warned is None:
        return None
    day = None if month.since is None else clock.day(month.since)
    said = " ".join(filter(None, (day and f"Nothing is known before {day}.", warned)))
    mark = html.Span(icon("warn", 12), className="w")
    return html.Span([mark, day and f"since {day}"], className="n", title=said)


def _warned(notes: Sequence[Note]) -> str | None:
    return _told([each for each in notes if each.kind in WARNED])


def _told(notes: Sequence[Note]) -> str | None:
    return " ".join(each.text for each in notes) or None


def _budgeted(month: Month) -> list[str | Component]:
    over = str(percent(month.elapsed, 0))
    if month.budget is None or month.spent is None:
        return [over, html.I(" of the month is over")]
    used = str(percent(month.spent / month.budget, 0)) if month.budget else ABSENT
    return [used, html.I(f" of {whole_money(month.budget)} budget, "), over, html.I(" of month")]


def _expected(month: Month, clock: Clock) -> list[Component | str | None]:
    if month.last is None:
        return [html.Span(["no forecast: ", month.reason], title=month.reason)]
    said = f"{money(month.last.expected)} by {month.until(clock)}"
    chip = None if month.budget is None else _judged(month, month.budget).chip()
    between = f"four times in five between {money(month.last.low)} and {money(month.last.high)}"
    return [chip, html.Span(said, title=between)]


def _judged(month: Month, budget: float) -> Delta:
    status = judged(month.spent, budget, month.gone, is_known=month.since is None)
    return Delta(str(status), "", *_LOOKS[status])


def _of_all(number: Amount, requests: Answer | None, by_model: Answer | None) -> list[str | Component]:
    if number is None:
        return []
    if not number:
        return [html.I("all requests have a price")] if requests is not None and requests.total else []
    said: list[str | Component] = []
    if requests is not None and requests.total:
        said.append(str(figure(Unit.RATIO, number / requests.total)))
    if by_model is not None:
        models = sum(1 for line in by_model.lines if line.total)
        noun = "model" if models == 1 else "models"
        said.append(html.I(f"{' · ' if said else ''}no price for {models}{SPACE}{noun}"))
    return said


def _named(number: Amount, by_model: Answer | None) -> str:
    if not number or by_model is None:
        return ""
    lines = [line for line in by_model.lines if line.total]
    called = names(str(line.group) for line in lines)
    told = [f"{called[str(line.group)]} {count(line.total)}" for line in lines[:_MOST_NAMED]]
    more = len(lines) - len(told)
    return f"No price in force: {', '.join(told)}{f' and {more} more' if more > 0 else ''}."
