-- name: insert_backup
-- A backup that is whole in its place; no row when one of that name was told of before.
INSERT INTO backups (backup, made_at, place, size, sha256, signer, rows, entries, head, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING backup;

-- name: insert_backup_drill
-- How a backup came back, each time that somebody tried.
INSERT INTO backup_drills (backup, drilled_at, sound, found) VALUES ($1, $2, $3, $4);

-- name: list_backups
-- The newest backups, each with its newest drill.
SELECT b.backup, b.made_at, b.place, b.size, b.sha256, b.signer, b.rows, b.entries, b.head, b.noted_at,
       d.drilled_at, d.sound, d.found
FROM backups AS b LEFT JOIN LATERAL (
    SELECT drilled_at, sound, found FROM backup_drills WHERE backup = b.backup ORDER BY drill DESC LIMIT 1
) AS d ON true
ORDER BY b.noted_at DESC, b.backup DESC LIMIT $1;
