"""Overview: is it all right, and if not, since when and where."""

from fluxdash.semantic.dimensions import ERROR_TYPE
from fluxdash.semantic.measures import (
    COST,
    COST_PER_REQUEST,
    ERROR_RATE,
    FAILURES,
    HIT_RATE,
    INPUT_TOKENS,
    LATENCY,
    OUTPUT_TOKENS,
    REQUESTS,
    SAVINGS,
    TOKENS,
)
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel, Variant
from fluxdash.ui.strip import Strip, Tile
from fluxdash.ui.studies.changed import Changed
from fluxdash.ui.studies.exemplified import Exemplified
from fluxdash.views.causes import failures_by_cause
from fluxdash.views.charts import latency_percentiles, request_rate, token_usage
from fluxdash.views.readouts import Beside

PAGE = Page(
    path="/",
    title="Overview",
    icon="overview",
    order=10,
    rows=(
        row(
            Strip(
                "Key figures",
                (
                    Tile(
                        "Requests",
                        REQUESTS.over_time(),
                        (Beside(question=REQUESTS.over_time(), after="req/s", rate=True),),
                    ),
                    Tile(
                        "P95 latency",
                        LATENCY.over_time(q=0.95),
                        (
                            Beside(question=LATENCY.over_time(q=0.5), before="P50"),
                            Beside(question=LATENCY.over_time(q=0.99), before="P99"),
                        ),
                    ),
                    Tile(
                        "Cost",
                        COST.over_time(),
                        (Beside(question=COST_PER_REQUEST.over_time(), after="per request"),),
                    ),
                    Tile(
                        "Error rate",
                        ERROR_RATE.over_time(),
                        (
                            Beside(question=FAILURES.over_time(), after="failed"),
                            Beside(
                                question=FAILURES.over_time(by=ERROR_TYPE),
                                after="throttled",
                                group="ThrottlingException",
                            ),
                        ),
                    ),
                    Tile(
                        "Cache hit rate",
                        HIT_RATE.over_time(),
                        (Beside(question=SAVINGS.over_time(), after="saved"),),
                    ),
                    Tile(
                        "Tokens",
                        TOKENS.over_time(),
                        (
                            Beside(question=INPUT_TOKENS.over_time(), after="in"),
                            Beside(question=OUTPUT_TOKENS.over_time(), after="out"),
                        ),
                    ),
                ),
            )
        ),
        row(
            Panel("Request rate", (REQUESTS.over_time(), FAILURES.over_time()), request_rate, 6, unit="req/s"),
            Panel(
                "Latency",
                width=6,
                unit="seconds, end to end",
                study=Exemplified(
                    (LATENCY.over_time(q=0.5), LATENCY.over_time(q=0.95), LATENCY.over_time(q=0.99)),
                    latency_percentiles,
                ),
            ),
        ),
        row(
            Panel(
                "Token usage",
                (OUTPUT_TOKENS.over_time(), INPUT_TOKENS.over_time()),
                token_usage,
                4,
                246,
                unit="tokens per minute",
            ),
            Panel(
                "Errors by cause",
                (FAILURES.over_time(by=ERROR_TYPE), FAILURES.over_time()),
                failures_by_cause,
                4,
                100,
                unit="failed requests per minute",
            ),
            Panel(
                "What changed",
                width=4,
                height=0,
                variants=(
                    Variant("P95", study=Changed(LATENCY, "P95", 0.95)),
                    Variant("Cost", study=Changed(COST, "Cost")),
                    Variant("Errors", study=Changed(ERROR_RATE, "Error rate")),
                ),
                how="What each slice — model, account and region — contributes to the change against the window before",
            ),
        ),
    ),
)
