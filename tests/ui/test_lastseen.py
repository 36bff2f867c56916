"""Where an empty window leads: to the last request before it, under the same filters."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from fluxdash.errors import SourceTimeout
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import REGION
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.lastseen import last_seen
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Charted
from fluxdash.views.charts import token_usage
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock
from tests.ui.fake import FakeGateway

NOW = 1_795_444_345.0  # 2026-11-23 14:32:25 UTC
HOUR = 3600
SCOPE = Scope(Window.last(HOUR, NOW), (Filter.of(REGION, ["us-east-1"]),))


@dataclass
class Gone(FakeGateway):
    """A gateway that nobody asked any more from a moment on."""

    until: float = field(default=0.0)

    def _amount(self, measure, start, seconds):  # type: ignore[no-untyped-def]
        return super()._amount(measure, start, seconds) if start < self.until else 0.0


@pytest.mark.parametrize(
    ("until", "said", "way", "start"),
    [
        (NOW - 50 * HOUR, "The last one was on 21 Nov.", "Go to 21 Nov", "2026-11-21 12:00"),
        (NOW - 4 * HOUR, "The last one was between 10:00 and 12:00 UTC.", "Go to 10:00", "2026-11-23 10:00"),
    ],
)
def test_it_says_when_the_last_one_was_and_leads_there(until: float, said: str, way: str, start: str) -> None:
    told, (action,) = last_seen(Gone(until=until), SCOPE, Clock())
    assert told.replace("\u00a0", " ") == said
    assert (action.text, action.attribute) == (way, "between")
    first, last = map(int, action.value.split())
    assert Clock().at(first).strftime("%Y-%m-%d %H:%M") == start
    assert last - first == 2 * HOUR


def test_where_there_was_none_for_a_week_it_says_so_and_leads_nowhere() -> None:
    assert last_seen(Gone(), SCOPE, Clock()) == ("Nor was there one in the 7 days before.", ())


def test_where_nobody_can_tell_nothing_is_said() -> None:
    gateway = FakeGateway(wrong={"requests": SourceTimeout("Prometheus", "did not answer in 10 s")})
    assert last_seen(gateway, SCOPE, Clock()) == ("", ())


def test_the_week_is_that_before_the_window_under_its_filters_and_never_reaches_into_the_future() -> None:
    for at in (NOW, NOW + 30 * 60, NOW + 2 * HOUR):
        gateway, scope = Gone(), Scope(Window.last(300, at), SCOPE.filters)
        last_seen(gateway, scope, Clock())
        query = gateway.asked[-1]
        window = query.scope.window
        assert query.scope.filters == SCOPE.filters
        assert window.seconds == 7 * 86_400
        assert scope.window.start - 7200 < window.end <= at - 30
        assert not window.head


def test_an_empty_panel_says_it_and_offers_the_way_beside_the_others() -> None:
    asking = Asking(SCOPE, Look(), False)
    shown = Charted((REQUESTS.over_time(),), token_usage).draw(Gone(until=NOW - 50 * HOUR), asking, "Tokens")
    assert isinstance(shown, State)
    assert shown.text.endswith("The last one was on 21\u00a0Nov.") or shown.text.endswith("The last one was on 21 Nov.")
    assert [each.text for each in shown.actions] == ["Clear Region", "Go to 21 Nov"]


@pytest.mark.parametrize("ago", [11 * 60, 40 * 60, 110 * 60])
def test_one_that_came_just_before_a_short_window_is_found(ago: int) -> None:
    for at in (NOW, NOW + 40 * 60, NOW + 95 * 60):
        scope = Scope(Window.last(300, at))
        _, (action,) = last_seen(Gone(until=at - ago), scope, Clock())
        first, last = map(int, action.value.split())
        assert first <= at - ago <= last + 60


def test_under_conditions_a_week_is_not_read_for_a_sentence() -> None:
    gateway = Gone(until=NOW - 4 * HOUR)
    held = Scope(SCOPE.window, conditions=(condition("error:contains:x"),))
    assert last_seen(gateway, held, Clock()) == ("", ())
    assert not gateway.asked
