"""The menus of the lists that are no panels: what is copied is the query behind what is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.app import create_app
from fluxdash.errors import SourceUnreachable
from fluxdash.settings import Settings
from fluxdash.ui import ids
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import FakeTraces
from tests.ui.test_tracing import Browser


def browser(gateway: FakeGateway, traces: FakeTraces | None) -> Browser:
    return Browser(create_app(Settings(), gateway, traces=traces))


def asked(at: Browser, panel: str, search: str = "") -> str:
    return at.ask(ids.INSIGHT, {"panel": panel, "what": "query", "search": search, "beat": 1})


@pytest.mark.parametrize("name", ids.LISTS)
def test_the_menu_of_a_list_copies_its_query(name: str) -> None:
    told = asked(browser(FakeGateway(), FakeTraces()), name, "?range=1h&sort=cost")
    assert ("SELECT requests BY cost LIMIT 200" if name == "log" else "api\\u002ftraces?service=gateway") in told


def test_a_log_that_cannot_be_sorted_so_is_not_told_to_be() -> None:
    gateway = FakeGateway()
    gateway.log_extent = replace(gateway.log_extent, unsortable="There are too many rows.")
    assert "BY time" in asked(browser(gateway, FakeTraces()), "log", "?sort=cost")


def test_what_cannot_be_had_says_why() -> None:
    failing = FakeTraces(wrong=SourceUnreachable("Jaeger", "connection refused"))
    assert "-- Jaeger: connection refused" in asked(browser(FakeGateway(), failing), "traces")
    assert "No store of spans and no request log is set up" in asked(browser(FakeGateway(), None), "traces")
