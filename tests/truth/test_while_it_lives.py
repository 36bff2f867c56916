"""A gateway that lives: its own metrics scraped by a real Prometheus each second, its own log written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import CACHE_HITS, COST, LATENCY, REQUESTS, TOKENS
from fluxdash.sources.router import Router
from tests.truth import reckoning, world
from tests.truth.alive import Alive
from tests.truth.world import group_lines, scope


@pytest.fixture
def from_metrics(alive: Alive) -> Iterator[Router]:
    with world.fluxdash(**alive.settings("PROMETHEUS_URL")) as router:
        yield router


def test_what_a_living_gateway_logged_is_exact(alive: Alive) -> None:
    with world.fluxdash(**alive.settings("DATABASE_URL", "PROMETHEUS_URL")) as gateway:
        for measure in (REQUESTS, COST, TOKENS, CACHE_HITS, LATENCY):
            answer = gateway.answer(measure.over_time().within(scope(alive.window)))
            assert answer.provenance.source == "log"
            want = reckoning.total(measure.slug, alive.rows)
            assert not reckoning.differs(str(measure), measure.slug, answer.total, want)


def test_what_was_scraped_of_a_living_gateway_is_near_the_truth(alive: Alive, from_metrics: Router) -> None:
    # Scrapes lie anywhere in a bucket, so what happens between its last and the next one's first is estimated from the
    # rest, a fifteenth of it; a batch of half a second may fall on either side of an edge; and series may be born, each
    # of which loses its first. Hits are few, of many accounts and models, so that much of them is lost like that.
    for measure in (REQUESTS, COST, TOKENS, CACHE_HITS):
        answer = from_metrics.answer(measure.over_time().within(scope(alive.window)))
        assert answer.window == alive.window
        want = float(reckoning.total(measure.slug, alive.rows) or 0)
        assert answer.total == pytest.approx(want, rel=0.5 if measure is CACHE_HITS else 0.25), measure
        assert world.drawn(answer.lines[0], measure.slug) == pytest.approx(answer.total)
    by_model = group_lines(from_metrics.answer(REQUESTS.top(20, by=MODEL).within(scope(alive.window))))
    busiest = max(reckoning.cut(alive.rows, "model").items(), key=lambda item: len(item[1]))
    assert by_model[busiest[0]].total == pytest.approx(len(busiest[1]), rel=0.3)


def test_the_quantiles_of_a_living_gateway_are_within_a_bucket(alive: Alive, from_metrics: Router) -> None:
    got = from_metrics.answer(LATENCY.total(q=0.5).within(scope(alive.window))).total
    near = sorted(request.latency_ms / 1000 for request in alive.rows)
    low, high = near[round(0.4 * len(near))], near[round(0.6 * len(near))]
    bounds = (0.0, 0.1, 0.5, 1, 2, 5, 10, 30)
    assert got is not None
    assert max(bound for bound in bounds if bound <= low) <= got <= min(bound for bound in bounds if bound >= high)
