-- name: lock_tree
-- How far the tree has come, held until commit: one process extends it at a time.
SELECT seq, hash FROM audit_tree FOR UPDATE;

-- name: read_tree
-- How far the tree has come.
SELECT seq, hash FROM audit_tree;

-- name: move_tree
-- The tree's new end; in the transaction of the tiles that lead there.
UPDATE audit_tree SET seq = $1, hash = $2;

-- name: find_tiles
-- Tiles of a proof, or of the tree's right edge.
SELECT t.level, t.number, t.hashes
FROM unnest($1::smallint[], $2::bigint[]) AS wanted (level, number) JOIN audit_tiles AS t USING (level, number);

-- name: upsert_tiles
-- Tiles as they are now; an unfinished one was shorter before.
INSERT INTO audit_tiles (level, number, hashes)
SELECT level, number, hashes FROM unnest($1::smallint[], $2::bigint[], $3::bytea[]) AS made (level, number, hashes)
ON CONFLICT (level, number) DO UPDATE SET hashes = EXCLUDED.hashes;

-- name: insert_checkpoint
-- A signed tree head.
INSERT INTO audit_checkpoints (size, root, note, signed_at) VALUES ($1, $2, $3, $4);

-- name: latest_checkpoint
-- The newest signed tree head.
SELECT size, root, note, signed_at FROM audit_checkpoints ORDER BY size DESC LIMIT 1;

-- name: export_snapshot
-- Lets other processes see what this transaction sees.
SELECT pg_export_snapshot();

-- name: stream_links_between
-- A stretch of the chain in its order.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source, prev_hash, hash
FROM audit_entries WHERE seq > $1 AND seq <= $2 ORDER BY seq;

-- name: hash_of_entry
-- An entry's place in the chain: what it was sealed upon, and what it was sealed to.
SELECT prev_hash, hash FROM audit_entries WHERE seq = $1;

-- name: find_stray
-- An entry outside the numbers that the sealer gave out: before the first, or behind the end.
(SELECT seq FROM audit_entries WHERE seq < 1 ORDER BY seq LIMIT 1)
UNION ALL (SELECT seq FROM audit_entries WHERE seq > $1 ORDER BY seq LIMIT 1) LIMIT 1;

-- name: lift_idle_limit
-- Others look at this snapshot while it waits.
SET LOCAL idle_in_transaction_session_timeout = 0;
