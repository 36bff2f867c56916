"""The twelve tenants of the demo gateway: one heavy, a long tail, and one that runs without a cache."""

from __future__ import annotations

from fluxdash.demo.catalog import (
    AP_NORTHEAST,
    AP_SOUTHEAST,
    EU_CENTRAL,
    EU_WEST,
    HAIKU,
    LLAMA_8B,
    LLAMA_70B,
    MISTRAL_7B,
    MIXTRAL,
    OPUS,
    SONNET,
    TITAN_EXPRESS,
    TITAN_LITE,
    US_EAST,
    US_WEST,
    Account,
    Model,
    Region,
    Route,
)


def _routes(*routes: tuple[Model, Region, float]) -> tuple[Route, ...]:
    return tuple(Route(*route) for route in routes)


ACCOUNTS = (
    Account(
        name="acme-retail", share=0.34, peak_hour=19, daily_swing=0.55, weekend=1.15, strategy="cost-optimized",
        hit_share=0.36, prompt_tokens=420, answer_tokens=120,
        apps=("product-search", "support-chat"), keys=("production", "staging", "batch"),
        routes=_routes(
            (HAIKU, US_EAST, 0.40), (SONNET, US_EAST, 0.22), (LLAMA_8B, US_EAST, 0.18), (HAIKU, US_WEST, 0.20),
        ),
    ),
    Account(
        name="borealis-bank", share=0.16, peak_hour=11, daily_swing=0.70, weekend=0.45, strategy="capability-based",
        hit_share=0.26, prompt_tokens=760, answer_tokens=150,
        apps=("advisor-copilot", "kyc-summary"), keys=("production", "staging"),
        routes=_routes(
            (SONNET, EU_CENTRAL, 0.50), (HAIKU, EU_CENTRAL, 0.30), (SONNET, EU_WEST, 0.12), (LLAMA_70B, EU_WEST, 0.08),
        ),
    ),
    Account(
        name="kite-insurance", share=0.11, peak_hour=16, daily_swing=0.60, weekend=0.55, strategy="auto",
        hit_share=0.31, prompt_tokens=610, answer_tokens=140,
        apps=("claims-triage",), keys=("production", "batch"),
        routes=_routes(
            (SONNET, US_EAST, 0.35), (HAIKU, US_EAST, 0.30), (MIXTRAL, US_EAST, 0.20), (MISTRAL_7B, US_EAST, 0.15),
        ),
    ),
    Account(
        name="ember-health", share=0.09, peak_hour=17, daily_swing=0.50, weekend=0.70, strategy="low-latency",
        hit_share=None, prompt_tokens=880, answer_tokens=160,
        apps=("clinical-notes", "patient-letters"), keys=("production",),
        routes=_routes((SONNET, US_WEST, 0.45), (HAIKU, US_WEST, 0.35), (LLAMA_70B, US_WEST, 0.20)),
    ),
    Account(
        name="lumen-media", share=0.08, peak_hour=21, daily_swing=0.45, weekend=1.10, strategy="low-latency",
        hit_share=0.28, prompt_tokens=300, answer_tokens=170,
        apps=("headline-writer", "captioning"), keys=("production", "staging"),
        routes=_routes((HAIKU, US_EAST, 0.50), (TITAN_EXPRESS, US_EAST, 0.30), (LLAMA_8B, US_WEST, 0.20)),
    ),
    Account(
        name="orchid-travel", share=0.07, peak_hour=4, daily_swing=0.60, weekend=1.05, strategy="cost-optimized",
        hit_share=0.33, prompt_tokens=350, answer_tokens=130,
        apps=("trip-planner",), keys=("production", "staging"),
        routes=_routes(
            (HAIKU, AP_SOUTHEAST, 0.45), (LLAMA_8B, AP_SOUTHEAST, 0.25), (HAIKU, AP_NORTHEAST, 0.30),
        ),
    ),
    Account(
        name="quarry-legal", share=0.04, peak_hour=13, daily_swing=0.75, weekend=0.30, strategy="capability-based",
        hit_share=0.14, prompt_tokens=1900, answer_tokens=190,
        apps=("contract-review",), keys=("production",),
        routes=_routes((OPUS, EU_WEST, 0.30), (SONNET, EU_WEST, 0.70)),
    ),
    Account(
        name="tidal-logistics", share=0.04, peak_hour=2, daily_swing=0.65, weekend=0.80, strategy="cost-optimized",
        hit_share=0.33, prompt_tokens=240, answer_tokens=80,
        apps=("label-parser", "eta-mails"), keys=("batch",),
        routes=_routes((MISTRAL_7B, US_EAST, 0.55), (TITAN_LITE, US_EAST, 0.45)),
    ),
    Account(
        name="northwind-edu", share=0.035, peak_hour=15, daily_swing=0.70, weekend=0.60, strategy="auto",
        hit_share=0.28, prompt_tokens=330, answer_tokens=160,
        apps=("homework-tutor",), keys=("production",),
        routes=_routes((LLAMA_8B, US_WEST, 0.50), (MISTRAL_7B, US_WEST, 0.30), (LLAMA_70B, US_WEST, 0.20)),
    ),
    Account(
        name="pollen-labs", share=0.02, peak_hour=14, daily_swing=0.40, weekend=0.80, strategy="auto",
        hit_share=0.10, prompt_tokens=1100, answer_tokens=220,
        apps=("paper-digest",), keys=("production", "notebooks"),
        routes=_routes((SONNET, EU_CENTRAL, 0.45), (MIXTRAL, EU_WEST, 0.35), (OPUS, EU_WEST, 0.20)),
    ),
    Account(
        name="fable-games", share=0.01, peak_hour=22, daily_swing=0.60, weekend=1.30, strategy="low-latency",
        hit_share=0.20, prompt_tokens=500, answer_tokens=110,
        apps=("npc-dialogue",), keys=("production",),
        routes=_routes((LLAMA_8B, AP_NORTHEAST, 0.60), (TITAN_EXPRESS, AP_NORTHEAST, 0.40)),
    ),
    Account(
        name="juniper-relief", share=0.005, peak_hour=9, daily_swing=0.50, weekend=0.90, strategy="cost-optimized",
        hit_share=0.25, prompt_tokens=280, answer_tokens=120,
        apps=("field-reports",), keys=("production",),
        routes=_routes((TITAN_LITE, EU_CENTRAL, 0.60), (HAIKU, EU_CENTRAL, 0.40)),
    ),
)  # fmt: skip
