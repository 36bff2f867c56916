"""Requests: the log itself, row by row, to filter, search, sort and export."""

from fluxdash.semantic.measures import FAILURES, REQUESTS
from fluxdash.ui.ledger import Ledger
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel
from fluxdash.views.volume import volume

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
                volume,
                height=124,
                unit="requests",
                how="All requests and those that failed, in each bucket; drag over a part to count it and narrow to it",
            )
        ),
    ),
    ledger=Ledger("Requests"),
)
