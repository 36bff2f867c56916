"""A Dockerfile as data: its stages, each with the instructions that it consists of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_CONTINUED = re.compile(r"\\\n(?:\s*#.*\n)*")
_INSTRUCTION = re.compile(r"(?P<name>[A-Z]+)\s+(?P<words>.*)")
_STAGE = re.compile(r"(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?")
_WORDS = re.compile(r"""(?P<key>[\w.]+)=(?:"(?P<quoted>[^"]*)"|(?P<bare>\S*))""")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: the image it begins with, its name (empty for one without), its instructions with their words."""

    base: str
    name: str
    instructions: tuple[tuple[str, str], ...]

    def told(self, instruction: str) -> tuple[str, ...]:
        """Return the words of each such instruction."""
        return tuple(words for name, words in self.instructions if name == instruction)

    def listed(self, instruction: str) -> tuple[str, ...]:
        """Return the words of the last such instruction, which are a list in JSON; none is an empty one."""
        found = self.told(instruction)
        return tuple(json.loads(found[-1])) if found else ()


def stages(path: Path = ROOT / "Dockerfile") -> tuple[Stage, ...]:
    """Return the stages of a Dockerfile; what an ARG before the first one defaults to is filled in."""
    lines = (line for line in _CONTINUED.sub(" ", path.read_text()).splitlines() if line and not line.startswith("#"))
    defaults: dict[str, str] = {}
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    for line in lines:
        told = _INSTRUCTION.fullmatch(line)
        if told is None:
            raise ValueError(f"{path.name}: no instruction: {line}")
        name, words = told["name"], told["words"].strip()
        if name == "FROM":
            stage = _STAGE.fullmatch(_filled(words, defaults))
            assert stage, line
            found.append((stage["base"], stage["name"] or "", []))
        elif found:
            found[-1][2].append((name, words))
        else:
            defaults |= pairs(words)
    return tuple(Stage(base, name, tuple(instructions)) for base, name, instructions in found)


def pairs(words: str) -> dict[str, str]:
    """Return what an ENV, LABEL or ARG sets, by name."""
    return {each["key"]: each["quoted"] or each["bare"] or "" for each in _WORDS.finditer(words)}


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)
