"""What a cluster's API would say to a document: Kubernetes' own schemas and the Prometheus operator's, both strictly.

    python -m tests.deploy.schemas FOLDER

renews the operator's from a folder with its module; tests/schemas/prometheus-operator/README.md tells where from.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

VENDORED = Path(__file__).resolve().parents[1] / "schemas" / "prometheus-operator"
OPERATOR = "monitoring.coreos.com/v1"
KINDS = ("servicemonitors", "prometheusrules")
OLDEST = "1.27"  # the first that heeds all the fields which the manifests use, unless told otherwise
NEWEST = kubernetes_validate.latest_version()

Document = dict[str, Any]


def fault(document: Document, version: str = NEWEST) -> str | None:
    """Return what is wrong with a document, an unknown field included; None where nothing is."""
    if document["apiVersion"] == OPERATOR:
        found = Draft202012Validator(_operator_s(document["kind"])).iter_errors(document)
        return next((f"{each.json_path}: {each.message}" for each in found), None)
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as err:
        return f"{'.'.join(map(str, err.path))}: {err.message}"
    return None


def _operator_s(kind: str) -> Document:
    schema = json.loads((VENDORED / f"{kind.lower()}s.json").read_text())
    strict: Document = _strict(schema)
    # A schema of this sort leaves it to the cluster what metadata holds.
    strict["properties"]["metadata"] = {"type": "object", "required": ["name"]}
    return strict


def _strict(schema: Any) -> Any:
    """Return the schema with no room for properties that it does not name; a cluster drops those without a word."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _strict(each) for key, each in schema.items()}
    closed = "properties" in schema and "additionalProperties" not in schema and schema.get("type") == "object"
    return {**inner, "additionalProperties": False} if closed else inner


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _bare(each) for key, each in schema.items() if not (key == "description" and isinstance(each, str))}


def main(module: Path) -> None:
    """Write the schemas of the operator's kinds that are used here."""
    for kinds in KINDS:
        path = module / "example" / "prometheus-operator-crd" / f"monitoring.coreos.com_{kinds}.yaml"
        versions = yaml.safe_load(path.read_text())["spec"]["versions"]
        schema = next(each for each in versions if each["name"] == "v1")["schema"]["openAPIV3Schema"]
        (VENDORED / f"{kinds}.json").write_text(json.dumps(_bare(schema), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
