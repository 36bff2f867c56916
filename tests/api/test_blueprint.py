"""The read API: rows that add up, errors that say what is allowed, and JSON whatever is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from fluxdash.api.parameters import NAMES
from fluxdash.errors import (
    BadPayload,
    FluxDashError,
    NotReported,
    SettingError,
    SourceForbidden,
    SourceRejected,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.semantic.answer import Answer, Line, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import MEASURES
from fluxdash.semantic.query import Query
from fluxdash.sources.router import Router
from fluxdash.sources.source import AUTO

ACME, BETA, GONE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
HOUR = {"from": "2026-11-18T11:00:00Z", "to": "2026-11-18T12:00:00Z"}
Ask = Callable[..., Any]


def body_of(response: TestResponse) -> dict[str, Any]:
    body = response.json
    assert isinstance(body, dict)
    return body


@pytest.fixture(scope="session")
def described(api: FlaskClient) -> dict[str, Any]:
    return body_of(api.get("/obs/api/v1/openapi.json"))


@pytest.fixture(scope="session")
def valid(described: dict[str, Any]) -> Callable[[str, object], None]:
    """Check a body against the schema of that name in the API's own description."""

    def check(name: str, body: object) -> None:
        Draft202012Validator({**described, "$ref": f"#/components/schemas/{name}"}).validate(body)

    return check


@pytest.fixture(scope="session")
def ask(api: FlaskClient, valid: Callable[[str, object], None]) -> Ask:
    def answer(measure: str, **parameters: object) -> dict[str, Any]:
        response = api.get("/obs/api/v1/query", query_string={"measure": measure, **HOUR, **parameters})
        assert response.status_code == 200, response.text
        body = body_of(response)
        valid("Answer", body)
        return body

    return answer


def refused(response: TestResponse, status: int = 400) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = body_of(response)["error"]
    return error


def values(body: dict[str, Any]) -> list[Any]:
    return [row["value"] for row in body["rows"]]


def test_a_total_is_one_row_with_its_provenance(ask: Ask) -> None:
    body = ask("requests")
    assert body["rows"] == [{"value": 60}]
    assert (body["unit"], body["shape"], body["n"], body["by"], body["groups"]) == ("count", "total", 60, None, None)
    assert (body["source"], body["exact"]) == ("log", True)
    assert body["range"] == {"from": "2026-11-18T11:00:00Z", "to": "2026-11-18T12:00:00Z", "step": 60}


@pytest.mark.parametrize("measure", ["requests", "failures", "cost", "savings", "input_tokens", "tokens", "cache_hits"])
@pytest.mark.parametrize("by", [None, "account", "model", "status", "region", "strategy"])
def test_the_rows_of_a_series_and_of_a_ranking_add_up_to_the_total(ask: Ask, measure: str, by: str | None) -> None:
    (total,) = values(ask(measure))
    series = ask(measure, shape="series", **({"by": by} if by else {}))
    assert sum(values(series)) == pytest.approx(total)
    assert len(series["rows"]) == 60 * (series["groups"] or 1)
    if by:
        for n in (1, 2, 10):
            ranking = ask(measure, shape="top", by=by, n=n)
            assert sum(values(ranking)) == pytest.approx(total)
            assert len(ranking["rows"]) == min(n + 1, ranking["groups"])


def test_a_ratio_is_the_ratio_of_the_totals(ask: Ask) -> None:
    (failures,), (requests,), (rate,) = (values(ask(each)) for each in ("failures", "requests", "error_rate"))
    assert rate == pytest.approx(failures / requests)
    (cost,) = values(ask("cost"))
    assert cost == pytest.approx(0.45)


def test_a_quantile_is_the_row_of_the_nearest_rank(ask: Ask) -> None:
    assert values(ask("latency", q=0.5)) == [0.129]
    assert values(ask("latency")) == [0.156]
    body = ask("latency", q="0.5", shape="series")
    assert (len(body["rows"]), body["rows"][0], body["q"]) == (60, {"time": "2026-11-18T11:00:00Z", "value": 0.1}, 0.5)


def test_accounts_stand_with_their_ids_and_names(ask: Ask) -> None:
    rows = ask("requests", shape="top", by="account")["rows"]
    assert {row["account"]: row["account_name"] for row in rows} == {ACME: "Acme, Inc.", BETA: "Béta", GONE: GONE}


def test_an_account_that_does_not_exist_has_no_requests(ask: Ask) -> None:
    body = ask("requests", account="00000000-0000-4000-8000-000000000000")
    assert body["rows"] == [{"value": 0}]
    assert ask("latency", account="nobody")["rows"] in ([], [{"value": None}])


def test_filters_may_be_repeated_and_are_taken_literally(ask: Ask) -> None:
    assert values(ask("requests", account=[ACME, BETA])) == [40]
    assert values(ask("requests", account=[ACME, ACME])) == [20]
    for value in ("x' OR 1=1--", "%", "m-_", ".*", '"', "😀"):
        assert values(ask("requests", model=value)) == [0]


def test_an_empty_hour_is_zero_requests_and_no_latency(ask: Ask) -> None:
    later = {"from": "2026-11-18T11:00:00Z", "to": "2026-11-18T12:00:00Z", "region": "nope"}
    assert values(ask("requests", **later)) == [0]
    assert values(ask("error_rate", **later)) == [None]


def test_before_the_first_row_nothing_is_known_and_that_is_said(ask: Ask) -> None:
    body = ask("requests", **{"from": "2026-11-18T09:00:00Z", "to": "2026-11-18T10:00:00Z"})
    assert values(body) == [None]
    assert "partial" in [note["kind"] for note in body["notes"]]


@pytest.mark.parametrize(
    "words", [{}, {"range": "24h"}, {"range": "5m"}, {"range": "30d"}, {"range": "2h", "step": "5m"}, {"step": "300"}]
)
def test_a_range_ends_now(api: FlaskClient, words: dict[str, str]) -> None:
    response = api.get("/obs/api/v1/query", query_string={"measure": "requests", "shape": "series", **words})
    assert response.status_code == 200
    body = body_of(response)
    assert body["range"]["to"] <= "2026-11-18T12:00:10Z"
    assert len(body["rows"]) <= 1001


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("", "measure", "GET api/v1/measures"),
        ("measure=", "measure", "GET api/v1/measures"),
        ("measure=reqests", "measure", "Did you mean 'requests'"),
        ("measure=cost&measure=requests", "measure", "given once"),
        ("measure=cost&modle=x", "parameter", "Did you mean 'model'"),
        ("measure=cost&shape=series&shape=top", "shape", "given once"),
        ("measure=cost&shape=serie", "shape", "Did you mean 'series'"),
        ("measure=cost&shape=", "shape", "total, series, top"),
        ("measure=cost&shape=top", "by", "a dimension"),
        ("measure=cost&by=model", "by", "shape=top"),
        ("measure=cost&shape=top&by=modle", "by", "Did you mean 'model'"),
        ("measure=cost&step=7", "step", "15, 30, 60"),
        ("measure=cost&step=0", "step", "longer than zero"),
        ("measure=cost&step=-15", "step", "duration"),
        ("measure=cost&step=1ns", "step", "duration"),
        ("measure=cost&range=30d&step=15", "step", "1,000 buckets"),
        ("measure=cost&shape=top&by=model&n=0", "n", "1 to 200"),
        ("measure=cost&shape=top&by=model&n=201", "n", "1 to 200"),
        ("measure=cost&shape=top&by=model&n=1e9", "n", "1 to 200"),
        ("measure=cost&shape=top&by=model&n=%C2%B2", "n", "1 to 200"),
        ("measure=cost&shape=top&by=model&n=" + "9" * 3000, "n", "1 to 200"),
        ("measure=latency&q=0", "q", "between 0 and 1"),
        ("measure=latency&q=1.5", "q", "between 0 and 1"),
        ("measure=latency&q=nan", "q", "between 0 and 1"),
        ("measure=latency&q=inf", "q", "between 0 and 1"),
        ("measure=latency&q=median", "q", "between 0 and 1"),
        ("measure=latency&q=0.0000001", "q", "between 0 and 1"),
        ("measure=latency&q=" + "9" * 3000, "q", "between 0 and 1"),
        ("measure=cost&q=0.5", "q", "not a quantile"),
        ("measure=cost&range=10y", "range", "duration"),
        ("measure=cost&range=3650d", "range", "at most 730 days"),
        ("measure=cost&range=1s", "range", "at least 15 s"),
        ("measure=cost&range=1h&from=1795000000", "range", "either"),
        ("measure=cost&to=1795000000", "from", "together with to"),
        ("measure=cost&from=1795000000&to=1794000000", "from", "from before to"),
        ("measure=cost&from=yesterday", "from", "RFC 3339"),
        ("measure=cost&from=1795000000000", "from", "RFC 3339"),
        ("measure=cost&from=1795009999", "from", "from before to"),
        ("measure=cost&from=1795003230&to=1795009999", "from", "in the past"),
        ("measure=cost&from=1795000000&to=x", "to", "RFC 3339"),
        ("measure=cost&source=jaeger", "source", "auto, log, prometheus"),
        ("measure=cost&source=promethues", "source", "Did you mean 'prometheus'"),
        ("measure=cost&model=", "model", "printable"),
        ("measure=cost&model=%00", "model", "printable"),
        ("measure=cost&model=" + "x" * 256, "model", "printable"),
        ("measure=cost&" + "&".join(f"model={i}" for i in range(101)), "model", "1 to 100 values"),
        ("measure[$ne]=1", "parameter", "one of"),
        ("__class__=x&measure=cost", "parameter", "one of"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    api: FlaskClient, valid: Callable[[str, object], None], query: str, field: str, allowed: str
) -> None:
    response = api.get(f"/obs/api/v1/query?{query}")
    error = refused(response)
    valid("Error", response.json)
    assert (error["kind"], error["field"]) == ("bad_request", field)
    assert allowed in error["allowed"]
    assert len(error["message"]) < 600


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("measure=cost&shape=top&by=error_type&source=prometheus", "carries no error_type"),
        ("measure=unpriced&source=prometheus", "Prometheus reports no unpriced requests."),
        ("measure=requests&shape=top&by=strategy&source=prometheus", "carries no strategy"),
    ],
)
def test_what_nobody_reports_is_404_with_the_reasons(
    api: FlaskClient, valid: Callable[[str, object], None], query: str, reason: str
) -> None:
    response = api.get(f"/obs/api/v1/query?{query}")
    error = refused(response, 404)
    valid("Error", response.json)
    assert error["kind"] == "not_reported"
    assert reason in " ".join(error["reasons"])


def test_a_source_that_is_down_is_502_and_not_zero(api: FlaskClient, valid: Callable[[str, object], None]) -> None:
    response = api.get("/obs/api/v1/query", query_string={"measure": "requests", "source": "prometheus", **HOUR})
    error = refused(response, 502)
    valid("Error", response.json)
    assert (error["kind"], error["source"]) == ("unreachable", "Prometheus")
    assert "127.0.0.1" not in response.text


class Broken:
    """A gateway that raises, or gives one answer."""

    def __init__(self, error: FluxDashError | None = None, answer: Answer | None = None) -> None:
        self.error = error
        self.given = answer

    def measures(self) -> tuple[Measure, ...]:
        return MEASURES

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        if self.error is not None:
            raise self.error
        assert self.given is not None
        return self.given

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (SourceUnreachable("Prometheus", "cannot be reached"), 502, "unreachable"),
        (SourceForbidden("Prometheus", "refused the credentials"), 502, "forbidden"),
        (SourceRejected("Prometheus", "refused the query"), 502, "rejected"),
        (BadPayload("Prometheus", "answered an HTML page"), 502, "bad_payload"),
        (SourceTimeout("The request log", "did not answer in 10 s"), 504, "timeout"),
        (SourceSaturated("The request log", "4 calls are in flight already"), 503, "saturated"),
        (NotReported("Cost", ["Nobody knows."]), 404, "not_reported"),
        (SettingError("FLUXDASH_X", "y", "z"), 500, "failed"),
    ],
)
def test_each_error_of_the_family_has_its_status(
    serve: Callable[[Any], FlaskClient], valid: Callable[[str, object], None],
    error: FluxDashError, status: int, kind: str,
) -> None:  # fmt: skip
    response = serve(Broken(error)).get("/obs/api/v1/query?measure=cost")
    valid("Error", response.json)
    assert refused(response, status)["kind"] == kind
    assert response.headers["Cache-Control"] == "no-store, private"


def test_a_number_that_json_has_no_word_for_is_null(serve: Callable[[Any], FlaskClient]) -> None:
    class Odd(Broken):
        def answer(self, query: Query, source: str = AUTO) -> Answer:
            lines = (Line(None, float("inf"), float("nan")),)
            return Answer(query, query.scope.window, lines, Provenance("log", 1_795_003_200.1236, True))

    response = serve(Odd()).get("/obs/api/v1/query?measure=cost")
    body = json.loads(response.text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert (body["rows"], body["n"], body["as_of"]) == ([{"value": None}], None, "2026-11-18T12:00:00.124Z")


def test_notes_and_labels_are_passed_on(serve: Callable[[Any], FlaskClient]) -> None:
    class Labelled(Broken):
        def answer(self, query: Query, source: str = AUTO) -> Answer:
            notes = (Note(NoteKind.ESTIMATED, "estimated from counters"),)
            provenance = Provenance("prometheus", 1_795_003_200, False, notes, "List-price cost")
            return Answer(query, query.scope.window, (Line(None, 0.1 + 0.2, 3.0),), provenance)

    body = body_of(serve(Labelled()).get("/obs/api/v1/query?measure=cost"))
    assert (body["title"], body["exact"], body["rows"]) == ("List-price cost", False, [{"value": 0.3}])
    assert body["notes"] == [{"kind": "estimated", "text": "estimated from counters"}]


@pytest.mark.parametrize("path", ["query?measure=requests", "query?measure=nope", "measures", "openapi.json"])
def test_no_answer_is_kept_by_anybody(api: FlaskClient, path: str) -> None:
    headers = api.get(f"/obs/api/v1/{path}").headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == "application/json"


def test_measures_say_what_both_sources_can_tell(api: FlaskClient, valid: Callable[[str, object], None]) -> None:
    body = body_of(api.get("/obs/api/v1/measures"))
    valid("Measures", body)
    assert [each["slug"] for each in body["measures"]] == [each.slug for each in MEASURES]
    assert [each["slug"] for each in body["dimensions"]] == [each.slug for each in DIMENSIONS]
    for each in body["measures"]:
        assert set(each["sources"]) == {"log", "prometheus"}
        assert each["kind"] in ("sum", "ratio", "quantile", "level")
        for told in each["sources"].values():
            assert not (told["reason"] and told["dimensions"])
    told = {each["slug"]: each["sources"] for each in body["measures"]}
    kinds = {each["slug"]: each["kind"] for each in body["measures"]}
    assert [kinds[slug] for slug in ("lookups", "hit_rate", "upstream_latency", "reported_availability")] == [
        "sum", "ratio", "quantile", "level",
    ]  # fmt: skip
    assert told["reported_availability"]["log"]["reason"] == "The request log does not tell reported availability."
    assert told["unpriced"]["prometheus"]["reason"] == "Prometheus reports no unpriced requests."
    assert "account" in told["cost"]["log"]["dimensions"]
    assert refused(api.get("/obs/api/v1/measures?x=1"))["allowed"] == "none here"


def test_the_description_lists_exactly_the_parameters_that_are_accepted(described: dict[str, Any]) -> None:
    parameters = described["paths"]["/query"]["get"]["parameters"]
    assert sorted(each["name"] for each in parameters) == sorted(NAMES)
    assert described["paths"]["/measures"]["get"]["parameters"] == []
    assert described["servers"] == [{"url": "/obs/api/v1"}]
    assert described["openapi"].startswith("3.1")


def test_the_description_names_every_route_and_its_schemas(api: FlaskClient, described: dict[str, Any]) -> None:
    rules = [rule.rule.removeprefix("/obs/api/v1") for rule in api.application.url_map.iter_rules()]
    assert {rule for rule in rules if not rule.startswith("/static")} == set(described["paths"])
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named == set(described["components"]["schemas"])


def test_every_value_the_description_offers_is_accepted(api: FlaskClient, described: dict[str, Any]) -> None:
    for each in described["paths"]["/query"]["get"]["parameters"]:
        for value in each["schema"].get("enum", []):
            words = {"measure": "requests", "range": "30d" if value == 86400 else "24h", each["name"]: value}
            if each["name"] == "by" or value == "top":
                words |= {"shape": "top", "by": value if each["name"] == "by" else "model"}
            response = api.get("/obs/api/v1/query", query_string=words)
            if value == 15 or value == 30 or value == 60:
                assert refused(response)["field"] == "step"
            elif value in ("prometheus", *ONLY_METRICS):
                assert response.status_code == 502
            else:
                assert response.status_code in (200, 404), response.text


ONLY_METRICS = ("upstream_latency", "reported_availability")
"""What no log tells: here its only source is down."""

plausible = {
    "measure": [each.slug for each in MEASURES if each.slug not in ONLY_METRICS],
    "shape": ["total", "series", "top"],
    "by": [each.slug for each in DIMENSIONS],
    "range": ["1h", "5m", "24h", "30d", "90m"],
    "from": ["2026-11-18T11:00:00Z", "1794999600"],
    "to": ["2026-11-18T12:00:00Z", "1795003200"],
    "step": ["60", "5m", "15s", "1d"],
    "n": ["1", "10", "200"],
    "q": ["0.5", "0.95", "0.999"],
    "source": ["auto", "log"],
    "model": ["m-1", "unknown"],
    "account": [ACME, "nobody"],
}
nasty = st.sampled_from(
    ["", "0", "-1", "1e308", "NaN", "null", "[]", "{}", "\x00", "😀", "x" * 300, "9" * 5000, "'", '"', "%", "٣"]
)
pairs = st.sampled_from(sorted(plausible)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(plausible[name]) | nasty | st.text(max_size=10))
)
words = st.dictionaries(st.sampled_from(sorted(plausible)), st.none()).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(plausible[name]) for name in [*names, "measure"]})
)


def json_or_fail(response: TestResponse, valid: Callable[[str, object], None]) -> None:
    assert response.status_code in (200, 400, 404), f"{response.status_code}: {response.text[:500]}"
    body = json.loads(response.text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    valid("Answer" if response.status_code == 200 else "Error", body)


@settings(max_examples=120)
@given(words)
def test_any_sensible_question_is_answered_or_explained(
    api: FlaskClient, valid: Callable[[str, object], None], words: dict[str, str]
) -> None:
    json_or_fail(api.get("/obs/api/v1/query", query_string=words), valid)


@settings(max_examples=120)
@given(st.lists(pairs | st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
@example([("measure", "cost"), ("from", "1000000001"), ("to", "3999999999")])
@example([("measure", "cost"), ("range", "9" * 5000)])
def test_any_parameters_are_json_and_never_a_crash(
    api: FlaskClient, valid: Callable[[str, object], None], parameters: list[tuple[str, str]]
) -> None:
    words: dict[str, list[str]] = {}
    for name, value in [
        *parameters,
        *([] if any(name == "measure" for name, _ in parameters) else [("measure", "cost")]),
    ]:
        words.setdefault(name, []).append(value)
    json_or_fail(api.get("/obs/api/v1/query", query_string=words), valid)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60))
@example("measure=cost&model=%ff%fe")
@example("measure=cost&model=%ED%A0%80")
@example("measure=%")
@example("&&==&measure=cost")
def test_any_query_string_is_json_and_never_a_crash(
    api: FlaskClient, valid: Callable[[str, object], None], text: str
) -> None:
    json_or_fail(api.get(f"/obs/api/v1/query?{text}"), valid)


def test_whatever_was_asked_the_log_is_as_it_was(gateway: Router, ask: Ask) -> None:
    assert values(ask("requests")) == [60]
    assert gateway.states()[0].status == "ok"
