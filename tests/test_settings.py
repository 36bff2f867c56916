"""Settings: strict casts, errors that help, no credentials in print."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import SettingError
from fluxdash.settings import SETTINGS, Settings, child_environment, redacted


def settings(**environ: str) -> Settings:
    return Settings.from_env(environ)


def refused(**environ: str) -> str:
    with pytest.raises(SettingError) as caught:
        Settings.from_env(environ)
    return str(caught.value)


def test_an_empty_environment_is_a_gateway_without_sources() -> None:
    assert settings() == Settings()
    assert settings().prometheus_url is None
    assert settings().database_url is None
    assert settings().jaeger_url is None
    assert settings().refresh_interval is None
    assert settings().port == 8501
    assert settings().zone == ZoneInfo("UTC")


def test_an_installation_of_the_gateway_needs_no_other_names() -> None:
    found = settings(
        PROMETHEUS_URL="http://localhost:9090",
        DATABASE_URL="postgresql://fluxai:secret@localhost:5432/fluxai",
        JAEGER_URL="http://localhost:16686",
        AUTO_REFRESH="true",
        REFRESH_INTERVAL="30",
    )
    assert found.prometheus_url == "http://localhost:9090"
    assert found.database_url == "postgresql+psycopg2://fluxai:secret@localhost:5432/fluxai"
    assert found.jaeger_url == "http://localhost:16686"
    assert found.auto_refresh is True
    assert found.refresh_interval == 30


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.key)
def test_a_variable_that_is_empty_is_one_that_is_not_set(setting: object) -> None:
    key = setting.key  # type: ignore[attr-defined]
    assert Settings.from_env({key: ""}) == Settings.from_env({key: "  "}) == Settings()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg2://u:p@h/d"),
        ("postgresql+psycopg2://u:p@h:6432/d", "postgresql+psycopg2://u:p@h:6432/d"),
        ("postgresql+asyncpg://u:p%40ss@h/d", "postgresql+psycopg2://u:p%40ss@h/d"),
        ("postgresql+asyncpg://u@h/d?ssl=require", "postgresql+psycopg2://u@h/d?sslmode=require"),
        ("postgresql+asyncpg://u@h/d?prepared_statement_cache_size=0", "postgresql+psycopg2://u@h/d"),
        ("postgresql://u@h/d?sslmode=verify-full", "postgresql+psycopg2://u@h/d?sslmode=verify-full"),
        ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg2:///d?host=%2Frun%2Fpostgresql"),
        ("sqlite:////var/lib/gateway.db", "sqlite:////var/lib/gateway.db"),
        ("sqlite:///gateway.db", "sqlite:///gateway.db"),
    ],
)
def test_every_way_to_write_the_database_is_understood(written: str, meant: str) -> None:
    assert settings(DATABASE_URL=written).database_url == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://metrics.example.org/tenant-a/", "https://metrics.example.org/tenant-a"),
        ("http://user:secret@prometheus:9090", "http://user:secret@prometheus:9090"),
        ("http://[::1]:9090/", "http://[::1]:9090"),
    ],
)
def test_an_address_may_carry_a_user_and_a_base_path(written: str, meant: str) -> None:
    assert settings(PROMETHEUS_URL=written).prometheus_url == meant


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PROMETHEUS_URL", "localhost:9090"),
        ("PROMETHEUS_URL", "ftp://prometheus"),
        ("PROMETHEUS_URL", "http://"),
        ("PROMETHEUS_URL", "http://prometheus:99999"),
        ("PROMETHEUS_URL", "http://prometheus:9090/?x=1"),
        ("PROMETHEUS_URL", "http://prom etheus"),
        ("JAEGER_URL", "jaeger"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://u@h:port/d"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "fluxai"),
        ("AUTO_REFRESH", "yes"),
        ("REFRESH_INTERVAL", "4"),
        ("REFRESH_INTERVAL", "3601"),
        ("REFRESH_INTERVAL", "30s"),
        ("REFRESH_INTERVAL", "1e1"),
        ("REFRESH_INTERVAL", "³0"),
        ("FLUXDASH_PROMETHEUS_TIMEOUT", "nan"),
        ("FLUXDASH_PROMETHEUS_TIMEOUT", "0.4"),
        ("FLUXDASH_PREFER", "loki"),
        ("FLUXDASH_ZONE", "Europe/Atlantis"),
        ("FLUXDASH_ZONE", "../../etc/passwd"),
        ("FLUXDASH_ZONE", "Europe"),
        ("FLUXDASH_PREFIX", "obs"),
        ("FLUXDASH_PREFIX", "/a/../b"),
        ("FLUXDASH_PREFIX", "//elsewhere.example"),
        ("FLUXDASH_CACHE", "memcached"),
        ("FLUXDASH_CACHE", "redis://"),
        ("FLUXDASH_CACHE_DIR", "cache"),
        ("FLUXDASH_PORT", "0"),
        ("FLUXDASH_PROFILE", "Flux AI"),
        ("PROMETHEUS_HEADERS", "no colon"),
        ("PROMETHEUS_HEADERS", "X-A: b\r\nX-C: d"),
        ("PROMETHEUS_BEARER_TOKEN", "two words"),
        ("FLUXDASH_TITLE", "x" * 61),
    ],
)
def test_a_bad_value_is_refused_by_an_error_that_names_the_setting_and_what_is_allowed(key: str, value: str) -> None:
    message = refused(**{key: value})
    allowed = next(setting for setting in SETTINGS.values() if setting.key == key).kind.allowed.replace("`", "")
    assert key in message
    assert allowed in message


def test_an_error_shows_the_value_but_no_credentials() -> None:
    assert "'localhost:9090'" in refused(PROMETHEUS_URL="localhost:9090")
    assert "secret" not in refused(DATABASE_URL="mysql://flux:sec/secret@db/fluxai")
    assert "secret" not in refused(DATABASE_URL="mysql://db/fluxai?user=flux&password=secret")
    assert "secret" not in refused(PROMETHEUS_HEADERS="secret")
    assert "secret" not in refused(PROMETHEUS_BEARER_TOKEN="secret word")


def test_printed_settings_hold_no_credentials() -> None:
    found = settings(
        PROMETHEUS_URL="http://u:secret@prometheus:9090",
        PROMETHEUS_HEADERS="Authorization: secret",
        PROMETHEUS_BEARER_TOKEN="secret",
        DATABASE_URL="postgres://flux:secret@db/fluxai",
        FLUXDASH_CACHE="redis://:secret@cache:6379/0",
    )
    assert "secret" not in repr(found)
    assert "http://***@prometheus:9090" in repr(found)
    assert found.shown()["DATABASE_URL"] == "postgresql+psycopg2://***@db/fluxai"


@given(st.text(st.characters(exclude_characters="@ \n\t\r", categories=("L", "N", "P", "S")), min_size=3))
def test_no_password_survives_redaction(password: str) -> None:
    assert redacted(f"postgres://flux:{password}@db/fluxai") == "postgres://***@db/fluxai"


def test_an_unknown_setting_names_the_one_that_was_meant() -> None:
    message = refused(FLUXDASH_ZOEN="secret")
    assert "FLUXDASH_ZOEN" in message
    assert "Did you mean 'FLUXDASH_ZONE'?" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "announced",
    [
        {"FLUXDASH_PORT": "tcp://10.0.0.7:8501"},
        {"FLUXDASH_SERVICE_HOST": "10.0.0.7", "FLUXDASH_SERVICE_PORT": "8501", "FLUXDASH_SERVICE_PORT_HTTP": "8501"},
        {"FLUXDASH_PORT_8501_TCP": "tcp://10.0.0.7:8501", "FLUXDASH_PORT_8501_TCP_ADDR": "10.0.0.7"},
    ],
)
def test_a_kubernetes_service_named_fluxdash_changes_nothing(announced: Mapping[str, str]) -> None:
    assert Settings.from_env(announced) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    assert settings(PATH="/bin", FLUXAI_DASHBOARD_PORT="tcp://10.0.0.7:8501", REFRESH="x") == Settings()


def test_headers_are_pairs() -> None:
    found = settings(PROMETHEUS_HEADERS="X-Scope-OrgID: team-a; X-Via: a:b ;")
    assert found.prometheus_headers == (("X-Scope-OrgID", "team-a"), ("X-Via", "a:b"))


@pytest.mark.parametrize(("written", "meant"), [("/", "/"), ("/obs", "/obs/"), ("/a/b.c/", "/a/b.c/")])
def test_a_prefix_begins_and_ends_with_a_slash(written: str, meant: str) -> None:
    assert settings(FLUXDASH_PREFIX=written).prefix == meant


def test_the_cache_lies_where_told_or_in_a_folder_of_this_user() -> None:
    assert settings(FLUXDASH_CACHE_DIR="/var/cache/fluxdash").cache_dir == Path("/var/cache/fluxdash")
    assert settings().cache_dir == Path(tempfile.gettempdir()) / f"fluxdash-{os.getuid()}"


def test_settings_do_not_change_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        settings().port = 1  # type: ignore[misc]


def test_a_child_process_gets_our_environment_with_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFRESH_INTERVAL", "30")
    monkeypatch.setenv("JAEGER_URL", "http://jaeger")
    environment = child_environment({"JAEGER_URL": None, "FLUXDASH_PORT": "8502"})
    assert environment["REFRESH_INTERVAL"] == "30"
    assert environment["FLUXDASH_PORT"] == "8502"
    assert "JAEGER_URL" not in environment
