-- The gateway's tables as its own migrations create them, so that rights can be granted before the gateway first starts,
-- and the one index that it does not create itself.
--
-- For a fresh database only: a FluxAI installation has these tables already and needs no more than the index at the end.

CREATE TABLE IF NOT EXISTS accounts (
    id uuid PRIMARY KEY,
    name varchar(255) NOT NULL,
    aws_account_id varchar(12),
    created_at timestamp,
    updated_at timestamp
);

CREATE TABLE IF NOT EXISTS api_keys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    key_hash varchar(64) NOT NULL UNIQUE,
    key_prefix varchar(16),
    name varchar(255),
    scopes jsonb,
    rate_limit_rpm integer,
    rate_limit_tpm integer,
    created_at timestamp,
    last_used_at timestamp,
    expires_at timestamp,
    is_active boolean
);

CREATE TABLE IF NOT EXISTS model_pricing (
    id serial PRIMARY KEY,
    model_id varchar(255) NOT NULL,
    region varchar(32) NOT NULL,
    input_per_1k numeric(10, 6) NOT NULL,
    output_per_1k numeric(10, 6) NOT NULL,
    effective_date timestamp NOT NULL,
    created_at timestamp
);

CREATE TABLE IF NOT EXISTS request_metrics (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    api_key_id uuid REFERENCES api_keys (id),
    request_id varchar(64) UNIQUE,
    trace_id varchar(64),
    model_id varchar(255) NOT NULL,
    region varchar(32) NOT NULL,
    routing_strategy varchar(32),
    "timestamp" timestamp NOT NULL,
    latency_ms integer,
    input_tokens integer,
    output_tokens integer,
    total_tokens integer,
    input_cost numeric(10, 6),
    output_cost numeric(10, 6),
    total_cost numeric(10, 6),
    cache_hit boolean,
    status varchar(32) NOT NULL,
    error_message text,
    metadata jsonb
);

-- On a log that is in use: CREATE INDEX CONCURRENTLY, which does not keep the gateway from writing.
CREATE INDEX IF NOT EXISTS ix_request_metrics_timestamp ON request_metrics ("timestamp");
