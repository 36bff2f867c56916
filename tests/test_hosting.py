"""The examples of docs/hosting.md as they are: FluxDash in an application that was there before, under gunicorn."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fluxdash.demo.traffic import Traffic
from fluxdash.settings import SETTINGS
from tests.servers.process import LOOPBACK, Server, answers
from tests.truth import world

PROJECT = Path(__file__).resolve().parents[1]
EXAMPLES = PROJECT / "docs" / "examples"
HOUR = 3600
NOW = int(time.time()) // HOUR * HOUR
REQUESTS = tuple(Traffic(seed=3, rate=0.2).between(NOW - HOUR, NOW))


class Host(Server):
    """One of the examples under gunicorn, over a log of one hour."""

    def __init__(self, folder: Path, app: str, below: str) -> None:
        world.write_log(f"sqlite:///{folder / 'log.db'}", REQUESTS)
        ours = {setting.key for setting in SETTINGS.values()}
        told = {key: value for key, value in os.environ.items() if key not in ours}
        settings = {"DATABASE_URL": f"sqlite:///{folder / 'log.db'}", "FLUXDASH_CACHE_DIR": str(folder / "cache")}
        gunicorn = [sys.executable, "-m", "gunicorn", "--chdir", EXAMPLES, "--threads", "4", "--workers", "2"]
        super().__init__(
            app,
            folder,
            lambda port: [*gunicorn, "--bind", f"{LOOPBACK}:{port}", f"{app}:app"],
            lambda port: answers(f"http://{LOOPBACK}:{port}{below}/"),
            environment={**told, "PYTHONPATH": str(PROJECT), "PORTAL_SECRET_KEY": "the portal's own", **settings},
        )
        self.below = below


@pytest.fixture(scope="module", params=[("host_app", ""), ("dispatched_app", "/portal")], ids=lambda each: each[0])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    app, below = request.param
    with Host(tmp_path_factory.mktemp(app), app, below) as running:
        yield running


@pytest.fixture
def client(host: Host) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=host.url + host.below) as client:
        yield client


def test_the_portal_is_as_it_was(client: httpx.Client) -> None:
    home = client.get("/")
    assert "<h1>Portal</h1>" in home.text
    assert "Content-Security-Policy" not in home.headers
    lost = client.get("/nothing")
    assert (lost.status_code, lost.text) == (404, "Nothing of the portal's is here.")


def test_its_other_dash_app_still_answers(client: httpx.Client) -> None:
    body = {
        "output": "greeting.children",
        "outputs": {"id": "greeting", "property": "children"},
        "inputs": [{"id": "name", "property": "value", "value": "Ada"}],
        "changedPropIds": ["name.value"],
    }
    told = client.post("/notes/_dash-update-component", json=body).json()
    assert told["response"]["greeting"]["children"] == "Hello, Ada"


def test_the_dashboard_answers_below_its_path_with_the_requests_of_the_log(client: httpx.Client) -> None:
    assert client.get("/observability/healthz").json() == {"status": "ok"}
    span = {"from": str(NOW - HOUR), "to": str(NOW)}
    told = client.get("/observability/api/v1/query", params={"measure": "requests", "shape": "total", **span})
    assert told.json()["rows"] == [{"value": len(REQUESTS)}]


def test_every_address_of_its_first_page_leads_somewhere(client: httpx.Client, host: Host) -> None:
    page = client.get("/observability/")
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', page.text)
    assert len(addresses) > 10
    assert all(each.startswith(f"{host.below}/observability/") for each in addresses)
    assert [each for each in addresses if httpx.get(host.url + each).status_code != 200] == []


def test_the_panel_that_the_portal_frames_is_one(client: httpx.Client) -> None:
    frame = re.search(r'src="(observability/[^"]*)"', client.get("/").text)
    assert frame
    slug = re.search(r"panel=([a-z-]+)", frame[1])
    assert slug
    assert client.get("/" + frame[1]).headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert client.get(f"/observability/panels/overview.{slug[1]}.csv").is_success
