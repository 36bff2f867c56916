"""A real nginx before a dashboard: the files of deploy/nginx with a host, ports and a certificate of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.process import LOOPBACK, Server, executable, free_port

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
OTHER = "127.0.0.2"  # stands for IPv6, which not every machine has
HOST = "localhost"

# Debian's own nginx.conf writes to folders of the system and runs as another user; this one is the least that starts.
_MAIN = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr info;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include conf.d/*.conf;
}}
"""


class NginxServer(Server):
    """nginx by TLS, and without on `plain`; `way` is the snippet that says how the path is passed on."""

    def __init__(self, folder: Path, upstream: int, way: str = "whole") -> None:
        nginx = executable("nginx", Path("/usr/sbin"))
        self.plain = free_port()
        self.certificate = _certified(folder)
        for name in ("conf.d", "snippets"):
            (folder / name).mkdir(exist_ok=True)
        for snippet in SHIPPED.glob("fluxdash-*.conf"):
            shutil.copy(snippet, folder / "snippets")
        main = folder / "nginx.conf"
        main.write_text(_MAIN.format(folder=folder, user="user root;" if os.getuid() == 0 else ""))

        def command(port: int) -> list[str | Path]:
            site = (SHIPPED / "fluxdash.conf").read_text()
            for shipped, here in {
                "listen [::]:443": f"listen {OTHER}:{port}",
                "listen [::]:80": f"listen {OTHER}:{self.plain}",
                "listen 443": f"listen {LOOPBACK}:{port}",
                "listen 80": f"listen {LOOPBACK}:{self.plain}",
                "observability.example.com": HOST,
                "/etc/nginx/tls": str(folder),
                "127.0.0.1:8501": f"{LOOPBACK}:{upstream}",
                "snippets/fluxdash-whole.conf": f"snippets/fluxdash-{way}.conf",
            }.items():
                assert shipped in site, f"deploy/nginx/fluxdash.conf does not say {shipped!r} any more"
                site = site.replace(shipped, here)
            (folder / "conf.d" / "fluxdash.conf").write_text(site)
            return [nginx, "-e", "stderr", "-p", folder, "-c", main]

        super().__init__("nginx", folder, command)

    def check(self) -> str:
        """Return what `nginx -t` says of the files."""
        words = [*self._command(self.port), "-t"]
        return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stderr

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"https://{HOST}:{self.port}"


def _certified(folder: Path) -> Path:
    """Make a certificate for this machine that signs itself, and return it; its key lies beside it."""
    certificate = folder / "fluxdash.crt"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder / "fluxdash.key"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    words = [executable("openssl"), "req", "-x509", "-days", "2", *key, *names, "-out", certificate]
    subprocess.run(words, check=True, capture_output=True)
    return certificate
