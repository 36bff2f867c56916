"""The door tells of each request once, by what became of it, and gives it an id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from flask import Flask, Response, abort, request

from fluxdash.app import create_app
from fluxdash.settings import Settings
from fluxdash.telemetry import REQUEST, Telemetry
from fluxdash.ui.door import Door
from tests.ui.fake import FakeGateway


class Heard(Telemetry):
    def __init__(self) -> None:
        self.inside = 0
        self.answers: list[tuple[str, int]] = []
        self.ids: list[str] = []

    def entered(self) -> None:
        self.inside += 1

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        assert seconds >= 0
        self.inside -= 1
        self.answers.append((route, status))
        self.ids.append(request)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def app(heard: Heard) -> Flask:
    dashboard = create_app(Settings.from_env({"FLUXDASH_CACHE": "memory"}), FakeGateway())
    door, host = Door(dashboard, {}, heard), Flask("host")

    def rows() -> Iterator[str]:
        yield "a"
        assert heard.inside == 1
        yield "b"

    def nothing_new() -> Any:
        raise PreventUpdate

    views = {
        "fine": lambda: "fine",
        "none": lambda: abort(404),
        "same": nothing_new,
        "wrong": lambda: 1 / 0,
        "rows": lambda: Response(rows()),
        "id": lambda: request.environ[REQUEST],
    }
    for name, view in views.items():
        host.add_url_rule(f"/{name}", name, door.guarded(name, view, f"/{name}"))
    return host


STATUS = {"fine": 200, "none": 404, "same": 204, "wrong": 500, "rows": 200}


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_a_request_is_told_of_once_by_what_became_of_it(app: Flask, heard: Heard, name: str, status: int) -> None:
    answer = app.test_client().get(f"/{name}", buffered=True)
    assert (answer.status_code, heard.answers, heard.inside) == (status, [(f"/{name}", status)], 0)


def test_a_stream_has_left_when_it_is_over(app: Flask, heard: Heard) -> None:
    answer = app.test_client().get("/rows", buffered=False)
    assert heard.inside == 1
    assert b"".join(answer.iter_encoded()) == b"ab"
    answer.close()
    assert (heard.inside, heard.answers) == (0, [("/rows", 200)])


def test_a_request_has_an_id_that_its_answer_carries(app: Flask, heard: Heard) -> None:
    client = app.test_client()
    first, second = client.get("/id"), client.get("/id")
    assert first.text == first.headers["X-Request-ID"] == heard.ids[0]
    assert re.fullmatch(r"[0-9a-f]{32}", first.text)
    assert first.text != second.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1.2_3", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("a b", False),
        ("<b>", False),
    ],
)
def test_the_id_that_a_proxy_gave_is_kept_if_it_is_one(app: Flask, given: str, kept: bool) -> None:
    answer = app.test_client().get("/id", headers={"X-Request-ID": given})
    assert (answer.text == given) is kept


def test_an_answer_of_the_api_to_a_wrong_question_is_sealed_like_the_others() -> None:
    client = create_app(Settings.from_env({"FLUXDASH_CACHE": "memory"}), FakeGateway()).server.test_client()
    answer = client.get("/api/v1/query?measure=none")
    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers
    assert 'route="/api/v1/query",status="400"' in client.get("/metrics").text
