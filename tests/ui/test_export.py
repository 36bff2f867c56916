"""The CSV of a panel: the numbers on screen, what they are about, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from fluxdash.app import create_app
from fluxdash.errors import SourceTimeout
from fluxdash.semantic.measures import FAILURES, REQUESTS
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.ui.export import plain, safe
from tests.ui.fake import ACCOUNTS, FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)


def client(gateway: FakeGateway | None = None, **environ: str) -> FlaskClient:
    return create_app(Settings.from_env(environ), gateway or FakeGateway(), now=lambda: NOW).server.test_client()


def read(text: str) -> tuple[dict[str, str], list[list[str]]]:
    """Return what stands after each `#`, and the lines below."""
    lines = list(csv.reader(io.StringIO(text)))
    about = {line[0][2:]: line[1] for line in lines if line[0].startswith("# ")}
    return about, lines[len(about) :]


def series(question: Question) -> tuple[float | None, ...]:
    return FakeGateway().answer(question.within(Scope(WINDOW))).lines[0].values


def test_the_numbers_are_those_of_the_panel_in_base_units() -> None:
    response = client().get("/panels/overview.request-rate.csv?range=1h")
    assert response.status_code == 200
    about, lines = read(response.get_data(as_text=True))
    assert lines[0] == ["Bucket start, UTC", "Requests", "Failures"]
    assert len(lines) == 61
    for row, requests, failures in zip(
        lines[1:], series(REQUESTS.over_time()), series(FAILURES.over_time()), strict=True
    ):
        assert (float(row[1]), float(row[2])) == (requests, failures)
    assert about["panel"] == "Request rate"
    assert about["filters"] == "none"
    assert about["source"] == "request log"


@pytest.mark.parametrize(
    ("number", "written"),
    [(949 * 0.001, "0.949"), (39.0, "39"), (0.1 + 0.2, "0.3"), (None, ""), (1 / 3, "0.333333333333"), (7, "7"),
     (1_234_567_890_123.0, "1234567890123")],
)  # fmt: skip
def test_no_number_carries_what_counting_in_binary_adds(number: float | None, written: str) -> None:
    assert str("" if plain(number) is None else plain(number)) == written


def test_the_times_the_zone_and_the_filters_are_those_on_screen() -> None:
    answer = client(FLUXDASH_ZONE="Europe/Berlin").get(
        f"/panels/overview.latency.csv?range=1h&account={ACCOUNTS[0][0]}&region=us-east-1&region=us-west-2"
    )
    about, lines = read(answer.get_data(as_text=True))
    assert about["zone"] == "Europe/Berlin"
    assert about["filters"] == f"account = {ACCOUNTS[0][0]}; region = us-east-1, us-west-2"
    assert lines[0][0] == "Bucket start, CET"
    assert lines[1][0].endswith("+01:00")
    assert lines[0][1:] == ["P50 latency (seconds)", "P95 latency (seconds)", "P99 latency (seconds)"]


def test_conditions_are_among_the_filters() -> None:
    search = "range=1h&region=us-east-1&where=status:not:success&where=latency:ge:2"
    gateway = FakeGateway()
    about, _ = read(client(gateway).get(f"/panels/overview.request-rate.csv?{search}").get_data(as_text=True))
    assert about["filters"] == "region = us-east-1; Latency ≥ 2 s; Status not success"
    assert {len(query.scope.conditions) for query in gateway.asked} == {2}


def test_it_is_a_file_that_says_what_it_holds() -> None:
    response = client().get("/panels/overview.token-usage.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = response.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="fluxdash-token-usage-2026')
    assert response.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("name", ["overview.nothing", "nothing", "overview.key-figures", "..%2f..%2fetc"])
def test_a_name_that_no_panel_has_is_refused(name: str) -> None:
    assert client().get(f"/panels/{name}.csv").status_code in (400, 404)


def test_a_source_that_fails_gives_no_file() -> None:
    gateway = FakeGateway(wrong={"*": SourceTimeout("Prometheus", "did not answer in 10 s")})
    response = client(gateway).get("/panels/overview.latency.csv")
    assert response.status_code == 502
    assert "did not answer" in response.get_data(as_text=True)


def test_an_empty_window_gives_no_file() -> None:
    assert client(FakeGateway(rate=0)).get("/panels/overview.latency.csv").status_code == 404


def test_an_address_that_is_too_long_is_refused() -> None:
    assert client().get("/panels/overview.latency.csv?x=" + "a" * 17_000).status_code == 400


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("cell", [-1, -0.5, 0, None, "plain", "claude-3"])
def test_numbers_and_plain_text_stay_what_they_are(cell: str | float | None) -> None:
    assert safe(cell) == cell


def test_a_month_is_headed_by_its_own_days_and_zone_and_by_what_the_address_got_wrong() -> None:
    asked = "/panels/cost.month-to-date.csv?range=1h&compare=perhaps&zone=UTC"
    answer = client(FLUXDASH_ZONE="Europe/Berlin").get(asked)
    about, _ = read(answer.get_data(as_text=True))
    assert about["window"].endswith("-12-01T00:00:00+01:00")
    assert about["window"].startswith("2026-11-01T00:00:00+01:00 to ")
    assert about["zone"] == "Europe/Berlin"
    assert "# note" in answer.get_data(as_text=True)
    assert "perhaps" in answer.get_data(as_text=True)
