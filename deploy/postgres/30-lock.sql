-- What every role may do unasked and FluxDash's must not: make tables, temporary ones included.
--
-- It changes the rights of others, so look at it before you run it on a database that is shared. An owner keeps his.

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
