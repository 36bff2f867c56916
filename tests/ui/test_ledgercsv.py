"""The export of the log: its rows as a stream, capped and announced, nothing a spreadsheet would run, few at once."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient

from fluxdash.app import create_app
from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.semantic.leaves import Extent, Leaf, Leafing, Place
from fluxdash.semantic.scope import Scope
from fluxdash.settings import Settings
from fluxdash.ui import ledgercsv
from tests.ui.fake import FakeGateway

NOW = 1_795_444_345.0


def client(gateway: FakeGateway, **environ: str) -> FlaskClient:
    return create_app(Settings.from_env(environ), gateway, now=lambda: NOW).server.test_client()


def read(text: str) -> tuple[list[list[str]], list[dict[str, str]], list[list[str]]]:
    """Return the lines above the header, the rows by their headings, and the lines below."""
    lines = list(csv.reader(io.StringIO(text)))
    head = next(place for place, line in enumerate(lines) if not line[0].startswith("# "))
    below = [line for line in lines[head + 1 :] if line[0].startswith("# ")]
    rows = [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 :] if line not in below]
    return lines[:head], rows, below


def test_every_row_is_in_the_file_once_in_base_units_and_the_end_says_so() -> None:
    response = client(FakeGateway(log_rows=2345), FLUXDASH_ZONE="Europe/Berlin").get("/requests.csv?range=1h")
    assert response.status_code == 200
    above, rows, below = read(response.get_data(as_text=True))
    assert below == [["# end", "all 2,345 rows"]]
    assert len(rows) == 2345
    assert ["# rows", "at most 50,000"] in above
    assert ["# zone", "Europe/Berlin"] in above
    assert rows[0]["Time, CET"].endswith("+01:00")
    assert (rows[0]["Request"], rows[0]["Latency (seconds)"], rows[0]["Cost (USD)"]) == ("req_0", "1.5", "0.2")
    assert rows[6]["Request"] == rows[6]["Cost (USD)"] == ""


def test_it_is_read_leaf_by_leaf_while_it_is_sent() -> None:
    gateway = FakeGateway(log_rows=5000)
    response = client(gateway).get("/requests.csv", buffered=False)
    stream = response.iter_encoded()
    next(stream)
    assert len(gateway.leafed) == 1
    sizes = [len(chunk) for chunk in stream]
    assert len(gateway.leafed) == 5
    assert max(sizes) < 2 * sorted(sizes)[-3]  # no part grows with the whole
    response.close()


def test_however_many_rows_there_are_one_leaf_is_in_memory() -> None:
    def peak(rows: int) -> int:
        response = client(FakeGateway(log_rows=rows)).get("/requests.csv", buffered=False)
        tracemalloc.start()
        written = sum(part.count(b"\n") for part in response.iter_encoded())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        response.close()
        assert written > rows
        return most

    peak(2_000)  # what is only made once
    assert peak(16_000) < 1.6 * peak(2_000)


def test_the_cap_is_announced_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgercsv, "MOST_EXPORTED", 1500)
    gateway = FakeGateway(log_rows=5000)
    above, rows, below = read(client(gateway).get("/requests.csv?limit=1000000000").get_data(as_text=True))
    assert ["# rows", "at most 1,500"] in above
    assert len(rows) == 1500
    assert below == [["# truncated", "at 1,500 rows: there are more"]]


def test_one_that_is_read_for_too_long_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgercsv, "_LONGEST_READ", -1.0)
    _, rows, below = read(client(FakeGateway(log_rows=5000)).get("/requests.csv").get_data(as_text=True))
    assert len(rows) == 1000
    assert below[-1][0] == "# incomplete"
    assert "too slowly" in below[-1][1]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        "|x",
        "%x",
        "＝1+1",
        "=cmd|' /C calc'!A0",
        '"=1"\n,=2',
        "plain, text",
    ],
)
def test_no_cell_is_a_formula_and_every_text_comes_back(text: str) -> None:
    _, rows, _ = read(client(FakeGateway(log_error=text, log_rows=10)).get("/requests.csv").get_data(as_text=True))
    found = rows[4]["Error"]
    assert found.removeprefix("'") == text
    assert found[0] not in "=+-@\t\r\n|%＝"


def test_it_holds_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway()
    text = client(gateway).get("/requests.csv?region=us-east-1&find=slow&sort=cost").get_data(as_text=True)
    above, _, _ = read(text)
    assert ["# filters", "region = us-east-1"] in above
    assert ["# search", "slow"] in above
    assert gateway.leafed[0][0] == Leafing.of("cost", find="slow")
    gateway.log_extent = Extent(unsortable="Too many rows.")
    client(gateway).get("/requests.csv?sort=cost")
    assert gateway.leafed[-1][0] == Leafing()


def test_conditions_and_the_moment_it_begins_at_are_said_and_hold() -> None:
    gateway = FakeGateway(log_rows=3000)
    search = "range=1h&where=latency:ge:2&where=error:contains:%3D1%2B1&at=2026-11-23T14:30:00Z"
    above, rows, below = read(client(gateway).get(f"/requests.csv?{search}").get_data(as_text=True))
    assert ["# filters", "Error message contains =1+1; Latency ≥ 2 s"] in above
    assert ["# begins at", "2026-11-23T14:30:00.999999+00:00"] in above
    assert rows[0]["Time, UTC"].startswith("2026-11-23T14:30:00")
    assert below == [["# end", f"all {len(rows)} rows"]]
    assert len(rows) < 750


@dataclass
class Slow(FakeGateway):
    """A log in which looking for rows takes so long that it ends twice on the way."""

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        found = super().leaf(scope, how, after, n)
        ends = scope.window.end - 100 * (len(self.leafed) + 1)
        kept = tuple(each for each in found.entries if each.record.time >= ends)
        return replace(found, entries=kept, more=False, reached=ends if len(self.leafed) <= 2 else None)


def test_where_looking_takes_long_the_file_goes_on_looking_and_no_row_is_there_twice() -> None:
    gateway = Slow(log_rows=400)
    _, rows, below = read(client(gateway).get("/requests.csv?range=1h&find=slow").get_data(as_text=True))
    times = [row["Time, UTC"] for row in rows]
    assert times == sorted(set(times), reverse=True)
    assert len(gateway.leafed) == 3
    assert below == [["# end", f"all {len(rows)} rows"]]


def test_its_name_is_made_of_times_alone() -> None:
    response = client(FakeGateway()).get("/requests.csv?range=1h&find=%0d%0aSet-Cookie:x&name=a%0d%0ab")
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="fluxdash-requests-20261123T133100-20261123T143215.csv"'
    )
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "Set-Cookie" not in response.headers


def test_a_third_export_at_a_time_is_asked_to_come_again() -> None:
    asked = client(FakeGateway(log_rows=9000))
    first, second = (asked.get("/requests.csv", buffered=False) for _ in range(2))
    assert asked.get("/requests.csv").status_code == 429
    first.close()
    third = asked.get("/requests.csv", buffered=False)
    assert third.status_code == 200
    for each in (second, third):
        each.close()
    assert asked.get("/requests.csv").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (SourceTimeout("The request log", "did not answer in 10 s"), 502),
        (NotReported("The list of requests", ["There is no request log."]), 404),
    ],
)
def test_without_a_log_there_is_no_file_and_the_place_is_free_again(wrong: Exception, status: int) -> None:
    gateway = FakeGateway(wrong={"log": wrong})  # type: ignore[dict-item]
    asked = client(gateway)
    for _ in range(4):
        assert asked.get("/requests.csv").status_code == status
    gateway.wrong.clear()
    assert asked.get("/requests.csv").status_code == 200


@dataclass
class Breaking(FakeGateway):
    """A log that stops answering after its first leaf."""

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        if after is not None:
            raise SourceTimeout("The request log", "did not answer in 10 s")
        return super().leaf(scope, how, after, n)


def test_a_log_that_stops_answering_leaves_a_file_that_says_so() -> None:
    _, rows, below = read(client(Breaking(log_rows=5000)).get("/requests.csv").get_data(as_text=True))
    assert len(rows) == 1000
    assert below == [["# incomplete", "The request log: did not answer in 10 s"]]


def test_an_address_without_end_is_refused() -> None:
    assert client(FakeGateway()).get("/requests.csv?" + "a" * 20_000).status_code == 400
