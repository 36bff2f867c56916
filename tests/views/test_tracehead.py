"""The head of a trace: what the request cost, and only web addresses as links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import Opened
from fluxdash.semantic.window import Window
from fluxdash.views.scene import Look
from fluxdash.views.tracehead import head
from tests.ui.faketraces import RETRIED, FakeTraces
from tests.views.reading import every, prop, text

SCOPE = Scope(Window.last(3600, 1_795_460_400.0))


def opened() -> Opened:
    found = FakeTraces().open(RETRIED.padded, SCOPE)
    assert found is not None
    return found


def test_the_request_stands_beside_its_trace() -> None:
    said = text(head(opened(), Look(), {}, spans_kept=True))
    for each in (RETRIED.padded, "acme-retail", "1.00 s", "$0.01278", "1,204 · 611", "miss", "1 error"):
        assert each in said


def test_what_the_log_does_not_know_is_said_and_is_not_0() -> None:
    said = text(head(replace(opened(), record=None), Look(), {}, spans_kept=True))
    assert "No request log tells of this trace" in said
    assert "Cost –" in said


def test_the_model_is_named_where_only_the_spans_tell_it() -> None:
    told = replace(opened(), record=None, model="anthropic.claude-3-opus-20240229-v1:0")
    assert "claude-3-opus · 23 Nov" in text(head(told, Look(), {}, spans_kept=True)).replace("  ", " ")


@pytest.mark.parametrize(("own", "found"), [("req 1&x", "req%201%26x"), (None, RETRIED.padded)])
def test_the_way_to_the_row_leads_to_the_minutes_around_it(own: str | None, found: str) -> None:
    told = opened()
    assert told.record is not None
    told = replace(told, record=replace(told.record, request_id=own))
    (link,) = (
        each
        for each in every(head(told, Look(), {}, spans_kept=True))
        if text(each) == "Request" and prop(each, "href")
    )
    assert link.href == f"requests?from=2026-11-23T18:59:01Z&to=2026-11-23T19:01:01Z&find={found}"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil", "https:evil", "http://[", None])
def test_only_a_web_address_becomes_a_link(link: str | None) -> None:
    shown = head(replace(opened(), link=link), Look(), {}, spans_kept=True)
    assert not [each for each in every(shown) if prop(each, "target") == "_blank"]


def test_the_stores_own_screen_is_linked_without_telling_it_who_asks() -> None:
    link = next(each for each in every(head(opened(), Look(), {}, spans_kept=True)) if prop(each, "target") == "_blank")
    assert (link.href, link.rel) == (f"https://jaeger.example/trace/{RETRIED}", "noopener noreferrer")
