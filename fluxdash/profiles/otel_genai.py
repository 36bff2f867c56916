"""OpenTelemetry GenAI, a draft: the client metrics of conventions 1.37 to 1.41 by their Prometheus names; no log."""

from __future__ import annotations

from fluxdash.profiles.profile import Counter, Histogram, Metrics, Profile, Reading
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL
from fluxdash.semantic.measures import FAILURES, INPUT_TOKENS, LATENCY, OUTPUT_TOKENS, REQUESTS

_LABELS = ("gen_ai_request_model", "gen_ai_response_model", "gen_ai_provider_name", "error_type")
_DURATION = "gen_ai_client_operation_duration_seconds"
_TOKENS = ("gen_ai_client_token_usage_sum", "gen_ai_client_token_usage_token_sum")


def _tokens(kind: str) -> tuple[Reading, ...]:
    # Some gateways add cached and reasoning tokens as further types, which are parts of these two.
    where = (("gen_ai_token_type", "=", kind),)
    return tuple(Reading(Counter(metric, (*_LABELS[:3], "gen_ai_token_type"), where)) for metric in _TOKENS)


_METRICS = Metrics(
    readings=(
        (REQUESTS, (Reading(Counter(f"{_DURATION}_count", _LABELS)),)),
        (
            FAILURES,
            (Reading(Counter(f"{_DURATION}_count", _LABELS, (("error_type", "!=", ""),), f"{_DURATION}_count")),),
        ),
        (INPUT_TOKENS, _tokens("input")),
        (OUTPUT_TOKENS, _tokens("output")),
        (LATENCY, (Reading(Histogram(_DURATION, _LABELS)),)),
    ),
    labels=(
        (MODEL, ("gen_ai_request_model", "gen_ai_response_model")),
        (ERROR_TYPE, ("error_type",)),
    ),
    pulse=f"{_DURATION}_count",
)

# The service is the application's own name, and spans are called after what they do: `chat gpt-4o`.
_TRACING = Tracing(
    service="",
    request=None,
    attributes=((MODEL, (("", "gen_ai.response.model"), ("", "gen_ai.request.model"))),),
    notes=(("", (("gen_ai.usage.input_tokens", "{} in"), ("gen_ai.usage.output_tokens", "{} out"))),),
)

PROFILE = Profile("otel_genai", "OpenTelemetry GenAI", _METRICS, None, tracing=_TRACING)
