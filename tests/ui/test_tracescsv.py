"""The traces that are listed as CSV: the same ones, nobody else's, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fluxdash.app import create_app
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import SourceTimeout
from fluxdash.profiles.registry import profile
from fluxdash.semantic.scope import Grant
from fluxdash.settings import Settings
from fluxdash.sources.trace_store import Traces
from fluxdash.sources.tracing import connect_traces
from fluxdash.ui import house
from fluxdash.ui.address import Address, read
from tests.ui.fake import FakeGateway
from tests.ui.faketraces import HARM, FakeTraces

START, END = 1_795_003_200, 1_795_010_400
WINDOW = "from=2026-11-18T12:00:00Z&to=2026-11-18T14:00:00Z"
ACME, BANK = ACCOUNTS[0], ACCOUNTS[1]


@pytest.fixture(scope="module")
def requests() -> tuple[Request, ...]:
    return tuple(Traffic(seed=9, rate=0.1).between(START, END))


@pytest.fixture(scope="module")
def traces(requests: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traces]:
    path: Path = tmp_path_factory.mktemp("log") / "log.db"
    for kept in (RequestLog(f"sqlite:///{path}"), SpanLog(f"sqlite:///{path}")):
        kept.insert(requests)
        kept.close()
    found = connect_traces(Settings.from_env({"DATABASE_URL": f"sqlite:///{path}"}), profile("fluxai"))
    yield found
    found.close()


def client(traces: Traces | None, **environ: str) -> FlaskClient:
    return create_app(Settings.from_env(environ), FakeGateway(), traces=traces).server.test_client()


def told(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return what stands after each `#`, and the rows by their heads."""
    lines = list(csv.reader(io.StringIO(text)))
    about = {line[0][2:]: line[1] for line in lines if line[0].startswith("# ")}
    heads, *rows = lines[len(about) :]
    return about, [dict(zip(heads, row, strict=True)) for row in rows]


def test_the_rows_are_those_of_the_page_in_base_units(traces: Traces, requests: tuple[Request, ...]) -> None:
    answer = client(traces, FLUXDASH_ZONE="Europe/Berlin").get(f"/traces.csv?{WINDOW}&min=1s&errors=on")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="fluxdash-traces-20261118T120000-20261118T140000.csv"'
    )
    about, rows = told(answer.get_data(as_text=True))
    assert about["search"] == "min = 1 s; errors only"
    assert (about["zone"], about["source"]) == ("Europe/Berlin", "table of spans")
    assert about["rows"] == f"{len(rows)} that match"
    by_trace = {str(each.trace_id): each for each in requests}
    assert 0 < len(rows) < 200
    for row in rows:
        request = by_trace[row["Trace"]]
        assert float(row["Duration (seconds)"]) == pytest.approx(request.latency_ms / 1000)
        assert row["Outcome"] == ("error" if request.failed else "ok")
        assert int(row["Failed spans"]) > 0
        assert (row["Account id"], row["Model"]) == (request.account_id, request.model)
        assert int(row["Input tokens"]) == request.input_tokens
        assert row["Start, CET"].endswith("+01:00")


def test_it_says_how_much_it_is_of_what_matches(traces: Traces, requests: tuple[Request, ...]) -> None:
    about, rows = told(client(traces).get(f"/traces.csv?{WINDOW}&limit=1000000000").get_data(as_text=True))
    assert len(rows) == 200
    assert about["rows"].startswith(f"newest 200 of {len(requests)} that match")


def test_who_may_see_one_account_exports_no_other(
    monkeypatch: pytest.MonkeyPatch, traces: Traces, requests: tuple[Request, ...]
) -> None:
    def granted(search: str, now: float, refresh: int | None = None) -> Address:
        return read(search, now, refresh, Grant(frozenset({ACME.id})))

    monkeypatch.setattr(house, "read", granted)
    asked = client(traces)
    others = {str(each.trace_id) for each in requests if each.account_id != ACME.id}
    for search in ("", "&errors=on", f"&account={BANK.id}", "&operation=cache.lookup"):
        _, rows = told(asked.get(f"/traces.csv?{WINDOW}{search}").get_data(as_text=True))
        assert {row["Account id"] for row in rows} <= {ACME.id}
        assert not others & {row["Trace"] for row in rows}
    assert rows


@pytest.mark.parametrize("harm", ["=1+1", "+1", "@SUM(A1)", "\t=1", "|calc", "%0A", "＝1", HARM])
def test_no_cell_is_a_formula(monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    monkeypatch.setattr("tests.ui.faketraces.HARM", harm)
    _, rows = told(client(FakeTraces()).get("/traces.csv?range=1h").get_data(as_text=True))
    quoted = harm if harm == HARM else f"'{harm}"
    assert (rows[1]["Model"], rows[1]["Account"]) == (quoted, quoted)
    assert float(rows[0]["Duration (seconds)"]) == 0.25


def test_the_name_of_the_file_is_made_of_its_window_alone() -> None:
    answer = client(FakeTraces()).get("/traces.csv?range=1h&operation=a%0d%0aSet-Cookie:x&name=a%0d%0ab")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="fluxdash-traces-2')
    assert "# note" in answer.get_data(as_text=True)


def test_without_traces_or_with_a_store_that_fails_there_is_no_file() -> None:
    assert (
        client(FakeTraces(wrong=SourceTimeout("Jaeger", "did not answer in 10 s"))).get("/traces.csv").status_code
        == 502
    )
    assert create_app(Settings(), FakeGateway()).server.test_client().get("/traces.csv").status_code == 404
    assert client(FakeTraces()).get("/traces.csv?x=" + "a" * 17_000).status_code == 400
