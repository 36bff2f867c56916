"""Examples are judged by what they show, not by how long they take: a busy machine fails no test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("fluxdash", deadline=None, max_examples=50)
settings.load_profile("fluxdash")
