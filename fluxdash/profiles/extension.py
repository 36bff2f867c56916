"""A user's own measures added to a profile: what may be written of one, and what is wrong with what was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxdash.errors import SettingError
from fluxdash.profiles.profile import Counter, Log, Metrics, Profile, Reading
from fluxdash.semantic.measure import Additive
from fluxdash.semantic.measures import MEASURES

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TAKEN = ("bucket", "grouped")  # names of columns beside the sums
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_STRING = r"""("(?:[^"\\\n]|\\["'\\n])*"|'(?:[^'\\\n]|\\["'\\n])*')"""
_MATCHER = re.compile(rf"\s*({_LABEL.pattern})\s*(=~|!~|!=|=)\s*{_STRING}")
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]{0,62}\}")
_TEXT = re.compile(r"'(?:[^']|'')*'")

_SELECTOR = 'a counter with at most labels to match, such as acme_retries_total{reason="timeout"}'
_EXPRESSION = "an SQL expression of one row with columns in braces, such as CASE WHEN {retries} > 0 THEN 1 ELSE 0 END"


@dataclass(frozen=True, slots=True)
class Written:
    """A measure as its user wrote it down: where it stands in Prometheus, in the request log, or in both.

    `promql` selects a counter, which also carries the `labels`; `sql` is what one row of the log adds to the measure.
    """

    measure: Additive
    promql: str = ""
    labels: tuple[str, ...] = ()
    sql: str = ""


def extended(profile: Profile, written: Sequence[Written]) -> Profile:
    """Return the profile with these measures besides its own; raises SettingError naming the slug and what is wrong."""
    for each in written:
        profile = _with(profile, each)
    return profile


def _with(profile: Profile, each: Written) -> Profile:
    slug = each.measure.slug
    if not _SLUG.fullmatch(slug) or slug in _TAKEN:
        raise SettingError("measure", slug, f"small letters, digits and _, but not {' or '.join(_TAKEN)}")
    if slug in _known(profile):
        raise SettingError("measure", slug, "a name that no other measure has")
    if not each.promql and not each.sql:
        raise SettingError("measure", slug, "written with promql, with sql or with both")
    metrics, log = profile.metrics, profile.log
    if each.promql:
        metrics = _counted(profile, each)
    if each.sql:
        log = _told(profile, each)
    return replace(profile, metrics=metrics, log=log, own=(*profile.own, each.measure))


def _known(profile: Profile) -> frozenset[str]:
    measures = [*MEASURES, *profile.own, *(part for each in MEASURES for part in each.sample.parts)]
    if profile.metrics:
        measures += [measure for measure, _ in profile.metrics.readings]
    if profile.log:
        measures += [measure for measure, _ in profile.log.parts]
    return frozenset(each.slug for each in measures)


def _counted(profile: Profile, each: Written) -> Metrics:
    if profile.metrics is None:
        raise SettingError(f"{each.measure.slug}.promql", each.promql, f"left out: {profile.title} has no metrics")
    counter = selected(each.promql, each.labels, f"{each.measure.slug}.promql")
    return replace(profile.metrics, readings=(*profile.metrics.readings, (each.measure, (Reading(counter),))))


def _told(profile: Profile, each: Written) -> Log:
    key = f"{each.measure.slug}.sql"
    if profile.log is None:
        raise SettingError(key, each.sql, f"left out: {profile.title} has no request log")
    if fault := _fault(each.sql):
        raise SettingError(key, each.sql, f"{_EXPRESSION} ({fault})")
    return replace(profile.log, parts=(*profile.log.parts, (each.measure, each.sql)))


def selected(text: str, labels: Sequence[str], key: str) -> Counter:
    """Return the counter that a PromQL selector names, with the labels it matches and those given.

    Raises SettingError for anything that is not a metric with matchers: functions, ranges, offsets, arithmetic.
    """
    metric, brace, inside = text.strip().partition("{")
    if not _METRIC.fullmatch(metric := metric.strip()):
        raise SettingError(key, text, _SELECTOR)
    if brace and not inside.endswith("}"):
        raise SettingError(key, text, f"{_SELECTOR} (nothing may follow the closing brace)")
    where = _matchers(inside.removesuffix("}"), key) if brace else ()
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise SettingError(f"{key} labels", label, "names of labels: letters, digits and _")
    return Counter(metric, tuple(dict.fromkeys((*labels, *(label for label, _, _ in where)))), where)


def _matchers(text: str, key: str) -> tuple[tuple[str, str, str], ...]:
    found, at = [], 0
    while text[at:].strip():
        match = _MATCHER.match(text, at)
        after = text[match.end() :].lstrip() if match else ""
        if match is None or (after and not after.startswith(",")):
            raise SettingError(key, text[at:].strip(), 'matchers such as reason="timeout", with a comma between them')
        found.append((match[1], match[2], _unquoted(match[3])))
        at = len(text) - len(after) + 1 if after else len(text)
    return tuple(found)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], literal[1:-1])


def _fault(expression: str) -> str:
    """Say what keeps a text from being an expression of one row, or return an empty string."""
    code = _TEXT.sub("", _PLACEHOLDER.sub("x", expression))
    if not code.strip() or not expression.isprintable():
        return "one line, and not empty"
    if "{" in code or "}" in code:
        return "a placeholder is the name of one column in braces"
    for sign in ("'", '"', ";", "--", "/*", "\\"):
        if sign in code:
            return f"no {sign} outside of a text in single quotes"
    depth = 0
    for char in code:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            break
    return "parentheses that match" if depth else ""
