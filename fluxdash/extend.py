"""What pages and measures of one's own are made of; docs/extending.md shows how."""

from __future__ import annotations

from fluxdash.profiles.extension import Written
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE,
    CACHE_TYPE,
    ERROR_TYPE,
    MODEL,
    REGION,
    STATUS,
    STRATEGY,
    cross,
)
from fluxdash.semantic.measure import Additive, Ratio, Rise, Sum, linear
from fluxdash.semantic.measures import (
    AVAILABILITY,
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    COST_PER_REQUEST,
    COST_PER_SUCCESS,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    INPUT_TOKENS,
    LATENCY,
    LOOKUPS,
    OUTPUT_TOKENS,
    REQUESTS,
    SAVINGS,
    SAVINGS_RATE,
    SUCCESSES,
    THROUGHPUT,
    TOKENS,
    TOKENS_SAVED,
    UNPRICED,
    UPSTREAM_LATENCY,
)
from fluxdash.semantic.units import Unit
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel, Variant
from fluxdash.ui.strip import Strip, Tile
from fluxdash.views.courses import lines, stacks
from fluxdash.views.ranking import ranking
from fluxdash.views.readouts import Beside
from fluxdash.views.scene import Drawing, Scene

__all__ = [
    "ACCOUNT",
    "AVAILABILITY",
    "CACHE",
    "CACHE_HITS",
    "CACHE_MISSES",
    "CACHE_TYPE",
    "COST",
    "COST_PER_REQUEST",
    "COST_PER_SUCCESS",
    "ERROR_RATE",
    "ERROR_TYPE",
    "FAILURES",
    "HIT_RATE",
    "INPUT_TOKENS",
    "LATENCY",
    "LOOKUPS",
    "MODEL",
    "OUTPUT_TOKENS",
    "REGION",
    "REQUESTS",
    "SAVINGS",
    "SAVINGS_RATE",
    "STATUS",
    "STRATEGY",
    "SUCCESSES",
    "THROUGHPUT",
    "TOKENS",
    "TOKENS_SAVED",
    "UNPRICED",
    "UPSTREAM_LATENCY",
    "Additive",
    "Beside",
    "Drawing",
    "Page",
    "Panel",
    "Ratio",
    "Rise",
    "Scene",
    "Strip",
    "Sum",
    "Tile",
    "Unit",
    "Variant",
    "Written",
    "cross",
    "linear",
    "lines",
    "ranking",
    "row",
    "stacks",
]
