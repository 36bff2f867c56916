"""The callbacks of the traces: whose accounts are limited sees nothing of others, and a wrong id reaches nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
import pytest

from fluxdash.app import create_app
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.traffic import Traffic
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.semantic.scope import Grant
from fluxdash.settings import Settings
from fluxdash.sources.trace_store import Traces
from fluxdash.sources.tracing import connect_traces
from fluxdash.ui import dissection, house, ids
from fluxdash.ui.address import Address, read
from fluxdash.ui.page import Book
from fluxdash.ui.preferences import Preferences
from tests.servers.answering import Answering, Question, Reply, told
from tests.ui import wire
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import RETRIED, FakeTraces

START, END = 1_795_003_200, 1_795_010_400
SEARCH = "?from=2026-11-18T12:00:00Z&to=2026-11-18T14:00:00Z"
ACME, BANK = ACCOUNTS[0], ACCOUNTS[1]
NOBODYS = "deadbeefdeadbeefdeadbeefdeadbeef"
AGE = re.compile(r'"children":"[^"]*","data-as-of":"\d+"')


@dataclass(frozen=True)
class Browser:
    """Asks for callbacks as a browser does."""

    app: dash.Dash

    def ask(self, output: str, *values: Any) -> str:
        """Return the body of the answer to a callback's inputs and states."""
        client = self.app.server.test_client()
        name = wire.callback(self.app, output)
        answer = client.post("/_dash-update-component", json=wire.body(self.app, name, list(values)))
        assert answer.status_code in (200, 204), answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def opened(self, trace_id: str) -> str:
        return self.ask(ids.TRACE_SHEET, {"id": trace_id, "search": SEARCH, "beat": 1})

    def listed(self, search: str = "") -> str:
        return self.ask(ids.TRACE_LIST, {**wire.VIEW, "search": SEARCH + search}, None)

    def compared(self, trace_id: str) -> str:
        return self.ask(ids.TRACE_ALIKE, {"id": trace_id, "search": SEARCH, "beat": 1})

    def span(self, trace_id: str, place: int = 0) -> str:
        return self.ask(ids.TRACE_DRAWER, {"id": trace_id, "place": place, "search": SEARCH, "beat": 1})


@pytest.fixture(scope="module")
def requests() -> tuple[Request, ...]:
    return tuple(Traffic(seed=9, rate=0.1).between(START, END))


@pytest.fixture(scope="module", params=["spans", "rows"])
def traces(
    request: pytest.FixtureRequest, requests: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Traces]:
    """A log with the spans of all requests beside it, or without."""
    path: Path = tmp_path_factory.mktemp("log") / "log.db"
    url = f"sqlite:///{path}"
    kept = [RequestLog(url), *([SpanLog(url)] if request.param == "spans" else [])]
    for each in kept:
        each.insert(requests)
        each.close()
    found = connect_traces(Settings.from_env({"DATABASE_URL": url}), profile("fluxai"))
    yield found
    found.close()


def seeing(monkeypatch: pytest.MonkeyPatch, traces: Traces, accounts: frozenset[str] | None) -> Browser:
    """A browser of somebody who may see these accounts; the server says so, whatever the address does."""

    def granted(search: str, now: float, refresh: int | None = None) -> Address:
        return read(search, now, refresh, Grant(accounts))

    monkeypatch.setattr(house, "read", granted)
    return Browser(create_app(Settings(), FakeGateway(), traces=traces))


def of(requests: tuple[Request, ...], account: str, *, failed: bool = False) -> list[str]:
    return [str(each.trace_id) for each in requests if each.account_id == account and each.failed >= failed]


def test_another_accounts_trace_is_answered_word_for_word_as_one_that_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    browser = seeing(monkeypatch, traces, frozenset({ACME.id}))
    mine, theirs = of(requests, ACME.id)[0], of(requests, BANK.id)[0]
    assert mine in browser.opened(mine)
    for written in (theirs, theirs.upper(), theirs[:8]):
        assert browser.opened(written) == browser.opened(NOBODYS)
        assert browser.compared(written) == browser.compared(NOBODYS)
        assert browser.span(written) == browser.span(NOBODYS)
    assert "No such trace" in browser.opened(theirs)
    said = (browser.listed(f"&id={each}").replace(each, NOBODYS) for each in (theirs, NOBODYS))
    assert len({AGE.sub("", each) for each in said}) == 1


def test_who_may_see_all_sees_it(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    browser, theirs = seeing(monkeypatch, traces, None), of(requests, BANK.id)[0]
    assert BANK.name in browser.opened(theirs)
    assert "starts at" in browser.span(theirs)


def test_no_list_no_dot_and_no_number_tells_of_other_accounts(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    browser = seeing(monkeypatch, traces, frozenset({ACME.id}))
    mine, others = set(of(requests, ACME.id)), {str(each.trace_id) for each in requests} - set(of(requests, ACME.id))
    for search in ("", "&errors=on", "&min=1s", f"&account={BANK.id}", "&status=error", "&before=1795010000000000000"):
        said = browser.listed(search)
        assert not [each for each in others if each in said], search
        assert not [each.name for each in ACCOUNTS[1:] if each.name in said], search
    listed = browser.listed()
    rows = json.loads(listed)["response"][ids.TRACE_LIST]["children"]
    assert sum(each in json.dumps(rows) for each in mine) == 200 < len(mine)
    assert f"newest 200 of {len(mine)} that match" in listed


def test_beside_the_newest_the_dots_show_what_is_older_all_over_the_window(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    """A list of the newest of many says nothing of the rest of the window; a list of all leaves nothing out."""
    browser = seeing(monkeypatch, traces, None)

    def dots(search: str) -> dict[str, Any]:
        figure = json.loads(browser.listed(search))["response"][ids.TRACE_DOTS]["figure"]
        return {each["uid"]: each for each in figure["data"]}

    found = dots("")
    assert found["outside"]["name"] == "older, not listed"
    listed = set(found["ok"]["ids"]) | set(found.get("error", {"ids": ()})["ids"])
    older = [*found["outside"]["ids"], *found.get("outside-error", {"ids": []})["ids"]]
    began = {str(each.trace_id): each.time - each.latency_ms / 1000 for each in requests}
    assert max(began[each] for each in older) < min(began[each] for each in listed)
    quarters = {round((began[each] - START) / (END - START) * 4) for each in older}
    assert len(quarters) >= 3
    assert "outside" not in dots(f"&account={ACCOUNTS[-1].id}")
    assert "older, not listed" not in browser.listed("&min=1s")


def test_the_same_error_is_counted_among_what_may_be_seen(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    failed = [each for each in requests if each.failed and each.error_type]
    told = next(each for each in failed if each.account_id != failed[0].account_id or each is failed[-1])
    alike = [each for each in failed if each.error_type == told.error_type]
    for accounts, many in (
        (None, len(alike)),
        (frozenset({told.account_id}), sum(each.account_id == told.account_id for each in alike)),
    ):
        browser = seeing(monkeypatch, traces, accounts)
        opened = json.loads(browser.opened(str(told.trace_id)))["response"][ids.TRACE_SHEET]["data"]
        place = json.loads(opened)["flags"].index(next(each for each in json.loads(opened)["flags"] if each & 1))
        said = browser.span(str(told.trace_id), place)
        assert f'"Same error, {many}"' in said
        assert f'"data-trace-same":"error_type={told.error_type}"' in said.replace(": ", ":")
        assert browser.listed(f"&error_type={told.error_type}").count("data-trace-open") == many


def test_the_operations_that_are_offered_are_those_of_the_documentation(
    monkeypatch: pytest.MonkeyPatch, traces: Traces
) -> None:
    tracing = profile("fluxai").tracing
    assert tracing is not None
    found = json.loads(seeing(monkeypatch, traces, frozenset({ACME.id})).listed())
    offered = found["response"][ids.TRACE_OPERATIONS]["children"]
    assert tuple(each["props"]["value"] for each in offered) == tracing.operations


WRONG = ("../api/services", "80688fc3%2f..%2fapi%2fservices", "80688fc3?x=1", "80688fc3&x=1", "xyz", "0" * 32, "a" * 33)


@pytest.mark.parametrize("wrong", [*WRONG, "８０６８８fc3", "80688fc3/../../x", "-80688fc3"])
def test_what_is_no_trace_id_reaches_no_store(wrong: str) -> None:
    def answer(question: Question) -> Reply:
        return told({"data": []})

    with Answering(answer) as server:
        found = connect_traces(Settings.from_env({"JAEGER_URL": server.url}), profile("fluxai"))
        browser = Browser(create_app(Settings(), FakeGateway(), traces=found))
        for said in (browser.opened(wrong), browser.span(wrong), browser.compared(wrong)):
            assert "8 to 32 hex digits" in said
        found.close()
    assert server.asked == []


def test_a_span_is_asked_for_by_its_place_and_by_nothing_else() -> None:
    browser = Browser(create_app(Settings(), FakeGateway(), traces=FakeTraces()))
    name = wire.callback(browser.app, ids.TRACE_DRAWER)
    client = browser.app.server.test_client()
    picked = {"id": NOBODYS, "place": 0, "search": SEARCH, "beat": 1}
    for wrong in ({"place": -1}, {"place": "0"}, {"place": 1.5}, {"id": "a" * 500}, {"more": 1}, {"id": None}):
        sent = wire.body(browser.app, name, [{**picked, **wrong}])
        assert client.post("/_dash-update-component", json=sent).status_code == 400, wrong


@pytest.mark.parametrize(("seconds", "fresh"), [(1, True), (29, True), (31, False)])
def test_a_trace_is_asked_for_again_while_it_may_grow(seconds: float, fresh: bool) -> None:
    traces = FakeTraces()
    now = traces.open(RETRIED.text, read(SEARCH, 0.0).scope).trace.end / 1e9 + seconds  # type: ignore[union-attr]
    at = house.House(Book(PAGES), FakeGateway(), Preferences(), lambda: now, "/", traces=traces)
    assert json.loads(dissection.opened(at, RETRIED.text, SEARCH)[0])["fresh"] is fresh
