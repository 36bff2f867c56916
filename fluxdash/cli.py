"""The command `fluxdash`: serve a dashboard, show one with an invented gateway, run that gateway, check settings."""

from __future__ import annotations

import argparse
import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType

from fluxdash.errors import FluxDashError
from fluxdash.profiles.registry import profile
from fluxdash.settings import SETTINGS, Settings, child_environment

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOPBACK = "127.0.0.1"
DAY = 86_400
MOST_DAYS = 366
# The demo has its own sources and its own cache; only these settings of the operator keep their say in it.
KEPT_IN_DEMO = frozenset({"AUTO_REFRESH", "REFRESH_INTERVAL", "FLUXDASH_ZONE", "FLUXDASH_TITLE", "FLUXDASH_PAGES"})


class CommandError(FluxDashError):
    """The command cannot do what was asked, for a reason that the user can remove."""


class Stopped(KeyboardInterrupt):
    """A signal asked for the end.

    A class of its own, for a plain KeyboardInterrupt that passes through an exec() makes Python end as if nobody had
    caught it, with the code of a crash.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 asked wrongly or set wrongly."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser(words).parse_args(words)
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        return run(args)
    except FluxDashError as err:
        print(f"fluxdash: {err}", file=sys.stderr)
        return 2


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fluxdash", description="A dashboard for an LLM gateway.")
    parser.add_argument("--version", action="version", version=f"fluxdash {_version()}")
    commands = parser.add_subparsers(metavar="command", required=True)

    serve = commands.add_parser("serve", help="serve the dashboard; its settings are environment variables")
    serve.add_argument("--host", help="address to listen on (FLUXDASH_HOST)")
    serve.add_argument("--port", help="port to listen on (FLUXDASH_PORT)")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="show the dashboard with an invented gateway; nothing else is needed")
    demo.add_argument("--port", type=int, default=8501, help="port of the dashboard (default %(default)s)")
    demo.add_argument("--days", type=float, default=7, help="days of history (default %(default)s)")
    demo.add_argument("--rate", type=float, default=None, help="requests per second on average")
    demo.add_argument("--seed", type=int, default=None, help="the same seed makes the same gateway")
    demo.add_argument("--quirks", action="store_true", help="with the oddities that real installations have")
    demo.set_defaults(run=_demo)

    simulate = commands.add_parser("simulate", help="run the invented gateway alone: its metrics and its request log")
    if words[:1] == ["simulate"]:  # what it needs takes a moment to import
        from fluxdash.demo.simulate import add_arguments, run

        add_arguments(simulate)
        simulate.set_defaults(run=run)

    check = commands.add_parser("check", help="print the settings in force and whether each source answers")
    check.set_defaults(run=_check)
    return parser


def _version() -> str:
    try:
        return version("fluxdash")
    except PackageNotFoundError:  # run from its source, which is not installed
        return "of the source tree"


def _serve(args: argparse.Namespace) -> int:
    given = {"FLUXDASH_HOST": args.host, "FLUXDASH_PORT": args.port}
    environment = child_environment({key: value for key, value in given.items() if value is not None})
    settings = Settings.from_env(environment)
    profile(settings.profile)
    _require_folders(settings)
    _require_free(settings.host, settings.port, "FLUXDASH_PORT or --port")
    command = _gunicorn()
    os.execve(command[0], command, environment)


def _check(args: argparse.Namespace) -> int:
    settings = Settings.from_env()
    for key, value in settings.shown().items():
        print(f"{key}={value}")
    from fluxdash.diagnosis import diagnose

    lines, is_well = diagnose(settings)
    print("", *lines, sep="\n")
    return 0 if is_well else 1


def _demo(args: argparse.Namespace) -> int:
    with _interrupted_by(STOPPING), contextlib.suppress(Stopped):
        return _run_demo(args)
    return 0


def _run_demo(args: argparse.Namespace) -> int:
    from fluxdash.demo.simulator import Simulator
    from fluxdash.demo.spanlog import SpanLog

    _require_free(LOOPBACK, args.port, "--port")
    if not 0 < args.days <= MOST_DAYS:
        raise CommandError(f"--days {args.days:g} is not allowed: more than 0, at most {MOST_DAYS}")
    with contextlib.ExitStack() as tidy:
        folder = Path(tidy.enter_context(tempfile.TemporaryDirectory(prefix="fluxdash-demo-")))
        environment = _demo_environment(folder, args.port)
        _require_folders(Settings.from_env(environment))
        chosen = {"rate": args.rate, "seed": args.seed, "quirks": args.quirks}
        given = {key: value for key, value in chosen.items() if value is not None}
        database = environment["DATABASE_URL"]
        gateway = Simulator(database, port=None, traced=[SpanLog(database)], **given)
        tidy.callback(gateway.stop)
        now = time.time()
        start = now - args.days * DAY
        with _progress(f"Inventing {args.days:g} days of requests", args.days * DAY) as reach:
            gateway.backfill(start, now, lambda rows, reached: reach(reached - start))
        gateway.start()
        server = tidy.enter_context(_served(environment, args.port))
        print(f"FluxDash is at http://{LOOPBACK}:{args.port}  (Ctrl-C stops it and deletes its data)", flush=True)
        return server.wait()


def _demo_environment(folder: Path, port: int) -> dict[str, str]:
    own = {setting.key: None for setting in SETTINGS.values() if setting.key not in KEPT_IN_DEMO}
    return child_environment(
        {
            **own,
            "DATABASE_URL": f"sqlite:///{folder / 'gateway.db'}",
            "FLUXDASH_CACHE_DIR": str(folder / "cache"),
            "FLUXDASH_HOST": LOOPBACK,
            "FLUXDASH_PORT": str(port),
            "FLUXDASH_LOG_LEVEL": "warning",
        }
    )


def _gunicorn(*options: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "python:fluxdash.gunicorn_conf", *options, "fluxdash.wsgi:server"]


@contextlib.contextmanager
def _served(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start gunicorn, wait until it answers, and stop it with all its workers at the end.

    Its own session keeps the terminal's Ctrl-C from it: it stops when told, before its data goes.
    """
    server = subprocess.Popen(_gunicorn("--graceful-timeout", "1"), env=environment, start_new_session=True)
    try:
        while not _answers(port):
            if server.poll() is not None:
                raise CommandError("the dashboard did not start; its log above says why")
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_folders(settings: Settings) -> None:
    """Raise SettingError here, in one line, for folders that every process would end for with a traceback."""
    if settings.pages is not None:
        from fluxdash.extensions import require

        require(settings.pages)
    if settings.cache == "filesystem":
        from fluxdash.sources.shared import private

        private(settings.cache_dir)


def _require_free(host: str, port: int, option: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as err:
            if isinstance(err, socket.gaierror) or getattr(err, "errno", None) == errno.EADDRNOTAVAIL:
                option = "FLUXDASH_HOST or --host"
            raise CommandError(f"cannot listen on {host} port {port} ({err}); choose another with {option}") from err


@contextlib.contextmanager
def _interrupted_by(signals: Sequence[signal.Signals]) -> Iterator[None]:
    """Let the first of `signals` raise Stopped; the ones after it must not disturb the tidying up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    # One that is ignored already stays so: nohup and background jobs rely on it.
    heeded = [each for each in signals if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, interrupt) for each in heeded}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _progress(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """Draw a bar on standard error; what it yields moves the bar to the part of `total` that is done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
