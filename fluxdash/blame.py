"""Which line of a user's file is wrong, and what is wrong with it: all of a traceback that may be shown."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from fluxdash.errors import ExtensionError, FluxDashError, SettingError
from fluxdash.settings import redacted

_LONGEST = 300


def blamed(name: str, file: Path | None, error: BaseException) -> ExtensionError:
    """Return what is wrong as one sentence without credentials, with the file and the line where they are known."""
    line = _line(file, error) if file else None
    reason = str(error) if isinstance(error, FluxDashError) else f"{type(error).__name__}: {_said(error)}"
    brief = " ".join(redacted(reason).split())
    where = file.name if file else name
    shown = brief if len(brief) <= _LONGEST else f"{brief[: _LONGEST - 1]}…"
    return ExtensionError(f"{where}, line {line}" if line else where, shown)


def _said(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _line(file: Path, error: BaseException) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found or _declared_at(file, error)


def _declared_at(file: Path, error: BaseException) -> int | None:
    """Return the line of the declaration that an error of ours is about: `PAGE`, a word of it, or `MEASURES`."""
    key = error.key if isinstance(error, SettingError) else "PAGE"
    name, _, word = key.partition(".") if key.startswith("PAGE") else ("MEASURES", "", "")
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body:
        if name in _named(node):
            words = [each for each in ast.walk(node) if isinstance(each, ast.keyword) and each.arg == word]
            return words[0].value.lineno if words else node.lineno
    return None


def _named(node: ast.stmt) -> Sequence[str]:
    """Return the names that a statement gives a value."""
    match node:
        case ast.Assign(targets=targets):
            return [each.id for each in targets if isinstance(each, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return ()
