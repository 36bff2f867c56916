"""The pages, each a declaration: which questions stand where, and how each answer is drawn."""

from fluxdash.pages import alerts, cache, cost, models, overview, requests, sources, traces

PAGES = (
    overview.PAGE,
    cost.PAGE,
    cache.PAGE,
    models.PAGE,
    traces.PAGE,
    requests.PAGE,
    alerts.PAGE,
    sources.PAGE,
)
