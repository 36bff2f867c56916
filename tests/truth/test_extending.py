"""The page that docs/extending.md prints, run as it stands there: its numbers are those of the requests."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dash
import pytest

from fluxdash.app import create_app
from fluxdash.demo.request import Request
from fluxdash.profiles.profile import Profile
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from fluxdash.telemetry import Telemetry
from tests.servers.prometheus import PrometheusServer
from tests.truth import reckoning
from tests.truth.reckoning import Requests
from tests.truth.world import END, HOUR, RECENT_END, window
from tests.ui.wire import body, callback

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
FIVE_SECONDS = 5000


def printed() -> str:
    """The code of the whole page, as the documentation prints it."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dash.Dash]]:
    """Serve FluxDash with the printed page in its folder of pages, and let go of its sources."""
    connected: list[Router] = []

    def noted(at: Settings, profile: Profile, telemetry: Telemetry) -> Router:
        connected.append(connect(at, profile, telemetry))
        return connected[-1]

    monkeypatch.setattr("fluxdash.app.connect", noted)
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "promptness.py").write_text(printed())

    def serve(**settings: str) -> dash.Dash:
        environ = {"FLUXDASH_CACHE": "memory", "FLUXDASH_PAGES": str(folder), **settings}
        return create_app(Settings.from_env(environ))

    yield serve
    for each in connected:
        each.close()


def words(start: int, end: int) -> str:
    return f"?from={start}&to={end}"


def rows(app: dash.Dash, panel: str, search: str) -> dict[str, float]:
    """The numbers of a panel by group, from its CSV."""
    answer = app.server.test_client().get(f"/panels/{panel}.csv{search}")
    assert answer.status_code == 200, answer.text
    lines = [line for line in csv.reader(io.StringIO(answer.text)) if not line[0].startswith("#")]
    return {line[0]: float(line[-1]) for line in lines[1:]}


def asked(app: dash.Dash, part: str, values: list[Any], match: str) -> str:
    """What a callback answers, as text with plain spaces."""
    name = callback(app, part)
    answer = app.server.test_client().post("/_dash-update-component", json=body(app, name, values, match))
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True).replace("\\u00a0", " ").replace("\u00a0", " ")


def is_prompt(request: Request) -> bool:
    return request.latency_ms <= FIVE_SECONDS


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_printed_page_counts_what_the_rows_say(
    served: Callable[..., dash.Dash], databases: Callable[[str, str], str], plain: Requests, engine: str
) -> None:
    app = served(DATABASE_URL=databases(engine, "plain"))
    start, end = END - HOUR, END
    inside = reckoning.within(plain, start, end)
    prompt = [one for one in inside if is_prompt(one)]
    assert 0 < len(prompt) < len(inside)

    by_account = rows(app, "promptness.prompt-by-account", words(start, end))
    wanted = {name: len(own) for name, own in reckoning.cut(prompt, "account").items()}
    largest = sorted(wanted.values(), reverse=True)
    assert list(by_account.values()) == [*largest[:8], sum(largest[8:])]

    answer = app.server.test_client().get(f"/api/v1/query?measure=prompt&from={start}&to={end}")
    assert answer.json["rows"] == [{"value": len(prompt)}]

    view = {"search": words(start, end), "theme": "light", "narrow": False, "beat": 1}
    strip = asked(app, '"part":"strip"', [view, None], "promptness.key-figures")
    assert f"Promptness: {len(prompt) / len(inside) * 100:.1f} %, of n {len(inside):,}" in strip
    for panel in ("promptness-over-time", "prompt-by-model"):
        drawn = asked(app, '"part":"graph"}.figure', [view, None], f"promptness.{panel}")
        assert '"data-state":"data"' in drawn, drawn[:400]


def test_the_printed_page_opens_and_stands_in_the_navigation(
    served: Callable[..., dash.Dash], databases: Callable[[str, str], str]
) -> None:
    app = served(DATABASE_URL=databases("sqlite", "plain"))
    opened = asked(app, "rows.children", ["/promptness", ""], "")
    assert "Promptness over time" in opened
    layout = app.server.test_client().get("/_dash-layout").get_data(as_text=True).replace("\\u002f", "/")
    assert '"href":"/promptness"' in layout
    assert "i-page" in layout


def test_the_printed_page_counts_from_prometheus_alone(
    served: Callable[..., dash.Dash], counted: PrometheusServer, recent: Requests
) -> None:
    """The counters of new series lose their first step, so a little less is counted; never more."""
    app = served(PROMETHEUS_URL=counted.url)
    over = window(RECENT_END - HOUR, RECENT_END, 60)
    had = [one for one in reckoning.within(recent, over.start, over.end) if is_prompt(one)]
    by_account = rows(app, "promptness.prompt-by-account", words(over.start, over.end))
    wanted = {name: len(own) for name, own in reckoning.cut(had, "account").items()}
    assert all(by_account[name] <= wanted[name] * (1 + 1e-9) for name in by_account if name != "Other")
    assert len(by_account) == 9
    assert len(had) * 0.9 < sum(by_account.values()) <= len(had) * (1 + 1e-9)


def test_the_printed_page_is_shorter_than_a_page_of_fluxdash() -> None:
    assert len(printed().splitlines()) < 80
