"""What spans say of their request: of several tries the last, of several places the best, and nothing made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, STATUS, STRATEGY
from fluxdash.semantic.scope import Filter
from fluxdash.semantic.spans import Event, Process, Status
from fluxdash.semantic.tracesearch import TraceSummary
from fluxdash.sources.summaries import REDACTED, matches, noted, owners, passes, redacted, summary, told
from fluxdash.sources.trace_store import Ask, Hit
from tests.traced import EPOCH, ID, MS, span, trace

assert PROFILE.tracing is not None
TRACING: Tracing = PROFILE.tracing
EVERYTHING = Ask(0, 2**62, 10)

RETRIED = trace(
    span("chat_completion", None, 0, 1000, attributes=(("model.id", "auto"), ("routing.strategy", "auto"))),
    span(
        "bedrock.invoke_model 1",
        "chat_completion",
        10,
        100,
        failed=True,
        attributes=(("bedrock.model_id", "m-1"), ("bedrock.region", "us-east-1")),
    ),
    span(
        "bedrock.invoke_model 2",
        "chat_completion",
        200,
        990,
        attributes=(
            ("bedrock.model_id", "m-2"),
            ("bedrock.region", "us-west-2"),
            ("n", 5),
            ("share", 0.5),
            ("hit", True),
        ),
    ),
)


def test_the_model_and_the_region_are_those_of_the_last_try() -> None:
    row = summary(RETRIED, TRACING)
    assert (row.model, row.region, row.operation, row.service) == (
        "m-2",
        "us-west-2",
        "chat_completion",
        "fluxai-gateway",
    )
    assert (row.start, row.seconds, row.spans, row.errors, row.failed) == (EPOCH, 1.0, 3, 1, False)
    assert told(RETRIED, TRACING, STRATEGY) == "auto"


def test_without_a_call_the_model_is_the_one_asked_for() -> None:
    hit = trace(
        span("chat_completion", None, 0, 9, attributes=(("model.id", "m-3"),)),
        span("cache.lookup", "chat_completion", 1, 8),
    )
    assert (told(hit, TRACING, MODEL), told(hit, TRACING, REGION), told(hit, TRACING, ACCOUNT)) == ("m-3", None, None)


def test_a_request_lasts_as_long_as_its_span_and_not_as_its_trace() -> None:
    found = trace(
        span("http", None, 0, 900), span("chat_completion", "http", 100, 400), span("later", "http", 500, 890)
    )
    row = summary(found, TRACING)
    assert (row.start, row.seconds) == (EPOCH + 100 * MS, 0.3)
    assert not matches(Hit(row, found), replace(EVERYTHING, least=0.5))
    assert matches(Hit(row, found), replace(EVERYTHING, least=0.3, most=0.3))


def test_a_trace_without_spans_is_a_row_of_nothing() -> None:
    row = summary(trace(), TRACING)
    assert (row.seconds, row.spans, row.operation) == (None, 0, None)


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ((("bedrock.region", "us-west-2"), ("n", "5")), True),
        ((("share", "0.5"), ("hit", "true")), True),
        ((("n", "5.0"),), False),
        ((("bedrock.region", "us-east-1"), ("n", "5")), False),  # on two spans
        ((("error", "true"), ("bedrock.region", "us-east-1")), True),
        ((("error", "true"), ("bedrock.region", "us-west-2")), False),
        ((("error", "false"), ("bedrock.region", "us-west-2")), True),
        ((("otel.status_code", "ERROR"),), True),
        ((("span.kind", "internal"),), False),
    ],
)
def test_all_tags_must_be_on_one_span(tags: tuple[tuple[str, str], ...], fits: bool) -> None:
    assert matches(Hit(summary(RETRIED, TRACING), RETRIED), replace(EVERYTHING, tags=tags)) is fits


def test_tags_are_also_those_of_the_process_and_of_events() -> None:
    events = (Event(EPOCH, "exception", (("exception.type", "X"),)),)
    found = trace(
        span("a", None, 0, 1, events=events, process=Process("s", (("host", "h"),)), status=Status.OK, kind="server")
    )
    row = Hit(summary(found, TRACING), found)
    for tag in (("exception.type", "X"), ("host", "h"), ("otel.status_code", "OK"), ("span.kind", "server")):
        assert matches(row, replace(EVERYTHING, tags=(tag,)))


def test_what_is_not_known_of_a_trace_is_believed_to_fit() -> None:
    bare = Hit(TraceSummary(ID, EPOCH))
    assert matches(bare, Ask(0, 2**62, 10, "cache.lookup", (("a", "b"),), 1.0, 2.0, errors=True))
    assert not matches(Hit(TraceSummary(ID, EPOCH, errors=0)), replace(EVERYTHING, errors=True))
    assert matches(Hit(TraceSummary(ID, EPOCH, errors=1)), replace(EVERYTHING, errors=True))


def test_what_is_not_known_passes_no_filter() -> None:
    bare, whole = Hit(TraceSummary(ID, EPOCH)), Hit(summary(RETRIED, TRACING), RETRIED)
    for dimension, value in ((MODEL, "m-2"), (REGION, "us-west-2"), (STRATEGY, "auto"), (STATUS, "success")):
        assert passes(whole, (Filter.of(dimension, [value]),), TRACING)
        assert not passes(whole, (Filter.of(dimension, ["other"]),), TRACING)
        assert not passes(bare, (Filter.of(dimension, [value]),), TRACING)
    assert not passes(whole, (Filter.of(ACCOUNT, ["a"]),), TRACING)


def test_an_account_is_what_the_resource_says_and_no_attribute_of_a_span() -> None:
    found = trace(
        span(
            "chat_completion",
            None,
            0,
            9,
            process=Process("s", (("account_id", "A"),)),
            attributes=(("account.id", "B"),),
        ),
        span("other", "chat_completion", 1, 2, attributes=(("account.id", "B"),)),
    )
    assert owners(found, TRACING) == ("A", None)
    assert passes(Hit(summary(found, TRACING), found), (Filter.of(ACCOUNT, ["A"]),), TRACING)
    assert not passes(Hit(summary(found, TRACING), found), (Filter.of(ACCOUNT, ["B"]),), TRACING)


def test_a_redacted_span_says_when_it_was_and_nothing_else() -> None:
    hidden = redacted(RETRIED, frozenset({1})).nodes[1]
    before = RETRIED.nodes[1]
    assert (hidden.depth, hidden.size, hidden.parent) == (before.depth, before.size, before.parent)
    assert (hidden.span.name, hidden.span.attributes, hidden.span.process.service) == (REDACTED, (), "unknown")
    assert (hidden.span.start, hidden.span.end, hidden.span.failed) == (before.span.start, before.span.end, False)


def test_what_is_worth_a_word_is_said_in_the_words_of_the_profile() -> None:
    tracing = replace(
        TRACING,
        notes=(
            ("route", (("strategy", "{}"), ("candidates", "{} candidates"), ("rest", "{}"))),
            ("", (("tokens", "{} in"),)),
        ),
    )

    def said(name: str, **attributes: object) -> str:
        return noted(span(name, None, 0, 1, attributes=tuple(attributes.items())), tracing)

    assert said("route", strategy="cheap", candidates=3, more="x") == "cheap, 3 candidates"
    assert said("route", candidates=1, tokens=1204) == "1 candidate, 1,204 in"
    assert said("route", strategy="", rest=True) == "true"
    assert said("other", strategy="cheap", tokens=0) == "0 in"
    assert said("other") == ""
    assert len(said("route", strategy="x" * 1000)) == 60
    assert said("route", strategy="{0.__class__}") == "{0.__class__}"


def test_the_gateways_own_spans_tell_what_they_were_about() -> None:
    failed, second = (each for each in RETRIED.spans if each.name == "bedrock.invoke_model")
    assert (noted(failed, TRACING), noted(second, TRACING)) == ("us-east-1", "us-west-2")
    assert noted(RETRIED.spans[0], TRACING) == ""
