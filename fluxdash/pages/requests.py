"""Requests: the log itself, row by row, to filter, search, sort and export."""

from fluxdash.semantic.measures import FAILURES, REQUESTS
from fluxdash.ui.ledger import Ledger
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel
from fluxdash.views.charts import request_rate

PAGE = Page(
    path="/requests",
    title="Requests",
    icon="requests",
    order=60,
    rows=(
        row(
            Panel(
                "Volume",
                (REQUESTS.over_time(), FAILURES.over_time()),
                request_rate,
                height=150,
                unit="req/s",
                how="All requests and those that failed, over time; drag to narrow the page to a part of it",
            )
        ),
    ),
    ledger=Ledger("Requests"),
)
