-- name: close_shared_databases
-- Logins of services have no business in the databases that belong to nobody, where PostgreSQL lets everybody in.
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC
