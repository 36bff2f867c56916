"""Examples are judged by what they show, not by how long they take; and what a test connects to, it lets go of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from fluxdash.sources.caller import Caller
from fluxdash.sources.database import Database
from fluxdash.sources.prometheus import Prometheus

settings.register_profile("fluxdash", deadline=None, max_examples=50)
settings.load_profile("fluxdash")


@pytest.fixture(autouse=True)
def let_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test connected when it ends: a socket that is left open would complain in some later test."""
    made: list[Caller | Database | Prometheus] = []

    def noting(kind: type[Any]) -> None:
        begin = kind.__init__

        def noted(self: Any, *args: Any, **more: Any) -> None:
            begin(self, *args, **more)
            made.append(self)

        monkeypatch.setattr(kind, "__init__", noted)

    for kind in (Caller, Database, Prometheus):
        noting(kind)
    yield
    for each in made:
        each.close()
