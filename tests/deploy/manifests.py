"""What kustomize makes of deploy/kubernetes, and the questions that tests ask of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.schemas import Document
from tests.servers.process import executable

PROJECT = Path(__file__).resolve().parents[2]
KUBERNETES = PROJECT / "deploy" / "kubernetes"
COMPONENTS = tuple(sorted(path.name for path in (KUBERNETES / "components").iterdir()))
SECRET_NAME, SECRET_KEY = "fluxai-secrets", "database-url"


def kustomize() -> list[str | Path]:
    """Return the command that builds a folder: kustomize itself, or the one inside kubectl.

    Without either the test is skipped, or fails where servers are required.
    """
    go = [os.environ.get("GOBIN", ""), str(Path.home() / "go" / "bin")]
    own = shutil.which("kustomize", path=os.pathsep.join([os.environ.get("PATH", os.defpath), *filter(None, go)]))
    if own:
        return [own, "build"]
    kubectl = shutil.which("kubectl")
    return [kubectl, "kustomize"] if kubectl else [executable("kustomize"), "build"]


@dataclass(frozen=True, slots=True)
class Manifests:
    """The documents that one folder comes to."""

    documents: tuple[Document, ...]

    @classmethod
    def of(cls, folder: Path) -> Manifests:
        """Build a folder; fails with what kustomize says."""
        done = subprocess.run([*kustomize(), folder], capture_output=True, text=True, check=False, cwd=PROJECT)
        assert done.returncode == 0, done.stderr
        return cls(tuple(yaml.safe_load_all(done.stdout)))

    @classmethod
    def with_components(cls, folder: Path, names: Sequence[str]) -> Manifests:
        """Build the base with some components, in an overlay that is written into a folder."""
        beside = Path(os.path.relpath(KUBERNETES, folder.resolve()))
        overlay = {
            "resources": [str(beside / "base")],
            "components": [str(beside / "components" / name) for name in names],
        }
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
        return cls.of(folder)

    def every(self, kind: str) -> list[Document]:
        return [each for each in self.documents if each["kind"] == kind]

    def one(self, kind: str, name: str = "fluxai-dashboard") -> Document:
        """The one document of a kind and a name."""
        (found,) = [each for each in self.every(kind) if each["metadata"]["name"] == name]
        return found

    def pod(self, name: str = "fluxai-dashboard") -> Document:
        """What the Deployment of this name makes pods of."""
        pod: Document = self.one("Deployment", name)["spec"]["template"]
        return pod

    def container(self, name: str = "fluxai-dashboard") -> Document:
        """Its only container."""
        (found,) = self.pod(name)["spec"]["containers"]
        container: Document = found
        return container

    @property
    def settings(self) -> dict[str, str]:
        """What the ConfigMap that the dashboard reads says."""
        (reference,) = self.container()["envFrom"]
        told: dict[str, str] = self.one("ConfigMap", reference["configMapRef"]["name"])["data"]
        return told

    def environment(self, secrets: Mapping[str, str], name: str = "fluxai-dashboard") -> dict[str, str]:
        """The variables of a container as the kubelet fills them in; a secret that is not there is an error."""
        told = dict(self.settings) if self.container(name).get("envFrom") else {}
        for each in self.container(name).get("env", []):
            told[each["name"]] = each["value"] if "value" in each else secrets[_secret(each)]
        return told

    def reached(self, labels: Mapping[str, str]) -> Iterator[tuple[Document | None, int]]:
        """The peers and TCP ports that the policies let pods with these labels reach; a peer of None is anybody."""
        for policy in self.every("NetworkPolicy"):
            if matches(policy["spec"]["podSelector"], labels):
                for rule in policy["spec"].get("egress", []):
                    for port in rule["ports"]:
                        for peer in rule.get("to", [None]):
                            if port["protocol"] == "TCP":
                                yield peer, port["port"]


def _secret(variable: Document) -> str:
    reference = variable["valueFrom"]["secretKeyRef"]
    return f"{reference['name']}/{reference['key']}"


def labels(document: Document) -> dict[str, str]:
    told: dict[str, str] = document["metadata"].get("labels", {})
    return told


def matches(selector: Mapping[str, Any], told: Mapping[str, str]) -> bool:
    """Tell whether a selector of labels chooses these; an empty one chooses all."""
    assert set(selector) <= {"matchLabels"}, "matchExpressions are not understood here"
    return selector.get("matchLabels", {}).items() <= told.items()
