"""Prometheus' configuration, recording rules and alerts: checked by promtool, and what they record by the truth."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from fluxdash.demo.ledger import DURATION
from fluxdash.demo.traffic import Traffic
from fluxdash.settings import SETTINGS
from tests.servers.process import executable
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning, world

PROMETHEUS = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
UNIT_TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
HOUR = world.HOUR
END = world.RECENT_END
START = END - 7 * HOUR
SCRAPE = 30  # seconds; half as much to write as every 15
REQUESTS = tuple(Traffic(seed=5, rate=0.4).between(START, END))


DOCUMENTED = re.findall(r"^promtool .*$", (PROMETHEUS.parents[1] / "docs" / "deployment.md").read_text(), re.MULTILINE)


def promtool(*words: str | Path) -> str:
    done = subprocess.run([executable("promtool"), *words], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules(kind: str) -> dict[str, dict[str, Any]]:
    """The rules of all files by name: those that `record`, or those that `alert`."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return {rule[kind]: rule for group in groups for rule in group["rules"] if kind in rule}


def unit_tests() -> list[dict[str, Any]]:
    return [test for path in UNIT_TESTS for test in yaml.safe_load(path.read_text())["tests"]]


def test_promtool_takes_the_configuration_with_its_rules() -> None:
    assert f"{len(RULES)} rule files found" in promtool("check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_promtool_takes_the_rules(path: Path) -> None:
    assert "SUCCESS" in promtool("check", "rules", path)


@pytest.mark.parametrize("command", DOCUMENTED)
def test_the_documented_commands_do_as_they_stand_there(command: str) -> None:
    executable("promtool")
    done = subprocess.run(
        ["bash", "-ec", command], cwd=PROMETHEUS.parents[1], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.parametrize("alert", rules("alert"))
def test_an_alert_is_tested_both_firing_and_silent(alert: str) -> None:
    cases = [case for test in unit_tests() for case in test.get("alert_rule_test", ()) if case["alertname"] == alert]
    assert any(case["exp_alerts"] for case in cases)
    assert any(not case["exp_alerts"] for case in cases)


def test_the_unit_tests_are_among_the_documented_commands() -> None:
    assert "promtool test rules deploy/prometheus/tests/*.yml" in DOCUMENTED
    assert len(UNIT_TESTS) == 3


def test_no_alert_and_no_record_is_tested_that_does_not_exist() -> None:
    cases = [case for test in unit_tests() for case in test.get("alert_rule_test", ())]
    assert {case["alertname"] for case in cases} == set(rules("alert"))
    asked = " ".join(case["expr"] for test in unit_tests() for case in test.get("promql_expr_test", ()))
    assert [name for name in rules("record") if name not in asked] == ["fluxai:budget_dollars:month"]


def test_the_thresholds_are_those_that_the_pages_draw() -> None:
    default = {setting.key: setting.default for setting in SETTINGS.values()}
    asks = {name: " ".join(rule["expr"].split()) for name, rule in rules("alert").items()}
    enough = f" >= {default['FLUXDASH_LEAST_REQUESTS']}"
    assert f"p95_5m > {default['FLUXDASH_P95_OBJECTIVE']} and" in asks["FluxAISlow"]
    assert f" > {1 - float(default['FLUXDASH_DEGRADED']) / 100:.2g} and" in asks["FluxAIModelDegraded"]
    assert asks["FluxAISlow"].endswith(enough)
    assert asks["FluxAIModelDegraded"].endswith(enough)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """A Prometheus that has scraped a gateway for seven hours."""
    executable("prometheus")
    folder = tmp_path_factory.mktemp("rules")
    written = world.write_metrics(folder / "history.txt", REQUESTS, START, END, scrape=SCRAPE)
    with PrometheusServer(folder, openmetrics=written) as server:
        yield server


BIRTHS = world.Births.of(REQUESTS, START, scrape=SCRAPE)


def recorded(server: PrometheusServer, name: str) -> dict[str, float]:
    """What a rule records at the end of the seven hours, by model, or under "" where there is one number only."""
    asked = {"query": rules("record")[name]["expr"], "time": END}
    found = httpx.get(f"{server.url}/api/v1/query", params=asked, timeout=30).json()["data"]["result"]
    return {each["metric"].get("model", ""): float(each["value"][1]) for each in found}


def truth(slug: str, seconds: float, model: str = "", until: float = END) -> float:
    """The true number of the last seconds, of one model or of all."""
    asked = [each for each in reckoning.within(REQUESTS, until - seconds, until) if model in ("", each.model)]
    return float(reckoning.total(slug, asked) or 0)


def slack(slug: str, seconds: float, model: str = "") -> float:
    """How far an estimate may be off: from Prometheus 3 on, a window's first scrape interval is extrapolated."""
    first = truth(slug, SCRAPE, model, END - seconds + SCRAPE)
    return first + truth(slug, seconds, model) * SCRAPE / (seconds - SCRAPE) + 1e-6


@pytest.mark.parametrize("slug", ["requests", "failures"])
def test_the_recorded_rates_are_those_of_the_requests_themselves(history: PrometheusServer, slug: str) -> None:
    rates = recorded(history, f"model:fluxai_{slug}:rate5m")
    assert set(rates) == {each.model for each in REQUESTS}
    for model, rate in rates.items():
        true, most = truth(slug, 300, model), slack(slug, 300, model)
        lost = BIRTHS.lost("fluxai_requests_total", END - 300, END, lambda labels, model=model: labels[1] == model)
        assert true - lost - most <= rate * 300 <= true + most


@pytest.mark.parametrize("hours", [1, 6])
def test_the_recorded_spend_is_what_was_really_spent(history: PrometheusServer, hours: int) -> None:
    span = hours * HOUR
    spend, true = recorded(history, f"fluxai:spend_dollars:increase{hours}h")[""], truth("cost", span)
    most = slack("cost", span) + slack("savings", span)
    lost = BIRTHS.lost("fluxai_cost_dollars_total", END - span, END)
    more = BIRTHS.lost("fluxai_cache_savings_dollars_total", END - span, END)
    assert true - lost - most <= spend <= true + more + most
    assert true > 20 * most


def test_the_recorded_percentile_lies_where_the_true_one_is(history: PrometheusServer) -> None:
    found = recorded(history, "fluxai:latency_seconds:p95_5m")[""]
    lately = reckoning.within(REQUESTS, END - 300, END)
    low, high = (float(reckoning.quantile(lately, q) or 0) for q in (0.92, 0.98))
    bounds = (0.0, *DURATION.buckets)
    assert max(bound for bound in bounds if bound <= low) <= found <= min(bound for bound in bounds if bound >= high)
