"""The shipped nginx site before a real dashboard: the whole path passed on, and the prefix stripped."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from fluxdash import gunicorn_conf
from fluxdash.app import create_app
from fluxdash.demo.traffic import Traffic
from fluxdash.settings import Settings
from fluxdash.ui import guard
from tests.browser.looking import open_view, tiles
from tests.servers.dashboard import DashboardServer
from tests.servers.nginx import SHIPPED, NginxServer
from tests.servers.process import free_port
from tests.truth import world
from tests.ui.wire import VIEW, body, callback

HOUR = 3600
NOW = int(time.time()) // HOUR * HOUR
REQUESTS = tuple(Traffic(seed=6, rate=7).between(NOW - HOUR, NOW))
SPAN = {"from": str(NOW - HOUR), "to": str(NOW)}
WAYS = {"whole": {"FLUXDASH_PREFIX": "/obs/"}, "stripped": {}}


@dataclass(frozen=True, slots=True)
class Site:
    """nginx and the dashboard behind it; `settings` are the dashboard's own."""

    nginx: NginxServer
    dashboard: DashboardServer
    settings: dict[str, str]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    address = f"sqlite:///{tmp_path_factory.mktemp('log') / 'log.db'}"
    world.write_log(address, REQUESTS)
    return address


@pytest.fixture(scope="module", params=WAYS)
def site(
    request: pytest.FixtureRequest,
    log: str,
    dashboard: Callable[..., DashboardServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    settings = {"DATABASE_URL": log, "FLUXDASH_TRUSTED_PROXIES": "1", **WAYS[request.param]}
    behind = dashboard(**settings)
    with NginxServer(tmp_path_factory.mktemp("nginx"), behind.port, request.param) as nginx:
        yield Site(nginx, behind, settings)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A client that believes this certificate and no other, and takes only gzip."""
    trusting = ssl.create_default_context(cafile=site.nginx.certificate)
    with httpx.Client(base_url=site.nginx.url, verify=trusting, headers={"Accept-Encoding": "gzip"}) as client:
        yield client


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/[^"]*)"', page)


def test_nginx_finds_nothing_to_complain_of(site: Site) -> None:
    said = [line for line in site.nginx.check().splitlines() if "[warn]" in line or "[emerg]" in line]
    assert [line for line in said if "http2" not in line] == []  # from 1.25.1 on it would like that said otherwise


def test_the_page_and_everything_it_names_is_below_the_prefix(client: httpx.Client) -> None:
    page = client.get("/obs/")
    found = addresses(page.text)
    assert page.is_success
    assert len(found) > 10
    assert [each for each in found if not each.startswith("/obs/")] == []
    assert [each for each in found if not client.get(each).is_success] == []


def test_what_is_not_below_the_prefix_does_not_exist(client: httpx.Client) -> None:
    elsewhere = ("/", "/healthz", "/wrong/", "/obsolete/", "/obs/../healthz", "/_dash-layout")
    assert [client.get(each).status_code for each in elsewhere] == [404] * len(elsewhere)


def test_without_its_slash_the_prefix_leads_to_the_page(client: httpx.Client) -> None:
    lost = client.get("/obs?range=1h")
    assert (lost.status_code, lost.headers["Location"]) == (308, "/obs/?range=1h")


def test_plain_http_leads_to_tls_and_the_host_is_not_the_viewer_s(site: Site) -> None:
    plain = httpx.get(f"http://127.0.0.1:{site.nginx.plain}/obs/?range=1h", headers={"Host": "evil.example"})
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/obs/?range=1h")


def test_a_probe_is_answered(client: httpx.Client) -> None:
    assert client.get("/obs/healthz").json() == {"status": "ok"}


def test_a_callback_is_answered_with_the_rows_of_the_log(site: Site, client: httpx.Client) -> None:
    app = create_app(Settings.from_env(site.settings))
    sent = body(app, callback(app, "graph"), [{**VIEW, "search": "?range=6h"}, None])
    answer = client.post("/obs/_dash-update-component", json=sent)
    assert answer.is_success, answer.text
    assert "Request rate" in answer.text
    told = client.get("/obs/api/v1/query", params={"measure": "requests", "shape": "total", **SPAN})
    assert told.json()["rows"] == [{"value": len(REQUESTS)}]


@pytest.mark.parametrize("path", ["/obs/_dash-layout", "/obs/api/v1/openapi.json", "script", "stylesheet"])
def test_what_is_text_is_compressed_once(client: httpx.Client, path: str) -> None:
    if not path.startswith("/"):
        ends = {"script": ".js?", "stylesheet": ".css?"}[path]
        path = next(each for each in addresses(client.get("/obs/").text) if ends in each)
    with client.stream("GET", path) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers.get_list("Content-Encoding") == ["gzip"]
    assert answer.headers.get_list("Vary") == ["Accept-Encoding"]
    plain = gzip.decompress(packed)
    assert plain == client.get(path, headers={"Accept-Encoding": "identity"}).content
    assert len(packed) < len(plain) / 2


def test_an_asset_is_kept_by_the_browser_and_recognised_when_it_asks_again(client: httpx.Client) -> None:
    path = next(each for each in addresses(client.get("/obs/").text) if ".css?m=" in each)
    first = client.get(path)
    assert "max-age=31536000" in first.headers["Cache-Control"]
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_fluxdash_knows_that_its_viewer_came_by_tls(site: Site, client: httpx.Client) -> None:
    claimed = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "1"}
    lost = client.get("/obs//healthz", headers=claimed)
    if "FLUXDASH_PREFIX" in site.settings:
        # The one address that FluxDash writes whole: a path with two slashes is led to the right one.
        assert lost.headers["Location"] == f"{site.nginx.url}/obs/healthz"
    else:
        assert lost.is_success  # nginx has put the path right before it took the prefix away


def test_a_request_has_the_name_that_nginx_gave_it(client: httpx.Client) -> None:
    answer = client.get("/obs/healthz", headers={"X-Request-ID": "the-viewer-s"})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_a_prefix_that_the_viewer_claims_is_not_believed(client: httpx.Client) -> None:
    page = client.get("/obs/", headers={"X-Forwarded-Prefix": "//evil.example"})
    assert page.is_success
    assert "evil.example" not in page.text


def test_the_export_of_the_log_streams_and_is_not_put_on_disk(site: Site) -> None:
    # A slow reader whose kernel takes in little: were nginx to read on, it would have to keep it somewhere.
    little = httpx.HTTPTransport(
        verify=ssl.create_default_context(cafile=site.nginx.certificate),
        socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)],
    )
    asked = {"params": SPAN, "headers": {"Accept-Encoding": "identity"}}
    with (
        httpx.Client(transport=little, base_url=site.nginx.url) as client,
        client.stream("GET", "/obs/requests.csv", **asked) as answer,
    ):
        chunks = answer.iter_raw()
        first = next(chunks)
        time.sleep(2)
        whole = first + b"".join(chunks)
    assert b"# window" in first
    assert whole.endswith(f'# end,"all {len(REQUESTS):,} rows"\r\n'.encode())
    assert "buffered to a temporary file" not in site.nginx.log


def test_an_export_is_compressed_too(client: httpx.Client) -> None:
    minutes = {"from": str(NOW - 600), "to": str(NOW)}
    with client.stream("GET", "/obs/requests.csv", params=minutes) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert re.search(r"all [\d,]+ rows", answer.read().decode())


def test_the_headers_that_protect_the_page_are_fluxdash_s_own_and_there_once(site: Site, client: httpx.Client) -> None:
    theirs = httpx.get(f"{site.dashboard.url}/").headers
    ours = client.get("/obs/").headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert ours.get_list(name) == theirs.get_list(name) != []


def test_nobody_is_told_which_version_of_what_answers(site: Site, client: httpx.Client) -> None:
    answers = [client.get(each) for each in ("/obs/", "/wrong/", "/obs?")]
    answers.append(httpx.get(f"http://127.0.0.1:{site.nginx.plain}/"))
    assert {each.headers["Server"] for each in answers} == {"nginx"}
    assert [each.url for each in answers if re.search(r"nginx/[\d.]+|gunicorn", each.text)] == []


def test_viewers_are_not_shown_fluxdash_s_own_metrics(client: httpx.Client) -> None:
    assert client.get("/obs/metrics").status_code == 404


def test_a_browser_is_offered_http_2_and_nothing_older_than_tls_1_2(site: Site) -> None:
    context = ssl.create_default_context(cafile=site.nginx.certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    assert handshake(site, context)[0] == "h2"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(site, context)[1] == "TLSv1.2"


def handshake(site: Site, context: ssl.SSLContext) -> tuple[str | None, str | None]:
    address = socket.create_connection(("127.0.0.1", site.nginx.port), timeout=5)
    with address as raw, context.wrap_socket(raw, server_hostname="localhost") as talking:
        return talking.selected_alpn_protocol(), talking.version()


def test_a_dashboard_that_is_gone_is_a_bad_gateway_that_tells_no_version(tmp_path: Path) -> None:
    with NginxServer(tmp_path, free_port()) as nginx:
        gone = httpx.get(f"{nginx.url}/obs/", verify=ssl.create_default_context(cafile=nginx.certificate))
    assert (gone.status_code, gone.headers["Server"]) == (502, "nginx")


@pytest.mark.browser
def test_the_overview_paints_through_tls_without_a_complaint(site: Site, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    open_view(page, f"{site.nginx.url}/obs/", "range=6h&refresh=off")
    assert tiles(page)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    page.get_by_role("link", name="Cost", exact=True).first.click()
    page.wait_for_url("**/obs/cost?**")
    assert complaints == []
    context.close()


def shipped(name: str) -> str:
    return (SHIPPED / name).read_text()


def seconds(directive: str, text: str) -> int:
    found = re.search(rf"^\s*{directive} (\d+)s;$", text, re.MULTILINE)
    assert found, directive
    return int(found[1])


def test_nginx_lets_go_of_a_connection_before_gunicorn_does_and_waits_longer_for_an_answer() -> None:
    assert seconds("keepalive_timeout", shipped("fluxdash.conf")) < gunicorn_conf.keepalive
    assert seconds("proxy_read_timeout", shipped("fluxdash-proxy.conf")) > gunicorn_conf.timeout


@pytest.mark.parametrize("way", WAYS)
def test_the_export_alone_is_not_buffered(way: str) -> None:
    unbuffered = re.findall(r"location ([^{]*) {[^}]*proxy_buffering off;[^}]*}", shipped(f"fluxdash-{way}.conf"))
    assert unbuffered == ["= /obs/requests.csv"]


def test_nginx_takes_as_much_as_fluxdash_does() -> None:
    assert f"client_max_body_size {guard.LARGEST // 1024}k;" in shipped("fluxdash-proxy.conf")


def test_every_file_beside_the_site_is_named_by_it_or_by_one_that_it_names() -> None:
    told = " ".join(path.read_text() for path in SHIPPED.glob("*.conf"))
    assert [path.name for path in Path(SHIPPED).glob("fluxdash-*.conf") if path.name not in told] == []
