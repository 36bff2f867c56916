"""What FluxDash counts of itself: by dashboard, in words of its own, also where others count beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import prometheus_client
import pytest
from flask import Flask
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from fluxdash.app import create_app, mount
from fluxdash.operations.counts import Counts
from fluxdash.operations.exposition import Exposition, usage
from fluxdash.operations.noticeboard import Noticeboard
from fluxdash.settings import Settings
from tests.ui.fake import FakeGateway

PROJECT = Path(__file__).resolve().parents[2]
HEALTHY = "fluxdash_http_request_seconds_count{'route': '/healthz', 'status': '200'}"
SETTINGS = Settings.from_env({"FLUXDASH_CACHE": "memory"})


def counted(text: str) -> dict[str, float]:
    """The samples of a text, by name and labels as they are written."""
    found = (sample for family in plain(text) for sample in family.samples)
    return {f"{each.name}{dict(sorted(each.labels.items())) or ''}": each.value for each in found}


def everything() -> list[Metric]:
    """All families there are, each with at least one sample."""
    counts = Counts()
    counts.asked("log", 0.1, "ok")
    counts.refused("log", "resting")
    counts.rests("log", True)
    counts.abandoned("log", 1)
    counts.cached("miss")
    counts.drew("data", "log", "")
    counts.entered()
    counts.left("/healthz", 200, 0.001, "1")
    return list(Exposition(counts, "1.0", Noticeboard()).collect())


def test_the_page_on_operating_lists_what_is_there() -> None:
    page = (PROJECT / "docs" / "operating.md").read_text()
    rows = re.findall(r"^\| `(fluxdash_\w+)` \| (\w+) \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    there = []
    for each in everything():
        labels = sorted({label for sample in each.samples for label in sample.labels} - {"le"})
        name = each.name + ("_total" if each.type == "counter" else "")
        there.append((name, each.type, ", ".join(f"`{label}`" for label in labels) or "–", each.documentation))
    assert sorted(rows) == sorted(there)


def test_what_is_counted_is_told() -> None:
    counts = Counts()
    for _ in range(3):
        counts.entered()
    counts.left("/api/v1/query", 200, 0.03, "1")
    counts.abandoned("jaeger", 1)
    counts.abandoned("jaeger", -1)
    counts.rests("log", True)
    counts.rests("log", True)
    counts.rests("log", False)
    text = Exposition(counts, "1.0", None).text("")[0].decode()
    found = counted(text)
    assert found["fluxdash_http_requests_in_flight"] == 2
    assert found["fluxdash_http_request_seconds_count{'route': '/api/v1/query', 'status': '200'}"] == 1
    assert found["fluxdash_abandoned_threads{'source': 'jaeger'}"] == 0
    assert found["fluxdash_breaker_open{'source': 'log'}"] == 1
    assert found["fluxdash_cache_total{'result': 'fresh'}"] == 0
    assert "_created" not in text


def test_a_scraper_gets_the_format_that_it_prefers() -> None:
    client = create_app(SETTINGS, FakeGateway()).server.test_client()
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"})
    assert answer.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert "fluxdash_cache" in {each.name for each in openmetrics(answer.text)}
    usual = client.get("/metrics")
    assert usual.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "fluxdash_cache" in {each.name for each in plain(usual.text)}


def test_no_word_from_outside_becomes_a_label() -> None:
    client = create_app(SETTINGS, FakeGateway()).server.test_client()
    strange = ("", "api/", "panels/x.csv?", "api/v1/query?measure=", "assets/", "_dash-component-suites/dash/")
    for path in strange:
        client.get(f"/{path}canary-1", headers={"X-Request-ID": "canary-2", "User-Agent": "canary-3"})
    client.post("/_dash-update-component", json={"output": "canary-4"})
    text = client.get("/metrics").text
    assert "canary" not in text
    assert set(re.findall(r'route="([^"]*)"', text)) == {
        "/<path:path>",
        "/panels/<panel>.csv",
        "/api/v1/query",
        "/assets/<path:filename>",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_dash-update-component",
    }


def test_two_dashboards_of_one_process_keep_their_counts_apart() -> None:
    host = Flask("host")
    first, second = (mount(host, at, SETTINGS) for at in ("/a/", "/b/"))
    assert first.server is second.server
    client = host.test_client()
    for _ in range(3):
        client.get("/a/healthz")
    client.get("/b/healthz")
    assert counted(client.get("/a/metrics").text)[HEALTHY] == 3
    assert counted(client.get("/b/metrics").text)[HEALTHY] == 1


def test_an_application_around_it_keeps_its_registry_to_itself() -> None:
    before = set(prometheus_client.REGISTRY._names_to_collectors)
    theirs = prometheus_client.Counter("portal_visits_of_test_counts", "Visits.")
    host = Flask("host")
    mount(host, "/observability/", SETTINGS)
    theirs.inc()
    text = host.test_client().get("/observability/metrics").text
    assert "fluxdash_build_info" in text
    assert "portal_visits" not in text
    assert "fluxdash_process" not in text, "what its process uses is its own to tell"
    assert host.test_client().get("/metrics").status_code == 404
    after = set(prometheus_client.REGISTRY._names_to_collectors)
    assert {each for each in after - before if "portal" not in each} == set()
    prometheus_client.REGISTRY.unregister(theirs)


def test_an_application_that_shares_its_counts_between_processes_has_ours_summed_too(tmp_path: Path) -> None:
    host = """
import sys
from flask import Flask
from prometheus_client import Counter
import fluxdash
Counter("portal_visits", "Visits.").inc()
host = Flask("host")
fluxdash.mount(host, "/obs/", fluxdash.Settings.from_env({"FLUXDASH_CACHE": "memory"}))
client = host.test_client()
client.get("/obs/healthz")
print(client.get("/obs/metrics").text)
"""
    for times in (1, 2):
        command = [sys.executable, "-W", "error", "-c", host]
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(PROJECT), "PATH": ""}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert counted(done.stdout)[HEALTHY] == times
        assert "portal" not in done.stdout
        assert "fluxdash_process" not in done.stdout


def test_it_can_be_switched_off() -> None:
    settings = Settings.from_env({"FLUXDASH_CACHE": "memory", "FLUXDASH_METRICS": "false"})
    assert create_app(settings, FakeGateway()).server.test_client().get("/metrics").status_code == 404


def test_below_a_prefix_it_is_below_it() -> None:
    settings = Settings.from_env({"FLUXDASH_CACHE": "memory", "FLUXDASH_PREFIX": "/obs/"})
    client = create_app(settings, FakeGateway()).server.test_client()
    assert client.get("/metrics").status_code == 404
    assert 'route="/metrics"' in client.get("/obs/metrics").text + client.get("/obs/metrics").text


def test_what_this_process_uses_is_read_where_there_is_a_proc() -> None:

    found = usage(os.getpid())
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc")
    assert found is not None
    assert found.memory > 10_000_000
    assert found.cpu > 0.1
    assert found.files > 2
    assert found.threads >= 1
    assert usage(2**22 + 1) is None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "application/openmetrics-text; version=1.0.0"),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.3,*/*;q=0.1",
            "application",
        ),
        ("text/plain;version=abc", "text/plain; version=0.0.4"),
        ('application/openmetrics-text;version="1.0.0"', "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=1e3", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=2.<script>alert(1)</script>", "text/plain; version=0.0.4"),
        (",;,=\xff" * 500, "text/plain; version=0.0.4"),
    ],
)
def test_whatever_a_scraper_accepts_it_is_told_in_a_format_that_we_write(accept: str, kind: str) -> None:
    body, told = Exposition(Counts(), "1.0", None).text(accept)
    assert told.startswith(kind)
    assert b"fluxdash_build_info" in body
