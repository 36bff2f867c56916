"""Forecasts are kept by the hours they rest on, a few of them, and by each app for itself."""

from __future__ import annotations

from datetime import UTC

from fluxdash.ui.foresight import Foresight

START = 1_793_491_200


def test_the_same_hours_are_looked_ahead_from_once_and_the_oldest_are_forgotten() -> None:
    kept = Foresight(most=1)
    first = kept((1.0,) * 24, START, UTC)
    assert kept((1.0,) * 24, START, UTC) is first
    assert Foresight()((1.0,) * 24, START, UTC) is not first
    kept((2.0,) * 24, START, UTC)
    assert kept((1.0,) * 24, START, UTC) is not first
