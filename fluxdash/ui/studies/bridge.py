"""The cost bridge from the gateway: the facts of every model and region in two windows, all from one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fluxdash.analysis.bridge import Facts, bridge
from fluxdash.errors import NotReported
from fluxdash.semantic.answer import Answer, NoteKind, Provenance
from fluxdash.semantic.dimensions import MODEL, REGION, Dimension, cross, values
from fluxdash.semantic.measure import Additive, Amount
from fluxdash.semantic.measures import CACHE_HITS, COST, INPUT_COST, PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS, REQUESTS
from fluxdash.semantic.query import Query, Question
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import State
from fluxdash.ui.studies.reasons import told
from fluxdash.ui.study import Answers, Asking, Picture, asked, empty, known, labelled, maybe, pictured
from fluxdash.views.bridge import bridge_chart
from fluxdash.views.scene import only
from fluxdash.views.shares import is_watched

_CUTS = (cross(MODEL, REGION), MODEL)
"""How cost is cut: as finely as it is told, for a source may tell cost by model alone."""

_EXTRA = (CACHE_HITS, PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS, INPUT_COST)


@dataclass(frozen=True, slots=True)
class Side:
    """One window: cost and requests by slice, and what else the same source tells about the same slices."""

    cost: Answer
    requests: Answer
    extra: Mapping[Additive, Answer]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All that it rests on."""
        return (self.cost, self.requests, *self.extra.values())

    def facts(self, told: Sequence[Additive]) -> list[Facts]:
        """Return the facts of each slice, with those of the extra measures that are told of both windows."""
        cost, requests = _amounts(self.cost), _amounts(self.requests)
        extra = {each: _amounts(self.extra[each]) for each in told}

        def more(measure: Additive, group: str) -> Amount:
            # Where a measure is told, a slice it does not name has none of it.
            return extra[measure].get(group, 0.0) if measure in extra else None

        def facts(group: str) -> Facts:
            amounts = (more(each, group) for each in _EXTRA)
            return Facts(*_slice(group), requests.get(group, 0.0), cost.get(group, 0.0), *amounts)

        return [facts(group) for group in {**cost, **requests}]


@dataclass(frozen=True, slots=True)
class CostBridge:
    """What moved the cost from the window before to this one; it compares always, for that is its point."""

    def queries(self, asking: Asking) -> Sequence[Query]:
        return [each.within(asking.scope) for each in _asked(_CUTS[0])]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        before, now = _sides(gateway, asking)
        # Another source may have watched all of it, but the facts are not that one's.
        source = before.cost.provenance.source
        whole = gateway.answer(COST.over_time().within(asking.scope).previous(), source)
        if not is_watched(whole):
            return _unwatched(asking, whole)
        if all(each.is_empty for side in (before, now) for each in (side.cost, side.requests)):
            return empty(asking, [now.cost])
        common = [each for each in _EXTRA if each in before.extra and each in now.extra]
        found = told(bridge(before.facts(common), now.facts(common)), now.cost.provenance.source)
        was = asking.look.clock.short(asking.scope.window.previous())
        drawing = bridge_chart(found, asking.look, asking.revision, was)
        picture = pictured(drawing, now.answers, asking, title)
        return replace(picture, sources=_sources(before, now), title=labelled(title, now.cost.provenance.label))


def _asked(by: Dimension) -> tuple[Question, ...]:
    return tuple(each.over_time(by=by) for each in (COST, REQUESTS, *_EXTRA))


def _unwatched(asking: Asking, whole: Answer) -> State:
    since = " ".join(note.text for note in whole.provenance.notes if note.kind is NoteKind.PARTIAL)
    was = asking.look.clock.between(asking.scope.window.previous())
    known = sum(each is not None for each in only(whole).values)
    told = f"only {known} of {whole.window.size} buckets are known" if known else "nothing is known"
    text = f"The bridge compares with the window before, and {told} {was}. {since}".strip()
    return State("empty", "compare", "Nothing to compare with", text)


def _sources(before: Side, now: Side) -> tuple[Provenance, ...]:
    """Return where all of it comes from: the window before does not age, and what was estimated is said once."""
    as_of = min(each.provenance.as_of for each in now.answers)
    past = (each.provenance for each in before.answers)
    kept = [(each, [note for note in each.notes if note.kind is not NoteKind.ESTIMATED]) for each in past]
    return (
        *(each.provenance for each in now.answers),
        *(replace(each, as_of=as_of, notes=tuple(notes)) for each, notes in kept),
    )


def _sides(gateway: Gateway, asking: Asking) -> tuple[Side, Side]:
    """Return the window before and that of the page, cut as finely as what is really the cost is told.

    Raises FluxDashError where neither it nor what comes near is told by model, or no requests are by the same source.
    """
    near: tuple[Side, Side] | None = None
    for by in _CUTS:
        # What little is known of the window before counts too: whether that is enough is asked of the whole.
        now, before = asked(gateway, _asked(by), _asked(by), asking.scope)
        costs = [maybe(each[COST.over_time(by=by)]) for each in (before, now)]
        if all(each is not None and each.other is None for each in costs):
            source = known(now[COST.over_time(by=by)]).provenance.source
            scopes = (asking.scope.previous(), before), (asking.scope, now)
            was, here = (_side(gateway, scope, by, answers, source) for scope, answers in scopes)
            if not (was.cost.provenance.label or here.cost.provenance.label):
                return was, here
            near = near or (was, here)
    if near is None:
        known(now[COST.over_time(by=_CUTS[-1])])
        raise NotReported("What moved the cost", ["There are too many models to compare each with itself."])
    return near


def _side(gateway: Gateway, scope: Scope, by: Dimension, answers: Answers, source: str) -> Side:
    """Return what one source tells of a window; two of them would differ by more than the cost did."""

    def told(measure: Additive) -> Answer:
        answer = known(answers[measure.over_time(by=by)])
        own = answer.provenance.source == source
        return answer if own else gateway.answer(measure.over_time(by=by).within(scope), source)

    cost = told(COST)
    extra = {each: maybe(answers[each.over_time(by=by)]) for each in _EXTRA}
    return Side(cost, told(REQUESTS), {each: own for each, own in extra.items() if own and _fits(own, cost)})


def _fits(extra: Answer, cost: Answer) -> bool:
    """Whether it is about the same requests: of one source, under the same filters, of a cost without hits."""
    if extra.provenance.source != cost.provenance.source or extra.other is not None:
        return False
    one, other = extra.provenance, cost.provenance
    return one.ignored == other.ignored and not (one.label or other.label)


def _amounts(answer: Answer) -> dict[str, float]:
    return {str(line.group): line.total or 0.0 for line in answer.lines}


def _slice(group: str) -> tuple[str, str]:
    """Return the model and the region of a group; without one where cost is not told by region."""
    model, *region = values(group)
    return model, region[0] if region else ""
