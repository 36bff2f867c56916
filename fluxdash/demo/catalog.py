"""Who talks to the demo gateway, through which models, regions and strategies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_DNS, UUID, uuid5

STRATEGIES = ("cost-optimized", "low-latency", "capability-based", "auto")
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Model:
    """A model with its us-east-1 list price (USD per 1,000 tokens) and how fast it usually writes."""

    id: str
    input_per_1k: Decimal
    output_per_1k: Decimal
    first_token_ms: float = 0.0
    ms_per_token: float = 0.0


@dataclass(frozen=True, slots=True)
class Region:
    """A region with its price factor and how much slower than us-east-1 it answers."""

    name: str
    price_factor: Decimal
    slowness: float


@dataclass(frozen=True, slots=True)
class Route:
    """One model in one region, with its weight among the routes of an account."""

    model: Model
    region: Region
    weight: float


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant: how much it asks for, when, of what size, and what its cache gives back (None: cache off)."""

    name: str
    share: float
    peak_hour: float
    daily_swing: float
    weekend: float
    strategy: str
    hit_share: float | None
    prompt_tokens: int
    answer_tokens: int
    apps: tuple[str, ...]
    keys: tuple[str, ...]
    routes: tuple[Route, ...]

    @property
    def id(self) -> str:
        """The account's UUID, the same on every machine and for every seed."""
        return str(uuid5(NAMESPACE_DNS, f"{self.name}.fluxai.example"))

    def key_id(self, key: str) -> str:
        """The UUID of one of the account's API keys."""
        return str(uuid5(UUID(self.id), key))


SONNET = Model("anthropic.claude-3-5-sonnet-20241022-v2:0", Decimal("0.003"), Decimal("0.015"), 480, 10.4)
HAIKU = Model("anthropic.claude-3-5-haiku-20241022-v1:0", Decimal("0.001"), Decimal("0.005"), 300, 6.0)
OPUS = Model("anthropic.claude-3-opus-20240229-v1:0", Decimal("0.015"), Decimal("0.075"), 1050, 21.0)
LLAMA_70B = Model("meta.llama3-70b-instruct-v1:0", Decimal("0.00265"), Decimal("0.0035"), 400, 11.5)
LLAMA_8B = Model("meta.llama3-8b-instruct-v1:0", Decimal("0.0003"), Decimal("0.0006"), 190, 4.5)
TITAN_EXPRESS = Model("amazon.titan-text-express-v1", Decimal("0.0002"), Decimal("0.0006"), 280, 7.2)
TITAN_LITE = Model("amazon.titan-text-lite-v1", Decimal("0.00015"), Decimal("0.0002"), 200, 4.8)
MISTRAL_7B = Model("mistral.mistral-7b-instruct-v0:2", Decimal("0.00015"), Decimal("0.0002"), 210, 5.2)
MIXTRAL = Model("mistral.mixtral-8x7b-instruct-v0:1", Decimal("0.00045"), Decimal("0.0007"), 290, 7.6)
EMBEDDINGS = Model("amazon.titan-embed-text-v1", Decimal("0.0001"), Decimal("0"))
UNPRICED = Model("cohere.command-r-plus-v1:0", Decimal("0"), Decimal("0"))  # in no price list; seen with quirks only

CHAT_MODELS = (SONNET, HAIKU, OPUS, LLAMA_70B, LLAMA_8B, TITAN_EXPRESS, TITAN_LITE, MISTRAL_7B, MIXTRAL)

US_EAST = Region("us-east-1", Decimal("1.0"), 1.0)
US_WEST = Region("us-west-2", Decimal("1.0"), 1.06)
EU_WEST = Region("eu-west-1", Decimal("1.1"), 1.14)
EU_CENTRAL = Region("eu-central-1", Decimal("1.1"), 1.1)
AP_NORTHEAST = Region("ap-northeast-1", Decimal("1.15"), 1.3)
AP_SOUTHEAST = Region("ap-southeast-1", Decimal("1.15"), 1.38)

REGIONS = (US_EAST, US_WEST, EU_WEST, EU_CENTRAL, AP_NORTHEAST, AP_SOUTHEAST)
