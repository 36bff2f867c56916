"""Prometheus' rules as objects of its operator: each file of deploy/prometheus/rules wrapped, to the letter.

    python -m tools.prometheusrules

writes deploy/kubernetes/components/*/rules-*.yaml anew. A new one must be named in the kustomization.yaml beside it.
The rules are changed where they are, never there.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "deploy" / "prometheus" / "rules"
COMPONENTS = ROOT / "deploy" / "kubernetes" / "components"

_HEAD = """\
# Written by `python -m tools.prometheusrules` from deploy/prometheus/rules/{file}: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: fluxai
spec:
"""


def component(rules: Path) -> str:
    """Return the component that carries a file: the budget has its own, for not everybody has one."""
    return "budget" if rules.stem == "budget" else "monitoring"


def target(rules: Path) -> Path:
    """Return where the object for a file is."""
    return COMPONENTS / component(rules) / f"rules-{rules.stem}.yaml"


def written(rules: Path) -> str:
    """Return the object for a file, its comments included."""
    name = rules.stem if rules.stem.startswith("flux") else f"fluxai-{rules.stem}"
    return _HEAD.format(file=rules.name, name=name) + textwrap.indent(rules.read_text(), "  ")


def main() -> None:
    """Write them all."""
    for rules in sorted(RULES.glob("*.yml")):
        target(rules).write_text(written(rules))


if __name__ == "__main__":
    main()
