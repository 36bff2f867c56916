"""The bar of conditions as the browser asks for it: pills, what one more would leave, and where a typed time leads."""

from __future__ import annotations

import json
from typing import Any

import dash
import pytest

from fluxdash.app import create_app
from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.semantic.conditions import FIELDS, LONGEST_VALUE, Op
from fluxdash.semantic.leaves import Extent
from fluxdash.settings import Settings
from fluxdash.ui import ids, wherebar
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import FakeTraces
from tests.ui.wire import VIEW, body, callback

NOW = 1_795_444_345.0  # 2026-11-23 14:32:25 UTC


def app(gateway: FakeGateway, **environ: str) -> dash.Dash:
    return create_app(Settings.from_env(environ), gateway, traces=FakeTraces(), now=lambda: NOW)


def ask(made: dash.Dash, part: str, *values: Any) -> tuple[int, dict[str, Any]]:
    """The status, and what each output is given."""
    asked = body(made, callback(made, part), list(values))
    answer = made.server.test_client().post("/_dash-update-component", json=asked)
    told: dict[str, Any] = {}
    for name, props in (answer.get_json() if answer.status_code == 200 else {}).get("response", {}).items():
        told |= {f"{name}.{prop}": value for prop, value in props.items()}
    return answer.status_code, told


def text(component: Any) -> str:
    """What a reader sees of a component."""
    if isinstance(component, list):
        return "".join(map(text, component))
    if isinstance(component, dict):
        return text(component.get("props", {}).get("children", ""))
    return "" if component is None else str(component)


def tried(where: str, gateway: FakeGateway | None = None, search: str = "?range=1h") -> str:
    trial = {"where": where, "search": search, "beat": 1}
    status, told = ask(app(gateway or FakeGateway()), ids.WHERE_LEFT, trial)
    assert status == 200
    return text(told[f"{ids.WHERE_LEFT}.children"])


def test_a_condition_says_what_it_would_leave_before_it_is_applied() -> None:
    assert tried("status:not:success") == "leaves 225 of 450 rows"
    assert tried("latency:ge:2", search="?range=1h&where=status:not:success") == "leaves 112 of 225 rows"
    assert tried("status:not:success", search="?range=1h&where=status:not:success") == "leaves 225 of 225 rows"
    assert tried("status:not:success", FakeGateway(log_rows=1)) == "leaves 0 of 1 row"
    assert tried("") == ""


def test_what_is_too_much_to_be_counted_is_not() -> None:
    gateway = FakeGateway(log_rows=3_000_000, log_extent=Extent(exact=False))
    assert tried("status:not:success", gateway) == "about 3.00\u00a0M rows in the window: not counted before"


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("latency:ge:fast", "a number for latency, such as 2.5"),
        ("latency:contains:1", "texts only"),
        ("metadata:is:x", "a column, one of status"),
        (f"error:contains:{'x' * (LONGEST_VALUE + 1)}", "printable characters"),
    ],
)
def test_what_is_no_condition_is_told_in_its_place(where: str, why: str) -> None:
    assert why in tried(where)


@pytest.mark.parametrize(
    "wrong",
    [
        SourceTimeout("The request log", "did not answer in 10 s"),
        NotReported("The list of requests", ["There is no request log."]),
    ],
)
def test_a_log_that_cannot_count_says_why(wrong: Any) -> None:
    assert any(each in tried("status:known", FakeGateway(wrong={"log": wrong})) for each in ("10 s", "no request log"))


def test_a_twenty_first_condition_is_refused() -> None:
    search = "?" + "&".join(f"where=error:contains:{i}" for i in range(20))
    assert "at most 20" in tried("status:known", search=search)


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"where": 7, "search": "", "beat": 1},
        {"where": "x" * 20_000, "search": "", "beat": 1},
        {"where": {"$ne": 1}, "search": "", "beat": 1},
        {"where": "", "search": "", "beat": -1},
        [],
        "x",
    ],
)
def test_what_no_page_would_ask_is_refused(forged: Any) -> None:
    assert ask(app(FakeGateway()), ids.WHERE_LEFT, forged)[0] == 400
    assert ask(app(FakeGateway()), ids.LEDGER_GO_ERROR, forged)[0] == 400


def test_each_condition_of_the_address_is_a_pill_on_every_page_with_a_cross_that_takes_it_out() -> None:
    search = "?where=latency:ge:2.5&where=error:contains:%3Cb%3E&where=strategy:unknown"
    _, told = ask(app(FakeGateway()), "notice", {**VIEW, "search": search})
    pills = told[f"{ids.CONDITIONS}.children"]
    assert [text(each) for each in pills] == [
        "Error message contains<b>", "Latency ≥2.5\u00a0s", "Strategy is unknown",
    ]  # fmt: skip
    for drop in ("error:contains:<b>", "latency:ge:2.5", "strategy:unknown"):
        assert f'"data-where-drop": "{drop}"' in json.dumps(pills, ensure_ascii=False)
    assert told["notice.children"] is None or text(told["notice.children"]) == ""


def test_what_is_wrong_among_the_conditions_is_told_and_the_others_stay() -> None:
    _, told = ask(app(FakeGateway()), "notice", {**VIEW, "search": "?where=latncy:ge:1&where=status:is:error"})
    assert [text(each) for each in told[f"{ids.CONDITIONS}.children"]] == ["Status equalserror"]
    assert "Did you mean 'latency'" in text(told["notice.children"])


def test_the_lists_hold_every_column_and_operator_with_its_reason() -> None:
    fields, ops = (each.to_plotly_json()["props"]["children"] for each in wherebar.lists())
    assert [each["data-where-field"] for each in (one.to_plotly_json()["props"] for one in fields)] == [
        each.slug for each in FIELDS
    ]
    told = {each["data-where-op"]: each for each in (one.to_plotly_json()["props"] for one in ops)}
    assert list(told) == list(Op)
    assert (told["ge"]["data-text"], told["ge"]["data-number"]) == ("numbers only", "")
    assert (told["contains"]["data-text"], told["contains"]["data-number"]) == ("", "texts only")
    assert [name for name, each in told.items() if "data-bare" in each] == ["unknown", "known"]


def gone(typed: str, search: str = "?range=1h", **environ: str) -> dict[str, Any]:
    status, told = ask(app(FakeGateway(), **environ), ids.LEDGER_GO_ERROR, {"text": typed, "search": search, "beat": 3})
    assert status == 200
    return told


@pytest.mark.parametrize(
    ("typed", "search", "at"),
    [
        ("14:31:59", "?range=1h", "2026-11-23T14:31:59Z"),
        ("15:31:59", "?range=1h&zone=Europe/Berlin", "2026-11-23T14:31:59Z"),
        ("23:15", "?range=24h", "2026-11-22T23:15:00Z"),
        ("2026-11-23 14:31:59.5", "?range=1h", "2026-11-23T14:31:59.500000Z"),
    ],
)
def test_a_typed_time_leads_to_the_moment_that_the_page_means(typed: str, search: str, at: str) -> None:
    told = gone(typed, search)
    assert told[f"{ids.LEDGER_GONE}.data"] == {"at": at, "beat": 3}
    assert told[f"{ids.LEDGER_GO_ERROR}.children"] == ""


def test_a_typed_time_is_of_the_reporting_zone_unless_the_page_has_another() -> None:
    told = gone("15:31:59", FLUXDASH_ZONE="Europe/Berlin")
    assert told[f"{ids.LEDGER_GONE}.data"]["at"] == "2026-11-23T14:31:59Z"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("soon", "A time such as 14:31:59 or 2026-11-23 14:31"),
        ("12:00", "A time within the range of the page"),
        ("2026-11-22 12:00", "A time within the range of the page"),
    ],
)
def test_a_time_that_the_page_does_not_show_is_refused_and_it_stays(typed: str, why: str) -> None:
    told = gone(typed)
    assert told[f"{ids.LEDGER_GO_ERROR}.children"] == why
    assert f"{ids.LEDGER_GONE}.data" not in told


def test_traces_say_that_no_condition_is_applied_to_them() -> None:
    view = {**VIEW, "search": "?range=1h&where=latency:ge:2&where=status:not:success"}
    _, told = ask(app(FakeGateway()), ids.TRACE_LIST, view, None)
    said = "Conditions are not applied to traces: Latency ≥ 2 s; Status not success."
    assert said in text(told[f"{ids.TRACE_BANNER}.children"])
    _, told = ask(app(FakeGateway()), ids.TRACE_LIST, VIEW, None)
    assert "Conditions" not in text(told[f"{ids.TRACE_BANNER}.children"])
