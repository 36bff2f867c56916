"""Models: which of them are well, how fast they answer, how much they are used, and where."""

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST, LATENCY, REQUESTS, TOKENS, UPSTREAM_LATENCY
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel, Variant
from fluxdash.ui.studies.partly import Partly
from fluxdash.views import availability, cards, dots, heat, roster, usage

PAGE = Page(
    path="/models",
    title="Models",
    icon="models",
    order=40,
    rows=(
        row(
            Panel(
                "Model status",
                height=0,
                study=Partly(cards.NEEDED, cards.status_cards, (cards.TAIL, cards.CAUSES, cards.SEEN, cards.REPORTED)),
                how="a model is judged by its availability, which is 1 − failed ÷ requests, once it was asked enough",
            ),
        ),
        row(
            Panel(
                "Latency by model",
                width=6,
                height=0,
                unit="seconds",
                variants=(
                    Variant("End to end", study=Partly(dots.quantiles(LATENCY), dots.end_to_end)),
                    Variant("Upstream", study=Partly(dots.quantiles(UPSTREAM_LATENCY), dots.upstream)),
                    Variant(
                        "Both",
                        study=Partly(dots.quantiles(LATENCY), dots.both, dots.quantiles(UPSTREAM_LATENCY)),
                    ),
                ),
                how="50, 95 and 99 of 100 requests were faster; end to end with hits and failures, or upstream alone",
            ),
            Panel(
                "Availability and errors",
                width=6,
                height=0,
                unit="% of requests failed",
                study=Partly(availability.NEEDED, availability.availability, (availability.BY_CAUSE,)),
                how="failed ÷ all requests of each model; availability is the rest",
                failures=True,
            ),
        ),
        row(
            Panel(
                "Usage by model",
                width=6,
                height=238,
                unit="stacked",
                variants=(
                    Variant("Requests", (REQUESTS.over_time(by=MODEL),), usage.requests_by_model),
                    Variant("Tokens", (TOKENS.over_time(by=MODEL),), usage.tokens_by_model),
                    Variant("Cost", (COST.over_time(by=MODEL),), usage.cost_by_model),
                ),
            ),
            Panel(
                "Model × region",
                width=6,
                height=0,
                unit="P95 latency",
                variants=(
                    Variant("P95", study=Partly((heat.COUNTED, heat.TAILS), heat.heat)),
                    Variant("Errors", study=Partly((heat.COUNTED, heat.ERRORS), heat.heat)),
                    Variant("Requests", study=Partly((heat.COUNTED,), heat.heat)),
                ),
                how="each model in each region; hatched where it got no requests",
            ),
        ),
        row(
            Panel(
                "All models",
                height=0,
                unit="worst first",
                study=Partly(roster.NEEDED, roster.roster, roster.SPARE),
                how="every model of the window; latency is end to end, output tokens a second leave cached answers out",
            ),
        ),
    ),
)
