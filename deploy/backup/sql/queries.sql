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
