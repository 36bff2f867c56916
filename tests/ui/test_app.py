"""The app as a whole: alone, mounted, below a prefix; its headers, and what it keeps to itself."""

from __future__ import annotations

import re
import sys

import dash
import pytest
from flask import Flask, jsonify
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

import fluxdash
from fluxdash.app import create_app, mount
from fluxdash.errors import SettingError, SourceTimeout
from fluxdash.settings import Settings
from tests.ui.fake import FakeGateway


def app(**more: object) -> dash.Dash:
    return create_app(Settings(), FakeGateway(), **more)  # type: ignore[arg-type]


def test_the_public_face_is_three_names() -> None:
    assert fluxdash.create_app is create_app
    assert fluxdash.mount is mount
    assert fluxdash.Settings is Settings
    with pytest.raises(AttributeError):
        fluxdash.nothing  # noqa: B018


def test_health_is_told_whatever_the_sources_do() -> None:
    gateway = FakeGateway(wrong={"*": SourceTimeout("Prometheus", "did not answer in 10 s")})
    client = create_app(Settings(), gateway).server.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["sources"][0]["status"] == "down"


def test_every_response_has_our_headers() -> None:
    client = app().server.test_client()
    for path in ("/", "/cost", "/healthz", "/readyz", "/_dash-layout", "/_dash-dependencies", "/api/nothing"):
        response = client.get(path)
        assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"], path
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store, private"
    assert client.post("/_dash-update-component", json={}).headers["X-Content-Type-Options"] == "nosniff"


def test_scripts_run_only_by_hash() -> None:
    client = app().server.test_client()
    response = client.get("/")
    scripts = next(part for part in response.headers["Content-Security-Policy"].split("; ") if "script-src" in part)
    assert "unsafe" not in scripts
    assert len(re.findall(r"'sha256-", scripts)) == 2


def test_the_first_page_keeps_the_python_version_to_itself() -> None:
    page = app().server.test_client().get("/").get_data(as_text=True)
    assert "python_version" not in page
    assert sys.version.split()[0] not in page


def test_nothing_on_the_first_page_comes_from_elsewhere() -> None:
    page = app().server.test_client().get("/").get_data(as_text=True)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_assets_are_kept_and_changed_by_their_address() -> None:
    client = app().server.test_client()
    page = client.get("/").get_data(as_text=True)
    address = re.search(r'href="(/assets/10-tokens.css\?m=[^"]+)"', page)
    assert address is not None
    kept = client.get(address[1])
    assert kept.headers["Cache-Control"] == "public, max-age=31536000"
    assert client.get("/assets/10-tokens.css").headers["Cache-Control"] == "no-cache"


def test_what_is_sent_is_compressed() -> None:
    client = app().server.test_client()
    sent = client.get("/assets/05-plotly-cartesian.min.js", headers={"Accept-Encoding": "br, gzip"})
    assert sent.headers["Content-Encoding"] == "br"
    assert len(sent.data) < 650_000


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/x", "/_nothing", "/assets/nothing.css"])
def test_what_is_no_page_is_not_found(path: str) -> None:
    assert app().server.test_client().get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/dash/../../etc/passwd",
        "/_dash-component-suites/flask/app.py",
        "/assets/..%2f..%2fetc/passwd",
    ],
)
def test_nobody_climbs_out_of_the_assets(path: str) -> None:
    assert app().server.test_client().get(path).status_code == 404


@pytest.mark.parametrize("variable", ["DASH_MCP_ENABLED", "DASH_DEBUG", "FLASK_DEBUG", "DASH_COMPRESS"])
def test_the_environment_opens_no_door(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "true")
    found = app()
    assert found.server.test_client().post("/_mcp", json={}).status_code in (404, 405)
    assert not found.server.debug


def test_a_host_keeps_its_routes_its_errors_and_its_configuration() -> None:
    host = Flask("host")
    host.add_url_rule("/", "home", lambda: "home")
    host.add_url_rule("/obs_metrics", "obs_metrics", lambda: jsonify(ok=True))
    host.register_error_handler(404, lambda _: ("lost at the host", 404))
    before = (dict(host.config), dict(host.before_request_funcs), dict(host.after_request_funcs))
    create_app(Settings(), FakeGateway(), server=host, prefix="/obs/")
    client = host.test_client()
    assert client.get("/").get_data(as_text=True) == "home"
    assert "Content-Security-Policy" not in client.get("/obs_metrics").headers
    assert client.get("/nothing").get_data(as_text=True) == "lost at the host"
    assert client.get("/obs/healthz").get_json() == {"status": "ok"}
    assert client.get("/obs/api/v1/measures").status_code == 200
    after = (dict(host.config), {k: v for k, v in host.before_request_funcs.items() if v}, host.after_request_funcs)
    assert after[0] == before[0]
    assert None not in after[1]
    assert None not in after[2]


def test_mounting_takes_a_path_and_settings() -> None:
    host = Flask("host")
    mounted = mount(host, at="watch", settings=Settings())
    assert mounted.config.requests_pathname_prefix == "/watch/"
    assert host.test_client().get("/watch/healthz").status_code == 200


def test_a_path_that_is_taken_is_named() -> None:
    host = Flask("host")
    mount(host, at="/watch/", settings=Settings())
    with pytest.raises(SettingError, match="at='watch' is not allowed: a path where no other dashboard is mounted"):
        mount(host, at="watch", settings=Settings())


def test_two_apps_of_one_process_share_nothing() -> None:
    first, second = FakeGateway(), FakeGateway(wrong={"*": SourceTimeout("Prometheus", "did not answer in 10 s")})
    host = Flask("host")
    create_app(Settings(), first, server=host, prefix="/a/")
    create_app(Settings(), second, server=host, prefix="/b/")
    client = host.test_client()
    assert client.get("/a/readyz").get_json()["sources"][0]["status"] == "ok"
    assert client.get("/b/readyz").get_json()["sources"][0]["status"] == "down"
    assert '"/a/' in client.get("/a/").get_data(as_text=True)
    assert '"/b/' not in client.get("/a/").get_data(as_text=True)


def test_below_a_script_name_every_address_has_it() -> None:
    inner = app(prefix="/obs/").server
    client = Client(DispatcherMiddleware(Flask("outer"), {"/tools": inner}))
    page = client.get("/tools/obs/").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', page)
    assert addresses
    assert all(each.startswith("/tools/obs/") for each in addresses)
    assert '"requests_pathname_prefix":"\\u002ftools\\u002fobs\\u002f"' in page
    assert client.get(addresses[-1]).status_code == 200
    assert r'"href":"\u002ftools\u002fobs\u002fcost"' in client.get("/tools/obs/_dash-layout").get_data(as_text=True)
