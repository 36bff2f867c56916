"""What a panel's menu tells: the sentence, the certainty, the filters, the queries, and the table."""

from __future__ import annotations

import json
from dataclasses import replace

from plotly.utils import PlotlyJSONEncoder

from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.pages.overview import PAGE
from fluxdash.semantic.answer import Note, NoteKind
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import REGION
from fluxdash.semantic.measures import MEASURES
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.insight import insight, statements
from fluxdash.ui.panel import Panel
from fluxdash.ui.studies.budgets import Budgets
from fluxdash.ui.studies.month import MonthToDate
from fluxdash.ui.study import Asking
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from fluxdash.views.usage import requests_by_model
from tests.ui.fake import FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)


class Telling(FakeGateway):
    """A gateway whose queries can be read."""

    def statements(self, query: Query, source: str = AUTO) -> tuple[str, ...]:
        if query.question.q == 0.99:
            raise NotReported("latency", ["no buckets"])
        return (f"SELECT {query.measure.slug}",)


def panel(title: str) -> Panel:
    found = next(each for each in PAGE.panels if each.title == title)
    assert isinstance(found, Panel)
    return found


def asking(*regions: str) -> Asking:
    filters = (Filter.of(REGION, list(regions)),) if regions else ()
    return Asking(Scope(WINDOW, filters), Look(), True, "?range=1h")


def told(title: str, what: str, gateway: FakeGateway | None = None, *regions: str) -> str:
    found = insight(panel(title), gateway or Telling(), asking(*regions), what)
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False).replace("\u00a0", " ")


def test_how_begins_with_what_the_measure_means() -> None:
    text = told("Request rate", "how")
    assert "How request rate is computed" in text
    assert "All of them, failed ones included; requests whose status is anything but success." in text


def test_how_says_where_from_how_certain_what_is_left_out_and_against_what() -> None:
    text = told("Latency", "how")
    for said in (
        "request log",
        "estimated",
        "P95 fades under n 59 · P99 fades under n 299",
        "what is filling since",
        "against 12:31 – 13:31",
    ):
        assert said in text


def test_a_filter_that_is_not_applied_is_told_where_it_counts() -> None:
    ignoring = Telling(notes=(Note(NoteKind.IGNORED_FILTER, "Region filter not applied: no label"),))
    assert "Region filter not applied: no label" in told("Request rate", "how", ignoring, "us-east-1")
    assert "Region: all applied" in told("Request rate", "how", Telling(), "us-east-1")
    assert "none chosen" in told("Request rate", "how")
    plain = asking("us-east-1")
    held = replace(plain, scope=replace(plain.scope, conditions=(condition("latency:ge:2"),)))
    found = insight(panel("Request rate"), Telling(), held, "how")
    assert "Region, Latency ≥ 2 s: all applied" in json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_the_queries_of_a_panel_are_told_each_once_and_what_cannot_be_asked_says_why() -> None:
    assert statements(panel("Request rate"), Telling(), asking()) == "SELECT requests\n\nSELECT failures"
    text = statements(panel("Latency"), Telling(), asking())
    assert text.startswith("SELECT latency\n\n-- Latency: ")
    assert "no buckets" in text


def test_the_table_has_a_row_a_bucket_and_a_column_a_line() -> None:
    text = told("Latency", "table")
    assert text.count('"type": "Tr"') == 61
    assert "P95 latency" in text


def test_a_panel_that_has_nothing_says_what_it_says_on_the_page() -> None:
    failing = Telling(wrong={"*": SourceTimeout("Prometheus", "did not answer in 10 s")})
    assert "Prometheus did not answer in 10 s" in told("Latency", "table", failing)
    assert "Prometheus did not answer in 10 s" in told("Latency", "how", failing)


def test_queries_that_are_not_shown_are_counted() -> None:
    every = tuple(each.total() for each in MEASURES[:9])
    text = statements(Panel("Many", every, requests_by_model), Telling(), asking())
    assert text.count("SELECT") == 6
    assert text.endswith("-- 6 of 9 queries shown")


def test_what_looks_at_its_own_window_has_no_delta_and_leaves_nothing_of_this_one_out() -> None:
    for study in (Budgets(), MonthToDate()):
        asked = replace(asking(), look=Look(goals=Goals(budget=1e6)), now=float(WINDOW.now))
        found = insight(Panel("Month", study=study), Telling(), asked, "how")
        text = json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)
        assert "How month is computed" in text
        assert "Leaves out" not in text
        assert "Delta" not in text


def test_a_page_that_is_not_compared_has_no_delta() -> None:
    found = insight(panel("Request rate"), Telling(), replace(asking(), compared=False), "how")
    assert "Delta" not in json.dumps(found, cls=PlotlyJSONEncoder)
