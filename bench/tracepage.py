"""What opening one large trace costs a browser: waiting for the answer, drawing it, scrolling and folding it."""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from playwright.sync_api import Browser, CDPSession, sync_playwright
from werkzeug.serving import make_server

from bench.browser import FLAGS
from bench.trace import ID, in_legacy, made
from fluxdash.app import create_app
from fluxdash.settings import Settings

_OPEN = """async id => {
  const drawn = () => document.querySelector('.wf-all .wf-r[aria-selected=true]');
  performance.clearResourceTimings();
  const began = performance.now();
  fluxdash.go(words => words.set('id', id));
  while (!drawn()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const painted = performance.now() - began;
  await new Promise(done => setTimeout(done, 300));
  const all = performance.getEntriesByType('resource').filter(each => each.name.includes('_dash-update'));
  const answer = all.reduce((most, each) => each.encodedBodySize > most.encodedBodySize ? each : most);
  return {painted, answered: answer.responseEnd - began, bytes: answer.encodedBodySize};
}"""
_SCROLL = """async () => {
  const box = document.querySelector('.wf-scroll');
  let slowest = 0, last = performance.now();
  for (let i = 0; i < 120; i++) {
    box.scrollTop = i / 120 * box.scrollHeight;
    await new Promise(requestAnimationFrame);
    slowest = Math.max(slowest, performance.now() - last);
    last = performance.now();
  }
  box.scrollTop = 0;
  await new Promise(requestAnimationFrame);
  return slowest;
}"""
_FOLD = """() => {
  const began = performance.now();
  document.querySelector("[data-wf-fold='0']").click();
  document.querySelector('.wf-scroll').getBoundingClientRect();
  return performance.now() - began;
}"""


def main() -> None:
    """Print the medians of some openings, each by a dashboard of its own in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with sync_playwright() as playwright, store(args.spans) as jaeger:
        browser = playwright.chromium.launch(executable_path=args.chromium, headless=True, args=FLAGS)
        found = [opening(browser, jaeger) for _ in range(args.runs)]
        browser.close()
    print(f"{args.spans:,} spans")
    for name in found[0]:
        print(f"  {name:36} {statistics.median(each[name] for each in found):9.0f}")


def opening(browser: Browser, jaeger: str) -> dict[str, float]:
    """Open the trace on a page that is loaded already, scroll to its end, fold and unfold it all."""
    with dashboard(jaeger) as url:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{url}/traces?refresh=off")
        page.wait_for_load_state("networkidle")
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        before = _spent(session)
        told: dict[str, float] = page.evaluate(_OPEN, ID.padded)
        after = _spent(session)
        slowest: float = page.evaluate(_SCROLL)
        folds = [float(page.evaluate(_FOLD)) for _ in range(2)]
        context.close()
    return {
        "ms until the answer is there": told["answered"],
        "ms from there until it is painted": told["painted"] - told["answered"],
        "ms in all": told["painted"],
        "ms of the page's thread": (after[0] - before[0]) * 1e3,
        "ms of all processors": (after[1] - before[1]) * 1e3,
        "bytes over the wire": told["bytes"],
        "ms of the slowest frame of a scroll": slowest,
        "ms to fold all, or to unfold it": max(folds),
    }


def _spent(session: CDPSession) -> tuple[float, float]:
    """The seconds of processor time so far: of the page's thread, and of page, server and store together."""
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return found["ThreadTime"], found["ProcessTime"] + time.process_time()


@contextmanager
def store(n: int) -> Iterator[str]:
    """Answer as a Jaeger that keeps this one trace; yields its address."""
    whole, nothing = orjson.dumps(in_legacy(tuple(made(n)))), json.dumps({"data": [], "errors": None}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = whole if ID.text in self.path else nothing
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def dashboard(jaeger: str) -> Iterator[str]:
    """Serve a dashboard with nothing but traces; yields its address."""
    with TemporaryDirectory() as folder:
        settings = Settings.from_env({"JAEGER_URL": jaeger, "FLUXDASH_CACHE_DIR": folder})
        server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
