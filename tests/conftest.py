"""Fixtures for every test: real servers, started when a test first asks and stopped at the end of the run."""

pytest_plugins = [
    "tests.servers.chromium",
    "tests.servers.dashboard",
    "tests.servers.jaeger",
    "tests.servers.postgres",
    "tests.servers.prometheus",
    "tests.servers.redis",
    "tests.servers.victoriametrics",
]
