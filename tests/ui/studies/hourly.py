"""A gateway whose spend is said for every hour and account, so that a month of it can be added up by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import OTHER, Answer, Line, Provenance
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import COST
from fluxdash.semantic.query import Query
from fluxdash.sources.source import AUTO
from tests.ui.fake import FakeGateway

HOUR = 3600


@dataclass
class Hourly(FakeGateway):
    """Accounts spend `cost[account](hour)` dollars in the hour that begins at `hour`; before `since` nobody watched.

    `most` is how many accounts a ranking names at most. A window longer than `longest` seconds is refused.
    """

    cost: Mapping[str, Callable[[int], float]] = field(default_factory=dict)
    since: int = 0
    named: Mapping[str, str] = field(default_factory=dict)
    most: int = 200
    longest: int = 10**9
    refusal: FluxDashError | None = None

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        self.asked.extend(queries)
        self.batches += 1
        return [self._refused(query) or self._told(query) for query in queries]

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        found = self.answers([query])[0]
        if isinstance(found, FluxDashError):
            raise found
        return found

    def _refused(self, query: Query) -> FluxDashError | None:
        return self.refusal if query.scope.window.seconds > self.longest else None

    def _told(self, query: Query) -> Answer:
        assert query.measure == COST
        window = query.scope.window
        wanted = next((each.values for each in query.scope.filters if each.dimension == ACCOUNT), None)
        accounts = [each for each in self.cost if wanted is None or each in wanted]
        source = Provenance("log", float(window.now), True, self.notes)
        names = tuple(self.named.items())
        if query.question.by is None:
            values = tuple(self._between(accounts, start, window.step) for start in window.starts)
            known = [each for each in values if each is not None]
            line = Line(None, sum(known) if known else None, len(known), values, values)
            return Answer(query, window, (line,), source, names=names)
        totals = {each: self._total([each], window.start, window.end) for each in accounts}
        spent = {each: total for each, total in totals.items() if total}
        ranked = sorted(spent, key=lambda each: -spent[each])
        lines = tuple(Line(each, spent[each], 1) for each in ranked[: self.most])
        rest = sum(spent[each] for each in ranked[self.most :])
        other = Line(OTHER, rest, 1) if len(ranked) > self.most else None
        return Answer(query, window, lines, source, other, len(ranked), names)

    def _between(self, accounts: Sequence[str], start: int, step: int) -> Amount:
        """What they spent in a bucket; an hour is spent evenly, and one that began unwatched is unknown."""
        if start < self.since:
            return None
        hour = start // HOUR * HOUR
        return sum(self.cost[each](hour) for each in accounts) * min(step, HOUR) / HOUR

    def _total(self, accounts: Sequence[str], start: int, end: int) -> float:
        hours = range(max(start, self.since), end, HOUR)
        return sum(self.cost[each](hour) for each in accounts for hour in hours)
