"""Two windows of one source: no two sources count alike, and what they differ by is no change."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.answer import Answer, Samples
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.query import Question
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import Gateway
from fluxdash.ui.study import Answers, Asking, asked, known


def answers(gateway: Gateway, questions: Sequence[Question], asking: Asking) -> tuple[Answers, Answers]:
    """Ask about this window and the one before; raises FluxDashError, NotReported where no source knows both."""
    now, before = asked(gateway, questions, questions, asking.scope)
    given = [known(each) for each in (*now.values(), *before.values())]
    told = dict.fromkeys(each.provenance.source for each in given)
    if len(told) == 1:
        return now, before
    for source in told:
        both = [
            dict(zip(questions, gateway.answers([each.within(scope) for each in questions], source), strict=True))
            for scope in (asking.scope, asking.scope.previous())
        ]
        if all(isinstance(each, Answer) for side in both for each in side.values()):
            return both[0], both[1]
    raise _unlike()


def samples(gateway: Gateway, scope: Scope, by: Dimension, usual: str) -> tuple[Samples, Samples]:
    """Return the samples of this window and of the one before, of the `usual` source where it tells them.

    Raises as `answers` does.
    """
    windows = scope, scope.previous()
    try:
        now, before = (gateway.samples(each, by, usual) for each in windows)
    except NotReported:
        now, before = (gateway.samples(each, by) for each in windows)
    told = dict.fromkeys((now.provenance.source, before.provenance.source))
    if len(told) == 1:
        return now, before
    for source in told:
        try:
            return gateway.samples(windows[0], by, source), gateway.samples(windows[1], by, source)
        except FluxDashError:
            continue
    raise _unlike()


def _unlike() -> NotReported:
    return NotReported("What changed", ("No source knows both windows, and no two sources count alike.",))
