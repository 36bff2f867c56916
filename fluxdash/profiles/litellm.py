"""LiteLLM, a draft: its metrics and its spend log, enough to compile every question the semantic layer can ask."""

from __future__ import annotations

from fluxdash.profiles.profile import Column, Counter, Difference, Histogram, Log, Metrics, Names, Profile, Reading
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import ACCOUNT, CACHE, ERROR_TYPE, HIT, MISS, MODEL, OFF, STATUS
from fluxdash.semantic.measures import (
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    FAILURES,
    INPUT_TOKENS,
    LATENCY,
    OUTPUT_TOKENS,
    REQUESTS,
    SAVINGS,
    TOKENS_SAVED,
    UPSTREAM_LATENCY,
)

_LABELS = ("team", "team_alias", "requested_model", "model")
_ALL = "litellm_proxy_total_requests_metric_total"
_FAILED = Counter(
    "litellm_proxy_failed_requests_metric_total",
    (*_LABELS, "exception_class", "exception_status"),
    zero_like=_ALL,
    implied=True,
)
_SERVED = Counter("litellm_requests_metric_total", _LABELS)
_HITS = Counter("litellm_cache_hits_metric_total", _LABELS, zero_like="litellm_requests_metric_total", implied=True)

_METRICS = Metrics(
    readings=(
        (REQUESTS, (Reading(Counter(_ALL, (*_LABELS, "status_code"))),)),
        (FAILURES, (Reading(_FAILED),)),
        (INPUT_TOKENS, (Reading(Counter("litellm_input_tokens_metric_total", _LABELS)),)),
        (OUTPUT_TOKENS, (Reading(Counter("litellm_output_tokens_metric_total", _LABELS)),)),
        (COST, (Reading(Counter("litellm_spend_metric_total", _LABELS)),)),
        (CACHE_HITS, (Reading(_HITS),)),
        # Its own counter of misses counts streamed requests only, so misses are what was served less the hits.
        (CACHE_MISSES, (Reading(Difference(_SERVED, _HITS)),)),
        (TOKENS_SAVED, (Reading(Counter("litellm_cached_tokens_metric_total", _LABELS)),)),
        (
            LATENCY,
            (Reading(Histogram("litellm_request_total_latency_metric", _LABELS), "Latency of successes"),),
        ),
        (
            UPSTREAM_LATENCY,
            (Reading(Histogram("litellm_llm_api_latency_metric", _LABELS), "Upstream latency of successes"),),
        ),
    ),
    labels=(
        (ACCOUNT, ("team",)),
        (MODEL, ("requested_model", "model_group", "model")),
        (STATUS, ("status_code",)),
        (ERROR_TYPE, ("exception_class",)),
    ),
    pulse=_ALL,
    nulls=("", "None"),
)

_HIT = "{cache_hit} = 'True'"
_FAILURE = "COALESCE(NULLIF({status}, ''), 'success') <> 'success'"

_LOG = Log(
    table="LiteLLM_SpendLogs",
    time="startTime",
    key="request_id",
    parts=(
        (REQUESTS, "1"),
        (FAILURES, f"CASE WHEN {_FAILURE} THEN 1 ELSE 0 END"),
        (INPUT_TOKENS, "COALESCE({prompt_tokens}, 0)"),
        (OUTPUT_TOKENS, "COALESCE({completion_tokens}, 0)"),
        (COST, f"CASE WHEN {_HIT} THEN 0 ELSE COALESCE({{spend}}, 0) END"),
        (
            SAVINGS,
            f"CASE WHEN {_HIT} THEN "
            "COALESCE(CAST({metadata} -> 'cost_breakdown' ->> 'total_cost' AS DOUBLE PRECISION), 0) ELSE 0 END",
        ),
        (CACHE_HITS, f"CASE WHEN {_HIT} THEN 1 ELSE 0 END"),
        (CACHE_MISSES, f"CASE WHEN {_FAILURE} OR {_HIT} THEN 0 ELSE 1 END"),
        (TOKENS_SAVED, f"CASE WHEN {_HIT} THEN COALESCE({{total_tokens}}, 0) ELSE 0 END"),
    ),
    dimensions=(
        (ACCOUNT, Column("{team_id}")),
        (MODEL, Column("COALESCE(NULLIF({model_group}, ''), {model})")),
        (STATUS, Column("COALESCE(NULLIF({status}, ''), 'success')")),
        (CACHE, Column(f"CASE WHEN {_HIT} THEN '{HIT}' WHEN {_FAILURE} THEN '{OFF}' ELSE '{MISS}' END")),
        (ERROR_TYPE, Column("{metadata} -> 'error_information' ->> 'error_class'", where=_FAILURE)),
    ),
    latency="{request_duration_ms}",
    latency_scale=0.001,
    tokens_in="{prompt_tokens}",
    tokens_out="{completion_tokens}",
    model="{model_group}",
    record=(
        ("request_id", "{litellm_call_id}"),
        ("trace_id", "{session_id}"),
        ("latency", "{request_duration_ms} * 0.001"),
        ("input_tokens", "{prompt_tokens}"),
        ("output_tokens", "{completion_tokens}"),
        ("cost", f"CASE WHEN {_HIT} THEN 0 ELSE {{spend}} END"),
    ),
    names=Names("LiteLLM_TeamTable", "team_id", "team_alias"),
)

_TRACING = Tracing(
    service="litellm",
    request="Received Proxy Server Request",
    operations=("Received Proxy Server Request", "litellm_request"),
    attributes=((MODEL, (("litellm_request", "gen_ai.response.model"), ("litellm_request", "gen_ai.request.model"))),),
    notes=(("litellm_request", (("gen_ai.usage.input_tokens", "{} in"), ("gen_ai.usage.output_tokens", "{} out"))),),
)

PROFILE = Profile("litellm", "LiteLLM", _METRICS, _LOG, tracing=_TRACING)
