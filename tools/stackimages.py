"""What the images of a compose file do before and around the command they are given, done without them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.composefile import ComposeError, Service
from tools.imagefile import stages

ENTRY = {"prom/prometheus": ("prometheus",), "jaegertracing/jaeger": ("jaeger",), "redis": (), "postgres": ()}
"""The programs that images start with the words of a command; where there are none, the command begins with its own."""

ENDINGS = {"postgres": signal.SIGINT, "jaegertracing/jaeger": signal.SIGKILL}
"""What ends those that SIGTERM does not: PostgreSQL would wait for its clients, Jaeger ten seconds for connections."""


def program(name: str, path: str) -> str:
    """Return where a program lies; raises ComposeError for one that is not installed."""
    folders = [path, *(str(each) for each in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise ComposeError(f"{name} is not installed")
    return found


def ending(service: Service) -> signal.Signals:
    """Return the signal that ends a service."""
    return ENDINGS.get(service.image.partition(":")[0], signal.SIGTERM)


def prepared(
    service: Service,
    place: Path,
    environment: Mapping[str, str],
    address: str,
    here: Callable[[Sequence[str]], list[str]],
) -> tuple[list[str], str | None]:
    """Return the command line of a service and the user who runs it, None for this one; its files are in `place`.

    `here` makes words of the file those of this machine; the program, which may be called like a service, is none.
    """
    name = service.image.partition(":")[0]
    entry, default = (ENTRY.get(name), ()) if service.image else _built()
    if entry is None:
        raise ComposeError(f"{service.name}: what the image {name} does is not known here")
    first, *rest = (*entry, *(service.command or default))
    command = [program(first, environment["PATH"]), *here(rest)]
    if name != "postgres":
        return command, None
    data, socket = place / "var" / "lib" / "postgresql" / "data", place / "tmp"
    user = "postgres" if os.getuid() == 0 and "postgres" in {each.pw_name for each in pwd.getpwall()} else None
    own = ["-D", str(data), "-c", f"unix_socket_directories={socket}"]
    _initialised(environment, place, data, socket, user)
    # Its own configuration file listens everywhere.
    return [*command, *own, "-c", f"listen_addresses={address}"], user


def _built() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the Dockerfile starts, and with which words where the compose file has none."""
    last = stages()[-1]
    return last.listed("ENTRYPOINT"), last.listed("CMD")


def _initialised(environment: Mapping[str, str], place: Path, data: Path, socket: Path, user: str | None) -> None:
    """Make the cluster, the database and the owner that the variables name, and run the scripts for a new volume."""
    path, owner, database = (environment[key] for key in ("PATH", "POSTGRES_USER", "POSTGRES_DB"))
    password = place / "password"
    password.write_text(environment["POSTGRES_PASSWORD"])
    for folder in (place, data, socket, password):
        if user:
            shutil.chown(folder, user)

    def run(name: str, *words: str | Path) -> None:
        done = subprocess.run(
            [program(name, path), *map(str, words)],
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            cwd=place,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        if done.returncode:
            raise ComposeError(f"{name} {' '.join(map(str, words))}: {done.stderr[-2000:] or done.stdout[-2000:]}")

    # The image asks everybody who comes over the network for a password; without it a wrong one would not be noticed.
    auth = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}")
    run("initdb", "-D", data, "-U", owner, "--encoding=UTF8", "--locale=C", "--no-sync", *auth)
    alone = f"-c listen_addresses='' -c unix_socket_directories={socket}"
    run("pg_ctl", "-D", data, "-w", "-l", place / "setup.log", "-o", alone, "start")
    try:
        psql = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", owner)
        run("psql", *psql, "-d", "postgres", "-c", f'CREATE DATABASE "{database}"')
        for script in sorted((place / "docker-entrypoint-initdb.d").glob("*.sql")):
            run("psql", *psql, "-d", database, "-f", script)
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
