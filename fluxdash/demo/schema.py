"""The gateway's tables, column by column as its own migrations create them on PostgreSQL and SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

REQUEST_METRICS = "request_metrics"


def schema() -> sa.MetaData:
    """The four tables; timestamps hold UTC without a zone. UUIDs are text with dashes where there is no such type."""
    metadata = sa.MetaData()
    uuid = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    money = sa.Numeric(10, 6)
    sa.Table(
        "accounts",
        metadata,
        sa.Column("id", uuid, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("aws_account_id", sa.String(12)),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
    )
    sa.Table(
        "api_keys",
        metadata,
        sa.Column("id", uuid, primary_key=True),
        sa.Column("account_id", uuid, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("key_hash", sa.String(64), unique=True, nullable=False),
        sa.Column("key_prefix", sa.String(16)),
        sa.Column("name", sa.String(255)),
        sa.Column("scopes", json),
        sa.Column("rate_limit_rpm", sa.Integer()),
        sa.Column("rate_limit_tpm", sa.Integer()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("last_used_at", sa.DateTime()),
        sa.Column("expires_at", sa.DateTime()),
        sa.Column("is_active", sa.Boolean()),
    )
    sa.Table(
        REQUEST_METRICS,
        metadata,
        sa.Column("id", uuid, primary_key=True),
        sa.Column("account_id", uuid, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("api_key_id", uuid, sa.ForeignKey("api_keys.id")),
        sa.Column("request_id", sa.String(64), unique=True),
        sa.Column("trace_id", sa.String(64)),
        sa.Column("model_id", sa.String(255), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("routing_strategy", sa.String(32)),
        sa.Column("timestamp", sa.DateTime(), nullable=False),
        sa.Column("latency_ms", sa.Integer()),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("total_tokens", sa.Integer()),
        sa.Column("input_cost", money),
        sa.Column("output_cost", money),
        sa.Column("total_cost", money),
        sa.Column("cache_hit", sa.Boolean()),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("error_message", sa.Text()),
        sa.Column("metadata", json),
    )
    sa.Table(
        "model_pricing",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("model_id", sa.String(255), nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("input_per_1k", money, nullable=False),
        sa.Column("output_per_1k", money, nullable=False),
        sa.Column("effective_date", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime()),
    )
    return metadata
