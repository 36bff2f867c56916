"""What opening Overview costs a browser: bytes over the wire, and the time until every chart is painted."""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
_PAINTED = """() => {
  const graphs = [...document.querySelectorAll('.js-plotly-plot')];
  return graphs.length >= 4 && graphs.every(g => g.querySelector('.trace, .bars, .scatterlayer path'))
    && document.querySelectorAll('.kpi strong').length >= 6;
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: milliseconds until all is painted, bytes and requests over the wire until then."""

    painted: float
    size: float
    requests: float


def visit(browser: Browser, url: str, *, warm: bool) -> Visit:
    """Open the page in a fresh context; `warm` opens it once before, so that assets come from the browser's cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    if warm:
        page.goto(url)
        page.wait_for_function(_PAINTED)
        page.wait_for_load_state("networkidle")
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    sizes: list[float] = []
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="commit")
    page.wait_for_function(_PAINTED, polling=20)
    painted = page.evaluate("performance.now()")
    context.close()
    return Visit(painted, sum(sizes), float(len(sizes)))


def main() -> None:
    """Print the medians of cold and warm visits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8501/")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=args.chromium, headless=True, args=FLAGS)
        print("visit   painted ms   KiB on the wire   requests")
        for name, warm in (("cold", False), ("warm", True)):
            visits = [visit(browser, args.url, warm=warm) for _ in range(args.runs)]
            painted, size, requests = (
                statistics.median(getattr(each, field) for each in visits) for field in ("painted", "size", "requests")
            )
            print(f"{name:<6} {painted:11.0f} {size / 1024:17.0f} {requests:10.0f}")
        browser.close()


if __name__ == "__main__":
    main()
