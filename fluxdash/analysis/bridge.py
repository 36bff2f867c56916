"""The cost bridge: what volume, model mix, tokens per request, price and region, and the cache did to the cost.

The model. Cut a window into slices (model m, region r) and each slice's cost into input and output tokens. Each such
stream costs, exactly,

    N · n(m)/N · n(m,r)/n(m) · paid/n(m,r) · tokens/paid · cost/tokens

with N all requests (failed ones too), n those of a model or slice, and `paid` those that were not cache hits. Five
factors move it: *volume* N, *mix* n(m)/N, *cache* paid/n(m,r), *tokens* tokens/paid, and *price* (price and region)
n(m,r)/n(m) · cost/tokens, for where a model runs decides its price.

The split. A factor's part is its Shapley value: what changing it from before to after adds to the cost, averaged over
all 5! orders in which the five can change. For a product of factors a → b that is

    (bᵢ − aᵢ) · Σₛ s!(4−s)!/5! · eₛ,     eₛ: Σ over each s of the other four of Π (these at b, the rest at a)

So no order is preferred, the parts add up to the change, swapping the windows turns every sign, a factor that did not
change has no part, and neither the names nor the order of slices matter. The parts follow the facts continuously as
long as no slice appears or goes away.

Where a rate is not known in one window (nothing to divide by) it is taken from the other. So a new or gone model falls
to mix and volume, a model's new region to price and region, a slice that became all hits to the cache, and with an
empty window everything is volume. Failures use no tokens: more of them are fewer tokens per request.

What is not reported has no part (None), and what it would have explained falls to its neighbour: hits to tokens, tokens
to price, which then is a price per request. One slice that lacks a fact makes the fact unknown for all. Cost without
tokens is priced per request too; cost where every request was a hit is taken as one paid request. Without
`input_cost`, both kinds of tokens share one price (`blended`): a shift from input to output then counts as price.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from fluxdash.analysis.shapley import shapley
from fluxdash.semantic.measure import Amount

_DIGITS = 60  # enough that parts differ from their sum by less than 1e-40 of a dollar
_NOISE = Decimal("1e-9")  # sums of floats differ by less; what is left must not look like cost without tokens
_EQUAL = Decimal("1e-18")  # dollars; parts that differ by less are equal but for the order in which they were added
_ZERO = Decimal(0)

Money = Decimal | float


class Factor(StrEnum):
    """What can move the cost, in the order in which it is drawn."""

    VOLUME = "volume"
    MIX = "mix"
    TOKENS = "tokens"
    PRICE = "price"
    CACHE = "cache"


class Kind(StrEnum):
    """What the two numbers of a note are."""

    REQUESTS = "requests"  # all requests
    SHARE = "share"  # a model's share of all requests
    TOKENS = "tokens"  # input, output or all tokens of a paid request, as both windows' slices weigh them together
    PRICE = "price"  # dollars a token (a paid request where tokens are not reported) of a model in a region
    REGION = "region"  # a region's share of a model's requests
    HITS = "hits"  # hits ÷ all requests; not the hit rate, which leaves out requests that never asked the cache


@dataclass(frozen=True, slots=True)
class Facts:
    """What one model in one region took in one window; tokens and cost are those of requests that were not hits.

    Facts of one model and region may come in pieces (by account); they are added up. None is not reported.
    """

    model: str
    region: str
    requests: float
    cost: Money
    hits: Amount = None
    input_tokens: Amount = None
    output_tokens: Amount = None
    input_cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """The fact that says most about a part: `subject` is () or (model), (model, region), (`input`) or (`output`)."""

    kind: Kind
    subject: tuple[str, ...]
    before: Amount
    after: Amount


@dataclass(frozen=True, slots=True)
class Part:
    """What one factor did to the cost, exact in dollars and in cents that add up; None where it cannot be told."""

    factor: Factor
    amount: Decimal | None
    cents: int | None
    note: Note | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """The cost of both windows in dollars, and the change split into a part a factor, in the order of Factor.

    `cents` is the change, half a cent away from zero: the sum of the parts' cents.
    """

    before: Decimal
    after: Decimal
    cents: int
    parts: tuple[Part, ...]
    blended: bool


_Key = tuple[str, str]
_Pair = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One slice's exact sums in one window; `tokens` and `costs` hold one number a kind of tokens."""

    requests: Decimal
    paid: Decimal
    tokens: tuple[Decimal, ...]
    costs: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class _Stream:
    """One kind of tokens of one slice: rates before and after, each factor's part, and what of price is the region."""

    key: _Key
    kind: str
    paid: _Pair
    tokens: _Pair
    price: _Pair
    share: _Pair
    parts: tuple[Decimal, ...]
    place: Decimal


def bridge(previous: Iterable[Facts], current: Iterable[Facts]) -> Bridge:
    """Split the change of cost from the previous window to the current one; see the top of this module."""
    windows = (tuple(previous), tuple(current))
    every = [each for window in windows for each in window]
    known = {field.name for field in fields(Facts) if all(getattr(each, field.name) is not None for each in every)}
    counted = {"input_tokens", "output_tokens"} <= known
    kinds = ("input", "output") if counted and "input_cost" in known else ("",)
    told = {Factor.TOKENS: counted, Factor.CACHE: "hits" in known}
    with localcontext(prec=_DIGITS):
        before, after = (_cells(window, kinds, told) for window in windows)
        streams = list(_streams(before, after, kinds))
        amounts = [sum((each.parts[i] for each in streams), _ZERO) for i in range(len(Factor))]
        costs = [sum((cost for cell in cells.values() for cost in cell.costs), _ZERO) for cells in (before, after)]
        change = _cents(costs[1] - costs[0])
        cents = _rounded(amounts, change)
        notes = _notes(streams, before, after)
    parts = (
        Part(factor, amount, whole, notes.get(factor)) if told.get(factor, True) else Part(factor, None, None, None)
        for factor, amount, whole in zip(Factor, amounts, cents, strict=True)
    )
    return Bridge(costs[0], costs[1], change, tuple(parts), blended=counted and len(kinds) == 1)


def _cells(window: Iterable[Facts], kinds: tuple[str, ...], told: Mapping[Factor, bool]) -> dict[_Key, _Cell]:
    pieces = defaultdict[_Key, list[Facts]](list)
    for each in window:
        pieces[each.model, each.region].append(each)
    return {key: _cell(pieces[key], kinds, told) for key in sorted(pieces)}


def _cell(pieces: Sequence[Facts], kinds: tuple[str, ...], told: Mapping[Factor, bool]) -> _Cell:
    def total(amounts: Iterable[Money | None]) -> Decimal:
        return sum((Decimal(str(each or 0)) for each in amounts), _ZERO)

    requests, cost = total(each.requests for each in pieces), total(each.cost for each in pieces)
    paid = requests - total(each.hits for each in pieces) if told[Factor.CACHE] else requests
    if paid <= 0:
        paid = Decimal(1) if cost else _ZERO
    requests = max(requests, paid)
    into, out = total(each.input_tokens for each in pieces), total(each.output_tokens for each in pieces)
    if len(kinds) == 2:
        of_output = (cost - total(each.input_cost for each in pieces)).quantize(_NOISE)
        if abs(cost - of_output) < _NOISE:  # the noise of the cost itself is no cost of input either
            of_output = cost
        return _Cell(requests, paid, (into, out), (cost - of_output, of_output))
    return _Cell(requests, paid, (into + out if told[Factor.TOKENS] else paid,), (cost,))


def _streams(before: Mapping[_Key, _Cell], after: Mapping[_Key, _Cell], kinds: tuple[str, ...]) -> Iterator[_Stream]:
    nothing = _Cell(_ZERO, _ZERO, (_ZERO,) * len(kinds), (_ZERO,) * len(kinds))
    models = [_by_model(each) for each in (before, after)]
    volume = (sum(models[0].values(), _ZERO), sum(models[1].values(), _ZERO))
    for key in sorted({*before, *after}):
        cells = (before.get(key, nothing), after.get(key, nothing))
        of_model = (models[0][key[0]], models[1][key[0]])
        requests, paid = (cells[0].requests, cells[1].requests), (cells[0].paid, cells[1].paid)
        mix, share, cache = _rate(of_model, volume), _rate(requests, of_model), _rate(paid, requests)
        for i, kind in enumerate(kinds):
            used, cost = (cells[0].tokens[i], cells[1].tokens[i]), (cells[0].costs[i], cells[1].costs[i])
            if any(amount and not tokens for tokens, amount in zip(used, cost, strict=True)):
                used = paid
            tokens, price = _rate(used, paid), _rate(cost, used)
            placed = (share[0] * price[0], share[1] * price[1])
            parts = shapley(*zip(volume, mix, tokens, placed, cache, strict=True))
            moved, by_share = placed[1] - placed[0], (share[1] - share[0]) * (price[0] + price[1]) / 2
            place = parts[3] * by_share / moved if moved else _ZERO
            yield _Stream(key, kind, paid, tokens, price, share, parts, place)


def _by_model(cells: Mapping[_Key, _Cell]) -> defaultdict[str, Decimal]:
    requests = defaultdict[str, Decimal](Decimal)
    for (model, _), cell in cells.items():
        requests[model] += cell.requests
    return requests


def _rate(above: _Pair, below: _Pair) -> _Pair:
    """Divide in both windows; where there is nothing to divide by, the other window's rate stands in."""
    known = [a / b for a, b in zip(above, below, strict=True) if b]
    return (known[0], known[-1]) if known else (_ZERO, _ZERO)


def _cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))


def _rounded(amounts: Sequence[Decimal], target: int) -> list[int]:
    """Round to cents that add up to the target; the cents that are over or short go where rounding erred most."""
    cents = [_cents(each) for each in amounts]
    short = target - sum(cents)
    step = 1 if short > 0 else -1
    errors = [(amount * 100 - whole) * step for amount, whole in zip(amounts, cents, strict=True)]
    for i in sorted(range(len(cents)), key=lambda i: (-errors[i], i))[: abs(short)]:
        cents[i] += step
    return cents


def _notes(streams: Sequence[_Stream], before: Mapping[_Key, _Cell], after: Mapping[_Key, _Cell]) -> dict[Factor, Note]:
    if not streams:
        return {}
    windows = (before, after)
    requests = [sum((cell.requests for cell in cells.values()), _ZERO) for cells in windows]
    paid = [sum((cell.paid for cell in cells.values()), _ZERO) for cells in windows]

    def note(kind: Kind, subject: tuple[str, ...], above: Sequence[Decimal], below: Sequence[Decimal]) -> Note:
        return Note(kind, subject, *(float(a / b) if b else None for a, b in zip(above, below, strict=True)))

    one = (Decimal(1), Decimal(1))
    mixed, used = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    for each in streams:
        mixed[each.key[0]] += each.parts[1]
        used[each.kind] += each.parts[2]
    model, kind = _largest(mixed), _largest(used)
    of_model = [_by_model(cells)[model] for cells in windows]
    weights = [(each.tokens, each.paid[0] + each.paid[1]) for each in streams if each.kind == kind]
    tokens = [sum((rate[i] * weight for rate, weight in weights), _ZERO) for i in (0, 1)]
    weighed = sum((weight for _, weight in weights), _ZERO)
    placed = sum((each.place for each in streams), _ZERO)
    priced = sum((each.parts[3] for each in streams), _ZERO) - placed
    if _size(placed) > _size(priced):
        most = max(streams, key=lambda each: _size(each.place))
        price = note(Kind.REGION, most.key, most.share, one)
    else:
        most = max(streams, key=lambda each: _size(each.parts[3] - each.place))
        price = note(Kind.PRICE, (*most.key, most.kind) if most.kind else most.key, most.price, one)
    return {
        Factor.VOLUME: note(Kind.REQUESTS, (), requests, one),
        Factor.MIX: note(Kind.SHARE, (model,), of_model, requests),
        Factor.TOKENS: note(Kind.TOKENS, (kind,) if kind else (), tokens, (weighed, weighed)),
        Factor.PRICE: price,
        Factor.CACHE: note(Kind.HITS, (), [a - b for a, b in zip(requests, paid, strict=True)], requests),
    }


def _largest(parts: Mapping[str, Decimal]) -> str:
    return min(parts, key=lambda name: (-_size(parts[name]), name))


def _size(part: Decimal) -> Decimal:
    return abs(part).quantize(_EQUAL)
