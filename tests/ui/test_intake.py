"""What the browser sends is never believed: wrong types, forged ids and broken bodies are answered with 400 or 413."""

from __future__ import annotations

import json
import logging
from typing import Any

import dash
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluxdash.app import create_app
from fluxdash.settings import Settings
from tests.ui.fake import FakeGateway
from tests.ui.wire import VIEW, body, callback

GATEWAY = FakeGateway()
PATH = "/_dash-update-component"
HUGE = 10**5000


@pytest.fixture(scope="module")
def app() -> dash.Dash:
    return create_app(Settings(), GATEWAY)


@pytest.fixture(scope="module")
def client(app: dash.Dash) -> FlaskClient:
    return app.server.test_client()


@pytest.fixture(autouse=True)
def forgotten() -> None:
    GATEWAY.asked.clear()


def send(client: FlaskClient, what: Any) -> Any:
    raw = what if isinstance(what, (str, bytes)) else json.dumps(what)
    return client.post(PATH, data=raw, content_type="application/json")


def test_a_well_formed_call_is_answered(app: dash.Dash, client: FlaskClient) -> None:
    answer = send(client, body(app, callback(app, "graph"), [VIEW, None]))
    assert answer.status_code == 200
    parts = answer.get_json()["response"]
    assert len(parts) == 9
    assert parts['{"panel":"overview.request-rate","part":"graph"}']["figure"]["data"]


WRONG_VIEWS = [
    {}, [], "x", 1, True, {"$ne": 1}, {**VIEW, "search": {"$ne": 1}}, {**VIEW, "search": ["a"]}, {**VIEW, "search": 1},
    {**VIEW, "search": None}, {**VIEW, "theme": "pink"}, {**VIEW, "beat": True}, {**VIEW, "beat": "1"},
    {**VIEW, "beat": 1.5}, {**VIEW, "beat": -1}, {**VIEW, "beat": 1e308}, {**VIEW, "extra": 1},
    {**VIEW, "search": "x" * 20_000},
]  # fmt: skip


@pytest.mark.parametrize("view", WRONG_VIEWS)
def test_a_value_of_the_wrong_type_is_refused_before_anything_is_asked(
    app: dash.Dash, client: FlaskClient, view: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = send(client, body(app, callback(app, "graph"), [view, None]))
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "bad request"
    assert len(answer.data) < 500
    assert GATEWAY.asked == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"{}", b"[]", b"1", b'"x"', b"{", b"\xff\xfe", b'{"output": null}', b'{"output": {}}',
        b'{"output": "nothing.children"}', b'{"output": "..a.b...c.d.."}', b"[" * 20_000, b'{"a":' * 20_000,
        b'{"output": NaN}', b'{"output": "\\ud800"}', b'{"surprise": 1}', b'{"output": 1' + b"0" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_no_page_would_send_is_refused(client: FlaskClient, raw: bytes) -> None:
    assert send(client, raw).status_code == 400
    assert GATEWAY.asked == []


def test_a_giant_body_is_refused_without_being_read(client: FlaskClient) -> None:
    assert send(client, b'"' + b"x" * 5_000_000 + b'"').status_code == 413


def test_other_content_is_refused(client: FlaskClient) -> None:
    assert client.post(PATH, data="{}", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("name", ["overview.nothing", "overview.key-figures", "../../x", "", "x" * 300])
def test_a_panel_that_is_not_declared_is_refused(app: dash.Dash, client: FlaskClient, name: str) -> None:
    assert send(client, body(app, callback(app, "graph"), [VIEW, None], match=name)).status_code == 400
    assert GATEWAY.asked == []


def test_ids_that_do_not_fit_the_callback_are_refused(app: dash.Dash, client: FlaskClient) -> None:
    good = body(app, callback(app, "graph"), [VIEW, None])
    for wrong in (
        {**good, "inputs": []},
        {**good, "inputs": [{**good["inputs"][0], "id": "OTHER"}]},
        {**good, "inputs": [{**good["inputs"][0], "property": "other"}]},
        {**good, "inputs": "x"},
        {**good, "state": []},
        {**good, "state": [{**good["state"][0], "id": {"part": "drawn", "panel": "overview.latency"}}]},
        {**good, "state": [{**good["state"][0], "id": {"part": "drawn", "panel": 99999}}]},
        {**good, "outputs": good["outputs"][:1]},
        {**good, "outputs": [{**good["outputs"][0], "id": {"part": "foot", "panel": "x"}}, *good["outputs"][1:]]},
        {**good, "outputs": None},
        {**good, "changedPropIds": 3},
    ):
        assert send(client, wrong).status_code == 400
    assert GATEWAY.asked == []


def test_a_forged_trigger_changes_nothing(app: dash.Dash, client: FlaskClient) -> None:
    good = body(app, callback(app, "graph"), [VIEW, None])
    assert send(client, {**good, "changedPropIds": ["somebody.else"]}).status_code == 200


def test_what_only_the_browser_does_cannot_be_asked_of_the_server(app: dash.Dash, client: FlaskClient) -> None:
    clientside = [name for name, each in app.callback_map.items() if "callback" not in each]
    assert clientside
    for name in clientside:
        assert send(client, {"output": name, "outputs": {}, "inputs": [], "state": []}).status_code == 400


def test_every_callback_of_the_server_checks_its_input(app: dash.Dash) -> None:
    for name, each in app.callback_map.items():
        if "callback" in each:
            checked = each["callback"].__wrapped__.checked_types
            assert len(checked) == len(each["inputs"]) + len(each["state"]), name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.data())
def test_no_body_breaks_it(app: dash.Dash, client: FlaskClient, data: st.DataObject) -> None:
    names = [name for name, each in app.callback_map.items() if "callback" in each]
    name = data.draw(st.sampled_from(names))
    spec = app.callback_map[name]
    lists = st.lists(JSON, max_size=3)
    values = [data.draw(lists if "ALL" in each["id"] else JSON) for kind in ("inputs", "state") for each in spec[kind]]
    sent = body(app, name, values)
    if data.draw(st.booleans()):
        sent[data.draw(st.sampled_from(sorted(sent)))] = data.draw(JSON)
    status = send(client, sent).status_code
    assert status in (200, 204, 400)
