"""Imports whatever the commands of FluxDash import, so that its bytecode is written while that is still possible.

PYTHONPYCACHEPREFIX=/opt/bytecode /opt/fluxdash/bin/python deploy/image/warm.py
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import fluxdash

# Imported when they are first needed: the server, the driver of the database, the forecast's model, the health check.
LATE = (
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "psycopg2",
    "redis",
    "statsmodels.tsa.statespace.structural",
    "urllib.request",
)


def main() -> int:
    """Import all modules of FluxDash, and those that it imports late."""
    if sys.dont_write_bytecode:
        print("warm: PYTHONDONTWRITEBYTECODE is set: nothing would be written", file=sys.stderr)
        return 1
    ours = (each.name for each in pkgutil.walk_packages(fluxdash.__path__, "fluxdash."))
    for name in (*LATE, *ours):
        if not name.endswith("__main__"):
            import_module(name)
    fluxdash.create_app(fluxdash.Settings(cache="memory")).server.test_client().get("/")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
