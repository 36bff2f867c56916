"""Cache: how often it answers, what that saves, and for which models it does."""

from fluxdash.semantic.dimensions import CACHE, CACHE_TYPE
from fluxdash.semantic.measures import (
    CACHE_HITS,
    HIT_RATE,
    LATENCY,
    LOOKUPS,
    SAVINGS,
    SAVINGS_RATE,
    TOKENS_SAVED,
)
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel, Variant
from fluxdash.ui.strip import Strip, Tile
from fluxdash.ui.studies.cache import Looked
from fluxdash.ui.studies.partly import Partly
from fluxdash.views.hitlatency import hit_latency
from fluxdash.views.hitrate import hit_counts, hit_share
from fluxdash.views.hitsbymodel import EACH, SAVED, TYPES, WHOLE, hits_by_model
from fluxdash.views.readouts import Beside
from fluxdash.views.savings import cumulative

_RATE, _HITS, _LOOKUPS = HIT_RATE.over_time(), CACHE_HITS.over_time(), LOOKUPS.over_time()
_BY_TYPE = CACHE_HITS.over_time(by=CACHE_TYPE)
_LOG_TELLS = "Only a request log tells which requests were hits: set DATABASE_URL."
_MIDDLE, _MIDDLE_BY_TYPE = LATENCY.over_time(by=CACHE, q=0.5), LATENCY.over_time(by=CACHE_TYPE, q=0.5)
_TAIL, _TAIL_BY_TYPE = LATENCY.over_time(by=CACHE, q=0.95), LATENCY.over_time(by=CACHE_TYPE, q=0.95)

PAGE = Page(
    path="/cache",
    title="Cache",
    icon="cache",
    order=30,
    rows=(
        row(
            Strip(
                "Key figures",
                (
                    Tile(
                        "Hit rate",
                        _RATE,
                        (Beside(question=_HITS), Beside(question=_LOOKUPS, after="lookups", joint=" of ")),
                    ),
                    Tile(
                        "Hits",
                        _HITS,
                        (
                            Beside(question=_BY_TYPE, after="exact", group="exact"),
                            Beside(question=_BY_TYPE, after="semantic", group="semantic"),
                        ),
                    ),
                    Tile(
                        "Savings",
                        SAVINGS.over_time(),
                        (Beside(question=SAVINGS_RATE.over_time(), before="list price of the hits · savings rate"),),
                    ),
                    Tile(
                        "Tokens saved",
                        TOKENS_SAVED.over_time(),
                        (Beside(question=_HITS, after="hits"),),
                    ),
                ),
            )
        ),
        row(
            Panel(
                "Hit rate",
                width=8,
                unit="% of lookups",
                variants=(
                    Variant("Share", study=Looked(Partly((_RATE, _LOOKUPS), hit_share, (_BY_TYPE,), (_RATE,)))),
                    Variant("Hits", study=Looked(Partly((_LOOKUPS, _HITS), hit_counts, (_BY_TYPE,), (_HITS,)))),
                ),
                how="hits ÷ lookups; a type's share is its hits ÷ all lookups, and who never asked does not count",
            ),
            Panel(
                "Latency, hit against miss",
                width=4,
                unit="log scale",
                variants=(
                    Variant("P50", study=Looked(Partly((_MIDDLE,), hit_latency, (_MIDDLE_BY_TYPE,)), _LOG_TELLS)),
                    Variant("P95", study=Looked(Partly((_TAIL,), hit_latency, (_TAIL_BY_TYPE,)), _LOG_TELLS)),
                ),
                how="end-to-end latency of requests that the cache answered, and of those it could not answer",
            ),
        ),
        row(
            Panel(
                "Cumulative savings",
                width=6,
                height=290,
                unit="USD, list price of the hits",
                study=Looked(Partly((SAVINGS.over_time(),), cumulative, compared=(SAVINGS.over_time(),))),
                how="what the hits would have cost at list price, added up since the window began",
            ),
            Panel(
                "By model",
                width=6,
                height=0,
                unit="hit rate and savings",
                study=Looked(Partly((*EACH, *WHOLE), hits_by_model, (*SAVED, TYPES))),
                how="hits ÷ lookups of each model, and what its hits would have cost at list price",
            ),
        ),
    ),
)
