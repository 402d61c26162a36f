-- name: insert_reclassification
-- A change of a record's rank, department or class, as it was asked for.
INSERT INTO reclassifications (change_id, record, from_rank, from_department, from_class, to_rank, to_department,
                               to_class, retain_until, requested_by, requested_at, reason)
VALUES ($1, $2, $3::text::record_rank, $4, $5, $6::text::record_rank, $7, $8, $9, $10, $11, $12);

-- name: insert_reclassification_end
-- What became of it; agreed, it takes effect by a trigger. No row when something has ended it before.
INSERT INTO reclassification_ends (change_id, ended, decided_by, role, decided_at, reason, on_behalf_of,
                                   delegation_id)
VALUES ($1, $2::text::reclassification_end, $3, $4, $5, $6, $7, $8)
ON CONFLICT (change_id) DO NOTHING RETURNING change_id;

-- name: list_reclassifications
-- All changes of a record, in the order in which they were asked for.
SELECT c.change_id, c.record, c.from_rank::text, c.from_department, c.from_class, c.to_rank::text, c.to_department,
       c.to_class, c.retain_until, c.requested_by, c.requested_at, c.reason,
       e.ended::text, e.decided_by, e.role, e.decided_at, e.reason AS decision_reason, e.on_behalf_of,
       e.delegation_id
FROM reclassifications AS c LEFT JOIN reclassification_ends AS e USING (change_id)
WHERE c.record = $1 ORDER BY c.requested_at, c.change_id;

-- name: list_waiting_reclassifications
-- Changes that wait for somebody's word, by id; $2 of them at most, behind $1.
SELECT c.change_id, c.record, c.from_rank::text, c.from_department, c.from_class, c.to_rank::text, c.to_department,
       c.to_class, c.retain_until, c.requested_by, c.requested_at, c.reason, NULL AS ended
FROM reclassifications AS c
WHERE c.change_id > $1 AND NOT EXISTS (SELECT FROM reclassification_ends AS e WHERE e.change_id = c.change_id)
ORDER BY c.change_id LIMIT $2;

-- name: list_open_requests_for
-- Requests to consult a file that wait for somebody.
SELECT r.request_id
FROM requests AS r
WHERE r.file = $1 AND NOT EXISTS (SELECT FROM request_ends AS e WHERE e.request_id = r.request_id)
ORDER BY r.request_id;
