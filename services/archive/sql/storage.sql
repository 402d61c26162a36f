-- name: read_scan
-- How far the round has come, and when it began.
SELECT after, begun_at FROM storage_scan;

-- name: next_pieces
-- The next pieces of records that were not destroyed, by id.
SELECT a.attachment_id, a.record, a.section, a.name, a.media_type, a.size, a.sha256, a.object_key, a.added_by, a.added_at
FROM attachments AS a JOIN records AS r USING (record)
WHERE r.destroyed_at IS NULL AND a.attachment_id > $1 ORDER BY a.attachment_id LIMIT $2;

-- name: move_scan
-- The round goes on, begins ($1 null before) or ends ($2 null); no row when another process has moved it.
UPDATE storage_scan
SET after = $2, begun_at = CASE WHEN $1::text IS NULL THEN $3 ELSE begun_at END,
    pieces = CASE WHEN $1::text IS NULL THEN 0 ELSE pieces END + $4,
    damaged = CASE WHEN $1::text IS NULL THEN 0 ELSE damaged END + $5
WHERE after IS NOT DISTINCT FROM $1::text RETURNING pieces, damaged;
