"""The ways a measure can be cut: account, model, region, status, strategy, what the cache said, its type and cause."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.errors import BadRequest, meant

UNKNOWN = "unknown"
"""The group of its own for values that the gateway left NULL or empty."""

HIT, MISS, OFF = "hit", "miss", "off"
"""What the cache said to a request; `off` where it was never asked."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to cut a measure; `slug` is its name in URLs and the API, `title` its name on screen."""

    slug: str
    title: str
    plural: str
    of: tuple[Dimension, ...] = ()

    @property
    def parts(self) -> tuple[Dimension, ...]:
        """The dimensions it is made of; itself, unless it is a cross of several."""
        return self.of or (self,)

    def __str__(self) -> str:
        return self.slug


ACCOUNT = Dimension("account", "Account", "accounts")
MODEL = Dimension("model", "Model", "models")
REGION = Dimension("region", "Region", "regions")
STATUS = Dimension("status", "Status", "statuses")
STRATEGY = Dimension("strategy", "Strategy", "strategies")
CACHE = Dimension("cache", "Cache", "cache results")
CACHE_TYPE = Dimension("cache_type", "Cache type", "cache types")
ERROR_TYPE = Dimension("error_type", "Cause", "causes")

JOINT = "\x1f"
"""Stands between the values of a crossed dimension's group; no printable value contains it."""


def cross(*dimensions: Dimension) -> Dimension:
    """Return the dimension whose groups are the combinations of values: `cross(MODEL, REGION)`."""
    title = " × ".join(each.title for each in dimensions)
    plural = " × ".join(each.plural for each in dimensions)
    return Dimension("*".join(each.slug for each in dimensions), title, plural, tuple(dimensions))


def values(group: str) -> tuple[str, ...]:
    """Return the values that a group of a crossed dimension combines."""
    return tuple(group.split(JOINT))


DIMENSIONS = (ACCOUNT, MODEL, REGION, STATUS, STRATEGY, CACHE, CACHE_TYPE, ERROR_TYPE)


def dimension(slug: str) -> Dimension:
    """Return the dimension of that slug, as the parameter `by` names it; raises BadRequest naming all of them."""
    for each in DIMENSIONS:
        if each.slug == slug:
            return each
    slugs = [each.slug for each in DIMENSIONS]
    raise BadRequest("by", slug, f"one of {', '.join(slugs)}.{meant(slug, slugs)}")
