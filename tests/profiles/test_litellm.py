"""The LiteLLM draft against a real scrape and a real schema of LiteLLM 1.106."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fluxdash.profiles.litellm import PROFILE
from fluxdash.profiles.profile import Counter, Difference, Histogram
from fluxdash.semantic.dimensions import ACCOUNT, MODEL
from fluxdash.sources import clauses
from fluxdash.sources.inventory import names

SAMPLES = Path(__file__).parents[1] / "samples" / "litellm"
METRICS, LOG = PROFILE.metrics, PROFILE.log
assert METRICS is not None
assert LOG is not None


def scraped() -> dict[str, set[str]]:
    """The labels of each metric in the recorded scrape."""
    found: dict[str, set[str]] = {}
    for line in (SAMPLES / "metrics.txt").read_text().splitlines():
        if match := re.match(r"([a-z_]+)\{(.*)\} ", line):
            found.setdefault(match[1], set()).update(re.findall(r'(?:^|,)(\w+)="', match[2]))
    return found


def expressions() -> Iterator[Counter | Histogram]:
    assert METRICS is not None
    for _, readings in METRICS.readings:
        for reading in readings:
            match reading.expression:
                case Difference(minuend=minuend, subtrahend=subtrahend):
                    yield from (minuend, subtrahend)
                case expression:
                    yield expression


SCRAPED = scraped()


@pytest.mark.parametrize("name", sorted(set(names(METRICS))))
def test_a_metric_is_named_as_litellm_exposes_it(name: str) -> None:
    assert name in SCRAPED


@pytest.mark.parametrize("expression", list(expressions()), ids=lambda each: each.metric)
def test_accounts_and_models_are_found_under_the_labels_of_a_real_scrape(expression: Counter | Histogram) -> None:
    assert METRICS is not None
    name = f"{expression.metric}_bucket" if isinstance(expression, Histogram) else expression.metric
    carried = frozenset(SCRAPED[name])
    assert METRICS.label(ACCOUNT, carried) == "team"
    assert METRICS.label(MODEL, carried) in ("requested_model", "model_group", "model")


def test_every_column_stands_in_the_real_table() -> None:
    assert LOG is not None
    lines = (SAMPLES / "spend_logs_schema.txt").read_text().splitlines()
    columns = frozenset(line.split("|")[0].strip() for line in lines if line.count("|") >= 4)
    texts = [text for _, text in LOG.parts] + [LOG.latency, LOG.tokens_in, LOG.tokens_out, LOG.model]
    texts += [f"{column.expression} {column.where or ''}" for _, column in LOG.dimensions]
    assert clauses.missing(LOG, {LOG.table: columns}, *texts) == ()
