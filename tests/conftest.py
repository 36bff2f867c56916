"""Fixtures for every test: real servers, started when a test first asks and stopped at the end of the run."""

import os

from hypothesis import settings

# What CI draws is the same each time, so that a change fails for what it changed; a run by hand explores.
settings.register_profile("ci", derandomize=True)
if os.environ.get("FLUXDASH_REQUIRE_SERVERS"):
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
