"""The ways a measure can be cut: account, model, region, status, strategy, cache type and error type."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.errors import BadRequest, meant

UNKNOWN = "unknown"
"""The group of its own for values that the gateway left NULL or empty."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to cut a measure; `slug` is its name in URLs and the API, `title` its name on screen."""

    slug: str
    title: str
    plural: str

    def __str__(self) -> str:
        return self.slug


ACCOUNT = Dimension("account", "Account", "accounts")
MODEL = Dimension("model", "Model", "models")
REGION = Dimension("region", "Region", "regions")
STATUS = Dimension("status", "Status", "statuses")
STRATEGY = Dimension("strategy", "Strategy", "strategies")
CACHE_TYPE = Dimension("cache_type", "Cache type", "cache types")
ERROR_TYPE = Dimension("error_type", "Cause", "causes")

DIMENSIONS = (ACCOUNT, MODEL, REGION, STATUS, STRATEGY, CACHE_TYPE, ERROR_TYPE)


def dimension(slug: str) -> Dimension:
    """Return the dimension of that slug; raises BadRequest naming all of them."""
    for each in DIMENSIONS:
        if each.slug == slug:
            return each
    slugs = [each.slug for each in DIMENSIONS]
    raise BadRequest("dimension", slug, f"one of {', '.join(slugs)}.{meant(slug, slugs)}")
