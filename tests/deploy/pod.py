"""A pod without a cluster: its container's own command as a process, under what its manifest asks the kubelet for.

Where the tests are root, the root of its file system is read-only, its volumes and /dev/shm are its own and empty, and
it runs as the user of the manifest without a capability; elsewhere as who runs the tests. It keeps its port, for it has
an address of its own in 127.0.0.0/8, and the names of Services become such addresses.
"""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import pytest

from tests.deploy.manifests import PROJECT, Manifests
from tests.deploy.schemas import Document
from tests.servers.process import Server, executable

# What an image has for itself, a process finds where the tests' own Python is, which other users may not enter.
_PROGRAM = (PROJECT, Path(sys.prefix), Path(sys.base_prefix))
_SANDBOX = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
number=0
for place in $PLACES; do number=$((number + 1)); mkdir /mnt/$number; mount --bind "$place" /mnt/$number; done
for hidden in $HIDDEN; do mount -t tmpfs -o mode=755 tmpfs "$hidden"; done
mount -t tmpfs -o mode=1777,size=64m tmpfs /dev/shm
for folder in $FOLDERS; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
number=0
for place in $PLACES; do number=$((number + 1)); mkdir -p "$place"; mount --bind /mnt/$number "$place"; done
for place in $PLACES $HIDDEN /mnt /; do mount -o remount,bind,ro "$place"; done
cd /
exec setpriv --reuid="$WHO" --regid="$GROUP" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    env -u PLACES -u HIDDEN -u FOLDERS -u WHO -u GROUP "$@"
"""


def address() -> str:
    """Return an address of the loopback that nobody else is likely to have."""
    return f"127.{random.randrange(16, 250)}.{random.randrange(250)}.{random.randrange(2, 250)}"


class Pod(Server):
    """The pod of a Deployment at an address; `hosts` are the addresses of the Services that its settings name."""

    def __init__(
        self,
        manifests: Manifests,
        name: str,
        folder: Path,
        at: str,
        secrets: Mapping[str, str] | None = None,
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        self.manifest, self.container = manifests.pod(name)["spec"], manifests.container(name)
        self.address = at
        (port,) = self.container["ports"]
        told = manifests.environment(secrets or {}, name)
        named = {key: _placed(value, hosts or {}) for key, value in told.items()}
        command = [_placed(word.replace("0.0.0.0", at), {}) for word in self.container["command"]]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self.is_sandboxed = _may_take_rights_away()
        sandboxed, more = self._sandbox() if self.is_sandboxed else ([], {})
        super().__init__(
            name,
            folder,
            lambda _: [*sandboxed, *command],
            lambda _: self._begun(),
            environment={"PATH": path, "HOME": "/", "LANG": "C.UTF-8", "FLUXDASH_HOST": at, **named, **more},
        )
        if self._is_open(port["containerPort"]):
            pytest.fail(f"somebody listens on port {port['containerPort']} of every address: stop it first")
        self.port = port["containerPort"]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.address}:{self.port}"

    def probe(self, name: str) -> bool:
        """Ask as the kubelet does, once."""
        probe: Document = self.container[name]
        if "tcpSocket" in probe:
            return self._is_open(self.port)
        assert probe["httpGet"]["port"] == self.container["ports"][0]["name"]
        try:
            return httpx.get(self.url + probe["httpGet"]["path"], timeout=probe["timeoutSeconds"]).status_code < 400
        except httpx.HTTPError:
            return False

    def status(self) -> dict[str, str]:
        """What Linux says of its process."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def _sandbox(self) -> tuple[Sequence[str | Path], dict[str, str]]:
        """Return the words before a command that give it its pod's root and user, and the variables that they read."""
        who, places = self.manifest["securityContext"], sorted({path.resolve() for path in _PROGRAM})
        hidden = {first for place in places if (first := _closed(place))}
        return [executable("unshare"), "--mount", "sh", "-c", _SANDBOX, "pod"], {
            "PLACES": " ".join(map(str, places)),
            "HIDDEN": " ".join(sorted(map(str, hidden))),
            "FOLDERS": " ".join(each["mountPath"] for each in self.container.get("volumeMounts", [])),
            "WHO": str(who["runAsUser"]),
            "GROUP": str(who["runAsGroup"]),
        }

    def _begun(self) -> bool:
        time.sleep(0.1)
        return self.probe("startupProbe")

    def _is_open(self, port: int) -> bool:
        with socket.socket() as trying:
            trying.settimeout(1)
            return trying.connect_ex((self.address, port)) == 0


def _placed(text: str, hosts: Mapping[str, str]) -> str:
    for name, at in hosts.items():
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?=[:/])", at, text)
    return text


def _may_take_rights_away() -> bool:
    """Root may, unless somebody took that right away."""
    return os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


def _closed(place: Path) -> Path | None:
    """The first folder on the way to a place that another user may not pass."""
    return next((each for each in reversed([place, *place.parents]) if not each.stat().st_mode & 0o001), None)
