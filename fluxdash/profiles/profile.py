"""The shape of a profile: which metric and label, which table and SQL expression, hold each measure and dimension."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.measure import Additive, Distribution, Level, Measure
from fluxdash.semantic.measures import LATENCY


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter on Prometheus (or a histogram's `_sum` or `_count`), with the labels its documentation promises.

    `where` holds fixed matchers (label, operator, value). `zero_like` names a counter whose series exist wherever one
    of this counter could: there, a missing series means 0 and not unknown; with `implied` that holds even while the
    metric does not exist at all. `scale` turns the unit into the base unit. `rest_of` says that this counter leaves
    some of another measure out, and that the rest is to be shown as `unknown`.
    """

    metric: str
    labels: tuple[str, ...]
    where: tuple[tuple[str, str, str], ...] = ()
    zero_like: str | None = None
    implied: bool = False
    scale: float = 1.0
    rest_of: Additive | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One counter less another: a cost less its savings, requests less their hits."""

    minuend: Counter
    subtrahend: Counter


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram on Prometheus, named without `_bucket`; `scale` turns its unit into seconds."""

    metric: str
    labels: tuple[str, ...]
    where: tuple[tuple[str, str, str], ...] = ()
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge on Prometheus that states a measure in its base unit."""

    metric: str
    labels: tuple[str, ...]
    where: tuple[tuple[str, str, str], ...] = ()


Expression = Counter | Difference | Histogram | Gauge
Read = Additive | Distribution | Level
"""The measures that a source holds; all others are computed from these."""


def read_as(measure: Measure) -> tuple[Read, ...]:
    """Return what a measure is computed from; a distribution and a level are read as they are."""
    return (measure,) if isinstance(measure, Distribution | Level) else measure.parts


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a measure; the first whose metrics exist and carry the labels asked for is used.

    `label` replaces the measure's title when this reading is not quite the measure, and says how.
    """

    expression: Expression
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a gateway's Prometheus metrics hold.

    `labels` names the labels that may carry each dimension, in order of preference, and `nulls` the label values that
    mean unknown. `readings` lists for each measure the ways to read it, best first.
    """

    readings: tuple[tuple[Read, tuple[Reading, ...]], ...]
    labels: tuple[tuple[Dimension, tuple[str, ...]], ...]
    pulse: str
    nulls: tuple[str, ...] = ("",)

    def read(self, measure: Read) -> tuple[Reading, ...]:
        """Return the ways to read a measure; empty when the gateway does not report it."""
        return next((readings for each, readings in self.readings if each.slug == measure.slug), ())

    def label(self, dimension: Dimension, carried: frozenset[str] | tuple[str, ...]) -> str | None:
        """Return the label, of those a metric carries, that holds the dimension."""
        names = next((names for each, names in self.labels if each == dimension), ())
        return next((name for name in names if name in carried), None)

    def grouping(self, by: Dimension | None, carried: frozenset[str] | tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels to group by: one for each part of the dimension; empty where one of them is missing."""
        labels = [self.label(part, carried) for part in by.parts] if by else []
        return tuple(label for label in labels if label) if all(labels) else ()


@dataclass(frozen=True, slots=True)
class Column:
    """A dimension in the log: an SQL expression over `{column}` placeholders, and the rows it has a meaning for."""

    expression: str
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """A dated price table; the row in force is the newest whose `since` is not after the request's time.

    Of rows with one `since` it is the one with the largest `key`, where the table has one: it was written last.
    """

    table: str
    model: str
    region: str
    since: str
    input: str
    output: str
    per: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The table that holds the accounts' names."""

    table: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Log:
    """What a gateway's request log holds: one row a request, `time` in naive UTC.

    `parts` gives each additive measure the expression of one row's contribution. Expressions are SQL over `{column}`
    placeholders that every engine understands; `{price}` stands for the request's tokens times the price in force, and
    `{input_price}` for its input tokens alone. `tokens_in` and `tokens_out` are the columns that these multiply.
    `latency` is in units of `latency_scale` seconds. `record` gives fields of a Record the expression of their value;
    those that are dimensions need none. `separator` stands between date and time where times are kept as text. `key` is
    a column that no two rows share, which tells requests of the same time apart.
    """

    table: str
    time: str
    parts: tuple[tuple[Additive, str], ...]
    dimensions: tuple[tuple[Dimension, Column], ...]
    latency: str
    latency_scale: float
    tokens_in: str
    tokens_out: str
    model: str
    region: str | None = None
    prices: Prices | None = None
    names: Names | None = None
    record: tuple[tuple[str, str], ...] = ()
    separator: str = " "
    key: str = ""

    def expression(self, measure: Read) -> str | None:
        """Return one row's contribution to a measure, or None when the log does not tell it."""
        if isinstance(measure, Additive):
            return next((text for each, text in self.parts if each.slug == measure.slug), None)
        return self.latency if measure == LATENCY else None

    def column(self, dimension: Dimension) -> Column | None:
        """Return where a dimension stands, or None when the log does not hold it."""
        return next((column for each, column in self.dimensions if each == dimension), None)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of gateway: its name, what its metrics, its request log and its traces hold.

    `own` are the measures that its user added to those that FluxDash knows.
    """

    slug: str
    title: str
    metrics: Metrics | None
    log: Log | None
    own: tuple[Additive, ...] = ()
    tracing: Tracing | None = None
