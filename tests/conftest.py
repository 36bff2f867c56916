"""Fixtures for every test: real servers, started when a test first asks and stopped at the end of the run."""

import os

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("FLUXDASH_REQUIRE_SERVERS"))

# What CI draws is the same each time, so that a change fails for what it changed; a run by hand explores.
settings.register_profile("ci", derandomize=True)
if IN_CI:
    settings.load_profile("ci")

pytest_plugins = [
    "tests.servers.chromium",
    "tests.servers.dashboard",
    "tests.servers.jaeger",
    "tests.servers.postgres",
    "tests.servers.prometheus",
    "tests.servers.redis",
    "tests.servers.serving",
    "tests.servers.victoriametrics",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI what fails is tried once more and named at the end: a busy machine fails a test once, a fault twice."""
    for item in items if IN_CI else []:
        item.add_marker(pytest.mark.flaky(reruns=1))
