"""What one request adds to which metric: the gateway's metrics, their labels and buckets, and the rules of booking."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from fluxdash.demo.request import Request

WINDOW = 60.0  # seconds the connection and queue gauges look back
INERTIA = 0.02  # weight of the newest outcome in the gauges that are shares


class Kind(Enum):
    """How a metric takes a value: adds it, is set to it, or sorts it into buckets."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as the gateway declares it; a counter's name ends in _total."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Entry(NamedTuple):
    """One line of the ledger: this value goes to the series of `metric` with these label values."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


_PER_ACCOUNT = ("account_id", "model", "region")
_PER_MODEL = ("model", "region")

REQUESTS = Metric("fluxai_requests_total", Kind.COUNTER, "Requests by status.", (*_PER_ACCOUNT, "status"))
DURATION = Metric(
    "fluxai_request_duration_seconds", Kind.HISTOGRAM, "End-to-end latency.", _PER_ACCOUNT, (0.1, 0.5, 1, 2, 5, 10, 30)
)
ERRORS = Metric("fluxai_request_errors_total", Kind.COUNTER, "Failures by cause.", (*_PER_MODEL, "error_type"))
TOKENS = Metric("fluxai_tokens_total", Kind.COUNTER, "Tokens by type.", (*_PER_ACCOUNT, "type"))
INPUT_TOKENS = Metric("fluxai_input_tokens_total", Kind.COUNTER, "Input tokens.", (*_PER_MODEL, "client"))
OUTPUT_TOKENS = Metric("fluxai_output_tokens_total", Kind.COUNTER, "Output tokens.", (*_PER_MODEL, "client"))
COST = Metric("fluxai_cost_dollars_total", Kind.COUNTER, "List price, cache hits included, in USD.", _PER_ACCOUNT)
COST_PER_REQUEST = Metric(
    "fluxai_cost_per_request_dollars",
    Kind.HISTOGRAM,
    "List price of one request in USD.",
    _PER_MODEL,
    (0.0001, 0.001, 0.01, 0.1, 1, 10),
)
HITS = Metric("fluxai_cache_hits_total", Kind.COUNTER, "Cache hits.", ("account_id", "model", "cache_type"))
MISSES = Metric("fluxai_cache_misses_total", Kind.COUNTER, "Cache misses.", ("account_id", "model"))
HIT_RATE = Metric("fluxai_cache_hit_rate", Kind.GAUGE, "Recent share of hits, 0 to 1.", ("model",))
SAVINGS = Metric("fluxai_cache_savings_dollars_total", Kind.COUNTER, "Cost avoided by the cache in USD.", ("model",))
TOKENS_SAVED = Metric("fluxai_cache_tokens_saved_total", Kind.COUNTER, "Tokens answered by the cache.", ("model",))
MODEL_LATENCY = Metric(
    "fluxai_model_latency_seconds", Kind.HISTOGRAM, "Upstream inference.", _PER_MODEL, (0.5, 1, 2, 5, 10, 30, 60)
)
AVAILABILITY = Metric("fluxai_model_availability", Kind.GAUGE, "Recent share of successes, 0 to 1.", _PER_MODEL)
ERROR_RATE = Metric("fluxai_model_error_rate", Kind.GAUGE, "Recent share of failures, 0 to 1.", _PER_MODEL)
ROUTING = Metric("fluxai_routing_strategy_total", Kind.COUNTER, "Routing decisions.", ("strategy", "model"))
CONNECTIONS = Metric("fluxai_active_connections", Kind.GAUGE, "Requests in flight.")
QUEUE = Metric("fluxai_queue_depth", Kind.GAUGE, "Requests that wait to be sent again.")

METRICS = (
    REQUESTS, DURATION, ERRORS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, COST, COST_PER_REQUEST, HITS, MISSES, HIT_RATE,
    SAVINGS, TOKENS_SAVED, MODEL_LATENCY, AVAILABILITY, ERROR_RATE, ROUTING, CONNECTIONS, QUEUE,
)  # fmt: skip


class Ledger:
    """Turns requests, in order of time, into entries; remembers only what the gauges need.

    With `quirks` it leaves out what real installations never write: causes of errors, savings and every gauge.
    """

    def __init__(self, quirks: bool = False) -> None:
        self._quirks = quirks
        self._hit_rate: dict[str, float] = {}
        self._error_rate: dict[tuple[str, str], float] = {}
        self._recent: deque[Request] = deque()

    def entries(self, request: Request) -> Iterator[Entry]:
        """Everything this request adds or sets."""
        yield from self._request(request)
        yield from self._cache(request)
        if request.status == "success":
            yield from self._usage(request)
        if not self._quirks:
            yield from self._causes_and_savings(request)
            yield from self._gauges(request)

    def _request(self, request: Request) -> Iterator[Entry]:
        lane = (request.account_id, request.model, request.region)
        yield Entry(REQUESTS, (*lane, request.status), 1)
        yield Entry(DURATION, lane, request.latency_ms / 1000)
        if request.strategy is not None:
            yield Entry(ROUTING, (request.strategy, request.model), 1)

    def _cache(self, request: Request) -> Iterator[Entry]:
        # The cache is asked before the route is chosen, so it knows only the model that was asked for.
        if request.cache_type is not None:
            yield Entry(HITS, (request.account_id, request.requested_model, request.cache_type), 1)
        elif request.cache_hit is False:
            yield Entry(MISSES, (request.account_id, request.requested_model), 1)

    def _usage(self, request: Request) -> Iterator[Entry]:
        place = (request.model, request.region)
        lane = (request.account_id, *place)
        yield Entry(TOKENS, (*lane, "input"), request.input_tokens)
        yield Entry(TOKENS, (*lane, "output"), request.output_tokens)
        yield Entry(INPUT_TOKENS, (*place, request.account_id), request.input_tokens)
        yield Entry(OUTPUT_TOKENS, (*place, request.account_id), request.output_tokens)
        if request.total_cost is not None:
            yield Entry(COST, lane, float(request.total_cost))
            yield Entry(COST_PER_REQUEST, place, float(request.total_cost))
        if request.upstream_ms is not None:
            yield Entry(MODEL_LATENCY, place, request.upstream_ms / 1000)

    def _causes_and_savings(self, request: Request) -> Iterator[Entry]:
        if request.error_type is not None:
            yield Entry(ERRORS, (request.model, request.region, request.error_type), 1)
        if request.cache_hit:
            # By the model used, as the cost counter is: their difference is then what was spent on the model.
            yield Entry(SAVINGS, (request.model,), float(request.total_cost or 0))
            yield Entry(TOKENS_SAVED, (request.model,), request.total_tokens)

    def _gauges(self, request: Request) -> Iterator[Entry]:
        place = (request.model, request.region)
        failing = self._error_rate.get(place, 0.0)
        failing += INERTIA * (request.failed - failing)
        self._error_rate[place] = failing
        yield Entry(ERROR_RATE, place, round(failing, 6))
        yield Entry(AVAILABILITY, place, round(1 - failing, 6))
        if request.cache_hit is not None:
            asked = request.requested_model
            rate = self._hit_rate.get(asked, float(request.cache_hit))
            rate += INERTIA * (request.cache_hit - rate)
            self._hit_rate[asked] = rate
            yield Entry(HIT_RATE, (asked,), round(rate, 6))
        self._recent.append(request)
        while self._recent[0].time <= request.time - WINDOW:
            self._recent.popleft()
        # Little's law: how many are under way is how many arrive per second times how long they stay.
        yield Entry(CONNECTIONS, (), round(sum(recent.latency_ms for recent in self._recent) / 1000 / WINDOW))
        yield Entry(QUEUE, (), sum(recent.error_type == "ThrottlingException" for recent in self._recent))
