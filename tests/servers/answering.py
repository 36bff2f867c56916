"""A server that answers what a test tells it to: recorded bodies, hostile ones, or those of another server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx


@dataclass(frozen=True)
class Reply:
    """What goes back: any status, any body, any headers."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What came: its path, its parameters and its headers."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    target: str


NO_SUCH_PAGE = Reply(b"404 page not found\n", 404, "text/plain; charset=utf-8")
SCREEN = Reply(b"<!doctype html><title>Jaeger UI</title>", 200, "text/html; charset=utf-8")

Answer = Callable[[Question], Reply]


class Answering:
    """Listens on the loopback; `asked` holds every question so far, `answer` may be changed at any time."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Question] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                question = Question(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), self.path)
                outer.asked.append(question)
                reply = outer.answer(question)
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def told(value: object, status: int = 200) -> Reply:
    """A reply in JSON; errors go as text, as Jaeger sends them."""
    kind = "application/json" if status < 400 else "text/plain; charset=utf-8"
    return Reply(json.dumps(value).encode(), status, kind)


def sample(folder: Path, name: str) -> Reply:
    """A composed response of a folder, with the status and the type that its index tells."""
    entry = next(each for each in json.loads((folder / "index.json").read_text()) if each["file"] == name)
    return Reply((folder / name).read_bytes(), entry["status"], entry["content_type"])


def without(url: str, *beginnings: str) -> Answer:
    """Answers as another server does, but knows no path that begins like one of these."""

    def answer(question: Question) -> Reply:
        if question.path.startswith(beginnings):
            return NO_SUCH_PAGE
        found = httpx.get(f"{url}{question.target}", timeout=30)
        return Reply(found.content, found.status_code, found.headers.get("Content-Type", ""))

    return answer
