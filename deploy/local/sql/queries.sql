-- name: database_exists
-- Whether a service's database is there already.
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)

-- name: login_statements
-- What makes a login, or gives an existing one this stack's password; who is no superuser must belong to it to give it things.
SELECT format('CREATE ROLE %I LOGIN', $1::text) AS statement
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)
 UNION ALL
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)
 UNION ALL
SELECT format('GRANT %I TO CURRENT_USER', $1::text)
 WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)

-- name: create_database_statements
-- What makes a service's database for its owner, the same on every server.
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', $1::text, $2::text) AS statement

-- name: access_statements
-- What lets a service's everyday login in, and nobody else.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text) AS statement
 UNION ALL
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', $1::text, $2::text)

-- name: checkpoint
-- What makes a stop short: the bulk of dirty memory written down before it.
CHECKPOINT

-- name: existing_databases
-- Of these databases, those that exist.
SELECT datname FROM pg_database WHERE datname = ANY($1::text[]) ORDER BY datname

-- name: connected_services
-- Who still works in these databases.
SELECT DISTINCT datname FROM pg_stat_activity
WHERE datname = ANY($1::text[]) AND backend_type = 'client backend' ORDER BY datname

-- name: drop_database_statements
-- What removes a database, also while somebody who was cut off is still in it.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text) AS statement

-- name: rename_database_statements
-- What puts a restored database in its place.
SELECT format('ALTER DATABASE %I RENAME TO %I', $1::text, $2::text) AS statement
