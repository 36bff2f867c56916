"""What stands behind the panels of the cache: one that is off, or that nobody reports, is never drawn as 0 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.measures import LOOKUPS, REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.units import SPACE, count
from fluxdash.sources.source import TITLES, Gateway
from fluxdash.ui import states
from fluxdash.ui.states import Action, State
from fluxdash.ui.studies.partly import Partly
from fluxdash.ui.study import Answers, Asking, Picture

_LOOKUPS, _REQUESTS = LOOKUPS.total(), REQUESTS.total()


@dataclass(frozen=True, slots=True)
class Looked:
    """A study of requests that asked the cache; `hint` says what would help where `inner` is not reported."""

    inner: Partly
    hint: str = ""

    def queries(self, asking: Asking) -> Sequence[Query]:
        return self.inner.queries(asking)

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        now, before = self.inner.ask(gateway, asking, _LOOKUPS, _REQUESTS)
        lookups, requests = now[_LOOKUPS], now[_REQUESTS]
        if isinstance(lookups, Answer) and isinstance(requests, Answer) and lookups.total == 0 and requests.total:
            return off(asking, requests)
        lacking = self._lacking(now)
        if lacking is not None and isinstance(lookups, NotReported):
            return states.of_error(lookups, "No cache metrics reported")
        if lacking is not None and self.hint:
            raise NotReported(lacking.subject, (*lacking.reasons, self.hint)) from lacking
        return self.inner.drawn(gateway, now, before, asking, title)

    def _lacking(self, now: Answers) -> NotReported | None:
        """Return why the first of the questions that need an answer is reported by nobody."""
        answers: list[Answer | FluxDashError] = [now[each] for each in self.inner.questions]
        return next((each for each in answers if isinstance(each, NotReported)), None)


def off(asking: Asking, requests: Answer) -> State:
    """Return the state of a window whose requests never asked the cache: there is no rate, which is not a rate of 0."""
    scope, source = asking.scope, requests.provenance.source
    text = (
        f"None of the {count(requests.total)} requests {asking.look.clock.between(scope.window)} asked the cache,"
        f" so there is no rate to show. This is not 0{SPACE}%."
    )
    clear = tuple(Action(f"Clear {each.dimension.title}", "clear", each.dimension.slug) for each in scope.filters)
    return State("empty", "cache", "The cache is off", text, "", clear, f"{TITLES.get(source, source)} · no lookups")
