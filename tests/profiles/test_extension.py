"""A user's own measures: what may be written of one, and how what may not is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fluxdash.errors import SettingError
from fluxdash.profiles.extension import Written, extended, selected
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.otel_genai import PROFILE as OTEL
from fluxdash.profiles.profile import Counter, Profile, Reading
from fluxdash.semantic.measure import Additive
from fluxdash.semantic.units import Unit


def own(slug: str = "retries", promql: str = "", labels: tuple[str, ...] = (), sql: str = "") -> Written:
    measure = Additive(slug=slug, title="Retries", unit=Unit.COUNT, meaning="calls that were made again")
    return Written(measure, promql, labels, sql)


SQL = "CASE WHEN {latency_ms} > 5000 THEN 1 ELSE 0 END"


def test_a_measure_is_added_to_the_metrics_and_the_log_and_the_profile_stays_as_it_was() -> None:
    written = own(promql='acme_retries_total{reason="timeout"}', labels=("model", "region"), sql=SQL)
    profile = extended(PROFILE, [written])
    assert profile.metrics is not None
    assert profile.log is not None
    assert profile.own == (written.measure,)
    counter = Counter("acme_retries_total", ("model", "region", "reason"), (("reason", "=", "timeout"),))
    assert profile.metrics.read(written.measure) == (Reading(counter),)
    assert profile.log.expression(written.measure) == SQL
    assert PROFILE.own == ()
    assert PROFILE.metrics is not None
    assert PROFILE.metrics.read(written.measure) == ()
    assert extended(PROFILE, []) == PROFILE


def test_one_place_is_enough() -> None:
    counted, told = extended(PROFILE, [own(promql="acme_total")]), extended(PROFILE, [own(sql="1")])
    assert counted.log == PROFILE.log
    assert told.metrics == PROFILE.metrics


@pytest.mark.parametrize(
    ("text", "metric", "where"),
    [
        ("acme_total", "acme_total", ()),
        (" acme:rate5m { } ", "acme:rate5m", ()),
        ('a{b="c"}', "a", (("b", "=", "c"),)),
        ("a{b='c',}", "a", (("b", "=", "c"),)),
        ('a{b!="c", d=~"e|f" , g !~ "h.*"}', "a", (("b", "!=", "c"), ("d", "=~", "e|f"), ("g", "!~", "h.*"))),
        (r'a{b="say \"hi\"\\ \n}"}', "a", (("b", "=", 'say "hi"\\ \n}'),)),
        ("a{b=\"},c='d'\"}", "a", (("b", "=", "},c='d'"),)),
    ],
)
def test_a_selector_is_read_as_prometheus_reads_it(
    text: str, metric: str, where: tuple[tuple[str, str, str], ...]
) -> None:
    counter = selected(text, (), "x.promql")
    assert (counter.metric, counter.where) == (metric, where)
    assert set(counter.labels) == {label for label, _, _ in where}


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", '{__name__="a"}', "rate(a[5m])", "a[5m]", "a offset 1h", "a + b", "a{b}", 'a{b="c" d="e"}', "a{b=c}",
        'a{b="c"}[5m]', 'a{b="c"} or up', "a{b=`c`}", 'a{,b="c"}', 'a{b="c",,}', 'a{b="c', 'a{b=="c"}', "1a", "a-b",
        'a{b-c="d"}', 'a{b="c\\d"}', "a b", 'a{b="c"}{d="e"}', "sum(a)",
    ],
)  # fmt: skip
def test_anything_but_a_selector_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingError, match=r"^retries\.promql=.* is not allowed: .*such as") as caught:
        selected(text, (), "retries.promql")
    assert caught.value.key == "retries.promql"


def test_a_label_has_a_name_that_prometheus_allows() -> None:
    with pytest.raises(SettingError, match=r"retries\.promql labels='a-b'"):
        extended(PROFILE, [own(promql="a", labels=("model", "a-b"))])


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("{retries", "placeholder"), ("{}", "placeholder"), ("{a.b}", "placeholder"), ("{retries!r}", "placeholder"),
        ("{retries:d}", "placeholder"), ("{{retries}}", "placeholder"), ("{1st}", "placeholder"),
        ("1; DROP TABLE x", ";"), ("1 -- all", "--"), ("1 /* all */", "/\\*"), ('"retries"', '"'), ("'open", "'"),
        ("(1", "parentheses"), ("1)", "parentheses"), ("1) + (1", "parentheses"), (" ", "empty"),
        ("1\n+ 1", "one line"), ("1\x00", "one line"),
    ],
)  # fmt: skip
def test_anything_but_an_expression_of_one_row_is_refused_with_what_is_wrong(sql: str, fault: str) -> None:
    with pytest.raises(SettingError, match=f"(?s)retries.sql=.* is not allowed: .*{fault}"):
        extended(PROFILE, [own(sql=sql)])


@pytest.mark.parametrize(
    "sql",
    [
        "1",
        "COALESCE({retries}, 0)",
        "CASE WHEN {error_message} LIKE '%it''s; -- \"gone\" (%' THEN 1 ELSE 0 END",
        "CAST({metadata} ->> 'retries' AS INTEGER)",
        "{price} * 2",
    ],
)
def test_an_expression_of_one_row_may_hold_what_it_likes_between_quotes(sql: str) -> None:
    log = extended(PROFILE, [own(sql=sql)]).log
    assert log is not None
    assert log.expression(own().measure) == sql


@pytest.mark.parametrize("slug", ["cost", "hit_rate", "latency", "input_cost", "inferences", "generated_tokens"])
def test_a_name_that_is_taken_is_refused(slug: str) -> None:
    with pytest.raises(SettingError, match=f"measure='{slug}' is not allowed: a name that no other measure has"):
        extended(PROFILE, [own(slug, sql="1")])


def test_a_name_is_given_once() -> None:
    with pytest.raises(SettingError, match="no other measure"):
        extended(PROFILE, [own(sql="1"), own(promql="a")])


@pytest.mark.parametrize("slug", ["", "Retries", "1st", "a-b", "bucket", "grouped", "a" * 64, "naïve"])
def test_a_name_is_one_that_addresses_and_statements_can_hold(slug: str) -> None:
    with pytest.raises(SettingError, match="small letters"):
        extended(PROFILE, [own(slug, sql="1")])


def test_a_measure_that_stands_nowhere_is_refused() -> None:
    with pytest.raises(SettingError, match="with promql, with sql or with both"):
        extended(PROFILE, [own()])


def test_what_a_gateway_does_not_have_cannot_hold_a_measure() -> None:
    with pytest.raises(SettingError, match="OpenTelemetry GenAI has no request log"):
        extended(OTEL, [own(sql="1")])


def test_the_example_of_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "measures.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    told: dict[str, Profile] = {}
    exec(example, told)
    (retries,) = told["PROFILE"].own
    assert retries.slug == "retries"
    assert told["PROFILE"].slug == "fluxai"
