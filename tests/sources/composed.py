"""The composed responses of Jaeger and Tempo: their bytes, and what they answer to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fluxdash.sources.caller import Response

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "jaeger"
INDEX: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())


def response(name: str) -> Response:
    """A composed response as the fetcher would have read it."""
    entry = next(each for each in INDEX if each["file"] == name)
    return Response(entry["status"], (FOLDER / name).read_bytes())


def content(name: str) -> Any:
    """What a composed response holds, to be changed and sent on."""
    return json.loads((FOLDER / name).read_bytes())
