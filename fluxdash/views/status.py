"""How a model is: healthy, degraded, unhealthy, or unknown where it was asked too little to tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dash import html

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, count
from fluxdash.views.elements import icon
from fluxdash.views.goals import Goals

_HAIR = 1e-9
"""A share this close to a threshold is on it: 999 of 1,000 is 99.9 %, whatever floats make of that."""


@dataclass(frozen=True, slots=True)
class Status:
    """A state as it is drawn, always by icon, word and colour; `kind` is the class of its colour."""

    kind: str
    word: str
    icon: str

    def chip(self, text: str = "") -> html.Span:
        """Return it as icon and word, or as another text in its place."""
        return html.Span([icon(self.icon, 14), text or self.word], className=f"st {self.kind}")


UNHEALTHY = Status("bad", "Unhealthy", "bad")
DEGRADED = Status("warn", "Degraded", "warn")
HEALTHY = Status("good", "Healthy", "ok")
UNKNOWN = Status("off", "Unknown", "stale")
WORST_FIRST = (UNHEALTHY, DEGRADED, HEALTHY, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Health:
    """One model's availability and error rate (0–1), its failures, and `n`, the requests that both are of."""

    model: str
    status: Status
    availability: Amount
    errors: Amount
    failures: Amount
    n: Amount


def judged(availability: Amount, n: Amount, goals: Goals) -> Status:
    """Return the state of an availability that rests on `n` requests; on a threshold it is the better one."""
    if availability is None or n is None or n < goals.least:
        return UNKNOWN
    if availability >= goals.healthy - _HAIR:
        return HEALTHY
    return DEGRADED if availability >= goals.degraded - _HAIR else UNHEALTHY


def healths(errors: Answer, availability: Answer, failures: Answer | None, goals: Goals) -> list[Health]:
    """Return every model that was asked, worst first: by state, then by error rate, then by requests.

    Failures to which other filters apply than to the error rate are not its numerator, and left out.
    """
    own = failures if failures and failures.provenance.ignored == errors.provenance.ignored else None
    available, failed = _by_group(availability), _by_group(own)
    found = []
    for line in errors.lines:
        model = str(line.group)
        share = available[model].total if model in available else None
        fails = failed[model].total if model in failed else None
        found.append(Health(model, judged(share, line.n, goals), share, line.total, fails, line.n))
    return sorted(found, key=_badness)


def summary(every: Iterable[Health]) -> list[html.Span]:
    """Return `1 unhealthy`, `2 degraded` and so on, of those states that occur, worst first."""
    counted = Counter(each.status for each in every)
    return [each.chip(f"{counted[each]} {each.word.lower()}") for each in WORST_FIRST if counted[each]]


def too_few(n: Amount) -> str:
    """Return `n 22: too few to judge`."""
    return f"n{SPACE}{count(n)}: too few to judge"


def percent(ratio: float) -> str:
    """Return a threshold as it was set: `99 %`, `99.95 %`."""
    return f"{round(ratio * 100, 6):g}{SPACE}%"


def _by_group(answer: Answer | None) -> dict[str, Line]:
    return {str(line.group): line for line in answer.lines} if answer else {}


def _badness(each: Health) -> tuple[int, float, float, str]:
    errors = 0.0 if each.status is UNKNOWN else each.errors or 0.0
    return WORST_FIRST.index(each.status), -errors, -(each.n or 0.0), each.model


def rules(goals: Goals) -> Sequence[tuple[Status, str]]:
    """Return how each state is decided, in words, best first."""
    return (
        (HEALTHY, f"≥{SPACE}{percent(goals.healthy)} of requests succeed"),
        (DEGRADED, f"≥{SPACE}{percent(goals.degraded)}"),
        (UNHEALTHY, f"under {percent(goals.degraded)}"),
        (UNKNOWN, f"under {count(goals.least)} requests"),
    )
