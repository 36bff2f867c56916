"""What all processes of a server hold in memory once: the libraries, loaded before the first of them is forked."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Sequence
from importlib import import_module

LIBRARIES = (
    "dash",
    "flask_caching",
    "flask_compress",
    "httpx",
    "pandas",
    "psycopg2",
    "pydantic",
    "redis",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "statsmodels.tsa.statespace.structural",
)
"""What weighs most. None of ours: a reload reads that anew. Nor prometheus_client, which looks where to keep counts."""

_ARENA_MAX = -8
"""glibc's M_ARENA_MAX."""

_HEAPS = 2
"""glibc makes eight for each processor, and what one thread gives back to its own is of no use to the others."""


def share(libraries: Sequence[str] = LIBRARIES) -> None:
    """Load the libraries into this process, and keep what its children will share as it is."""
    few_heaps()
    for each in libraries:
        import_module(each)
    gc.collect()
    gc.freeze()  # looking through it for cycles, each child would come to hold a copy of its own


def few_heaps() -> None:
    """Let the threads of this process and its children share few heaps, where the C library can be told so."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, _HEAPS)
