"""A panel: a title, the study behind it, and what it shows when that can't be had."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.errors import FluxDashError
from fluxdash.semantic.query import Query, Question
from fluxdash.sources.source import Gateway
from fluxdash.ui import states
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Charted, Picture, Stated, Study
from fluxdash.views.scene import View


def slug(title: str) -> str:
    """Return a title as ids and addresses carry it."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several ways to see a panel, chosen by a button in its head."""

    name: str
    questions: tuple[Question, ...] = ()
    view: View | None = None
    study: Study | None = None

    @property
    def slug(self) -> str:
        """Its name in the address."""
        return slug(self.name)


@dataclass(frozen=True, slots=True)
class Panel:
    """`questions` drawn by `view`, or a `study` of its own, or several `variants`, the first shown unless chosen.

    `width` is in twelfths of the row, `height` of the graph in pixels, 0 for a panel without one, such as a table;
    `unit` stands beside the title until the view says better. `how` says in a sentence what is shown, where the first
    measure's own meaning does not. `failures` says that a panel without a graph is about them: the way from its menu to
    the traces leads to the failed ones. A graph says so itself.
    """

    title: str
    questions: tuple[Question, ...] = ()
    view: View | None = None
    width: int = 12
    height: int = 245
    unit: str = ""
    study: Study | None = None
    variants: tuple[Variant, ...] = ()
    how: str = ""
    failures: bool = False

    @property
    def slug(self) -> str:
        """Its name in ids."""
        return slug(self.title)

    def chosen(self, asking: Asking) -> Variant | None:
        """Return the variant to show; one that does not exist is the first."""
        wanted = dict(asking.shown).get(self.slug)
        return next((each for each in self.variants if each.slug == wanted), next(iter(self.variants), None))

    def queries(self, asking: Asking) -> Sequence[Query]:
        """Return the queries that it rests on."""
        return self._study(asking).queries(asking)

    def stated(self, asking: Asking) -> Stated | None:
        """Return its study, if that one tells by itself what it runs."""
        study = self._study(asking)
        return study if isinstance(study, Stated) else None

    def draw(self, gateway: Gateway, asking: Asking) -> Picture | State:
        """Ask and draw; what goes wrong is a state of this panel and of no other."""
        try:
            return self._study(asking).draw(gateway, asking, self.title)
        except FluxDashError as err:
            return states.of_error(err)

    def _study(self, asking: Asking) -> Study:
        at = self.chosen(asking) or self
        if at.study is not None:
            return at.study
        if at.view is None:
            raise ValueError(f"{self.title} has neither a view nor a study")
        return Charted(at.questions, at.view)
