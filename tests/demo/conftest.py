"""An afternoon of requests, booked as the reference promises and as real installations do."""

from __future__ import annotations

import pytest

from fluxdash.demo.request import Request
from fluxdash.demo.traffic import Traffic

NOON = 1_795_003_200.0  # 2026-11-18 12:00 UTC
SIX_HOURS = 21_600.0


@pytest.fixture(scope="session")
def noon() -> float:
    return NOON


@pytest.fixture(scope="session")
def requests() -> tuple[Request, ...]:
    return tuple(Traffic().between(NOON, NOON + SIX_HOURS))


@pytest.fixture(scope="session")
def careless() -> tuple[Request, ...]:
    return tuple(Traffic(quirks=True).between(NOON, NOON + SIX_HOURS))
