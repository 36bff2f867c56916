"""Key figures of the Cost page that take more than one question: the month to date, and requests without a price."""

from __future__ import annotations

from dataclasses import dataclass

from dash.development.base_component import Component

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import REQUESTS, UNPRICED
from fluxdash.sources.source import Gateway
from fluxdash.ui.studies.limit import limit
from fluxdash.ui.studies.month import spending
from fluxdash.ui.study import Asking, ask, known, maybe
from fluxdash.views.costtiles import month_tile, unpriced_tile

_UNPRICED, _BY_MODEL = UNPRICED.over_time(), UNPRICED.over_time(by=MODEL)
_REQUESTS = REQUESTS.over_time()


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """Spend since the month began, the share of the budget, and where it will end."""

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Component:
        found = spending(gateway, asking)
        budget = limit(gateway, asking, found.calendar)
        return month_tile(title, found.month(budget), found.answer, asking.look)


@dataclass(frozen=True, slots=True)
class WithoutPrice:
    """How many requests nobody could price, and of which models."""

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Component:
        now, before = ask(gateway, (_UNPRICED, _REQUESTS), (_UNPRICED,), asking.scope)
        unpriced = known(now[_UNPRICED])
        # Which models they are of is asked only where there are any: it is one more look at every row.
        found = ask(gateway, (_BY_MODEL,), (), asking.scope)[0] if unpriced.total else {}
        answers = maybe(now[_REQUESTS]), maybe(before[_UNPRICED]), maybe(found.get(_BY_MODEL))
        return unpriced_tile(title, unpriced, *answers, asking.look.clock)
