"""The profiles that ship with FluxDash, and how a user's own is found."""

from __future__ import annotations

import importlib

from fluxdash.errors import SettingError, meant
from fluxdash.profiles.profile import Profile

SHIPPED = ("fluxai", "litellm", "otel_genai")


def profile(name: str) -> Profile:
    """Return a shipped profile by its name, or the user's own by `package.module:NAME`; raises SettingError."""
    allowed = f"one of {', '.join(SHIPPED)}, or package.module:NAME.{meant(name, SHIPPED)}"
    module_name, _, attribute = name.partition(":") if ":" in name else (f"fluxdash.profiles.{name}", "", "PROFILE")
    if ":" not in name and name not in SHIPPED:
        raise SettingError("FLUXDASH_PROFILE", name, allowed)
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as err:
        raise SettingError("FLUXDASH_PROFILE", name, f"{allowed} ({err})") from err
    if not isinstance(found, Profile):
        raise SettingError("FLUXDASH_PROFILE", name, f"a fluxdash.profiles.profile.Profile, not {type(found).__name__}")
    return found
