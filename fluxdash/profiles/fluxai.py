"""FluxAI, the gateway in front of AWS Bedrock: its metrics and its request log."""

from __future__ import annotations

from fluxdash.profiles.profile import (
    Column,
    Counter,
    Difference,
    Gauge,
    Histogram,
    Log,
    Metrics,
    Names,
    Prices,
    Profile,
    Reading,
)
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE,
    CACHE_TYPE,
    ERROR_TYPE,
    HIT,
    MISS,
    MODEL,
    OFF,
    REGION,
    STATUS,
    STRATEGY,
)
from fluxdash.semantic.measures import (
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    FAILURES,
    GENERATED_TOKENS,
    GENERATION_SECONDS,
    GENERATIONS,
    INPUT_COST,
    INPUT_TOKENS,
    LATENCY,
    OUTPUT_TOKENS,
    PAID_INPUT_TOKENS,
    PAID_OUTPUT_TOKENS,
    PRICED_BY_LIST,
    REPORTED_AVAILABILITY,
    REQUESTS,
    SAVINGS,
    TOKENS_SAVED,
    UNPRICED,
    UPSTREAM_LATENCY,
)

_PER_ACCOUNT = ("account_id", "model", "region")
_PER_MODEL = ("model", "region")
_REQUESTS = Counter("fluxai_requests_total", (*_PER_ACCOUNT, "status"))
_FAILED = Counter(
    "fluxai_requests_total", (*_PER_ACCOUNT, "status"), (("status", "!=", "success"),), "fluxai_requests_total"
)
_CAUSES = Counter("fluxai_request_errors_total", (*_PER_MODEL, "error_type"), rest_of=FAILURES)
_LIST_COST = Counter("fluxai_cost_dollars_total", _PER_ACCOUNT)
_SAVED = Counter("fluxai_cache_savings_dollars_total", ("model",), zero_like="fluxai_cost_dollars_total")
_HITS = Counter(
    "fluxai_cache_hits_total",
    ("account_id", "model", "cache_type"),
    zero_like="fluxai_cache_misses_total",
    implied=True,
)
_MISSES = Counter(
    "fluxai_cache_misses_total", ("account_id", "model"), zero_like="fluxai_cache_hits_total", implied=True
)


def _tokens(kind: str) -> tuple[Reading, ...]:
    both = Counter("fluxai_tokens_total", (*_PER_ACCOUNT, "type"), (("type", "=", kind),))
    single = Counter(f"fluxai_{kind}_tokens_total", (*_PER_MODEL, "client"))
    return Reading(both), Reading(single)


_METRICS = Metrics(
    readings=(
        (REQUESTS, (Reading(_REQUESTS),)),
        (FAILURES, (Reading(_FAILED), Reading(_CAUSES))),
        (INPUT_TOKENS, _tokens("input")),
        (OUTPUT_TOKENS, _tokens("output")),
        (COST, (Reading(Difference(_LIST_COST, _SAVED)), Reading(_LIST_COST, "List-price cost, hits included"))),
        (SAVINGS, (Reading(_SAVED),)),
        (CACHE_HITS, (Reading(_HITS),)),
        (CACHE_MISSES, (Reading(_MISSES),)),
        (TOKENS_SAVED, (Reading(Counter("fluxai_cache_tokens_saved_total", ())),)),
        (LATENCY, (Reading(Histogram("fluxai_request_duration_seconds", _PER_ACCOUNT)),)),
        (UPSTREAM_LATENCY, (Reading(Histogram("fluxai_model_latency_seconds", _PER_MODEL)),)),
        (REPORTED_AVAILABILITY, (Reading(Gauge("fluxai_model_availability", _PER_MODEL)),)),
    ),
    labels=(
        (ACCOUNT, ("account_id", "client")),
        (MODEL, ("model",)),
        (REGION, ("region",)),
        (STATUS, ("status",)),
        (STRATEGY, ("strategy",)),
        (CACHE_TYPE, ("cache_type",)),
        (ERROR_TYPE, ("error_type",)),
    ),
    pulse="fluxai_requests_total",
)

_SUCCESS = "{status} = 'success'"
_HIT = "{cache_hit} IS TRUE"
_MISS = "{cache_hit} IS FALSE"
_SPENT_ON = f"{_SUCCESS} AND {{cache_hit}} IS NOT TRUE"
# Tokens without their time, or time without its tokens, would make a speed that no request had.
_TIMED = f"{_SPENT_ON} AND {{latency_ms}} IS NOT NULL AND {{output_tokens}} IS NOT NULL"
# Never added up as the integers they are: one request with two thousand million of them would fail every sum.
_HAS_TOKENS = "(COALESCE({input_tokens}, 0) > 0 OR COALESCE({output_tokens}, 0) > 0)"
_FREE = "COALESCE({total_cost}, 0) = 0"
# The price is looked up for rows without a cost of their own only: CASE never computes a branch it does not take.
_LIST_PRICE = f"CASE WHEN {_FREE} THEN CASE WHEN {_HAS_TOKENS} THEN {{price}} END ELSE {{total_cost}} END"
# Without a reported split, what a request cost is split as its price would be.
_LIST_INPUT = (
    f"CASE WHEN {_FREE} THEN CASE WHEN {_HAS_TOKENS} THEN {{input_price}} END"
    " ELSE COALESCE({input_cost}, {total_cost} * {input_price} / NULLIF({price}, 0)) END"
)
# One request's own: a failed one that used nothing cost nothing, and one that nobody can price is unknown.
_WORTH = f"CASE WHEN NOT ({_FREE}) THEN {{total_cost}} WHEN {_HAS_TOKENS} THEN {{price}} ELSE 0 END"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."

_AFTER_WORD = f"LTRIM({{error_message}}, '{_LETTERS}')"
# A cause stands before a colon, or alone; the first word of a sentence ("An error occurred …") is none.
_LEADING_WORD = (
    f"CASE WHEN SUBSTR({_AFTER_WORD}, 1, 1) IN ('', ':')"
    f" THEN SUBSTR({{error_message}}, 1, LENGTH({{error_message}}) - LENGTH({_AFTER_WORD})) END"
)


def _when(condition: str, amount: str = "1") -> str:
    return f"CASE WHEN {condition} THEN {amount} ELSE 0 END"


_LOG = Log(
    table="request_metrics",
    time="timestamp",
    key="id",
    parts=(
        (REQUESTS, "1"),
        (FAILURES, f"CASE WHEN {_SUCCESS} THEN 0 ELSE 1 END"),
        (INPUT_TOKENS, "COALESCE({input_tokens}, 0)"),
        (OUTPUT_TOKENS, "COALESCE({output_tokens}, 0)"),
        (COST, f"CASE WHEN {_HIT} THEN 0 ELSE COALESCE({_LIST_PRICE}, 0) END"),
        (INPUT_COST, f"CASE WHEN {_HIT} THEN 0 ELSE COALESCE({_LIST_INPUT}, 0) END"),
        (PAID_INPUT_TOKENS, f"CASE WHEN {_HIT} THEN 0 ELSE COALESCE({{input_tokens}}, 0) END"),
        (PAID_OUTPUT_TOKENS, f"CASE WHEN {_HIT} THEN 0 ELSE COALESCE({{output_tokens}}, 0) END"),
        (SAVINGS, _when(_HIT, f"COALESCE({_LIST_PRICE}, 0)")),
        (CACHE_HITS, _when(_HIT)),
        (CACHE_MISSES, _when(_MISS)),
        (TOKENS_SAVED, _when(_HIT, "CAST(COALESCE({input_tokens}, 0) AS BIGINT) + COALESCE({output_tokens}, 0)")),
        (UNPRICED, _when(f"{_SPENT_ON} AND {_FREE} AND {_HAS_TOKENS} AND ({{price}}) IS NULL")),
        (PRICED_BY_LIST, _when(f"{_FREE} AND {_HAS_TOKENS} AND ({{price}}) IS NOT NULL")),
        (GENERATIONS, _when(_TIMED)),
        (GENERATED_TOKENS, _when(_TIMED, "{output_tokens}")),
        (GENERATION_SECONDS, _when(_TIMED, "{latency_ms} * 0.001")),
    ),
    dimensions=(
        (ACCOUNT, Column("CAST({account_id} AS VARCHAR(36))")),
        (MODEL, Column("{model_id}")),
        (REGION, Column("{region}")),
        (STATUS, Column("{status}")),
        (STRATEGY, Column("{routing_strategy}")),
        (CACHE, Column(f"CASE WHEN {_HIT} THEN '{HIT}' WHEN {_MISS} THEN '{MISS}' ELSE '{OFF}' END")),
        # As text: SQLite takes a number out of JSON as a number, which no filter's text is equal to.
        (CACHE_TYPE, Column("CAST({metadata} ->> 'cache_type' AS VARCHAR)", where=_HIT)),
        (
            ERROR_TYPE,
            Column(
                _LEADING_WORD,
                where="COALESCE({status}, '') <> 'success'",
            ),
        ),
    ),
    latency="{latency_ms}",
    latency_scale=0.001,
    tokens_in="{input_tokens}",
    tokens_out="{output_tokens}",
    model="{model_id}",
    region="{region}",
    prices=Prices("model_pricing", "model_id", "region", "effective_date", "input_per_1k", "output_per_1k", 1000, "id"),
    names=Names("accounts", "id", "name"),
    record=(
        ("request_id", "{request_id}"),
        ("trace_id", "{trace_id}"),
        ("latency", "{latency_ms} * 0.001"),
        ("input_tokens", "{input_tokens}"),
        ("output_tokens", "{output_tokens}"),
        ("cost", f"CASE WHEN {_HIT} THEN 0 ELSE {_WORTH} END"),
        ("list_price", _WORTH),
        ("input_cost", f"CASE WHEN {_HIT} OR {_FREE} AND NOT ({_HAS_TOKENS}) THEN 0 ELSE {_LIST_INPUT} END"),
        ("error", "SUBSTR({error_message}, 1, 1000)"),
        ("estimated", _when(f"{_FREE} AND {_HAS_TOKENS}")),
    ),
)

_TRACING = Tracing(
    service="fluxai-gateway",
    request="chat_completion",
    operations=(
        "chat_completion",
        "cache.lookup",
        "embeddings.generate",
        "routing.decide",
        "bedrock.invoke_model",
        "cost.calculate",
    ),
    attributes=(
        # The model asked for may be `auto`; the one that was called is the one used.
        (MODEL, (("bedrock.invoke_model", "bedrock.model_id"), ("chat_completion", "model.id"))),
        (REGION, (("bedrock.invoke_model", "bedrock.region"),)),
        (STRATEGY, (("chat_completion", "routing.strategy"),)),
    ),
    notes=(
        ("cache.lookup", (("cache.type", "{}"),)),
        ("embeddings.generate", (("embeddings.model", "{}"),)),
        ("routing.decide", (("routing.strategy", "{}"), ("routing.candidates", "{} candidates"))),
        ("bedrock.invoke_model", (("bedrock.region", "{}"), ("bedrock.input_tokens", "{} in"))),
    ),
)

PROFILE = Profile("fluxai", "FluxAI", _METRICS, _LOG, tracing=_TRACING)
