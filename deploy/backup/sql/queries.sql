-- name: hold_outbox
-- Nothing more is decided to be published until this transaction ends: milliseconds, in which four snapshots agree.
LOCK TABLE outbox IN SHARE MODE

-- name: wait_briefly
-- A service that stands still with its lock must not be waited for.
SET LOCAL lock_timeout = '5s'

-- name: export_snapshot
-- The name under which pg_dump sees what this transaction sees.
SELECT pg_export_snapshot()

-- name: list_tables
-- Every table of a service, and how to spell it.
SELECT c.relname AS name, format('SELECT count(*) FROM %I.%I', n.nspname, c.relname) AS counting
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY c.relname

-- name: read_fences
-- How far this service had read each partition.
SELECT consumer, topic, partition, next_offset, last_mark FROM consumed_offsets ORDER BY consumer, topic, partition

-- name: read_head
-- Where the audit chain ends.
SELECT seq, hash FROM audit_head

-- name: recompute_chain
-- The whole chain again, by PostgreSQL itself, which shares no code with the sealer: how many entries there are, and the
-- first that is not sealed, or does not stand upon the one before it.
WITH spelled AS (
    SELECT e.seq, e.prev_hash, e.hash, lag(e.hash, 1, sha256('tierline audit chain')) OVER (ORDER BY e.seq) AS before,
           row_number() OVER (ORDER BY e.seq) AS place,
           convert_to(
               '1;' || e.seq || ';' || (extract(epoch FROM e.at) * 1000000)::bigint || ';'
                   || (extract(epoch FROM e.recorded_at) * 1000000)::bigint || ';' || (
                   SELECT string_agg(coalesce(octet_length(f.value) || ':' || f.value || ',', '-,'), '' ORDER BY f.place)
                   FROM unnest(ARRAY[e.actor, e.role, e.action, e.file, e.outcome, e.grant_id, e.station, e.service,
                                     e.reason, e.detail, e.event_id, e.event_source]) WITH ORDINALITY AS f (value, place)
               ),
               'UTF8') AS body
    FROM audit_entries AS e
), judged AS (
    SELECT seq, place = seq AND prev_hash = before AND sha256(prev_hash || body) = hash AS sound FROM spelled
)
SELECT count(*) AS entries, min(seq) FILTER (WHERE NOT sound) AS first_bad FROM judged

-- name: read_last_entry
-- The last entry itself, which the end must name.
SELECT seq, hash FROM audit_entries ORDER BY seq DESC LIMIT 1

-- name: move_fence
-- Where a partition is read from in the log as it is now.
INSERT INTO consumed_offsets AS o (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = EXCLUDED.next_offset, last_mark = NULL

-- name: read_migrations
-- What the release that wrote this database had made of it.
SELECT migration, checksum FROM schema_migrations ORDER BY migration

-- name: read_checkpoint
-- The newest signed head of the audit's tree.
SELECT note FROM audit_checkpoints ORDER BY size DESC LIMIT 1

-- name: read_entries
-- Entries in their order, as they are hashed.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail, event_id,
       event_source
FROM audit_entries WHERE seq <= $1 ORDER BY seq

-- name: close_counted_grants
-- Archive's grants for a number of readings that run, by the clock or by that of the newest entry.
UPDATE grants SET revoked_at = $1, revoked_by = $2, revoke_reason = $3
WHERE uses IS NOT NULL AND revoked_at IS NULL
  AND until > least($1, (SELECT recorded_at FROM audit_entries ORDER BY seq DESC LIMIT 1))
RETURNING grant_id, file

-- name: shut_counted_grants
-- The same in customers' copy, where nothing but opening depends on it.
UPDATE grants SET revoked_at = $1 WHERE uses IS NOT NULL AND revoked_at IS NULL

-- name: shut_grants_by_id
-- Grants that the copy will hear of when it reads on: a revocation that came first stands.
INSERT INTO grants AS g (grant_id, file, sections, revoked_at)
SELECT grant_id, file, '[]', $3 FROM unnest($1::text[], $2::text[]) AS t (grant_id, file)
ON CONFLICT (grant_id) DO UPDATE SET revoked_at = least(g.revoked_at, EXCLUDED.revoked_at)

-- name: list_living_records
-- Of these records, those that are not destroyed here.
SELECT record FROM records WHERE record = ANY($1::text[]) AND destroyed_at IS NULL ORDER BY record
