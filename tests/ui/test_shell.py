"""The shell as it is sent: every dimension can be filtered by, every page has a key, and every zone is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import dash
import pytest
from dash.development.base_component import Component

from fluxdash.app import create_app
from fluxdash.errors import BadRequest
from fluxdash.pages import PAGES
from fluxdash.semantic.dimensions import ACCOUNT, DIMENSIONS, MODEL, REGION
from fluxdash.settings import Settings
from fluxdash.sources.source import SourceState
from fluxdash.ui.bar import spoken_window, window_data
from fluxdash.ui.dialogs import letter
from fluxdash.ui.filters import offered
from fluxdash.ui.house import House
from fluxdash.ui.page import Book
from fluxdash.ui.preferences import Preferences
from fluxdash.ui.shell import layout
from fluxdash.views.times import Clock
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import FakeTraces
from tests.ui.wire import body, callback

NOW = 1_795_444_345.0  # 2026-11-23 14:32:25 UTC
BERLIN = ZoneInfo("Europe/Berlin")


def every(part: Any) -> Iterator[Component]:
    if isinstance(part, (list, tuple)):
        for each in part:
            yield from every(each)
    elif isinstance(part, Component):
        yield part
        yield from every(getattr(part, "children", None))


def house(preferences: Preferences | None = None) -> House:
    return House(Book(PAGES), FakeGateway(), preferences or Preferences(), lambda: NOW, "/")


def shell() -> list[Component]:
    return list(every(layout(Book(PAGES), Preferences(), "/obs/")))


def marks(name: str) -> list[str]:
    return [getattr(each, name) for each in shell() if hasattr(each, name)]


def test_the_dimensions_of_the_pages_come_first_and_all_others_can_be_added() -> None:
    assert offered((ACCOUNT, MODEL, REGION))[:3] == (ACCOUNT, MODEL, REGION)
    assert set(offered((REGION,))) == set(DIMENSIONS)


def test_every_dimension_has_a_pill_and_a_list_of_its_values() -> None:
    pops = marks("data-pop")
    assert {f"filter-{each.slug}" for each in DIMENSIONS} <= set(pops)
    opened = marks("data-open")
    assert all(opened.count(f"filter-{each.slug}") == 1 for each in (ACCOUNT, MODEL, REGION))
    assert all(opened.count(f"filter-{each.slug}") == 2 for each in DIMENSIONS if each not in (ACCOUNT, MODEL, REGION))


def test_whatever_opens_something_has_something_to_open() -> None:
    assert set(marks("data-open")) <= set(marks("data-pop"))
    assert len(marks("data-pop")) == len(set(marks("data-pop")))


def test_every_page_has_a_letter_of_its_own() -> None:
    letters = [letter(each) for each in Book(PAGES).pages]
    assert letters == ["o", "c", "a", "m", "t", "r", "l", "s"]


def test_the_browser_learns_where_it_is_served() -> None:
    assert marks("data-prefix") == ["/obs/"]


def test_a_dimension_that_does_not_exist_is_refused() -> None:
    assert house().dimension("status").title == "Status"
    with pytest.raises(BadRequest):
        house().dimension("colour")


def test_all_that_is_drawn_is_drawn_in_the_zone_of_the_address() -> None:
    at = house()
    asked = at.asked(at.address("?zone=Europe/Berlin"), "?zone=Europe/Berlin")
    assert asked.look.clock == Clock(BERLIN)
    assert at.asked(at.address(""), "").look.clock == Clock()


def test_the_window_is_told_in_the_zone_of_the_address_and_the_zone_can_be_changed_there() -> None:
    read = house().address("?range=1h&zone=Europe/Berlin")
    said = spoken_window(read, Clock(BERLIN))
    assert said[0] == "Mon 23 Nov, 14:31 – 15:31 "
    assert said[1].children[0] == "CET"
    assert getattr(said[1], "data-open") == "zone"
    assert said[2].children == " vs 13:31 – 14:31"


def test_the_browser_is_told_the_offset_of_the_zone_but_the_days_of_the_reports() -> None:
    at = house(Preferences(clock=Clock(ZoneInfo("America/New_York"))))
    data = window_data(at.address("?zone=Europe/Berlin"), at.preferences, NOW)
    assert data["offset"] == 3600
    assert data["days"]["yesterday"] == (1_795_323_600.0, 1_795_410_000.0)  # midnights of New York: 05:00 UTC


@pytest.fixture(scope="module")
def app() -> dash.Dash:
    return create_app(Settings(), FakeGateway())


def test_a_typed_range_is_read_in_the_zone_of_the_page(app: dash.Dash) -> None:
    view = {"search": "?zone=Europe/Berlin", "theme": "light", "narrow": False, "beat": 1}
    sent = body(app, callback(app, "range-typed"), [1, None, None, "2026-11-02 10:00", "2026-11-02 12:00", view])
    answer = app.server.test_client().post("/_dash-update-component", json=sent)
    words = answer.get_json()["response"]["range-typed"]["data"]["words"]
    assert words == {"from": "2026-11-02T09:00:00Z", "to": "2026-11-02T11:00:00Z"}


def test_a_further_dimension_can_be_asked_for_its_values(app: dash.Dash) -> None:
    asked = {"search": "?range=1h", "beat": 1}
    sent = json.loads(json.dumps(body(app, callback(app, "choices"), [asked], match="status")))
    answer = app.server.test_client().post("/_dash-update-component", json=sent)
    assert answer.status_code == 200, answer.get_json()
    told = json.dumps(answer.get_json())
    assert "success" in told
    assert "timeout" in told


@pytest.mark.parametrize(
    ("spans", "listed"),
    [
        (SourceState("spans", "ok"), False),
        (SourceState("spans", "absent", None, "The database has no table trace_spans."), False),
        (SourceState("spans", "ok", NOW), True),
        (SourceState("spans", "down", None, "cannot be reached"), True),
    ],
)
def test_a_table_of_spans_is_a_source_once_it_was_read_or_failed(spans: SourceState, listed: bool) -> None:
    class Stores(FakeTraces):
        def states(self) -> tuple[SourceState, ...]:
            return (spans,)

    told = House(Book(PAGES), FakeGateway(), Preferences(), lambda: NOW, "/", traces=Stores()).states
    assert ("spans" in {each.name for each in told}) == listed


def test_the_log_was_read_when_traces_last_read_it() -> None:
    class Stores(FakeTraces):
        def states(self) -> tuple[SourceState, ...]:
            return (SourceState("log", "ok", NOW),)

    class Gateway(FakeGateway):
        log = SourceState("log", "ok", NOW - 60)

        def states(self) -> tuple[SourceState, ...]:
            return (self.log,)

    gateway = Gateway()
    house = House(Book(PAGES), gateway, Preferences(), lambda: NOW, "/", traces=Stores())
    assert house.states == (SourceState("log", "ok", NOW),)
    gateway.log = SourceState("log", "down", NOW - 60, "cannot be reached")
    assert house.states == (gateway.log,)
