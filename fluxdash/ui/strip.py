"""A strip of tiles: numbers that are asked together and fail alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from dash.development.base_component import Component

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.query import Question
from fluxdash.sources.source import TITLES, Gateway, slug_of
from fluxdash.ui import states
from fluxdash.ui.panel import slug
from fluxdash.ui.states import State
from fluxdash.ui.study import Answers, Asking, ask, maybe
from fluxdash.views.readouts import Beside, TileScene, empty_tile, tile


class TileStudy(Protocol):
    """A tile that takes more than one question."""

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Component:
        """Return the tile; raises FluxDashError where there is no number."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of a strip, and the smaller ones beside it; or a `study` of its own."""

    title: str
    question: Question | None = None
    beside: tuple[Beside, ...] = ()
    study: TileStudy | None = None


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles as they are drawn, and when their numbers were read; None where no question was answered.

    `told` is whether any of them has a number; `passing` whether none has, and only because of sources that failed;
    `source` and `reason` are for the counts, as those of a State.
    """

    drawn: tuple[Component, ...]
    as_of: float | None
    told: bool
    passing: bool
    source: str = ""
    reason: str = ""

    @property
    def state(self) -> str:
        """How the strip stands as a whole: `partial` where some of its numbers could not be had."""
        return "failed" if not self.told else "partial" if self.reason else "data"


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of tiles that are asked together; each fails alone."""

    title: str
    tiles: tuple[Tile, ...]
    width: int = 12

    @property
    def slug(self) -> str:
        """Its name in ids."""
        return slug(self.title)

    def draw(self, gateway: Gateway, asking: Asking) -> Tiles:
        """Ask for all tiles at once and return them in their order."""
        own = [each.question for each in self.tiles if each.question]
        smaller = [each.question for every in self.tiles for each in every.beside]
        now, before = ask(gateway, (*own, *smaller), own, asking.scope)
        answers = [each for each in now.values() if isinstance(each, Answer)]
        usual = Counter(each.provenance.source for each in answers)
        source = usual.most_common(1)[0][0] if usual else ""
        as_of = min((each.provenance.as_of for each in answers), default=None)
        found = [_tile(each, gateway, now, before, asking, source) for each in self.tiles]
        failed = [each for each in found if isinstance(each, State)]
        drawn = tuple(
            _lacking(each, shown) if isinstance(shown, State) else shown
            for each, shown in zip(self.tiles, found, strict=True)
        )
        told = len(failed) < len(found)
        passing = not told and any(each.passing for each in failed) and all(_may_stand(each) for each in failed)
        worst = next((each for each in failed if each.kind == "failed"), None)
        where = (worst.source, worst.reason) if worst else (slug_of(source) if source else "", "")
        return Tiles(drawn, as_of, told, passing, *where)


def _tile(
    each: Tile, gateway: Gateway, now: Answers, before: Answers, asking: Asking, source: str
) -> Component | State:
    if each.study is not None:
        try:
            return each.study.draw(gateway, asking, each.title)
        except FluxDashError as err:
            return states.of_error(err)
    if each.question is None:
        raise ValueError(f"{each.title} has neither a question nor a study")
    answer = now[each.question]
    if isinstance(answer, FluxDashError):
        return states.of_error(answer)
    return tile(
        TileScene(
            title=each.title,
            answer=answer,
            before=maybe(before.get(each.question)),
            beside=[(small, maybe(now.get(small.question))) for small in each.beside],
            clock=asking.look.clock,
            drawn_before=asking.compared,
            usual_source=source,
            source_titles=tuple(TITLES.items()),
        )
    )


def _may_stand(state: State) -> bool:
    return state.passing or state.kind == "absent"


def _lacking(each: Tile, state: State) -> Component:
    return empty_tile(each.title, state.title, state.text, failed=state.kind == "failed")
