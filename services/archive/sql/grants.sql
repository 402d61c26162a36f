-- name: insert_grant
-- A grant as it was given.
INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by, given_by, given_at,
                    request_id, uses, reading_room, original)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: revoke_grant
-- Ends a grant once; no row when there is none, or when it has ended before.
UPDATE grants SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
WHERE grant_id = $1 AND revoked_at IS NULL
RETURNING file;

-- name: find_grant
-- One grant and what became of it.
SELECT g.grant_id, g.file, g.person, g.sections, g.copy_allowed, g.not_before, g.until, g.approved_by, g.given_by,
       g.given_at, g.request_id, g.uses, g.reading_room, g.original,
       (SELECT count(*) FROM grant_uses AS u WHERE u.grant_id = g.grant_id) AS used,
       g.revoked_at, g.revoked_by, g.revoke_reason, r.returned_at, r.received_by
FROM grants AS g LEFT JOIN loan_returns AS r USING (grant_id)
WHERE g.grant_id = $1;

-- name: lock_grant_use
-- One reading of a piece at a time, so that the next counts on from it instead of taking the same number.
SELECT pg_advisory_xact_lock(hashtextextended('use:' || $1::text || '/' || $2::text, 0));

-- name: use_grant
-- Counts a reading of a piece; no row when the grant was used up for it, or revoked, since it was looked at.
INSERT INTO grant_uses (grant_id, piece, number, used_at)
SELECT g.grant_id, $2, count(u.grant_id) + 1, $3
FROM grants AS g LEFT JOIN grant_uses AS u ON u.grant_id = g.grant_id AND u.piece = $2
WHERE g.grant_id = $1 AND g.revoked_at IS NULL
GROUP BY g.grant_id
HAVING g.uses IS NULL OR count(u.grant_id) < g.uses
ON CONFLICT (grant_id, piece, number) DO NOTHING
RETURNING number;

-- name: page_grants
-- A page of grants, the newest first: of a reader, of a file, still open at a moment, with the original out; null: any.
SELECT g.grant_id, g.file, g.person, g.sections, g.copy_allowed, g.not_before, g.until, g.approved_by, g.given_by,
       g.given_at, g.request_id, g.uses, g.reading_room, g.original,
       (SELECT count(*) FROM grant_uses AS u WHERE u.grant_id = g.grant_id) AS used,
       g.revoked_at, g.revoked_by, g.revoke_reason, r.returned_at, r.received_by
FROM grants AS g LEFT JOIN loan_returns AS r USING (grant_id)
WHERE ($1::text IS NULL OR g.person = $1)
  AND ($2::text IS NULL OR g.file = $2)
  AND ($3::timestamptz IS NULL OR (g.revoked_at IS NULL AND g.until > $3))
  AND (NOT $4 OR (g.original AND r.returned_at IS NULL))
  AND ($5::timestamptz IS NULL OR (g.given_at, g.grant_id) < ($5, $6))
ORDER BY g.given_at DESC, g.grant_id DESC LIMIT $7;

-- name: is_lent_out
-- Whether the original of a file is with somebody.
SELECT EXISTS (
    SELECT FROM grants AS g LEFT JOIN loan_returns AS r USING (grant_id)
    WHERE g.file = $1 AND g.original AND r.returned_at IS NULL
);

-- name: are_grants_told
-- Whether the broker has taken all that was said of grants more than so many seconds ago.
SELECT NOT EXISTS (
    SELECT FROM outbox WHERE topic = 'grants.v1' AND appended_at < clock_timestamp() - make_interval(secs => $1)
);

-- name: lock_original
-- One original is lent at a time.
SELECT pg_advisory_xact_lock(hashtextextended('original:' || $1, 0));

-- name: return_original
-- Notes a return once; no row when it came back before.
INSERT INTO loan_returns (grant_id, borrower, returned_at, received_by, remark) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (grant_id) DO NOTHING RETURNING grant_id;

-- name: list_ending
-- Grants that end between two moments and let their readers in until then.
SELECT g.grant_id, g.file, g.person, g.sections, g.copy_allowed, g.not_before, g.until, g.approved_by, g.given_by,
       g.given_at, g.request_id, g.uses, g.reading_room, g.original,
       (SELECT count(*) FROM grant_uses AS u WHERE u.grant_id = g.grant_id) AS used,
       g.revoked_at, g.revoked_by, g.revoke_reason, r.returned_at, r.received_by
FROM grants AS g LEFT JOIN loan_returns AS r USING (grant_id)
WHERE g.revoked_at IS NULL AND g.until > $1 AND g.until <= $2
ORDER BY g.grant_id;

-- name: list_ended
-- Grants whose time is over while a task still speaks of them.
SELECT DISTINCT g.grant_id
FROM tasks AS t JOIN grants AS g ON g.grant_id = t.subject_id
WHERE t.subject_type = 'grant' AND t.cleared_at IS NULL AND g.until <= $1;

-- name: list_open_of
-- Grants of one file that are neither revoked nor over.
SELECT grant_id FROM grants WHERE file = $1 AND revoked_at IS NULL AND until > $2 ORDER BY grant_id;

-- name: list_displaced
-- Grants of which the file has come to another tier or department since they were asked for, or the record to a higher
-- rank, or the reader to another place in the company; what is not known has not changed.
SELECT g.grant_id, CASE WHEN f.file IS NULL AND c.record IS NULL THEN 'asker_changed' ELSE 'file_changed' END AS why
FROM grants AS g
JOIN requests AS r USING (request_id)
LEFT JOIN files AS f
    ON r.tier IS NOT NULL AND f.file = g.file
    AND (f.tier, f.department) IS DISTINCT FROM (r.tier, r.file_department)
LEFT JOIN records AS c
    ON r.tier IS NULL AND c.record = substr(g.file, length('record:') + 1) AND c.rank > r.rank::record_rank
LEFT JOIN people AS p
    ON p.person = g.person AND (p.role, p.department) IS DISTINCT FROM (r.asker_role, r.asker_department)
WHERE g.revoked_at IS NULL AND g.until > $1 AND (f.file IS NOT NULL OR c.record IS NOT NULL OR p.person IS NOT NULL)
ORDER BY g.grant_id;

-- name: list_overdue
-- Originals that should be back.
SELECT g.grant_id, g.file, g.person, g.sections, g.copy_allowed, g.not_before, g.until, g.approved_by, g.given_by,
       g.given_at, g.request_id, g.uses, g.reading_room, g.original,
       (SELECT count(*) FROM grant_uses AS u WHERE u.grant_id = g.grant_id) AS used,
       g.revoked_at, g.revoked_by, g.revoke_reason, r.returned_at, r.received_by
FROM grants AS g LEFT JOIN loan_returns AS r USING (grant_id)
WHERE g.original AND r.returned_at IS NULL AND least(g.until, g.revoked_at) <= $1
ORDER BY g.grant_id;
