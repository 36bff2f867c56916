"""The manifests of deploy/kubernetes, built once for each file of tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.manifests import COMPONENTS, KUBERNETES, Manifests


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Manifests]:
    """Build the base, the example, the base with one component, or with all of them."""
    made: dict[str, Manifests] = {}

    def of(variant: str) -> Manifests:
        if variant not in made:
            folder = tmp_path_factory.mktemp(variant)
            if variant in ("base", "example"):
                made[variant] = Manifests.of(KUBERNETES / {"base": "base", "example": "overlays/example"}[variant])
            else:  # prefix is the last, by its own word
                every = sorted(COMPONENTS, key=lambda name: name == "prefix")
                made[variant] = Manifests.with_components(folder, every if variant == "all" else [variant])
        return made[variant]

    return of


@pytest.fixture(params=["base", "example", "all"])
def manifests(request: pytest.FixtureRequest, build: Callable[[str], Manifests]) -> Manifests:
    """Each way in turn that a test looks at."""
    return build(request.param)
