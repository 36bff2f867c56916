"""A dashboard for an LLM gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fluxdash.app import create_app, mount
    from fluxdash.settings import Settings

__all__ = ["Settings", "create_app", "mount"]


def __getattr__(name: str) -> Any:
    """Load the public face when it is first asked for, so that importing fluxdash does nothing."""
    if name in ("create_app", "mount"):
        from fluxdash import app

        return getattr(app, name)
    if name == "Settings":
        from fluxdash.settings import Settings

        return Settings
    raise AttributeError(f"module 'fluxdash' has no attribute {name!r}")
