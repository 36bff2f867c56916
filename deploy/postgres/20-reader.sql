-- The role that FluxDash connects as: it reads the tables named below, and may do nothing else.
--
--   READER_PASSWORD=… psql -v ON_ERROR_STOP=1 -f 20-reader.sql postgresql://owner@host/fluxai
--
-- Run by the owner of the tables, who may also create roles; psql 15 or newer. It can be run again: rights and limits are
-- then as written here. Without the variable the role keeps the password it has.

\getenv password READER_PASSWORD

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fluxdash_reader') THEN
        CREATE ROLE fluxdash_reader;
    END IF;
END
$$;

-- A process of FluxDash holds at most FLUXDASH_DATABASE_CONCURRENCY + 1 connections for its panels and 3 for traces.
ALTER ROLE fluxdash_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 40;
\if :{?password}
ALTER ROLE fluxdash_reader PASSWORD :'password';
\endif

-- A session may undo these three; what it cannot undo is that no right to write was ever granted.
ALTER ROLE fluxdash_reader SET default_transaction_read_only = on;
ALTER ROLE fluxdash_reader SET statement_timeout = '30s';
ALTER ROLE fluxdash_reader SET idle_in_transaction_session_timeout = '60s';

SELECT format('GRANT CONNECT ON DATABASE %I TO fluxdash_reader', current_database()) \gexec
GRANT USAGE ON SCHEMA public TO fluxdash_reader;

-- Not api_keys: FluxDash never reads it.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM fluxdash_reader;
GRANT SELECT ON request_metrics, accounts, model_pricing TO fluxdash_reader;

-- The table of spans, where a gateway keeps its traces beside its log.
SELECT 'GRANT SELECT ON trace_spans TO fluxdash_reader' WHERE to_regclass('public.trace_spans') IS NOT NULL \gexec

COMMIT;
