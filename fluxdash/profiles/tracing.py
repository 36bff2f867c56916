"""The shape of a gateway's traces: under which service, which span is a request, and where a span tells what."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.semantic.dimensions import Dimension


@dataclass(frozen=True, slots=True)
class Tracing:
    """What a gateway's spans hold.

    `service` is its name in traces, `request` the operation whose span is the request as a whole (None: the root is),
    `operations` those that are documented. `attributes` names for each dimension the attributes that may hold it, best
    first, each with the operation that carries it. `owners` are resource attributes, set by the gateway itself, that
    say which account a span belongs to; attributes of spans are not, for clients can write those. `notes` are the
    attributes worth a word beside a span's bar, each with how it is said (`{} in`), by operation; "" is any.
    """

    service: str
    request: str | None
    operations: tuple[str, ...] = ()
    attributes: tuple[tuple[Dimension, tuple[tuple[str, str], ...]], ...] = ()
    owners: tuple[str, ...] = ("account.id", "account_id")
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    def places(self, dimension: Dimension) -> tuple[tuple[str, str], ...]:
        """Return the (operation, attribute) pairs that may hold a dimension; empty when no span tells it."""
        return next((places for each, places in self.attributes if each == dimension), ())
