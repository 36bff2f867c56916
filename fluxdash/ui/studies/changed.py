"""What changed: which slices — model × account × region — explain that a measure is not what it was just before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import isclose

from fluxdash.analysis.changes import Changes, Sums, additive, ratio
from fluxdash.analysis.groups import Slice
from fluxdash.analysis.swaps import quantile
from fluxdash.errors import BadPayload, FluxDashError, NotReported, SourceError, SourceUnreachable
from fluxdash.semantic.answer import OTHER, Answer, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, Dimension, cross, values
from fluxdash.semantic.measure import Distribution, Measure, Ratio
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.query import MOST_GROUPS, MOST_SLICES, Query, Question
from fluxdash.semantic.units import count
from fluxdash.sources.source import AUTO, LOG, TITLES, Gateway
from fluxdash.ui import states
from fluxdash.ui.lastseen import last_seen
from fluxdash.ui.states import State
from fluxdash.ui.studies import alike
from fluxdash.ui.study import Answers, Asking, Picture, asked, comparable, known, maybe
from fluxdash.views.changed import what_changed
from fluxdash.views.deltas import least
from fluxdash.views.split import Mover, Part, Rest, Split

CUTS = (
    cross(MODEL, ACCOUNT, REGION), cross(MODEL, REGION), cross(MODEL, ACCOUNT), cross(ACCOUNT, REGION), MODEL, REGION,
    ACCOUNT,
)  # fmt: skip
"""The ways to cut, best first: what a source cannot cut in three, it may cut in two."""

_REQUESTS = REQUESTS.over_time()
_ROWS = 4
_SUBJECT = "What changed"
_NEAR = 1e-9
"""The relative difference under which two numbers differ by how they were added up."""


@dataclass(frozen=True, slots=True)
class Found:
    """A change explained: cut by what, from which sources, with the samples of both windows and accounts' names.

    `label` is the title of what could be cut, where that is not quite the measure; `usual` the one of its total.
    `watched` is whether nearly all of the window before is known.
    """

    changes: Changes
    by: Dimension
    counted: tuple[float, float]
    sources: tuple[Provenance, ...]
    names: Mapping[str, str]
    label: str | None = None
    usual: str | None = None
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Changed:
    """Explains the change of a measure, called `title`: a sum by its slices' own, a ratio too, a quantile by swaps."""

    measure: Measure
    title: str
    q: float | None = None

    def queries(self, asking: Asking) -> Sequence[Query]:
        scope = self._fair(asking).scope
        return [each.within(scope) for each in self._questions(CUTS[0])]

    def statements(self, gateway: Gateway, asking: Asking) -> Sequence[str]:
        if isinstance(self.measure, Distribution):
            return _sampled(gateway, asking, self._usual(gateway, asking))
        return [text for each in self.queries(asking) for text in gateway.statements(each)]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        explain = self._swapped if isinstance(self.measure, Distribution) else self._summed
        found, lost = _widest(lambda by: explain(gateway, asking, by))
        unfit = _unfit(gateway, found, asking, least(self.measure, self.q))
        if unfit is not None:
            return unfit
        window, sources = asking.scope.window, found.sources
        if lost:
            said = Note(NoteKind.FALLBACK, f"by {found.by.title.lower()} only: {lost}")
            sources = (replace(sources[0], notes=(*sources[0].notes, said)), *sources[1:])
        drawing = what_changed(self._split(found), window, asking.look.clock)
        assert drawing.table is not None
        return Picture(drawing, sources, title, drawing.table)

    def _questions(self, by: Dimension) -> tuple[Question, ...]:
        most = MOST_SLICES if by.of else MOST_GROUPS
        if isinstance(self.measure, Distribution):
            return (self.measure.top(most, by=by, q=self.q),)
        counted = () if isinstance(self.measure, Ratio) else (REQUESTS,)
        return tuple(each.top(most, by=by) for each in dict.fromkeys((*self.measure.parts, *counted)))

    def _fair(self, asking: Asking) -> Asking:
        """Return how the parts are asked for: without the filters that are not applied to what they make up."""
        return replace(asking, scope=self.measure.total(q=self.q).within(asking.scope).fair().scope)

    def _summed(self, gateway: Gateway, asking: Asking, by: Dimension) -> Found:
        questions, total = self._questions(by), self.measure.total()
        now, before = alike.answers(gateway, questions, self._fair(asking))
        whole, past = (maybe(each[total]) for each in asked(gateway, (total,), (total,), asking.scope))
        after, was = (_slices(each, [now, before]) for each in (now, before))
        sides = [{each: self._sums(amounts) for each, amounts in side.items()} for side in (was, after)]
        explain = ratio if isinstance(self.measure, Ratio) else additive
        answers = [known(now[each]) for each in questions]
        sources = _sources(*([known(each).provenance for each in side.values()] for side in (now, before)))
        sources = (_left_out(sources[0], whole), *sources[1:])
        names = dict(pair for each in answers for pair in each.names)
        n0, n1 = (sum(float(each.count) for each in side.values()) for side in sides)
        label, usual = (each.provenance.label if each else None for each in (answers[0], whole))
        changes = explain(*sides, most=_ROWS)
        if label == usual:
            changes = _ended(changes, sources, past, whole)
        stood = comparable({**before, total: past} if past else before)
        watched = all(maybe(stood[each]) for each in questions)
        return Found(changes, by, (n0, n1), sources, names, label, usual, watched)

    def _sums(self, amounts: Mapping[str, float]) -> Sums:
        if isinstance(self.measure, Ratio):
            above, below = self.measure.numerator.of(amounts), self.measure.denominator.of(amounts)
            return Sums(above or 0.0, below or 0.0)
        return Sums(self.measure.of(amounts) or 0.0, amounts.get(REQUESTS.slug, 0.0))

    def _swapped(self, gateway: Gateway, asking: Asking, by: Dimension) -> Found:
        now, was = alike.samples(gateway, asking.scope, by, self._usual(gateway, asking))
        sides = [{values(group): own for group, own in each.groups.items()} for each in (was, now)]
        changes = quantile(self.q or 0.95, *sides, most=_ROWS)
        n0, n1 = (float(sum(n for own in side.values() for _, n in own)) for side in sides)
        guessed = replace(now.provenance, notes=(*now.provenance.notes, Note(NoteKind.ESTIMATED, "estimate")))
        sources = _sources([replace(guessed, exact=False)], [was.provenance])
        if not (was.provenance.exact and now.provenance.exact):
            total = self.measure.total(q=self.q)
            after, before = (maybe(each[total]) for each in asked(gateway, (total,), (total,), asking.scope))
            changes = _ended(changes, sources, before, after)
        watched = _watched(gateway, asking, was.provenance)
        return Found(changes, by, (n0, n1), sources, dict((*was.names, *now.names)), watched=watched)

    def _usual(self, gateway: Gateway, asking: Asking) -> str:
        """Return the source that tells the measure to the rest of the page."""
        drawn = self.measure.over_time(q=self.q)
        page = maybe(asked(gateway, (drawn,), (), asking.scope)[0][drawn])
        return page.provenance.source if page else AUTO

    def _split(self, found: Found) -> Split:
        changes = found.changes
        return Split(
            measure=self.measure,
            title=found.label or self.title,
            by=found.by.parts,
            before=float(changes.before or 0),
            after=float(changes.after or 0),
            movers=tuple(
                Mover(row.name, row.slices, float(row.amount), row.note.kind, row.note.before, row.note.after)
                for row in changes.rows
            ),
            rest=Rest(changes.rest.slices, float(changes.rest.amount), float(changes.rest.each))
            if changes.rest
            else None,
            lead=changes.lead,
            parts=tuple(Part(each.slice, each.before, each.after, float(each.amount)) for each in changes.parts),
            names=found.names,
        )


def _widest(explain: Callable[[Dimension], Found]) -> tuple[Found, str]:
    """Explain by the best cut that can be had; return with it why no better one could.

    A finer cut of what is not quite the measure explains another number than the page shows, so it comes last.
    """
    failures: list[FluxDashError] = []
    others: list[tuple[Found, str]] = []
    for by in CUTS:
        try:
            found = explain(by)
        except (NotReported, SourceUnreachable, BadPayload) as err:
            failures.append(err)
            continue
        why = _told(failures[0]) if failures else ""
        if found.label == found.usual:
            return found, f"cut finer, it is {_small(others[0][0].label)}" if others else why
        others.append((found, why))
    if others:
        return others[0]
    raise next((each for each in failures if isinstance(each, SourceError)), failures[-1])


def _sampled(gateway: Gateway, asking: Asking, usual: str) -> Sequence[str]:
    """Return what tells the samples of both windows, of the best cut that can be had, by the `usual` source or any."""
    failure: NotReported | None = None
    for by, source in product(CUTS, (usual, AUTO)):
        try:
            return [gateway.sample_statement(each, by, source) for each in (asking.scope, asking.scope.previous())]
        except NotReported as err:
            failure = failure or err
    raise failure or NotReported(_SUBJECT, ())


def _small(label: str | None) -> str:
    return f"{label[:1].lower()}{label[1:]}" if label else "another number"


def _told(error: FluxDashError) -> str:
    return " ".join(error.reasons) if isinstance(error, NotReported) else str(error)


def _slices(answers: Answers, every: Sequence[Answers]) -> dict[Slice, dict[str, float]]:
    """Return the amounts of each slice by part; those that some answer has no line for are one slice named Other."""
    cut = [known(each) for both in every for each in both.values() if known(each).other]
    listed = [{line.group for line in each.lines} for each in cut]
    found: dict[Slice, dict[str, float]] = {}
    for answer in map(known, answers.values()):
        for line in (*answer.lines, *([answer.other] if answer.other else [])):
            whole = line is not answer.other and all(line.group in each for each in listed)
            by = answer.query.question.by
            name = values(line.group or "") if whole else (OTHER,) * len(by.parts if by else ())
            amounts = found.setdefault(name, {})
            slug = answer.query.measure.slug
            amounts[slug] = amounts.get(slug, 0.0) + (line.total or 0.0)
    parts = [known(each).query.measure.slug for each in answers.values()]
    return {name: {part: amounts.get(part, 0.0) for part in parts} for name, amounts in found.items()}


def _sources(now: Sequence[Provenance], before: Sequence[Provenance]) -> tuple[Provenance, ...]:
    """Return where both windows come from; the one before does not age, so it is as old as the other."""
    as_of = min(each.as_of for each in now)
    return (*now, *(replace(each, as_of=as_of) for each in before))


def _left_out(source: Provenance, whole: Answer | None) -> Provenance:
    """Return where the parts come from, with what the measure itself says of filters that are not applied to it."""
    told = [each for each in whole.provenance.notes if each.kind is NoteKind.IGNORED_FILTER] if whole else []
    return replace(source, notes=tuple(dict.fromkeys((*source.notes, *told))))


def _watched(gateway: Gateway, asking: Asking, was: Provenance) -> bool:
    """Whether nearly all of the window before is known; asked where its source says that not all of it is, or can't."""
    if was.source == LOG and not any(note.kind is NoteKind.PARTIAL for note in was.notes):
        return True
    try:
        return gateway.answer(REQUESTS.over_time().within(asking.scope).previous(), was.source).is_watched
    except FluxDashError:
        return False


def _ended(changes: Changes, sources: Sequence[Provenance], before: Answer | None, after: Answer | None) -> Changes:
    """Return the change between the numbers that the rest of the page shows, where they are of the same source.

    Rounded samples, and counters that are cut finer, end a little off; the rest makes up the difference.
    """
    alike = {each.provenance.source if each else "" for each in (before, after)} == {each.source for each in sources}
    ends = [each.total if each else None for each in (before, after)]
    own = [changes.before, changes.after]
    if not alike or None in ends or None in own:
        return changes
    first, last = (Fraction(each or 0) for each in ends)
    near = all(isclose(end, each or 0, rel_tol=_NEAR) for end, each in zip((first, last), own, strict=True))
    return changes if near else changes.ending(first, last)


def _unfit(gateway: Gateway, found: Found, asking: Asking, needed: int) -> State | None:
    """Return the state of a panel with nothing to explain: no requests in a window, or too few to be compared."""
    before, now = found.counted
    clock, window = asking.look.clock, asking.scope.window
    source = TITLES.get(found.sources[0].source, found.sources[0].source)
    if not now:
        requests = maybe(asked(gateway, (_REQUESTS,), (), asking.scope)[0][_REQUESTS])
        if requests is not None and requests.total:  # those whose latency nobody wrote down
            return states.left_out(asking.scope, clock, requests.total)
        return states.nothing(asking.scope, clock, dict(found.names), source, *last_seen(gateway, asking.scope, clock))
    foot = f"{source} · vs {clock.short(window.previous())}"
    if not found.watched or not before or found.changes.change is None:
        lacking = "No request is recorded" if found.watched else "Too little is known"
        text = f"{lacking} {clock.between(window.previous())}, the window before this one."
        return State("empty", "compare", "Nothing to compare with", text, foot=foot)
    if min(before, now) < needed:
        text = f"{count(now)} requests now and {count(before)} before: under {needed}, chance alone would explain it."
        return State("empty", "compare", "Too few to compare", text, foot=foot)
    return None
