"""The manifests of deploy/kubernetes as the cluster's API would judge them, and whether they agree with FluxDash."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from werkzeug.routing import MapAdapter

from fluxdash import gunicorn_conf
from fluxdash.app import create_app
from fluxdash.settings import SETTINGS, Settings
from tests.deploy import schemas
from tests.deploy.manifests import COMPONENTS, PROJECT, SECRET_KEY, SECRET_NAME, Manifests, labels, matches
from tools import prometheusrules

PAGE = PROJECT / "docs" / "deployment.md"


def app_paths(manifests: Manifests) -> MapAdapter:
    """The routes of the app as the manifests set it."""
    chosen = Settings.from_env({"FLUXDASH_PREFIX": manifests.settings.get("FLUXDASH_PREFIX", "/")})
    return create_app(chosen).server.url_map.bind("pod")


@pytest.mark.parametrize("version", [schemas.OLDEST, schemas.NEWEST])
def test_the_api_takes_every_document(manifests: Manifests, version: str) -> None:
    assert [(each["kind"], said) for each in manifests.documents if (said := schemas.fault(each, version))] == []


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_needs_no_other(build: Callable[[str], Manifests], component: str) -> None:
    assert [(each["kind"], said) for each in build(component).documents if (said := schemas.fault(each))] == []


@pytest.mark.parametrize("kind", ["Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "ServiceMonitor"])
def test_the_api_would_refuse_a_field_that_it_does_not_know(build: Callable[[str], Manifests], kind: str) -> None:
    slip = json.loads(json.dumps(build("example").one(kind)))
    slip["spec"]["replicsa"] = 2
    assert "replicsa" in (schemas.fault(slip) or "")


def test_an_installation_finds_the_names_that_it_expects(manifests: Manifests) -> None:
    assert manifests.one("Service")["spec"]["ports"] == [{"name": "http", "port": 8501, "targetPort": "http"}]
    container = manifests.container()
    assert {"name": "http", "containerPort": int(manifests.settings["FLUXDASH_PORT"])} in container["ports"]
    reference = {"name": SECRET_NAME, "key": SECRET_KEY}
    assert container["env"] == [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": reference}}]
    assert manifests.every("Secret") == []  # it is the installation's own


def test_every_variable_is_a_setting_with_a_value_that_it_may_have(manifests: Manifests) -> None:
    known = {setting.key: setting for setting in SETTINGS.values()}
    assert [key for key in manifests.settings if key not in known or known[key].kind.secret] == []
    Settings.from_env(manifests.environment({f"{SECRET_NAME}/{SECRET_KEY}": "postgresql://reader@db/fluxai"}))


def test_a_changed_setting_rolls_the_pods(build: Callable[[str], Manifests]) -> None:
    names = {build(each).container()["envFrom"][0]["configMapRef"]["name"] for each in ("base", "redis", "prefix")}
    assert len(names) == 3


def test_who_selects_pods_selects_those_that_are_there(manifests: Manifests) -> None:
    pods = {each["metadata"]["name"]: each["spec"]["template"] for each in manifests.every("Deployment")}
    for each in manifests.every("Deployment"):
        assert matches(each["spec"]["selector"], labels(each["spec"]["template"]))
    for service in manifests.every("Service"):
        chosen = [name for name, pod in pods.items() if service["spec"]["selector"].items() <= labels(pod).items()]
        assert chosen == [service["metadata"]["name"]]
        names = {port["name"] for port in manifests.container(chosen[0])["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    for policy in manifests.every("NetworkPolicy"):
        assert len([pod for pod in pods.values() if matches(policy["spec"]["podSelector"], labels(pod))]) == 1
    (ours,) = [
        name
        for name, pod in pods.items()
        if matches(manifests.one("PodDisruptionBudget")["spec"]["selector"], labels(pod))
    ]
    target = manifests.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert ours == target["name"] == "fluxai-dashboard"
    for spread in pods[ours]["spec"]["topologySpreadConstraints"]:
        assert matches(spread["labelSelector"], labels(pods[ours]))


def test_who_sends_requests_sends_them_to_a_service_and_a_port_that_are_there(manifests: Manifests) -> None:
    for ingress in manifests.every("Ingress"):
        (rule,) = ingress["spec"]["rules"]
        assert [rule["host"]] == ingress["spec"]["tls"][0]["hosts"]
        backend = rule["http"]["paths"][0]["backend"]["service"]
        assert backend["port"]["name"] in {
            port["name"] for port in manifests.one("Service", backend["name"])["spec"]["ports"]
        }
        assert rule["http"]["paths"][0]["path"] == manifests.settings.get("FLUXDASH_PREFIX", "/")
        assert manifests.settings["FLUXDASH_TRUSTED_PROXIES"] == "1"
    for monitor in manifests.every("ServiceMonitor"):
        (chosen,) = [each for each in manifests.every("Service") if matches(monitor["spec"]["selector"], labels(each))]
        (endpoint,) = monitor["spec"]["endpoints"]
        assert endpoint["port"] in {port["name"] for port in chosen["spec"]["ports"]}
        assert app_paths(manifests).test(endpoint["path"], "GET")


def test_probes_ask_for_paths_that_the_app_has(manifests: Manifests) -> None:
    paths = app_paths(manifests)
    for probe, path in (("startupProbe", "healthz"), ("livenessProbe", "healthz"), ("readinessProbe", "readyz")):
        asked = manifests.container()[probe]["httpGet"]
        assert (asked["path"].rpartition("/")[2], asked["port"]) == (path, "http")
        assert paths.test(asked["path"], "GET")


def test_gunicorn_replaces_a_worker_that_hangs_before_the_kubelet_replaces_the_pod(manifests: Manifests) -> None:
    container = manifests.container()
    for probe in (container[name] for name in ("startupProbe", "livenessProbe", "readinessProbe")):
        assert probe["timeoutSeconds"] <= probe["periodSeconds"]
    alive, started = container["livenessProbe"], container["startupProbe"]
    assert alive["periodSeconds"] * alive["failureThreshold"] > gunicorn_conf.timeout
    assert started["periodSeconds"] * started["failureThreshold"] >= 60


def test_an_image_has_a_version_and_ours_is_that_of_the_project(manifests: Manifests) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    for deployment in manifests.every("Deployment"):
        image = manifests.container(deployment["metadata"]["name"])["image"]
        tag = re.fullmatch(r"[\w./-]+:([\w.-]*\d[\w.-]*)", image)
        assert tag, image
    assert manifests.container()["image"].endswith(f"fluxdash:{version}")


def test_the_pod_runs_what_the_image_runs_as_the_user_that_the_image_names(build: Callable[[str], Manifests]) -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    told = {name: re.findall(rf"^{name} (.*)$", dockerfile, re.MULTILINE)[-1] for name in ("ENTRYPOINT", "CMD", "USER")}
    assert build("base").container()["command"] == [*json.loads(told["ENTRYPOINT"]), *json.loads(told["CMD"])]
    who = build("base").pod()["spec"]["securityContext"]
    assert f"{who['runAsUser']}:{who['runAsGroup']}" == told["USER"]


@pytest.mark.parametrize("rules", sorted(prometheusrules.RULES.glob("*.yml")), ids=lambda path: path.stem)
def test_the_operator_s_rules_are_prometheus_own(build: Callable[[str], Manifests], rules: Path) -> None:
    assert prometheusrules.target(rules).read_text() == prometheusrules.written(rules), (
        "run python -m tools.prometheusrules"
    )
    groups = yaml.safe_load(rules.read_text())["groups"]
    theirs = build(prometheusrules.component(rules)).every("PrometheusRule")
    assert groups in [each["spec"]["groups"] for each in theirs]


def test_the_operator_has_no_rules_of_its_own(build: Callable[[str], Manifests]) -> None:
    assert len(build("all").every("PrometheusRule")) == len(list(prometheusrules.RULES.glob("*.yml")))


def test_the_budget_is_one_number(build: Callable[[str], Manifests]) -> None:
    (group,) = build("budget").one("PrometheusRule", "fluxai-budget")["spec"]["groups"]
    assert group["rules"][0]["expr"] == f"vector({build('budget').settings['FLUXDASH_BUDGET']})"


def test_every_folder_that_the_documentation_builds_is_there() -> None:
    built = re.findall(r"^ *kubectl (?:kustomize|apply -k) (\S+)", PAGE.read_text(), re.MULTILINE)
    assert built
    for folder in built:
        assert Manifests.of(PROJECT / folder).documents
