"""Sparklines: a CSS mask with an SVG inside, so that they follow the theme and cost no graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fluxdash.semantic.measure import Amount

_WIDTH, _HEIGHT, _PAD = 96, 28, 3
Point = tuple[float, float]


def sparkline(values: Sequence[Amount], before: Sequence[Amount] = (), *, ended: bool = True) -> str:
    """Return the CSS value of the mask: the present as a line over a tint, the past dotted; empty if unknown.

    `ended` puts a dot at the end, which stays round where the mask keeps about its own proportions.
    """
    known = [each for each in (*values, *before) if each is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    parts = [_dotted(run) for run in _runs(before, low, high) if len(run) > 1]
    runs = list(_runs(values, low, high))
    parts += [_tinted(run) for run in runs if len(run) > 1]
    if runs and ended:
        x, y = runs[-1][-1]
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.2'/>")
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' preserveAspectRatio='none'>"
        f"{''.join(parts)}</svg>"
    )
    return f'url("data:image/svg+xml,{_escaped(svg)}")'


def _escaped(svg: str) -> str:
    """Return our own SVG as an address takes it; there is nothing else in it that an address minds."""
    return svg.replace("#", "%23").replace("<", "%3C").replace(">", "%3E")


def _runs(values: Sequence[Amount], low: float, high: float) -> Iterator[list[Point]]:
    """Yield the points of every stretch without a gap."""
    spread, across = (high - low) or 1, max(len(values) - 1, 1)
    run: list[Point] = []
    for place, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
            continue
        x = place / across * (_WIDTH - 5) + 1
        run.append((x, _PAD + (1 - (value - low) / spread) * (_HEIGHT - 2 * _PAD)))
    if run:
        yield run


def _path(run: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def _dotted(run: Sequence[Point]) -> str:
    look = "fill='none' stroke='#000' stroke-opacity='.35' stroke-dasharray='1.5 2.5'"
    return f"<path d='{_path(run)}' {look} vector-effect='non-scaling-stroke'/>"


def _tinted(run: Sequence[Point]) -> str:
    path = _path(run)
    under = f"{path}L{run[-1][0]:.1f} {_HEIGHT}L{run[0][0]:.1f} {_HEIGHT}Z"
    look = "fill='none' stroke='#000' stroke-width='1.5' stroke-linejoin='round' vector-effect='non-scaling-stroke'"
    return f"<path d='{under}' fill='#000' fill-opacity='.09'/><path d='{path}' {look}/>"
