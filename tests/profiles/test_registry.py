"""Profiles are found by name, and the user's own by `package.module:NAME`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fluxdash.errors import SettingError
from fluxdash.profiles.profile import Profile
from fluxdash.profiles.registry import SHIPPED, profile


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_is_found_by_its_name(name: str) -> None:
    assert profile(name).slug == name


@pytest.mark.parametrize(
    ("typed", "meant"), [("litelm", "litellm"), ("fluxia", "fluxai"), ("otel_genia", "otel_genai")]
)
def test_a_mistyped_name_is_met_with_what_was_probably_meant(typed: str, meant: str) -> None:
    with pytest.raises(SettingError, match=rf"FLUXDASH_PROFILE='{typed}'.*Did you mean '{meant}'\?"):
        profile(typed)


def test_a_name_like_nothing_is_met_with_what_there_is() -> None:
    with pytest.raises(SettingError) as refused:
        profile("zzz")
    assert all(name in str(refused.value) for name in SHIPPED)
    assert "Did you mean" not in str(refused.value)


def test_a_module_beside_the_profiles_is_no_profile() -> None:
    with pytest.raises(SettingError, match="registry"):
        profile("registry")


def test_the_users_own_profile_is_imported_by_module_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_flux.py").write_text(
        "from dataclasses import replace\n"
        "from fluxdash.profiles.fluxai import PROFILE\n"
        "OURS = replace(PROFILE, slug='acme', title='Acme')\n"
        "WORDS = 'no profile'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = profile("acme_flux:OURS")
    assert isinstance(found, Profile)
    assert (found.slug, found.title) == ("acme", "Acme")
    with pytest.raises(SettingError, match="Profile, not str"):
        profile("acme_flux:WORDS")
    with pytest.raises(SettingError, match="OUR"):
        profile("acme_flux:OUR")


@pytest.mark.parametrize("name", ["no_such_module_at_all:PROFILE", ":PROFILE", "fluxdash.profiles.fluxai:", ":"])
def test_what_cannot_be_imported_is_a_setting_error(name: str) -> None:
    with pytest.raises(SettingError, match="FLUXDASH_PROFILE"):
        profile(name)
