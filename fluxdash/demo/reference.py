"""The rows a log needs before its first request: the accounts, their API keys and the list prices."""

from __future__ import annotations

import hashlib

from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.prices import LAUNCHED, PriceBook

Row = dict[str, object]


def account_rows() -> list[Row]:
    """The rows of `accounts`."""
    return [
        {
            "id": account.id,
            "name": account.name,
            "aws_account_id": f"{482_910_000_000 + 7_919 * number}",
            "created_at": LAUNCHED,
            "updated_at": LAUNCHED,
        }
        for number, account in enumerate(ACCOUNTS)
    ]


def key_rows() -> list[Row]:
    """The rows of `api_keys`; the hashes are no key's."""
    return [_key(account.id, account.key_id(name), name) for account in ACCOUNTS for name in account.keys]


def price_rows() -> list[Row]:
    """The rows of `model_pricing`, in the order in which the prices came into force."""
    return [
        {
            "model_id": price.model_id,
            "region": price.region,
            "input_per_1k": price.input_per_1k,
            "output_per_1k": price.output_per_1k,
            "effective_date": price.effective_date,
            "created_at": price.effective_date,
        }
        for price in sorted(PriceBook().rows(), key=lambda price: price.effective_date)
    ]


def _key(account_id: str, key_id: str, name: str) -> Row:
    digest = hashlib.sha256(key_id.encode()).hexdigest()
    return {
        "id": key_id,
        "account_id": account_id,
        "key_hash": digest,
        "key_prefix": f"fx-{digest[:8]}",
        "name": name,
        "scopes": ["chat:write"] if name == "production" else ["chat:write", "models:read"],
        "rate_limit_rpm": 600,
        "rate_limit_tpm": 400_000,
        "created_at": LAUNCHED,
        "is_active": True,
    }
