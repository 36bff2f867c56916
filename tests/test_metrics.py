"""`/metrics` of a server with two processes: nothing is lost between them, and a real Prometheus reads it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from tests.servers.load import Ask, Load, asked, awaited
from tests.servers.process import LOOPBACK, executable
from tests.servers.prometheus import PrometheusServer
from tests.servers.serving import Serving


@pytest.fixture(scope="module")
def server(serve: Callable[..., Serving]) -> Serving:
    return serve()


def scraped(server: Serving) -> dict[str, dict[tuple[str, ...], float]]:
    """Each metric by the values of its labels, whose names sorted give the order."""
    status, text = asked(server.port, "/metrics")
    assert status == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for each in (sample for family in families(text) for sample in family.samples):
        found.setdefault(each.name, {})[tuple(each.labels[name] for name in sorted(each.labels))] = each.value
    return found


def answered(server: Serving) -> Counter[tuple[str, str]]:
    """How many requests were answered, by route and status."""
    return Counter({key: int(value) for key, value in scraped(server)["fluxdash_http_request_seconds_count"].items()})


def test_the_counts_of_all_processes_add_up_to_what_was_asked(server: Serving, asks: tuple[Ask, ...]) -> None:
    before, drawn = answered(server), sum(scraped(server).get("fluxdash_panel_state_total", {}).values())
    fates = Load(server.port, (*asks, Ask("/api/v1/query?measure=none"), Ask("/api/none"))).start().until(400).stop()
    after = answered(server)
    routes = {"/api/none": "/<path:path>"}
    told = Counter((routes.get(each.ask.path, each.ask.path.partition("?")[0]), str(each.came)) for each in fates)
    assert {status for _, status in told} >= {"200", "400", "404"}
    gained = after - before
    assert {key: gained[key] for key in told} == dict(told)
    assert set(gained) - set(told) == {("/metrics", "200")}
    found = scraped(server)
    callbacks = sum(count for (route, _), count in told.items() if route == "/_dash-update-component")
    assert sum(found["fluxdash_panel_state_total"].values()) - drawn == callbacks
    assert set(found["fluxdash_panel_state_total"]) == {("", "log", "data")}
    assert found["fluxdash_cache_total"][("fresh",)] > 0
    assert found["fluxdash_upstream_seconds_count"][("ok", "log")] > 0
    assert found["fluxdash_http_requests_in_flight"] == {(): 1}, "this very one"
    assert found["fluxdash_processes"] == {(): 3}
    assert len(list(server.folder_shared().glob("histogram_*.db"))) == 2, "both have counted"


def test_a_process_that_ends_takes_nothing_with_it_but_its_present(server: Serving) -> None:
    before, used = answered(server), scraped(server)["fluxdash_process_cpu_seconds_total"][()]
    victim = min(server.workers())
    os.kill(victim, signal.SIGKILL)
    awaited(lambda: victim not in server.workers() and len(server.workers()) == 2)
    awaited(lambda: not list(server.folder_shared().glob(f"gauge_live*_{victim}.db")))
    awaited(lambda: scraped(server)["fluxdash_processes"] == {(): 3})
    after = answered(server)
    assert all(after[key] >= count for key, count in before.items())
    assert scraped(server)["fluxdash_http_requests_in_flight"] == {(): 1}
    assert scraped(server)["fluxdash_process_cpu_seconds_total"][()] >= used


def test_promtool_finds_nothing_to_object_to(server: Serving) -> None:
    promtool = executable("promtool")
    text = asked(server.port, "/metrics")[1]
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_prometheus_scrapes_it(server: Serving, prometheus: Callable[..., PrometheusServer]) -> None:
    there = prometheus(targets=[f"{LOOPBACK}:{server.port}"], interval="1s", job="fluxdash")

    def value(query: str) -> list[str]:
        answer = httpx.get(f"{there.url}/api/v1/query", params={"query": query}, timeout=10).json()
        return [each["value"][1] for each in answer["data"]["result"]]

    awaited(lambda: value('up{job="fluxdash"}') == ["1"])
    assert value("fluxdash_build_info") == ["1"]
    assert float(value("sum(fluxdash_http_request_seconds_count)")[0]) > 0
    assert float(value("histogram_quantile(0.5, sum by (le) (fluxdash_http_request_seconds_bucket))")[0]) > 0
