"""Panels: what they ask, and what they show when the answer is an error, empty, or not quite what was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from dash import Patch, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from plotly.utils import PlotlyJSONEncoder

from fluxdash.errors import (
    BadPayload,
    BadRequest,
    ExtensionError,
    FluxDashError,
    NotReported,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.pages.overview import PAGE
from fluxdash.semantic.answer import Answer, Note, NoteKind
from fluxdash.semantic.dimensions import ACCOUNT, REGION
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import COST, FAILURES, REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.intake import Drawn, Shown
from fluxdash.ui.panel import Panel
from fluxdash.ui.redraw import redraw, restrip
from fluxdash.ui.states import State, of_error
from fluxdash.ui.strip import Strip, Tile
from fluxdash.ui.study import Asking, Picture, ask, known
from fluxdash.ui.watched import Watched
from fluxdash.views.scene import Look
from tests.ui.fake import ACCOUNTS, FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)
PANELS = {each.title: each for each in PAGE.panels}


def asking(**filters: str) -> Asking:
    dimensions = {"region": REGION, "account": ACCOUNT}
    chosen = tuple(Filter.of(dimensions[name], [value]) for name, value in filters.items())
    return Asking(Scope(WINDOW, chosen), Look(), True, "?range=1h")


def panel(title: str) -> Panel:
    found = PANELS[title]
    assert isinstance(found, Panel)
    return found


def strip() -> Strip:
    found = PANELS["Key figures"]
    assert isinstance(found, Strip)
    return found


def text(component: object) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False).replace("\u00a0", " ")


@pytest.mark.parametrize("title", ["Request rate", "Latency", "Token usage", "Errors by cause"])
def test_a_panel_asks_everything_at_once_with_the_window_before(title: str) -> None:
    gateway = FakeGateway()
    shown = panel(title).draw(gateway, asking())
    assert isinstance(shown, Picture)
    assert gateway.batches == 1
    windows = {query.scope.window for query in gateway.asked}
    assert windows == {WINDOW, WINDOW.previous()}


def test_without_comparison_the_window_before_is_not_asked_for_charts() -> None:
    gateway = FakeGateway()
    panel("Latency").draw(gateway, Asking(Scope(WINDOW), Look(), False))
    assert {query.scope.window for query in gateway.asked} == {WINDOW}


def test_a_strip_asks_each_question_once() -> None:
    gateway = FakeGateway()
    strip().draw(gateway, asking())
    assert gateway.batches == 1
    assert len(gateway.asked) == len(set(gateway.asked))


def test_a_source_that_fails_names_itself_and_offers_to_try_again() -> None:
    gateway = FakeGateway(wrong={"latency": SourceTimeout("Prometheus", "did not answer in 10 s")})
    shown = panel("Latency").draw(gateway, asking())
    assert isinstance(shown, State)
    assert (shown.kind, shown.title) == ("failed", "Prometheus did not answer in 10 s")
    assert [each.text for each in shown.actions] == ["Retry", "Details"]


def test_a_gateway_that_raises_is_a_state_too() -> None:
    class Broken(FakeGateway):
        def answers(self, queries, source=AUTO):  # type: ignore[no-untyped-def]
            raise SourceUnreachable("request log", "connection refused")

    shown = panel("Request rate").draw(Broken(), asking())
    assert isinstance(shown, State)
    assert shown.title == "Request log connection refused"


def test_what_is_no_error_of_ours_is_not_hidden() -> None:
    class Broken(FakeGateway):
        def answers(self, queries, source=AUTO):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        panel("Request rate").draw(Broken(), asking())


def test_a_prometheus_without_series_is_told_as_such_and_not_as_zero() -> None:
    error = NotReported("requests", ["Prometheus answers, its target is up, but no fluxai_* series exist."])
    state = of_error(error)
    assert (state.kind, state.title) == ("absent", "No fluxai metrics yet")
    assert "scrape path" in state.text


def test_what_is_not_reported_says_why() -> None:
    state = of_error(NotReported("savings", ["The request log lacks the column cache_hit.", "Prometheus is not set."]))
    assert state.title == "Not reported"
    assert state.text == "The request log lacks the column cache_hit. Prometheus is not set."


def test_a_long_reason_stands_below_a_short_title() -> None:
    state = of_error(BadPayload("Prometheus", "sent " + "something odd " * 20))
    assert state.title == "Prometheus failed"
    assert state.text.startswith("sent something odd")


def test_an_empty_window_names_the_filters_and_how_to_clear_them() -> None:
    shown = panel("Request rate").draw(FakeGateway(rate=0), asking(region="us-east-1", account=ACCOUNTS[1][0]))
    assert isinstance(shown, State)
    assert shown.title == "Nothing matches"
    assert "borealis-bank" in shown.text
    assert [each.value for each in shown.actions] == ["account", "region"]


def test_a_tile_fails_alone_and_never_says_zero() -> None:
    gateway = FakeGateway(wrong={"cost": SourceTimeout("Prometheus", "did not answer in 10 s")})
    tiles = {each.children[0].children[0]: each for each in strip().draw(gateway, asking()).drawn}
    assert "Prometheus did not answer in 10 s" in text(tiles["Cost"])
    assert tiles["Cost"].children[1].children.children[0] == "–"
    assert "req/s" in text(tiles["Requests"])


def test_a_number_beside_a_tile_may_be_missing() -> None:
    gateway = FakeGateway(wrong={"savings": NotReported("savings", ["none"])})
    tiles = strip().draw(gateway, asking()).drawn
    assert "saved" not in text(tiles[4])
    assert "Cache hit rate" in text(tiles[4])


def test_a_number_that_is_not_quite_it_goes_by_its_own_name() -> None:
    gateway = FakeGateway(labels={"cost": "List-price cost, hits included"})
    assert strip().draw(gateway, asking()).drawn[2].children[0].children[0] == "List-price cost, hits included"


def test_a_filter_that_could_not_be_applied_stands_out_in_the_footnote() -> None:
    gateway = FakeGateway(notes=(Note(NoteKind.IGNORED_FILTER, "region filter not applied"),))
    outputs = redraw(panel("Errors by cause"), gateway, asking(), None, NOW)
    assert 'className": "w note"' in text(outputs[7])
    assert "i-filter" in text(outputs[7])


def test_the_first_draw_is_whole_a_refresh_is_a_patch_and_no_change_is_nothing() -> None:
    gateway = FakeGateway()
    first = redraw(panel("Request rate"), gateway, asking(), None, NOW)
    assert isinstance(first[0], dict)
    drawn = Drawn(**first[-1])
    with pytest.raises(PreventUpdate):
        redraw(panel("Request rate"), gateway, asking(), drawn, NOW)
    later = Asking(Scope(Window.last(3600, NOW + 60)), Look(), True, "?range=1h")
    assert isinstance(redraw(panel("Request rate"), gateway, later, drawn, NOW)[0], Patch)


def test_another_theme_and_another_set_of_traces_are_drawn_whole() -> None:
    gateway = FakeGateway()
    drawn = Drawn(**redraw(panel("Request rate"), gateway, asking(), None, NOW)[-1])
    dark = Asking(Scope(WINDOW), Look("dark"), True, "?range=1h")
    assert isinstance(redraw(panel("Request rate"), gateway, dark, drawn, NOW)[0], dict)
    alone = Asking(Scope(WINDOW), Look(), False, "?range=1h&compare=off")
    assert isinstance(redraw(panel("Request rate"), gateway, alone, drawn, NOW)[0], dict)


def test_after_an_error_the_graph_is_patched_from_what_it_held() -> None:
    gateway = FakeGateway()
    drawn = Drawn(**redraw(panel("Latency"), gateway, asking(), None, NOW)[-1])
    gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    elsewhere = Asking(Scope(WINDOW), Look(), True, "?range=1h&region=us-east-1")
    failed = redraw(panel("Latency"), gateway, elsewhere, drawn, NOW)
    assert failed[1] == "failed"
    gateway.wrong.clear()
    later = Asking(Scope(Window.last(3600, NOW + 60)), Look(), True, "?range=1h")
    healed = redraw(panel("Latency"), gateway, later, Drawn(**failed[-1]), NOW)
    assert healed[1] == "data"
    assert isinstance(healed[0], Patch)


def test_an_error_on_an_empty_graph_heals_with_a_whole_figure() -> None:
    gateway = FakeGateway(wrong={"latency": SourceTimeout("Prometheus", "did not answer in 10 s")})
    failed = redraw(panel("Latency"), gateway, asking(), None, NOW)
    gateway.wrong.clear()
    assert isinstance(redraw(panel("Latency"), gateway, asking(), Drawn(**failed[-1]), NOW)[0], dict)


def test_a_picture_whose_source_fails_stands_for_a_minute_and_is_then_called_stale() -> None:
    gateway = FakeGateway()
    drawn = Drawn(**redraw(panel("Latency"), gateway, asking(), None, NOW)[-1])
    gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    with pytest.raises(PreventUpdate):
        redraw(panel("Latency"), gateway, asking(), drawn, drawn.as_of + 59)
    stale = redraw(panel("Latency"), gateway, asking(), drawn, drawn.as_of + 180)
    assert stale[1] == "stale"
    assert "last good data" in text(stale[7])
    assert "3 min" in text(stale[7])
    assert "Prometheus did not answer in 10 s" in text(stale[7])
    with pytest.raises(PreventUpdate):
        redraw(panel("Latency"), gateway, asking(), Drawn(**stale[-1]), drawn.as_of + 195)
    gateway.wrong.clear()
    healed = redraw(panel("Latency"), gateway, asking(), Drawn(**stale[-1]), drawn.as_of + 200)
    assert healed[1] == "data"


def test_a_slow_refresh_is_waited_for_three_times_before_a_picture_is_stale() -> None:
    gateway = FakeGateway()
    slow = Asking(Scope(WINDOW), Look(), True, "?range=1h&refresh=300", every=300)
    drawn = Drawn(**redraw(panel("Latency"), gateway, slow, None, NOW)[-1])
    gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    with pytest.raises(PreventUpdate):
        redraw(panel("Latency"), gateway, slow, drawn, drawn.as_of + 899)
    stale = redraw(panel("Latency"), gateway, slow, drawn, drawn.as_of + 901)
    assert stale[1] == "stale"
    assert "asked again every 300" in text(stale[7])


def test_a_strip_of_which_nothing_can_be_had_stands_and_is_then_called_stale() -> None:
    gateway = FakeGateway()
    _, _, marker = restrip(strip(), gateway, asking(), None, NOW)
    gateway.wrong["*"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    shown = Shown(**marker)
    with pytest.raises(PreventUpdate):
        restrip(strip(), gateway, asking(), shown, shown.as_of + 59)
    _, state, marker = restrip(strip(), gateway, asking(), shown, shown.as_of + 61)
    assert state == "stale"
    gateway.wrong.clear()
    assert restrip(strip(), gateway, asking(), Shown(**marker), shown.as_of + 75)[1] == "data"


def test_a_strip_that_did_not_change_is_not_sent_again() -> None:
    gateway = FakeGateway()
    tiles, _, marker = restrip(strip(), gateway, asking(), None, NOW)
    assert len(tiles) == 6
    with pytest.raises(PreventUpdate):
        restrip(strip(), gateway, asking(), Shown(**marker), NOW)


def test_the_sentence_of_a_graph_has_its_figures() -> None:
    shown = panel("Latency").draw(FakeGateway(), asking())
    assert isinstance(shown, Picture)
    sentence = shown.drawing.sentence.replace("\u00a0", " ")
    assert sentence.startswith("Latency: P50 ")
    assert "P99" in sentence
    assert sentence.endswith("UTC.")


@dataclass
class Young(FakeGateway):
    """A gateway whose log begins with the window: of the one before, the last `known` buckets are known."""

    known: int = 1

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        return [
            each if isinstance(each, FluxDashError) or each.window == WINDOW else self._cut(each)
            for each in super().answers(queries)
        ]

    def _cut(self, answer: Answer) -> Answer:
        gap = answer.window.size - self.known
        lines = [
            replace(each, values=(None,) * gap + each.values[gap:], counts=(None,) * gap + each.counts[gap:])
            for each in answer.lines
        ]
        return replace(answer, lines=tuple(lines))


def test_nothing_is_compared_with_a_window_that_hardly_anybody_watched() -> None:
    for size, said in ((WINDOW.size, 0), (WINDOW.size // 2, 6)):
        tiles, state, _ = restrip(strip(), Young(known=size), asking(), None, NOW)
        assert (state, text(tiles).count("no previous data")) == ("data", said)
    shown = panel("Request rate").draw(Young(known=1), asking())
    assert isinstance(shown, Picture)
    assert shown.drawing.figure is not None
    assert [each["uid"] for each in shown.drawing.figure["data"]] == ["success", "failed"]


def test_groups_and_totals_of_a_window_before_are_taken_at_the_word_of_the_series_beside() -> None:
    ranked, course = COST.top(8, by=REGION), COST.over_time()
    for size, there in ((WINDOW.size, True), (1, False)):
        _, before = ask(Young(known=size), (ranked, course), (ranked, course), Scope(WINDOW))
        assert [isinstance(before[each], Answer) for each in (ranked, course)] == [there, there]


@dataclass
class Apart(FakeGateway):
    """A gateway whose past is told by another source, and by the usual one, half as much, only where it `can`."""

    can: bool = True

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        return [
            each if isinstance(each, FluxDashError) or each.window == WINDOW else self._past(each, source)
            for each in super().answers(queries)
        ]

    def _past(self, answer: Answer, source: str) -> Answer | FluxDashError:
        if source == AUTO:
            return _told_by(answer, "prometheus", 1.0)
        return _told_by(answer, source, 0.5) if self.can else NotReported("It", ["The log starts later."])


def _told_by(answer: Answer, source: str, share: float) -> Answer:
    lines = tuple(replace(each, total=each.total and each.total * share) for each in answer.lines)
    return replace(answer, lines=lines, provenance=replace(answer.provenance, source=source))


def test_a_change_is_between_two_numbers_of_one_source() -> None:
    course = REQUESTS.over_time()
    apart = Apart()
    now, before = ask(apart, (course,), (course,), Scope(WINDOW))
    assert apart.batches == 2  # all that was told by another source is asked again at once
    assert [known(each[course]).provenance.source for each in (now, before)] == ["log", "log"]
    assert known(before[course]).total == pytest.approx((known(now[course]).total or 0) / 2, rel=0.1)
    now, before = ask(Apart(can=False), (course,), (course,), Scope(WINDOW))
    assert isinstance(before[course], NotReported)
    tiles, state, _ = restrip(strip(), Apart(can=False), asking(), None, NOW)
    assert (state, text(tiles).count("no previous data")) == ("data", 6)


def test_what_is_wrong_with_a_page_is_told_at_once_though_a_picture_stands() -> None:
    gateway = FakeGateway()
    drawn = Drawn(**redraw(panel("Latency"), gateway, asking(), None, NOW)[-1])
    for error in (ExtensionError("mine.py, line 3", "name 'x' is not defined"), BadRequest("q", 2, "under 1")):
        gateway.wrong["latency"] = error
        assert redraw(panel("Latency"), gateway, asking(), drawn, drawn.as_of + 1)[1] == "failed"


class Own:
    """A tile of its own that shows a word, or raises."""

    def __init__(self, error: FluxDashError | None = None) -> None:
        self.error = error

    def draw(self, gateway: object, asking: Asking, title: str) -> Component:
        if self.error is not None:
            raise self.error
        return html.Div(title)


def test_a_strip_of_tiles_of_their_own_has_data_if_one_of_them_has() -> None:
    failed = SourceTimeout("Prometheus", "did not answer")
    for errors, state in (((None, failed), "data"), ((failed, failed), "failed")):
        tiles = tuple(Tile(f"Own {i}", study=Own(each)) for i, each in enumerate(errors))
        assert restrip(Strip("Own", tiles), FakeGateway(), asking(), None, NOW)[1] == state  # type: ignore[arg-type]


def test_a_strip_whose_page_is_wrong_tells_it_at_once() -> None:
    def own(error: FluxDashError | None) -> Strip:
        return Strip("Own", (Tile("Own", study=Own(error)),))

    shown = Shown(**restrip(own(None), FakeGateway(), asking(), None, NOW)[-1])  # type: ignore[arg-type]
    wrong = own(ExtensionError("mine.py, line 3", "name 'x' is not defined"))
    assert restrip(wrong, FakeGateway(), asking(), shown, NOW + 1)[1] == "failed"  # type: ignore[arg-type]
    with pytest.raises(PreventUpdate):
        restrip(own(SourceTimeout("Prometheus", "late")), FakeGateway(), asking(), shown, NOW + 1)  # type: ignore[arg-type]


def test_a_study_of_the_users_own_is_blamed_for_its_queries_too() -> None:
    class Broken:
        def queries(self, asking: Asking) -> Sequence[Query]:
            raise KeyError("x")

        def draw(self, gateway: object, asking: Asking, title: str) -> State:
            raise AssertionError

    found = Watched(Broken(), lambda err: ExtensionError("mine.py", repr(err)))  # type: ignore[arg-type]
    with pytest.raises(ExtensionError, match=r"mine.py: KeyError\('x'\)"):
        found.queries(asking())


def test_where_all_requests_failed_no_panel_says_that_there_were_none() -> None:
    class Outage(FakeGateway):
        def _amount(self, part: Measure, start: int, seconds: int) -> float:
            return 1.0 if part in (REQUESTS, FAILURES) else 0.0

    shown = panel("Token usage").draw(Outage(), asking())
    assert isinstance(shown, State)
    assert (shown.kind, shown.title) == ("empty", "No such requests in this window")
    assert shown.text.startswith("60 were counted ")
