"""What the cache gives back for each model: hits, misses, hit rate by type, and savings."""

from __future__ import annotations

from dataclasses import dataclass

from dash.development.base_component import Component

from fluxdash.semantic.answer import OTHER, Answer, Line
from fluxdash.semantic.dimensions import CACHE_TYPE, MODEL, cross, values
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import CACHE_HITS, CACHE_MISSES, HIT_RATE, SAVINGS
from fluxdash.semantic.query import MOST_GROUPS, MOST_SLICES, Question
from fluxdash.semantic.units import Unit, count, figure
from fluxdash.views.cachetypes import Kind, kinds
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Drawing, Scene
from fluxdash.views.tables import Head, Row, bar, filtering, named, table
from fluxdash.views.tabular import Column, Table

_MOST_ROWS = 50
_HEADS = (
    Head("Model", numeric=False),
    Head("Hits", ranked=True),
    Head("Misses", spare=True),
    Head("By type", numeric=False),
    Head("Hit rate"),
    Head("Saved"),
)

EACH = tuple(measure.top(MOST_GROUPS, by=MODEL) for measure in (CACHE_HITS, CACHE_MISSES, HIT_RATE))
"""What the table is made of: hits, misses and their rate, each by model."""

WHOLE = tuple(measure.total() for measure in (CACHE_HITS, CACHE_MISSES, HIT_RATE))
"""The same of everything, for the last row."""

SAVED = (SAVINGS.top(MOST_GROUPS, by=MODEL), SAVINGS.total())
TYPES = CACHE_HITS.top(MOST_SLICES, by=cross(MODEL, CACHE_TYPE))


@dataclass(frozen=True, slots=True)
class Share:
    """What the cache did for one model, or for all of them; `by_type` holds hits by type of hit."""

    hits: Amount
    misses: Amount
    rate: Amount
    saved: Amount
    by_type: tuple[tuple[str, float], ...] = ()

    def cells(self) -> tuple[str, str, str, str]:
        """Return hits, misses, rate and savings as a table writes them."""
        return (
            count(self.hits),
            count(self.misses),
            str(figure(Unit.SHARE, self.rate)),
            str(figure(Unit.DOLLARS, self.saved)),
        )


def hits_by_model(scene: Scene) -> Drawing:
    """Draw EACH and WHOLE as a table, with savings and hits by type where they could be had.

    Only numbers under the same filters stand in one row: what ignores others than the hits do is not told.
    """
    saved_each, saved = (_alike(scene, question) for question in SAVED)
    typed = _by_type(scene)
    shares = {
        group: Share(*_row(scene, group), _of(saved_each, group), typed.get(group, ()))
        for group in dict.fromkeys(str(line.group) for question in EACH for line in _lines(scene.told(question)))
    }
    asked = [(group, each) for group, each in shares.items() if each.hits or each.misses]
    ranked = sorted(asked, key=lambda item: (-(item[1].hits or 0), -(item[1].misses or 0), item[0]))
    shown = ranked[:_MOST_ROWS]
    hits, misses, rate = (_alike(scene, question) for question in WHOLE)
    whole = Share(_total(hits), _total(misses), _total(rate), _total(saved))
    models = [group for group, _ in shown]
    called, colours = names(models), tokens(models, scene.seats)
    highest = max((each.rate or 0 for _, each in shown), default=0) or 1
    rows = [_drawn(called[group], colours[group], group, each, highest) for group, each in shown]
    if len(ranked) > 1:
        rows.append(_sums(whole, len(ranked)))
    asked_for = scene.answers[0].provenance.source == "prometheus"
    parts = [f"{len(shown)} of {len(ranked)} models"] if len(shown) < len(ranked) else []
    parts += ["model asked for, not used"] if asked_for else []
    parts += ["–: not told under these filters"] if _apart(scene) else []
    foot = " · ".join(parts)
    told = f"{whole.cells()[0]} hits, {whole.cells()[1]} misses, hit rate {whole.cells()[2]}, {whole.cells()[3]} saved"
    sentence = f"Cache by model: {told} in all; {scene.look.clock.window(scene.window)}."
    beside = table("Cache by model", _HEADS, rows, "by-model")
    return Drawing(None, sentence, "hit rate and savings", foot, beside, _listed(ranked, called, whole))


def _row(scene: Scene, group: str) -> tuple[Amount, Amount, Amount]:
    hits, misses, rate = (_of(_alike(scene, question), group) for question in EACH)
    return hits, misses, rate


def _alike(scene: Scene, question: Question) -> Answer | None:
    """Return the answer to a question, if the same filters narrow it as the hits."""
    found = scene.told(question)
    return found if found is not None and found.provenance.ignored == scene.answers[0].provenance.ignored else None


def _apart(scene: Scene) -> bool:
    told = (scene.told(each) for each in (*EACH, *WHOLE, *SAVED))
    return any(each and each.provenance.ignored != scene.answers[0].provenance.ignored for each in told)


def _lines(answer: Answer | None) -> tuple[Line, ...]:
    if answer is None:
        return ()
    return (*answer.lines, answer.other) if answer.other else answer.lines


def _of(answer: Answer | None, group: str) -> Amount:
    return next((line.total for line in _lines(answer) if line.group == group), None)


def _total(answer: Answer | None) -> Amount:
    return answer.total if answer else None


def _by_type(scene: Scene) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return the hits of each model by the colour's token of their type, in the order of the types."""
    answer = _alike(scene, TYPES)
    if answer is None or answer.provenance.source != scene.answers[0].provenance.source:
        return {}
    found: dict[str, dict[str, float]] = {}
    for line in answer.lines:
        parts = values(str(line.group))
        if len(parts) == 2 and line.total:
            found.setdefault(parts[0], {})[parts[1]] = line.total
    return {model: _in_order(answer, hits) for model, hits in found.items()}


def _in_order(answer: Answer, hits: dict[str, float]) -> tuple[tuple[str, float], ...]:
    lines = tuple(Line(kind, amount, amount) for kind, amount in hits.items())
    every: list[Kind] = kinds(Answer(answer.query, answer.window, lines, answer.provenance))
    return tuple((each.token, each.line.total or 0.0) for each in every)


def _drawn(name: str, token: str, group: str, share: Share, highest: float) -> Row:
    hits, misses, rate, saved = share.cells()
    cells = (named(name, token, group), hits, misses, _bar(share, highest), (rate, "b"), saved)
    return Row(cells, None if group == OTHER else filtering(MODEL, group))


def _bar(share: Share, highest: float) -> Component | None:
    """Return the hit rate as a bar of its types; as wide as the highest rate is the whole width."""
    if not share.hits or share.rate is None:
        return bar((0.0, "m-main"))
    typed = share.by_type or (("m-main", share.hits),)
    left = share.hits - sum(amount for _, amount in typed)
    parts = [*typed, ("m-quiet", left)] if left > 0.5 else typed
    return bar(*((amount / share.hits * share.rate / highest, token) for token, amount in parts))


def _sums(whole: Share, models: int) -> Row:
    hits, misses, rate, saved = ((cell, "b") for cell in whole.cells())
    return Row(((f"All {models} models", "b"), hits, misses, None, rate, saved))


def _listed(ranked: list[tuple[str, Share]], called: object, whole: Share) -> Table:
    columns = (
        Column("Model"),
        Column("Hits", Unit.COUNT),
        Column("Misses", Unit.COUNT),
        Column("Hit rate", Unit.SHARE),
        Column("Savings", Unit.DOLLARS),
    )
    rows = [(group, each.hits, each.misses, each.rate, each.saved) for group, each in ranked]
    return Table(columns, (*rows, ("All models", whole.hits, whole.misses, whole.rate, whole.saved)))
