"""The metrics of the past: valid OpenMetrics that ends where the live meter would stand."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from fluxdash.demo.history import History
from fluxdash.demo.meter import Meter
from fluxdash.demo.request import Request
from fluxdash.errors import SettingError

SCRAPE = 600
STRETCH = 3600
TARGET = {"job": "fluxai-gateway", "instance": "simulator:8080"}
Scrapes = dict[int, list[Metric]]
Series = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(scope="module")
def hour(requests: tuple[Request, ...], noon: float) -> tuple[Request, ...]:
    return tuple(request for request in requests if request.time < noon + STRETCH)


@pytest.fixture(scope="module")
def text(hour: tuple[Request, ...], noon: float) -> str:
    return _text(hour, noon)


@pytest.fixture(scope="module")
def scrapes(text: str) -> Scrapes:
    return _scrapes(text)


def _text(requests: tuple[Request, ...], noon: float, quirks: bool = False) -> str:
    history = History(noon, noon + STRETCH, SCRAPE, quirks)
    for request in requests:
        history.add(request)
    return "".join(piece for _, piece in history.text())


def _scrapes(text: str) -> Scrapes:
    """The families of each scrape, by its time.

    One scrape at a time, because prometheus_client's parser drops samples of a histogram that has several. It checks
    types, buckets, counts and the end; the order of times is promtool's to check.
    """
    lines = text.splitlines()
    times = sorted({int(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")})
    return {time: list(_parsed(lines, time)) for time in times}


def _parsed(lines: list[str], time: int) -> Iterator[Metric]:
    scrape = [line for line in lines if line.startswith("#") or line.endswith(f" {time}")]
    yield from text_string_to_metric_families("\n".join(scrape) + "\n")  # type: ignore[no-untyped-call]


def _values(families: list[Metric]) -> dict[Series, float]:
    samples = [sample for family in families for sample in family.samples if not sample.name.endswith("_created")]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def test_there_is_a_scrape_at_every_interval(scrapes: Scrapes, noon: float) -> None:
    assert list(scrapes) == list(range(int(noon), int(noon) + STRETCH + 1, SCRAPE))


def test_a_series_stays_from_its_first_scrape_on(scrapes: Scrapes) -> None:
    for before, after in pairwise(map(_values, scrapes.values())):
        assert before.keys() <= after.keys()
    assert len(after) > 500


def test_counters_never_go_back(scrapes: Scrapes) -> None:
    for before, after in pairwise(map(_values, scrapes.values())):
        counts = [series for series in before if series[0].endswith(("_total", "_bucket", "_sum", "_count"))]
        assert all(before[series] <= after[series] for series in counts)


def test_the_last_scrape_is_what_a_live_meter_shows(scrapes: Scrapes, hour: tuple[Request, ...]) -> None:
    meter = Meter()
    for request in hour:
        meter.observe(request)
    live = _values(list(meter.registry.collect()))
    labelled = {(name, labels.union(TARGET.items())): value for (name, labels), value in live.items()}
    assert _values(scrapes[max(scrapes)]) == pytest.approx(labelled, abs=1e-5)


def test_a_scrape_sees_what_came_before_it_and_nothing_else(scrapes: Scrapes, hour: tuple[Request, ...]) -> None:
    for time, families in scrapes.items():
        counted = sum(value for (name, _), value in _values(families).items() if name == "fluxai_requests_total")
        assert counted == sum(request.time <= time for request in hour)


def test_quirks_leave_out_causes_savings_and_written_gauges(careless: tuple[Request, ...], noon: float) -> None:
    text = _text(tuple(request for request in careless if request.time < noon + 600), noon, quirks=True)
    for families in _scrapes(text).values():
        samples = {family.name: family.samples for family in families}
        for name in ("request_errors", "cache_savings_dollars", "cache_hit_rate", "model_availability"):
            assert samples[f"fluxai_{name}"] == []
        assert [sample.value for sample in samples["fluxai_queue_depth"]] == [0]  # declared, never set


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_turns_it_into_blocks(text: str, tmp_path: Path) -> None:
    file, blocks = tmp_path / "history.om", tmp_path / "blocks"
    file.write_text(text)
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(file), str(blocks)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    samples = sum(json.loads(meta.read_text())["stats"]["numSamples"] for meta in blocks.glob("*/meta.json"))
    assert samples == sum(not line.startswith("#") for line in text.splitlines())


def test_a_scrape_interval_under_a_second_is_refused(noon: float) -> None:
    with pytest.raises(SettingError, match="scrape=0"):
        History(noon, noon + 60, 0)
