"""PromQL by its exact text, and P1 and P2: whatever a value is, it is one matcher that means exactly that value."""

from __future__ import annotations

import re

import promql_parser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.profile import Counter, Difference, Histogram
from fluxdash.semantic.dimensions import ACCOUNT, CACHE_TYPE, ERROR_TYPE, MODEL, REGION, UNKNOWN, Dimension, cross
from fluxdash.semantic.measure import Additive
from fluxdash.semantic.measures import (
    CACHE_HITS,
    COST,
    FAILURES,
    INPUT_TOKENS,
    LATENCY,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS,
    UPSTREAM_LATENCY,
)
from fluxdash.semantic.scope import Filter
from fluxdash.sources import promql

METRICS = PROFILE.metrics
assert METRICS is not None
NASTY = (
    'acme"} or x{account=~".+', "a\\", "line\nbreak", "`", "{{ .Value }}", "😀", ".*", "a|b", "|", "^$", "\\", '\\"',
    "\\n", "\r", "\x00", "\x7f", "a.b+c?(d)[e]{f}", "=~", "#", "'", "{}", "–", "\u2028",
)  # fmt: skip

values = (st.text(min_size=1, max_size=30) | st.sampled_from(NASTY)).filter(lambda value: value != UNKNOWN)


def counter(measure: Additive, at: int = 0) -> Counter | Difference:
    assert METRICS is not None
    expression = METRICS.read(measure)[at].expression
    assert isinstance(expression, Counter | Difference)
    return expression


def increase(measure: Additive, by: Dimension | None = None, *filters: Filter, at: int = 0, step: int = 60) -> str:
    assert METRICS is not None
    return promql.increase(counter(measure, at), METRICS, by, filters, step)


def selectors(text: str) -> list[promql_parser.VectorSelector]:
    """Every selector of a query, as a parser of the language sees them."""
    found: list[promql_parser.VectorSelector] = []

    def visit(expr: promql_parser.Expr) -> None:
        if isinstance(expr, promql_parser.VectorSelector):
            found.append(expr)

    promql_parser.walk(promql_parser.parse(text), visit)
    return found


def matchers(selector: promql_parser.VectorSelector) -> list[tuple[str, bool, str]]:
    """Each label, whether its value is meant literally, and the value."""
    is_literal = promql_parser.MatchOp.Equal
    return [(each.name, each.op == is_literal, each.value) for each in selector.matchers.matchers]


def model(*wanted: str) -> Filter:
    return Filter(MODEL, wanted)


def test_requests_are_the_sum_of_what_each_series_grew_by() -> None:
    assert increase(REQUESTS) == "sum (increase(fluxai_requests_total[60s]))"
    assert increase(REQUESTS, MODEL, step=3600) == "sum by (model) (increase(fluxai_requests_total[3600s]))"


def test_a_cross_of_two_dimensions_is_grouped_by_both_labels() -> None:
    assert increase(REQUESTS, cross(MODEL, REGION)) == "sum by (model, region) (increase(fluxai_requests_total[60s]))"


def test_failures_are_zero_where_requests_are_counted_and_none_failed() -> None:
    assert increase(FAILURES) == (
        'sum (increase(fluxai_requests_total{status!="success"}[60s]))'
        " or 0 * sum (increase(fluxai_requests_total[60s]))"
    )


def test_failures_by_model_of_a_region_filter_both_sides_alike() -> None:
    assert increase(FAILURES, MODEL, Filter(REGION, ("us-east-1",))) == (
        'sum by (model) (increase(fluxai_requests_total{status!="success",region="us-east-1"}[60s]))'
        ' or 0 * sum by (model) (increase(fluxai_requests_total{region="us-east-1"}[60s]))'
    )


def test_causes_are_counted_by_their_own_metric() -> None:
    assert increase(FAILURES, ERROR_TYPE, at=1) == "sum by (error_type) (increase(fluxai_request_errors_total[60s]))"


def test_cost_is_the_counter_less_what_the_cache_saved() -> None:
    assert increase(COST, None, model("m")) == (
        'sum (increase(fluxai_cost_dollars_total{model="m"}[60s]))'
        ' - (sum (increase(fluxai_cache_savings_dollars_total{model="m"}[60s]))'
        ' or 0 * sum (increase(fluxai_cost_dollars_total{model="m"}[60s])))'
    )


def test_a_difference_takes_away_from_the_zero_too() -> None:
    """`a or 0 * b - c` would take c from the zero alone: the minus binds closer than the or."""
    assert METRICS is not None
    one, two = Counter("one", (), zero_like="all"), Counter("two", (), zero_like="all")
    text = promql.increase(Difference(one, two), METRICS, None, (), 60)
    parsed = promql_parser.parse(text)
    assert isinstance(parsed, promql_parser.BinaryExpr)
    assert isinstance(parsed.lhs, promql_parser.ParenExpr)
    assert str(parsed.op) == "-"


def test_tokens_are_told_apart_by_a_fixed_matcher() -> None:
    assert increase(INPUT_TOKENS) == 'sum (increase(fluxai_tokens_total{type="input"}[60s]))'


def test_an_account_is_found_under_the_label_that_the_metric_has_for_it() -> None:
    only = Filter(ACCOUNT, ("u-1",))
    assert 'fluxai_tokens_total{type="input",account_id="u-1"}' in increase(INPUT_TOKENS, None, only)
    assert 'fluxai_input_tokens_total{client="u-1"}' in increase(INPUT_TOKENS, None, only, at=1)


def test_a_filter_that_a_metric_has_no_label_for_is_left_out() -> None:
    assert increase(SAVINGS, None, Filter(ACCOUNT, ("u-1",))).count("{") == 0
    assert 'cache_type="exact"' in increase(CACHE_HITS, None, Filter(CACHE_TYPE, ("exact",)))


def test_several_values_are_one_anchored_alternative_each() -> None:
    text = increase(REQUESTS, None, model("anthropic.claude-3-5-sonnet-20241022-v2:0", "b"))
    assert text == r'sum (increase(fluxai_requests_total{model=~"anthropic\\.claude-3-5-sonnet-20241022-v2:0|b"}[60s]))'


def test_a_scale_turns_the_metrics_unit_into_the_base_unit() -> None:
    assert METRICS is not None
    scaled = Counter("ms_total", (), scale=0.001, zero_like="all")
    text = promql.increase(scaled, METRICS, None, (), 60)
    assert text == "sum (increase(ms_total[60s])) * 0.001 or 0 * sum (increase(all[60s]))"


def test_a_histogram_is_asked_for_its_buckets() -> None:
    assert METRICS is not None
    histogram = METRICS.read(LATENCY)[0].expression
    assert isinstance(histogram, Histogram)
    bucket = "fluxai_request_duration_seconds_bucket"
    assert promql.buckets(histogram, METRICS, None, (), 60) == f"sum by (le) (increase({bucket}[60s]))"
    assert promql.buckets(histogram, METRICS, REGION, (model("m"),), 60) == (
        f'sum by (region, le) (increase({bucket}{{model="m"}}[60s]))'
    )


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("new\nline", r'"new\nline"'),
        ("\\n", r'"\\n"'),
        ("😀", '"😀"'),
        ("`{{", '"`{{"'),
        ("", '""'),
    ],
)
def test_a_string_is_escaped_by_hand_and_keeps_what_needs_no_escape(value: str, literal: str) -> None:
    assert promql.quoted(value) == literal


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("a.b", r"a\.b"),
        (".*", r"\.\*"),
        ("a|b", r"a\|b"),
        ("a-b:c/d", "a-b:c/d"),
        ("\\", r"\\"),
        ("({[^$?+", r"\(\{\[\^\$\?\+"),
    ],
)
def test_a_regular_expression_escapes_what_is_special_and_nothing_else(value: str, literal: str) -> None:
    assert promql.literal(value) == literal


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        promql.quoted("\ud800")
    with pytest.raises(ValueError, match="surrogate"):
        promql.matcher("model", ["fine", "\udfff"], ("",))


def matches(built: str, probe: str) -> bool:
    """Whether the matcher lets a label value pass; all of what it escapes means the same in RE2 and in Python."""
    (selector,) = selectors(f"x{{{built}}}")
    ((_, is_literal, wanted),) = matchers(selector)
    return probe == wanted if is_literal else re.fullmatch(wanted, probe, re.DOTALL) is not None


def test_unknown_means_every_value_that_stands_for_none() -> None:
    built = promql.matcher("team", [UNKNOWN], ("", "None"))
    assert [probe for probe in ("", "None", "none", "alpha", UNKNOWN) if matches(built, probe)] == ["", "None", UNKNOWN]


def test_unknown_can_stand_among_others() -> None:
    built = promql.matcher("team", ["a.b", UNKNOWN], ("",))
    assert [probe for probe in ("", "a.b", "axb", UNKNOWN) if matches(built, probe)] == ["", "a.b", UNKNOWN]


@given(values)
@example('acme"} or x{account=~".+')
def test_p1_any_value_is_exactly_one_matcher_with_that_value(value: str) -> None:
    for text in (increase(REQUESTS, REGION, model(value)), increase(REQUESTS, None, Filter(ACCOUNT, (value,)))):
        (selector,) = selectors(text)
        assert [each[1:] for each in matchers(selector)] == [(True, value)]
        assert selector.name == "fluxai_requests_total"


@given(values, values)
def test_p1_every_selector_of_a_query_carries_every_filter(one: str, two: str) -> None:
    text = increase(COST, MODEL, model(*sorted({one, two})))
    found = selectors(text)
    assert [each.name for each in found] == [
        "fluxai_cost_dollars_total", "fluxai_cache_savings_dollars_total", "fluxai_cost_dollars_total"
    ]  # fmt: skip
    assert len({matchers(each)[0] for each in found}) == 1
    assert all(len(matchers(each)) == 1 for each in found)


@given(st.lists(values, min_size=1, max_size=6), st.lists(values, max_size=6))
@example(["."], ["x"])
@example(["a|b"], ["a", "b"])
@example([".*", "|"], ["", "anything"])
@example(["x" * 255, "y"], ["x"])
def test_p2_several_values_match_themselves_and_nothing_else(wanted: list[str], probes: list[str]) -> None:
    built = promql.matcher("account_id", sorted(set(wanted)), ("",))
    for probe in {*wanted, *probes, "", "a", "b", *(value + "x" for value in wanted), *(value[1:] for value in wanted)}:
        assert matches(built, probe) == (probe in wanted)


def test_a_gauge_is_the_lowest_of_what_its_series_said_last() -> None:
    (reading,) = METRICS.read(REPORTED_AVAILABILITY)
    assert promql.text(reading.expression, METRICS, None, (), 60) == (
        "min (last_over_time(fluxai_model_availability[60s]))"
    )
    filters = (Filter(ACCOUNT, ("a",)), Filter(MODEL, ("m",)))
    assert promql.text(reading.expression, METRICS, cross(MODEL, REGION), filters, 300) == (
        'min by (model, region) (last_over_time(fluxai_model_availability{model="m"}[300s]))'
    )


def test_upstream_latency_is_asked_for_by_its_buckets() -> None:
    (reading,) = METRICS.read(UPSTREAM_LATENCY)
    assert promql.text(reading.expression, METRICS, MODEL, (Filter(REGION, ("r",)),), 60) == (
        'sum by (model, le) (increase(fluxai_model_latency_seconds_bucket{region="r"}[60s]))'
    )
