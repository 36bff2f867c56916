"""The single requests that cost most, which only a request log can name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.semantic.measures import COST
from fluxdash.semantic.query import Query
from fluxdash.semantic.records import Order
from fluxdash.sources.source import TITLES, Gateway
from fluxdash.ui import states
from fluxdash.ui.lastseen import last_seen
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.dearest import dearest


@dataclass(frozen=True, slots=True)
class Dearest:
    """The first `n` requests by cost."""

    n: int = 10

    def queries(self, asking: Asking) -> Sequence[Query]:
        return [COST.total().within(asking.scope)]

    def statements(self, gateway: Gateway, asking: Asking) -> Sequence[str]:
        return [gateway.record_statement(asking.scope, Order.COST, self.n)]

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        found = gateway.records(asking.scope, Order.COST, self.n)
        if not found.rows:
            source = found.provenance.source
            last = last_seen(gateway, asking.scope, asking.look.clock)
            return states.nothing(asking.scope, asking.look.clock, {}, TITLES.get(source, source), *last)
        models = [each.model for each in found.rows if each.model]
        drawing = dearest(found, asking.look, asking.seats(models), asking.revision)
        assert drawing.table is not None
        return Picture(drawing, (found.provenance,), title, drawing.table)
