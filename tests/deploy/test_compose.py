"""The compose files: of the right form, pinned, limited, and documented variable by variable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from fluxdash.settings import SETTINGS
from tools.composefile import ComposeError, services

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = (DEPLOY / "docker-compose.yml", DEPLOY / "docker-compose.attach.yml")
NEEDED = {"DATABASE_URL": "postgresql://fluxdash_reader@postgres:5432/fluxai"}
PAGE = (ROOT / "docs" / "deployment.md").read_text()
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "compose-spec" / "compose-spec.json").read_text())


def document(path: Path) -> dict[str, Any]:
    """The file as YAML reads it, with anchors resolved and variables as they are written."""
    return dict(yaml.safe_load(path.read_text()))


SERVICES = [(path, name) for path in FILES for name in document(path)["services"]]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
each_service = pytest.mark.parametrize(
    ("path", "name"), SERVICES, ids=[f"{path.name}-{name}" for path, name in SERVICES]
)


@each_file
def test_it_is_of_the_form_that_the_specification_asks_for(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document(path))] == []


def test_the_schema_would_find_a_slip_of_the_pen() -> None:
    wrong = document(FILES[0])
    wrong["services"]["redis"]["helthcheck"] = wrong["services"]["redis"].pop("healthcheck")
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.Draft202012Validator(SCHEMA).validate(wrong)


@each_service
def test_an_image_is_built_here_or_pinned_to_a_version(path: Path, name: str) -> None:
    told = document(path)["services"][name]
    if "build" in told:
        assert told["image"] == "fluxdash:${IMAGE_TAG:-local}"
        assert (path.parent / told["build"]["context"] / "Dockerfile").is_file()
    else:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-alpine)?", told["image"])


@each_service
def test_a_service_has_limits_a_health_check_and_starts_again(path: Path, name: str) -> None:
    told = document(path)["services"][name]
    limits = told["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert told["restart"] == "unless-stopped"
    assert told["healthcheck"]["test"][0] == "CMD"


@each_service
def test_what_is_built_here_runs_with_a_read_only_root_and_no_rights(path: Path, name: str) -> None:
    told = document(path)["services"][name]
    if "build" in told:
        assert told["read_only"] is True
        assert told["cap_drop"] == ["ALL"]
        assert told["security_opt"] == ["no-new-privileges:true"]
        assert [each.partition(":")[0] for each in told["tmpfs"]] == ["/tmp"]


@each_service
def test_a_service_waits_until_those_it_needs_are_healthy(path: Path, name: str) -> None:
    order = [service.name for service in services(path, NEEDED)]
    for other in document(path)["services"][name].get("depends_on", {}):
        assert order.index(other) < order.index(name)


@each_service
def test_nothing_is_published_beyond_this_machine_unasked(path: Path, name: str) -> None:
    ports = document(path)["services"][name].get("ports", [])
    assert all(each.startswith(("127.0.0.1:", "${DASHBOARD_ADDRESS:-127.0.0.1}:")) for each in ports)


@each_file
def test_what_is_mounted_is_there_and_every_volume_is_used(path: Path) -> None:
    mounts = [mount for service in services(path, NEEDED) for mount in service.mounts]
    assert [mount.source for mount in mounts if mount.is_bound and not (path.parent / mount.source).exists()] == []
    assert {mount.source for mount in mounts if not mount.is_bound} == set(document(path).get("volumes", {}))


@each_file
def test_the_dashboard_is_told_settings_that_exist(path: Path) -> None:
    known = {setting.key: setting for setting in SETTINGS.values()}
    (dashboard,) = [service for service in services(path, NEEDED) if 8501 in service.ports]
    for key, value in dashboard.environment:
        known[key].parse(value)


def variables(path: Path) -> set[tuple[str, str]]:
    """The variables that a file reads, each with its default as the documentation writes it."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
    found = re.findall(r"\$\{(\w+):([-?])([^}]*)\}", text)
    assert len(found) == text.count("${")
    return {(name, "required" if how == "?" else f"`{word}`" if word else "–") for name, how, word in found}


@pytest.mark.parametrize(("path", "heading"), [(FILES[0], "With all it reads"), (FILES[1], "Beside a stack that runs")])
def test_every_variable_and_no_other_is_documented_with_its_default(path: Path, heading: str) -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", section(heading), re.MULTILINE)
    assert set(rows) == variables(path)
    assert len(rows) == len(set(rows))


def section(heading: str) -> str:
    """What the documentation says under a heading."""
    _, _, rest = PAGE.partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def test_the_documented_commands_name_files_and_services_that_are_there() -> None:
    told = re.findall(r"docker compose -f (\S+) (\w+)(?: ([a-z-]+))?", PAGE)
    assert {ROOT / file for file, _, _ in told} == set(FILES)
    assert {service for _, verb, service in told if verb == "exec"} <= set(document(FILES[0])["services"])


def test_every_alert_is_documented_with_its_severity() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", section("Rules and alerts"), re.MULTILINE)
    files = [yaml.safe_load(path.read_text()) for path in (DEPLOY / "prometheus" / "rules").glob("*.yml")]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    assert set(rows) == {(rule["alert"], rule["labels"]["severity"]) for rule in rules if "alert" in rule}


def test_numbers_that_stand_in_two_places_are_the_same() -> None:
    prometheus = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    budget = yaml.safe_load((DEPLOY / "prometheus" / "rules" / "budget.yml").read_text())
    (dashboard,) = [service for service in services(FILES[0], {}) if service.name == "dashboard"]
    told = dict(dashboard.environment)
    assert prometheus["global"]["scrape_interval"] == f"{told['FLUXDASH_SCRAPE_INTERVAL']}s"
    assert budget["groups"][0]["rules"][0]["expr"] == f"vector({told['FLUXDASH_BUDGET']})"


def test_without_the_address_of_the_log_the_second_file_says_what_is_missing() -> None:
    with pytest.raises(ComposeError, match="DATABASE_URL must be set: the address of the request log"):
        services(FILES[1], {})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("command: redis-server --port 6379", "its command must be a list"),
        ("environment: {ONE: 1}", "1 must be written as text"),
        ("depends_on: {other: {condition: service_started}}", "must wait until other is healthy"),
        ("healthcheck: {test: [CMD-SHELL, 'true'], interval: 1s, retries: 1}", "must be a CMD"),
    ],
)
def test_what_cannot_be_run_here_as_it_stands_there_is_refused(tmp_path: Path, wrong: str, why: str) -> None:
    path = tmp_path / "compose.yml"
    path.write_text(f"services:\n  one:\n    image: redis:7.4.6-alpine\n    {wrong}\n  other: {{image: 'redis:7'}}\n")
    with pytest.raises(ComposeError, match=why):
        services(path, {})
