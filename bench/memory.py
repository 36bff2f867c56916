"""What `fluxdash serve` holds in memory: fresh, after every page was opened, and over thousands of mixed requests."""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from fluxdash.app import create_app
from fluxdash.pages import PAGES
from fluxdash.settings import Settings, child_environment
from fluxdash.ui import ids
from fluxdash.ui.panel import Panel
from fluxdash.ui.strip import Strip

_UPDATE = "/_dash-update-component"
_RANGES = ("15m", "1h", "6h", "24h", "7d", "30d")
_FILTERS = ("", "&model=amazon.titan-text-express-v1", "&region=us-east-1", "&where=latency:ge:0.5", "&compare=0")
_API = ("requests", "cost&shape=top&by=model", "latency&shape=series&range=24h", "nonsense")
_WRONG = ("/nowhere", "/_dash-component-suites/../etc/passwd", "/api/v1/query?measure=cost&range=x", "/panels/a.csv")
_MIB = 1024 * 1024

Ask = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of the first process and its workers together; of `pss`, what is shared is counted once."""

    rss: int
    pss: int
    own: int
    workers: tuple[int, ...]

    @classmethod
    def by(cls, pid: int) -> Held:
        """Return what a server holds whose first process has this id."""
        children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        read = [_smaps(each) for each in (pid, *children)]
        rss, pss, own = (sum(each[key] for each in read) for key in ("Rss", "Pss", "Private"))
        return cls(rss, pss, own, tuple(each["Rss"] for each in read[1:]))

    def __str__(self) -> str:
        workers = " + ".join(f"{each / _MIB:.0f}" for each in self.workers)
        return f"{self.rss / _MIB:8.0f} {self.pss / _MIB:8.0f} {self.own / _MIB:8.0f}   {workers}"


def _smaps(pid: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, size, *_ = line.replace(":", " ").split()
        found[key.partition("_")[0] if key.startswith("Private") else key] += int(size) * 1024
    return found


class Mix:
    """Requests as many viewers would make them: panels and tiles above all, then what is opened, exported and wrong."""

    def __init__(self, seed: int) -> None:
        self._app = create_app(Settings())
        self._dice = random.Random(seed)
        panels = [(page.slug, each) for page in PAGES for each in page.panels]
        self._tiles = [f"{page}.{each.slug}" for page, each in panels if isinstance(each, Strip)]
        self._panels = [(page, each) for page, each in panels if isinstance(each, Panel)]
        self._beat = 0

    def pages(self) -> list[Ask]:
        """Return one request for every page, panel and tile."""
        found: list[Ask] = [partial(_get, each.path) for each in PAGES]
        for page, panel in self._panels:
            found += [self._panel(page, panel, self._view("?range=24h", panel, each.slug)) for each in panel.variants]
            found += [] if panel.variants else [self._panel(page, panel, self._view("?range=24h"))]
        return found + [self._call("tiles", [self._view("?range=24h"), None], each) for each in self._tiles]

    def many(self, count: int) -> Iterator[Ask]:
        """Yield so many requests of all kinds."""
        kinds = {self._any_panel: 60, self._any_tile: 14, self._filter: 4, self._menu: 4, self._leaf: 6}
        kinds |= {self._traces: 4, self._export: 2, self._api: 4, self._wrong: 2}
        for kind in self._dice.choices(list(kinds), list(kinds.values()), k=count):
            yield kind()

    def _any_panel(self) -> Ask:
        page, panel = self._dice.choice(self._panels)
        variant = self._dice.choice(panel.variants).slug if panel.variants else ""
        return self._panel(page, panel, self._view(self._search(), panel, variant))

    def _any_tile(self) -> Ask:
        return self._call("tiles", [self._view(self._search()), None], self._dice.choice(self._tiles))

    def _filter(self) -> Ask:
        asked = {"search": self._search(), "beat": self._next()}
        return self._call("choices", [asked], self._dice.choice(("model", "account", "region")))

    def _menu(self) -> Ask:
        page, panel = self._dice.choice(self._panels)
        what = self._dice.choice(("how", "query", "table"))
        inquiry = {"panel": f"{page}.{panel.slug}", "what": what, "search": self._search(), "beat": self._next()}
        return self._call(ids.INSIGHT, [inquiry])

    def _leaf(self) -> Ask:
        wanted = {"startRow": 0, "sortModel": self._dice.choice(([], [{"colId": "latency", "sort": "desc"}]))}
        return self._call(f"{ids.LEDGER_GRID}.getRowsResponse", [wanted, None, self._view(self._search())])

    def _traces(self) -> Ask:
        """Search the traces and open one that is found."""
        view = self._view(self._search())
        find, beat = self._call(ids.TRACE_FINDS, [view, None]), self._next()

        def ask(client: httpx.Client) -> httpx.Response:
            found = find(client)
            shown = [part[:32] for part in found.text.split("id=")[1:] if len(part) > 32]
            if not shown:
                return found
            wanted = {"id": shown[beat % len(shown)], "search": view["search"], "beat": beat}
            return self._call(f"{ids.TRACE_SHEET}.data", [wanted])(client)

        return ask

    def _export(self) -> Ask:
        page, panel = self._dice.choice(self._panels)
        path = self._dice.choice((f"/panels/{page}.{panel.slug}.csv", "/requests.csv", "/traces.csv"))
        return partial(_get, path + ("?range=1h" if path == "/requests.csv" else self._search()))

    def _api(self) -> Ask:
        return partial(_get, f"/api/v1/query?measure={self._dice.choice(_API)}")

    def _wrong(self) -> Ask:
        if self._dice.random() < 0.5:
            return partial(_get, self._dice.choice(_WRONG))
        return self._call("tiles", [{"search": {"$ne": 1}}, None], self._dice.choice(self._tiles))

    def _search(self) -> str:
        return f"?range={self._dice.choice(_RANGES)}{self._dice.choice(_FILTERS)}"

    def _next(self) -> int:
        self._beat += 1
        return self._beat

    def _view(self, search: str, panel: Panel | None = None, variant: str = "") -> dict[str, Any]:
        shown = f"&{panel.slug}={variant}" if panel and variant else ""
        theme = self._dice.choice(("light", "dark"))
        return {"search": search + shown, "theme": theme, "narrow": False, "beat": self._next()}

    def _panel(self, page: str, panel: Panel, view: Mapping[str, Any]) -> Ask:
        part = '"part":"graph"' if panel.height else '"part":"frame","sheet"'
        return self._call(part, [view, None], f"{page}.{panel.slug}")

    def _call(self, part: str, values: Sequence[object], match: str = "") -> Ask:
        """Return the call of the callback whose outputs name a part, for one member of its family."""
        (name,) = [each for each, spec in self._app.callback_map.items() if part in each and "callback" in spec]
        spec = self._app.callback_map[name]
        several = isinstance(spec["output"], list | tuple)
        outputs = [
            {"id": _one(each.component_id, match), "property": each.component_property}
            for each in (spec["output"] if several else [spec["output"]])
        ]
        given = iter(values)
        inputs, state = (
            [{**each, "id": _one(each["id"], match), "value": next(given, None)} for each in spec[kind]]
            for kind in ("inputs", "state")
        )
        changed = [f"{spec['inputs'][0]['id']}.{spec['inputs'][0]['property']}"]
        body = {"output": name, "outputs": outputs if several else outputs[0], "changedPropIds": changed}
        return partial(_post, {**body, "inputs": inputs, "state": state})


def _one(found: Any, match: str) -> Any:
    """Return an id with a name in the place of its wildcard."""
    pattern = json.loads(found) if isinstance(found, str) and found.startswith("{") else found
    if not isinstance(pattern, dict):
        return pattern
    return {key: value if isinstance(value, str) else match for key, value in pattern.items()}


def _get(path: str, client: httpx.Client) -> httpx.Response:
    return client.get(path)


def _post(body: Mapping[str, Any], client: httpx.Client) -> httpx.Response:
    return client.post(_UPDATE, json=body)


@contextmanager
def served(folder: str, settings: Mapping[str, str | None]) -> Iterator[tuple[int, str]]:
    """Run `fluxdash serve` on a free port; yields the id of its first process and its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    own = {"FLUXDASH_HOST": "127.0.0.1", "FLUXDASH_CACHE_DIR": f"{folder}/cache", "FLUXDASH_LOG_LEVEL": "error"}
    environment = child_environment({**own, "PYTHONPATH": str(Path(__file__).parents[1]), **settings})
    command = [sys.executable, "-m", "fluxdash", "serve", "--port", port]
    server = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        for _ in range(600):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.1)
        yield server.pid, f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Print what is held at each stage, and how many requests were answered how."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--prometheus")
    parser.add_argument("--jaeger")
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    addresses = {"DATABASE_URL": args.database, "PROMETHEUS_URL": args.prometheus, "JAEGER_URL": args.jaeger}
    mix, answered = Mix(args.seed), Counter[int]()
    print(f"{'MiB':24} RSS      PSS      own   workers")
    with TemporaryDirectory() as folder, served(folder, addresses) as (pid, url):
        ready(url)
        print(f"{'fresh':18}{Held.by(pid)}", flush=True)
        for name, asks in stages(mix, args.requests):
            taken = sorted(play(url, asks, args.clients, answered))
            print(f"{name:18}{Held.by(pid)}   median {statistics.median(taken) * 1e3:.0f} ms", flush=True)
        kept = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file())
        print(f"by status: {dict(answered)}; cache on disk {kept / _MIB:.0f} MiB; load {os.getloadavg()[0]:.1f}")


def ready(url: str) -> None:
    """Wait until the server answers, and so do both of its processes a moment later."""
    while True:
        try:
            httpx.get(f"{url}/healthz", timeout=30).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            time.sleep(3)
            return


def stages(mix: Mix, count: int) -> Iterator[tuple[str, list[Ask]]]:
    """Yield every page several times, so that each process draws it, and then the mixed requests by eighths."""
    yield "all pages opened", mix.pages() * 4
    for part in range(8):
        yield f"{count * (part + 1) // 8:,} requests", list(mix.many(count // 8))


def play(url: str, asks: Sequence[Ask], clients: int, answered: Counter[int]) -> list[float]:
    """Ask with several clients at once; return the seconds that each request took."""
    with httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(max_keepalive_connections=clients)) as client:

        def one(ask: Ask) -> float:
            started = time.perf_counter()
            try:
                answered[ask(client).status_code] += 1
            except httpx.HTTPError:
                answered[0] += 1
            return time.perf_counter() - started

        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(one, asks))


if __name__ == "__main__":
    main()
