"""What a change means: the arrow is its direction, word and colour are the judgement, per measure."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from fluxdash.semantic.measure import Amount, Measure, Rise
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count, difference
from fluxdash.views.elements import icon

SAME = 0.01
"""A change under this share of the value is called none."""

LEAST_FOR_P95, LEAST_FOR_P99 = 59, 299
"""Samples from which a quantile has an upper bound at all, at 95 % certainty."""

_JUDGEMENTS = {
    (Rise.BAD, True): ("bad", "worse"),
    (Rise.BAD, False): ("good", "better"),
    (Rise.COSTLY, True): ("warn", "more"),
    (Rise.COSTLY, False): ("good", "less"),
    (Rise.GOOD, True): ("good", "better"),
    (Rise.GOOD, False): ("bad", "worse"),
}


@dataclass(frozen=True, slots=True)
class Delta:
    """A change as it is read: `arrow` up, dn, flat, info or none; `kind` good, warn, bad or neutral."""

    text: str
    word: str = ""
    kind: str = ""
    arrow: str = ""

    def chip(self) -> html.Span:
        """Return it as the tinted chip of a tile."""
        # The space ends the text for those who hear it; on screen the gap between the two is the chip's own.
        word = html.Em(self.word) if self.word else None
        return html.Span([self._icon(), f"{self.text} ", word], className=f"delta {self.kind}".strip())

    def plain(self, sign: str) -> html.Span:
        """Return it as a table shows it: no tint and no word, but a sign."""
        return html.Span([self._icon(), sign], className=f"delta plain {self.kind}".strip(), title=self.word or None)

    def _icon(self) -> html.Span | None:
        return icon(self.arrow, 12) if self.arrow else None


def least(measure: Measure, q: float | None) -> int:
    """Return the samples that a number needs before it is compared; 0 where any number will do."""
    if q is not None:
        return LEAST_FOR_P99 if q > 0.95 else LEAST_FOR_P95 if q > 0.5 else 0
    return LEAST_FOR_P95 if measure.unit in (Unit.RATIO, Unit.SHARE) else 0


def judged(measure: Measure, *, rose: bool) -> tuple[str, str]:
    """Return how a reader judges a rise, or a fall: good, warn or bad, and the word; empty where it is neutral."""
    return _JUDGEMENTS.get((measure.rise, rose), ("", ""))


def delta(
    measure: Measure, now: Amount, before: Amount, *, n: tuple[Amount, Amount] = (None, None), q: float | None = None
) -> Delta:
    """Return the change of a measure; `n` are the sample sizes now and before."""
    needed = least(measure, q)
    known = [each for each in n if each is not None]
    if needed and known and 0 < min(known) < needed:
        return Delta(f"n{SPACE}{count(min(known))}", "too few", "", "info")
    if now is None or before is None or (needed and 0 in known):
        return Delta(ABSENT, "no previous data" if now is not None else "no data")
    text = difference(measure.unit, before, now)
    if abs(now - before) < SAME * max(abs(now), abs(before)) or now == before:
        return Delta(text, "same", "", "flat")
    kind, word = judged(measure, rose=now > before)
    return Delta(text, "" if text == "new" else word, kind, "up" if now > before else "dn")
