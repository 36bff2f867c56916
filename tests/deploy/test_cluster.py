"""What deploy/kubernetes does in a cluster: what a pod may do, whom it reaches, and who is left when one goes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from fluxdash import gunicorn_conf
from tests.deploy.manifests import Manifests, labels, matches


def test_a_pod_has_time_to_drain_and_to_answer_what_it_began(manifests: Manifests) -> None:
    drain = float(manifests.settings["FLUXDASH_DRAIN"])
    grace = manifests.pod()["spec"]["terminationGracePeriodSeconds"]
    assert drain > 0
    assert grace >= drain + gunicorn_conf.graceful_timeout + 5


def test_a_rollout_and_a_drained_node_leave_somebody_who_answers(manifests: Manifests) -> None:
    deployment = manifests.one("Deployment")["spec"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert "replicas" not in deployment  # it would take the autoscaler's number back at every apply
    least = manifests.one("HorizontalPodAutoscaler")["spec"]["minReplicas"]
    assert manifests.one("PodDisruptionBudget")["spec"]["maxUnavailable"] < least


def test_every_pod_meets_the_restricted_standard_and_more(manifests: Manifests) -> None:
    for deployment in manifests.every("Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        container = manifests.container(deployment["metadata"]["name"])
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
        assert [set(volume) for volume in pod["volumes"]] == [{"name", "emptyDir"}]
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]


def test_every_container_says_what_it_needs_and_what_it_may_have(manifests: Manifests) -> None:
    for deployment in manifests.every("Deployment"):
        name = deployment["metadata"]["name"]
        resources = manifests.container(name)["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys() <= resources["limits"].keys()
        for each, least in resources["requests"].items():
            assert amount(least) <= amount(resources["limits"][each])
        (volume,) = manifests.pod(name)["spec"]["volumes"]
        kept = resources["limits"].get("ephemeral-storage", resources["limits"]["memory"])
        assert amount(volume["emptyDir"]["sizeLimit"]) <= amount(kept)


def amount(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(m|[KMG]i)?", text).groups()  # type: ignore[union-attr]
    return float(number) * {None: 1, "m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[unit]


def test_the_policies_let_the_dashboard_reach_what_its_settings_name(manifests: Manifests) -> None:
    pods = [each["spec"]["template"] for each in manifests.every("Deployment")]
    for key in ("PROMETHEUS_URL", "JAEGER_URL", "FLUXDASH_CACHE"):
        address = urlsplit(manifests.settings.get(key, ""))
        if address.hostname and address.port:
            assert is_reached(manifests, address.hostname, address.port), key
        if address.scheme == "redis":
            service = manifests.one("Service", address.hostname or "")
            assert [port["port"] for port in service["spec"]["ports"]] == [address.port]
            (theirs,) = [labels(pod) for pod in pods if service["spec"]["selector"].items() <= labels(pod).items()]
            assert list(manifests.reached(theirs)) == []  # a cache asks nobody
    assert is_reached(manifests, "postgres", 5432)
    assert not is_reached(manifests, "elsewhere.other", 443)


def is_reached(manifests: Manifests, host: str, port: int) -> bool:
    """Whether a policy opens the port to all pods beside us, to those of a Service, or to the namespace in the name."""
    service, _, namespace = host.partition(".")
    for peer, open_port in manifests.reached(labels(manifests.pod())):
        if peer is None or open_port != port:
            continue
        if "namespaceSelector" in peer:
            found = (
                peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] == namespace.partition(".")[0]
            )
        else:
            beside = peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name", service)
            found = "podSelector" in peer and not namespace and beside == service
        if found:
            return True
    return False


def test_only_ingress_and_monitoring_reach_the_dashboard(manifests: Manifests) -> None:
    for policy in manifests.every("NetworkPolicy"):
        if matches(policy["spec"]["podSelector"], labels(manifests.pod())):
            for rule in policy["spec"].get("ingress", []):
                assert [port["port"] for port in rule["ports"]] == [manifests.container()["ports"][0]["containerPort"]]
                names = [
                    each["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for each in rule["from"]
                ]
                assert names == ["ingress-nginx", "monitoring"]
