"""Charts over time: request rate, latency percentiles, token usage and failures by cause."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.answer import Answer
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, compact, count, figure, full, per_second, seconds_as
from fluxdash.semantic.window import Window
from fluxdash.views.axes import highest, missing, over_time, plain_scale, seconds_scale, stacked
from fluxdash.views.deltas import LEAST_FOR_P95, least
from fluxdash.views.exemplars import diamonds, told
from fluxdash.views.points import FAILED, SLOW, Rank, points
from fluxdash.views.scene import Drawing, FigureDict, Scene, only, per
from fluxdash.views.template import clear
from fluxdash.views.times import buckets, previous_name
from fluxdash.views.traces import Trace, area, bars, before, hidden, line

_PLOT_HEIGHT = 193
_LABEL_HEIGHT = 13
_EDGE = 34


def request_rate(scene: Scene) -> Drawing:
    """Draw requests, then failures: successful and failed requests a second, stacked, over the total before."""
    requests, failures = scene.answers
    palette, window = scene.look.palette, scene.window
    failed = per(failures, only(failures), 1)
    success = _minus(per(requests, only(requests), 1), failed)
    earlier = scene.earlier(0)
    past = [] if earlier is None else per(earlier, only(earlier), 1, head=False)
    traces = [
        bars(scene, "success", "Success", success, palette["m-2"], _said_rate(success)),
        {
            **bars(scene, "failed", "Failed", failed, palette["bad-fill"], _said_rate(failed)),
            "meta": {"about": FAILED},
        },
    ]
    if _known(past):
        traces.append(before(scene, "requests", f"{previous_name(window)}, total", past))
    scale = plain_scale(max(stacked([success, failed]), highest([past])))
    layout = _with_gaps(scene, over_time(scene, scale), [success, failed])
    mean = None if requests.total is None else requests.total / requests.watched_seconds
    sentence = (
        f"Request rate: {per_second(mean, 'requests per second')} on average,"
        f" {full(Unit.COUNT, requests.total)} in all, {full(Unit.COUNT, failures.total)} of them failed;"
        f" {scene.look.clock.window(window)}."
    )
    return Drawing({"data": traces, "layout": layout}, sentence, "req/s", buckets(window))


def latency_percentiles(scene: Scene) -> Drawing:
    """Draw P50, P95 and P99 with the objective, each labelled at its end; faint where it rests on few samples."""
    palette, window = scene.look.palette, scene.window
    styles = (("m-2", 1.5, "text-2"), ("m-main", 2.25, "m-main"), ("m-3", 1.25, "m-3"))
    present: list[Trace] = []
    past: list[Trace] = []
    ends: list[tuple[str, Amount, str]] = []
    rows: list[list[Amount]] = []
    ranks: list[Rank] = []
    for index, (answer, (token, width, ink)) in enumerate(zip(scene.answers, styles, strict=True)):
        name, values = _quantile(answer), _all(answer)
        rows.append(values)
        ranks.append(Rank(name.lower(), name, values, answer.total))
        earlier = scene.earlier(index)
        was = [] if earlier is None else list(only(earlier).values)
        present += line(
            scene, name.lower(), name, values, _faint(answer, values), look={"color": palette[token], "width": width},
            said=_said_seconds(values, was),
        )  # fmt: skip
        if _known(was):
            past.append(
                before(scene, name.lower(), previous_name(window), was, listed=not past and not scene.look.narrow)
            )
            rows.append(was)
        ends.append((name, _last(only(answer).values), palette[ink]))
    samples = list(only(scene.answers[0]).counts)
    present.append(hidden(scene, "n", "n", _said_samples(samples, scene.earlier(0))))
    scale = seconds_scale(_with_objective(highest(rows), scene.look.p95_objective))
    layout = _with_gaps(scene, over_time(scene, scale, right=_EDGE), [samples]) | points(scene, SLOW, ranks)
    layout["shapes"] += _filling_band(scene) + _objective(scene, scale.top)
    layout["annotations"] += _objective_name(scene, scale.top) + _end_labels(ends, scale.top)
    totals = ", ".join(f"{_quantile(each)} {figure(Unit.SECONDS, each.total)}" for each in scene.answers)
    unit = "seconds, end to end" if scale.top >= 1 else "milliseconds, end to end"
    n = full(Unit.COUNT, scene.answers[0].n)
    sentence = f"Latency: {totals}, of {n} requests; {scene.look.clock.window(window)}."
    drawn = [*past, *present, *diamonds(scene, scale.top)]
    return Drawing({"data": drawn, "layout": layout}, sentence, unit, told(scene, _smallest(samples, window)))


def token_usage(scene: Scene) -> Drawing:
    """Draw output, then input tokens a minute as stacked areas, over the sum before."""
    outputs, inputs = scene.answers
    palette, window = scene.look.palette, scene.window
    below, above = (per(each, only(each), 60) for each in (outputs, inputs))
    traces = area(
        scene, "output", "Output", below, fill=(clear(palette["m-main"], 0.85), clear(palette["m-main"], 0.3)),
        edge={"color": palette["surface"], "width": 1}, said=_said_tokens(below),
    ) + area(
        scene, "input", "Input", above, fill=(clear(palette["m-2"], 0.45), clear(palette["m-2"], 0.2)),
        edge={"color": palette["m-2"], "width": 1.5}, said=_said_tokens(above),
    )  # fmt: skip
    past: list[Amount] = []
    if scene.is_compared and all(scene.earlier(i) for i in (0, 1)):
        parts = [per(each, only(each), 60, head=False) for each in scene.before if each]
        past = [None if None in pair else sum(filter(None, pair)) for pair in zip(*parts, strict=False)]
    if _known(past):
        traces.append(before(scene, "tokens", previous_name(window), past))
    scale = plain_scale(max(stacked([below, above]), highest([past])))
    layout = _with_gaps(scene, over_time(scene, scale, left=44), [below, above])
    sentence = (
        f"Token usage: {full(Unit.TOKENS, outputs.total)} output and {full(Unit.TOKENS, inputs.total)} input tokens;"
        f" {scene.look.clock.window(window)}."
    )
    return Drawing({"data": traces, "layout": layout}, sentence, "tokens per minute", "successful requests")


def _with_gaps(scene: Scene, layout: FigureDict, rows: Sequence[Sequence[Amount]]) -> FigureDict:
    gaps = missing(scene, [row[: scene.window.size] for row in rows])
    return {**layout, "shapes": gaps["shapes"], "annotations": gaps["annotations"]}


def _known(values: Sequence[Amount]) -> bool:
    return any(value is not None for value in values)


def _minus(whole: Sequence[Amount], part: Sequence[Amount]) -> list[Amount]:
    # Two sources of estimates may disagree by a hair; there is no such thing as fewer than no successes.
    return [None if a is None or b is None else max(a - b, 0.0) for a, b in zip(whole, part, strict=False)]


def _all(answer: Answer) -> list[Amount]:
    alone = only(answer)
    return [*alone.values, *alone.head]


def _last(values: Sequence[Amount]) -> Amount:
    return next((value for value in reversed(values) if value is not None), None)


def _quantile(answer: Answer) -> str:
    return f"P{(answer.query.question.q or 0) * 100:g}"


def _faint(answer: Answer, values: Sequence[Amount]) -> list[bool]:
    needed = least(answer.query.measure, answer.query.question.q)
    few = [each is not None and each < needed for each in only(answer).counts]
    return few + [True] * (len(values) - len(few))


def _said_rate(values: Sequence[Amount]) -> list[str]:
    return [f"<b>{per_second(value, 'req/s')}</b>" for value in values]


def _said_tokens(values: Sequence[Amount]) -> list[str]:
    return [f"<b>{compact(value) if value is not None else figure(Unit.TOKENS, None)}</b> a minute" for value in values]


def _said_seconds(values: Sequence[Amount], was: Sequence[Amount]) -> list[str]:
    said = []
    for place, value in enumerate(values):
        earlier = was[place] if place < len(was) else None
        tail = "" if earlier is None else f" was {seconds_as(earlier, value)}"
        said.append(f"<b>{figure(Unit.SECONDS, value)}</b>{tail}")
    return said


def _smallest(samples: Sequence[Amount], window: Window) -> str:
    """Return how few samples a bucket has, and that quantiles of so few are drawn faint."""
    known = [each for each in samples if each]
    if not known:
        return buckets(window)
    faint = f", faint under{SPACE}{LEAST_FOR_P95}" if min(known) < LEAST_FOR_P95 else ""
    return f"n{SPACE}≥{SPACE}{count(min(known))} per bucket{faint}"


def _said_samples(samples: Sequence[Amount], earlier: Answer | None) -> list[str]:
    was = () if earlier is None else only(earlier).counts
    said = [count(each) for each in samples]
    return [f"{each} was {count(before)}" for each, before in zip(said, was, strict=False)] + said[len(was) :]


def _with_objective(peak: float, objective: float | None) -> float:
    """Make room for the objective, unless that would press everything else to the ground."""
    return max(peak, objective) if objective and objective <= 2 * peak else peak


def _filling_band(scene: Scene) -> list[FigureDict]:
    window = scene.window
    if not window.head:
        return []
    start, end = (scene.moments([0], first=window.size + i)[0] for i in (0, len(window.head)))
    box = {"type": "rect", "layer": "below", "x0": start, "x1": end, "yref": "paper", "y0": 0, "y1": 1}
    return [{**box, "fillcolor": scene.look.palette["grid"], "line": {"width": 0}}]


def _objective(scene: Scene, top: float) -> list[FigureDict]:
    level = scene.look.p95_objective
    if not level or level > top:
        return []
    dashes = {"color": scene.look.palette["warn"], "dash": "6px,4px", "width": 1}
    return [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": dashes}]


def _objective_name(scene: Scene, top: float) -> list[FigureDict]:
    level = scene.look.p95_objective
    if not level or level > top:
        return []
    text = f"P95 objective {level:g}{SPACE}s" if level >= 1 else f"P95 objective {level * 1000:g}{SPACE}ms"
    place = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 2, "y": level, "yanchor": "top"}
    # The lines that run below it must not make it illegible.
    ground = clear(scene.look.palette["surface"], 0.8)
    return [{**place, "text": text, "font": {"color": scene.look.palette["warn"]}, "bgcolor": ground}]


def _end_labels(ends: Sequence[tuple[str, Amount, str]], top: float) -> list[FigureDict]:
    """Name each line at its end; where two would touch, the upper one moves up."""
    labels: list[FigureDict] = []
    floor = float("-inf")
    for name, level, ink in sorted((each for each in ends if each[1] is not None), key=lambda each: each[1] or 0):
        place = max(level or 0, floor)
        floor = place + top * _LABEL_HEIGHT / _PLOT_HEIGHT
        spot = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 2, "y": place, "bgcolor": "rgba(0,0,0,0)"}
        labels.append({**spot, "text": f"<b>{name}</b>", "font": {"color": ink}})
    return labels
