"""Cost: who spends, on what, where the month will end, what moved it, and what the cache gave back."""

from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, STRATEGY
from fluxdash.semantic.measures import (
    COST,
    COST_PER_REQUEST,
    COST_PER_SUCCESS,
    REQUESTS,
    SAVINGS,
    SAVINGS_RATE,
    UNPRICED,
)
from fluxdash.semantic.query import MOST_GROUPS
from fluxdash.ui.page import Page, row
from fluxdash.ui.panel import Panel, Variant
from fluxdash.ui.strip import Strip, Tile
from fluxdash.ui.studies.bridge import CostBridge
from fluxdash.ui.studies.budgets import Budgets
from fluxdash.ui.studies.dearest import Dearest
from fluxdash.ui.studies.figures import MonthSoFar, WithoutPrice
from fluxdash.ui.studies.month import DaysAhead, MonthToDate
from fluxdash.ui.studies.partly import Partly
from fluxdash.views.breakdown import spend_by_group, spend_by_model
from fluxdash.views.readouts import Beside
from fluxdash.views.spend import cumulative_spend, spend_by_bucket

_SPEND = COST.over_time()
_BY_MODEL, _BY_REGION, _BY_STRATEGY = (COST.over_time(by=each) for each in (MODEL, REGION, STRATEGY))
_BY_ACCOUNT = COST.top(MOST_GROUPS, by=ACCOUNT)
_EACH_MODEL = tuple(each.over_time(by=MODEL) for each in (REQUESTS, COST_PER_REQUEST, UNPRICED))
_DAY = 86_400

PAGE = Page(
    path="/cost",
    title="Cost",
    icon="cost",
    order=20,
    rows=(
        row(
            Strip(
                "Key figures",
                (
                    Tile("Spend", _SPEND, (Beside(question=_SPEND, after="per day", per=_DAY),)),
                    Tile("Month to date", study=MonthSoFar()),
                    Tile(
                        "Cost per request",
                        COST_PER_REQUEST.over_time(),
                        (Beside(question=COST_PER_SUCCESS.over_time(), after="per successful request"),),
                    ),
                    Tile(
                        "Cache savings",
                        SAVINGS.over_time(),
                        (Beside(question=SAVINGS_RATE.over_time(), after="of list-price spend"),),
                    ),
                    Tile("Unpriced requests", study=WithoutPrice()),
                ),
            )
        ),
        row(
            Panel(
                "Spend by model",
                width=7,
                height=0,
                unit="USD by model",
                study=Partly((_BY_MODEL,), spend_by_model, (*_EACH_MODEL, _SPEND), (_BY_MODEL, _SPEND)),
                how="money spent by model, its share of all, and the change against the window before",
            ),
            Panel(
                "Month to date",
                width=5,
                height=236,
                unit="USD, cumulative",
                study=MonthToDate(),
                how="spend of the calendar month by the hour; the forecast adds days by a model chosen in a back test",
            ),
        ),
        row(
            Panel(
                "What moved the cost",
                width=7,
                height=278,
                unit="USD",
                study=CostBridge(),
                how="the change against the window before, split over models and regions into the number of requests,"
                " the models they use, tokens per paid request, price with region, and cache hits; the parts add up",
            ),
            Panel(
                "Spend by group",
                width=5,
                height=0,
                unit="USD",
                variants=(
                    Variant("Account", study=Partly((_BY_ACCOUNT,), spend_by_group, (_SPEND,), (_BY_ACCOUNT, _SPEND))),
                    Variant("Region", study=Partly((_BY_REGION,), spend_by_group, (_SPEND,), (_BY_REGION, _SPEND))),
                    Variant(
                        "Strategy", study=Partly((_BY_STRATEGY,), spend_by_group, (_SPEND,), (_BY_STRATEGY, _SPEND))
                    ),
                ),
                how="money spent by account, region or routing strategy, and its share of all",
            ),
        ),
        row(
            Panel(
                "Spend over time",
                width=7,
                height=262,
                unit="USD",
                variants=(
                    Variant("Per bucket", study=Partly((_BY_MODEL,), spend_by_bucket)),
                    Variant("Cumulative", study=Partly((_SPEND,), cumulative_spend, compared=(_SPEND,))),
                ),
            ),
            Panel(
                "Daily forecast",
                width=5,
                height=0,
                unit="USD a day",
                study=DaysAhead(),
                how="what each day is expected to cost, by a model chosen in a back test on the days that are over",
            ),
        ),
        row(
            Panel(
                "Budgets",
                height=0,
                unit="this month",
                study=Budgets(),
                how="spent since the month began; a burn rate of 1 uses the budget up on the month's last day; used up"
                " at the pace of the last seven days",
            )
        ),
        row(
            Panel(
                "Most expensive requests",
                height=0,
                study=Dearest(),
                how="single requests by what was spent on them; cache hits cost nothing",
            )
        ),
    ),
)
