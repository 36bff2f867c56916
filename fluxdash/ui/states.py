"""What stands in a panel that has nothing to draw, and its wording: what happened, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.errors import ExtensionError, FluxDashError, NotReported, SourceError
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.units import count
from fluxdash.sources.source import slug_of
from fluxdash.views.elements import icon, wild
from fluxdash.views.times import Clock

_MOST_NAMED = 2
_NO_SERIES = "fluxai_*"


@dataclass(frozen=True, slots=True)
class Action:
    """One way on: a button that clears a filter, asks again, or leads to a page."""

    text: str
    attribute: str
    value: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A panel without data: `kind` is empty, absent or failed; `tone` colours its icon.

    `passing` is what may be over at the next look, a source that failed: what was drawn before may stand meanwhile.
    `source` and `reason` say for the counts which one failed and how: words of the code, not sentences.
    """

    kind: str
    icon: str
    title: str
    text: str
    tone: str = ""
    actions: tuple[Action, ...] = ()
    foot: str = ""
    passing: bool = False
    source: str = ""
    reason: str = ""

    def block(self) -> html.Div:
        """Return it as the block that takes the graph's place."""
        buttons = [
            html.Button(
                [icon(each.icon, 14) if each.icon else None, each.text],
                className="btn-f",
                type="button",
                **wild(**{f"data_{each.attribute}": each.value}),
            )
            for each in self.actions
        ]
        return html.Div(
            [icon(self.icon, 20), html.H3(self.title), html.P(_code(self.text)), html.Div(buttons, className="row-f")],
            className=f"blank {self.tone}".strip(),
            role="status",
        )


_RETRY = Action("Retry", "retry", "now", "retry")
_DETAILS = Action("Details", "perform", "how")


def of_error(error: FluxDashError, unreported: str = "Not reported") -> State:
    """Return the state that an error puts a panel into; `unreported` is the title of what no source tells."""
    if isinstance(error, NotReported):
        return _not_reported(error, unreported)
    if isinstance(error, SourceError):
        return _failed(error)
    if isinstance(error, ExtensionError):
        return State("failed", "bad", error.where, error.reason, "bad", foot="a page of your own", reason="extension")
    return State("failed", "bad", "This could not be asked", str(error), "bad", reason="bad_request")


def nothing(
    scope: Scope, clock: Clock, names: dict[str, str], source: str, last: str = "", ways: tuple[Action, ...] = ()
) -> State:
    """Return the state of a window without requests; filters are named, and can be cleared, where there are any.

    `last` is a sentence about the last one before, and `ways` lead there.
    """
    window, foot = clock.between(scope.window), f"{source} · no requests"
    if not scope.filters and not scope.conditions:
        text = f"The gateway counted none {window}. {last or 'A longer range may show when the last ones came.'}"
        return State("empty", "clock", "No requests in this window", text, "", ways, foot)
    told = " and ".join(f"{each.dimension.title.lower()} {_values(each, names)}" for each in scope.filters)
    held = " and ".join(each.said for each in scope.conditions)
    wanted = (f" of {told}" if told else "") + (f" where {held}" if held else "")
    clear = tuple(Action(f"Clear {each.dimension.title}", "clear", each.dimension.slug) for each in scope.filters)
    clear += (Action("Clear the conditions", "where_drop"),) if scope.conditions else ()
    text = f"No request{wanted} {window}. {last}".strip()
    return State("empty", "filter", "Nothing matches", text, "", (*clear, *ways), foot)


def left_out(scope: Scope, clock: Clock, requests: float) -> State:
    """Return the state of a panel that counts none of the requests there were: those that failed, for the most part."""
    window = clock.between(scope.window)
    text = f"{count(requests)} were counted {window}, none of the kind shown here: failed ones are often left out."
    return State("empty", "info", "No such requests in this window", text, foot="none that it counts")


def _not_reported(error: NotReported, title: str) -> State:
    if any(_NO_SERIES in reason for reason in error.reasons):
        text = (
            f"Prometheus answers, but no `{_NO_SERIES}` series exist."
            " Check the scrape path of the gateway target, usually `/metrics`."
        )
        title, foot = "No fluxai metrics yet", "Prometheus · no series"
        return State("absent", "pulse", title, text, "", (_RETRY,), foot, reason="no_series")
    text = " ".join(error.reasons) or f"No source here reports {error.subject}."
    return State("absent", "none", title, text, foot="no source reports it", reason="not_reported")


def _failed(error: SourceError) -> State:
    name = error.source[:1].upper() + error.source[1:]
    brief, _, rest = error.reason.partition(". ")
    title = f"{name} {brief.rstrip('.')}" if len(brief) <= 80 else f"{name} failed"
    told = rest if len(brief) <= 80 else error.reason
    text = " ".join(filter(None, (told, error.hint))) or "It is asked again by itself."
    source, reason = slug_of(error.source), error.kind
    return State("failed", "bad", title, text, "bad", (_RETRY, _DETAILS), f"{name} · failed", True, source, reason)


def _values(chosen: Filter, names: dict[str, str]) -> str:
    shown = [names.get(value, value) for value in chosen.values[:_MOST_NAMED]]
    more = len(chosen.values) - len(shown)
    return " or ".join(shown) + (f" or {more} more" if more else "")


def _code(text: str) -> list[str | Component]:
    """Return text whose `quoted` words are set as code."""
    return [html.Code(part) if place % 2 else part for place, part in enumerate(text.split("`"))]
