"""The services of a compose file as plain processes on the loopback: the same commands, variables, ports and files.

    python -m tools.stack deploy/docker-compose.yml

Each service has an address of its own in 127.0.0.0/8, as it has one in its network, and so keeps the ports that the
file says; Linux answers on all of them. Its name becomes that address, 0.0.0.0 its own, and its absolute paths lie in a
folder of its own. Nothing else is changed, so that a wrong name, port, path, variable or command fails here as it would
there. What only containers have (limits, capabilities, a root that is read-only) is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.servers.jaeger import built
from tests.servers.process import Server
from tools.composefile import ComposeError, Mount, Service, services
from tools.stackimages import ending, prepared, program

ROOT = Path(__file__).resolve().parents[1]
PAUSE = 0.3  # seconds between two looks at a service that is not healthy yet


class Stack:
    """The running services of one file; `addresses` says where each listens, `hosts` adds those of other stacks.

    `environ` fills in the file's variables, `without` leaves services out, and `edits` replaces text in the files that
    are mounted: a test has no time for scrapes that are 15 s apart.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        hosts: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
        edits: Mapping[str, str] | None = None,
    ) -> None:
        self.services = tuple(each for each in services(path, environ or {}) if each.name not in without)
        self.addresses = dict(_addresses(each.name for each in self.services))
        self._beside = path.parent
        self._folder = folder
        self._hosts = {**(hosts or {}), **dict(_addresses(without)), **self.addresses}
        self._edits = edits or {}
        self._running = ExitStack()
        self._logs: dict[str, Server] = {}

    def start(self) -> Self:
        """Start all, each when those it waits for are healthy; raises ComposeError with its log for one that is not."""
        try:
            for service in self.services:
                self._start(service)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all, the last one first."""
        self._running.close()

    def log(self, name: str) -> str:
        """What a service has printed so far."""
        return self._logs[name].log

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as `docker compose exec` would: beside a service, with its variables."""
        service = next(each for each in self.services if each.name == name)
        environment = self._environment(service)
        command = [program(words[0], environment["PATH"]), *self._words(service, words[1:])]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, service: Service) -> None:
        for port in service.ports:
            _require_free(self.addresses[service.name], port)
        place = self._place(service)
        for path in (*service.folders, "/tmp"):
            (place / path.strip("/")).mkdir(parents=True, exist_ok=True)
        for mount in service.mounts:
            self._mount(service, mount, place / mount.target.strip("/"))
        environment = self._environment(service)
        address = self.addresses[service.name]
        command, user = prepared(service, place, environment, address, lambda words: self._words(service, words))
        server = Server(
            service.name,
            place,
            lambda _: command,
            lambda _: self._is_healthy(service),
            user=user,
            environment=environment,
            stop_signal=ending(service),
            patience=service.health.patience,
        )
        server.port = service.ports[0] if service.ports else 1  # told, so that no other is tried
        self._logs[service.name] = server
        try:
            self._running.enter_context(server)
        except AssertionError as err:
            raise ComposeError(f"{service.name} is not healthy within {service.health.patience:g} s: {err}") from err
        for port in service.ports:
            if not _listens(address, port):
                raise ComposeError(f"{service.name} is healthy, but nobody listens on its port {port}")

    def _is_healthy(self, service: Service) -> bool:
        done = self.run(service.name, *service.health.test)
        if done.returncode:
            time.sleep(PAUSE)
        return done.returncode == 0

    def _place(self, service: Service) -> Path:
        place = self._folder / service.name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def _mount(self, service: Service, mount: Mount, target: Path) -> None:
        """Put a copy of what is mounted in its place; what is not there fails, where Docker would make a folder."""
        if not mount.is_bound:
            target.mkdir(parents=True, exist_ok=True)
            return
        source = self._beside / mount.source
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            copy = target / file.relative_to(source) if source.is_dir() else target
            copy.parent.mkdir(parents=True, exist_ok=True)
            if file.is_file():
                copy.write_text(self._edited(self._named(service, file.read_text())))

    def _edited(self, text: str) -> str:
        for old, new in self._edits.items():
            text = text.replace(old, new)
        return text

    def _environment(self, service: Service) -> dict[str, str]:
        """Nothing of this process's variables reaches a service: only the file's, and where programs and files are."""
        places = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), str(built().parent)]
        own = {"PATH": os.pathsep.join(places), "HOME": str(self._place(service)), "LANG": "C.UTF-8"}
        own["TMPDIR"] = str(self._place(service) / "tmp")
        return own | {key: self._named(service, value) for key, value in service.environment}

    def _words(self, service: Service, words: Iterable[str]) -> list[str]:
        return [self._bare(self._placed(service, self._named(service, word))) for word in words]

    def _named(self, service: Service, text: str) -> str:
        """Names before a port become addresses, and "everywhere" the service's own."""
        names = "|".join(re.escape(name) for name in self._hosts)
        told = re.sub(rf"(?<![\w.-])({names})(?=:\d)", lambda found: self._hosts[found[1]], text)
        return told.replace("0.0.0.0", self.addresses[service.name])

    def _bare(self, word: str) -> str:
        """A name that is a word of its own, or the value of an option, becomes an address."""
        option, equals, value = word.rpartition("=")
        return f"{option}{equals}{self._hosts.get(value, value)}"

    def _placed(self, service: Service, word: str) -> str:
        """An absolute path begins a word or follows an equals sign; in an address it follows something else."""
        return re.sub(r"(^|=)/(?!dev/)(?=\w)", rf"\g<1>{self._place(service)}/", word)


def _addresses(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    second, third = random.randrange(16, 250), random.randrange(250)
    for number, name in enumerate(names, start=1):
        yield name, f"127.{second}.{third}.{number}"


def _listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


def _require_free(address: str, port: int) -> None:
    if _listens(address, port):
        raise ComposeError(f"somebody listens on port {port} of every address, {address} included: stop it first")


def main(argv: Sequence[str] | None = None) -> int:
    """Start the services of a file, say where they listen, and stop them when told to."""
    parser = argparse.ArgumentParser(prog="python -m tools.stack", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, nargs="?", default=ROOT / "deploy" / "docker-compose.yml")
    parser.add_argument("--without", action="append", default=[], metavar="SERVICE", help="leave this service out")
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="fluxdash-stack-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user, who must get through
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stack(args.file, folder, os.environ, without=args.without) as stack:
            for service in stack.services:
                ports = " ".join(f"{stack.addresses[service.name]}:{port}" for port in service.ports)
                print(f"{service.name:12} healthy  {ports}", flush=True)
            print("Ctrl-C stops them and deletes their data.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except ComposeError as err:
        print(f"stack: {err}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
