"""A cache that is off, that nobody reports, and that never hits are three different things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.dimensions import ACCOUNT
from fluxdash.semantic.measures import HIT_RATE, LOOKUPS, SAVINGS
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.ui.states import State
from fluxdash.ui.studies.cache import Looked
from fluxdash.ui.studies.partly import Partly
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Drawing, Look
from tests.ui.fake import ACCOUNTS, FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)
STUDY = Looked(Partly((HIT_RATE.over_time(), LOOKUPS.over_time()), lambda scene: Drawing(None, "said", "unit")))
SAVED = Looked(Partly((SAVINGS.over_time(),), lambda scene: Drawing(None, "said", "unit")))


class Off(FakeGateway):
    """A gateway whose requests never ask the cache."""

    def _answer(self, query: Query) -> Answer:
        answer = super()._answer(query)
        if query.measure.slug not in ("lookups", "hit_rate", "cache_hits", "cache_misses"):
            return answer
        value = None if query.measure.slug == "hit_rate" else 0.0
        rows = tuple(replace(each, total=value, n=0, values=(value,) * len(each.values)) for each in answer.lines)
        return replace(answer, lines=rows)


def asking(*filters: Filter) -> Asking:
    return Asking(Scope(WINDOW, filters), Look(), True, "?range=1h")


def test_a_cache_that_is_asked_is_drawn() -> None:
    assert isinstance(STUDY.draw(FakeGateway(), asking(), "Hit rate"), Picture)


@pytest.mark.parametrize("study", [STUDY, SAVED], ids=["rate", "savings"])
def test_requests_without_a_lookup_mean_that_the_cache_is_off_and_not_0_percent(study: Looked) -> None:
    shown = study.draw(Off(), asking(Filter.of(ACCOUNT, [ACCOUNTS[0][0]])), "Hit rate")
    assert isinstance(shown, State)
    assert shown.title == "The cache is off"
    said = shown.text.replace("\u00a0", " ")
    assert said.startswith("None of the ")
    assert said.endswith(" asked the cache, so there is no rate to show. This is not 0 %.")
    assert "between 13:31 and 14:31 UTC" in said
    assert [each.text for each in shown.actions] == ["Clear Account"]


def test_a_window_without_requests_is_not_a_cache_that_is_off() -> None:
    shown = STUDY.draw(FakeGateway(rate=0), asking(), "Hit rate")
    assert isinstance(shown, State)
    assert shown.title == "No requests in this window"


def test_a_cache_that_nobody_reports_says_so_with_the_reason() -> None:
    missing = NotReported("cache lookups", ["The database has no column cache_hit."])
    gateway = FakeGateway(wrong=dict.fromkeys(("lookups", "hit_rate"), missing))
    shown = STUDY.draw(gateway, asking(), "Hit rate")
    assert isinstance(shown, State)
    assert (shown.title, shown.text) == ("No cache metrics reported", "The database has no column cache_hit.")


def test_a_prometheus_without_any_series_is_told_as_such() -> None:
    missing = NotReported("cache lookups", ["Prometheus answers, but no fluxai_* series exist."])
    shown = STUDY.draw(FakeGateway(wrong=dict.fromkeys(("lookups", "hit_rate"), missing)), asking(), "Hit rate")
    assert isinstance(shown, State)
    assert shown.title == "No fluxai metrics yet"


def test_savings_are_drawn_where_they_are_told_though_nobody_counts_lookups() -> None:
    missing = NotReported("cache lookups", ["none"])
    assert isinstance(SAVED.draw(FakeGateway(wrong={"lookups": missing}), asking(), "Savings"), Picture)


def test_a_source_that_fails_is_a_failure_and_no_state_of_the_cache() -> None:
    failed = SourceTimeout("Prometheus", "did not answer in 10 s")
    with pytest.raises(SourceTimeout):
        STUDY.draw(FakeGateway(wrong={"*": failed}), asking(), "Hit rate")


def test_what_is_not_reported_itself_says_what_would_help() -> None:
    missing = NotReported("latency by cache", ["fluxai_request_duration_seconds carries no cache."])
    study = Looked(STUDY.inner, "Only a request log tells.")
    with pytest.raises(NotReported) as told:
        study.draw(FakeGateway(wrong={"hit_rate": missing}), asking(), "Latency")
    assert told.value.reasons == ("fluxai_request_duration_seconds carries no cache.", "Only a request log tells.")


def test_everything_is_asked_at_once() -> None:
    gateway = FakeGateway()
    STUDY.draw(gateway, asking(), "Hit rate")
    assert gateway.batches == 1
