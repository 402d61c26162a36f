-- name: insert_leavings
-- People who left; told again of the same moment, nothing changes.
INSERT INTO leavings (person, departed_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
ON CONFLICT DO NOTHING;

-- name: insert_leaving_handover
-- A hand-over, once.
INSERT INTO leaving_handovers (handover_id, person, handed_over_at, handed_by, customers, receivers)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- name: next_leaving
-- Somebody whose leaving is still to be settled; another process takes another one.
SELECT person, departed_at FROM leavings WHERE settled_at IS NULL
ORDER BY departed_at, person LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: settle_leaving
-- It is.
UPDATE leavings SET settled_at = $3 WHERE person = $1 AND departed_at = $2;

-- name: next_leaving_handover
-- A hand-over of which the receivers are still to be told.
SELECT handover_id, person, handed_over_at, handed_by, customers, receivers
FROM leaving_handovers WHERE settled_at IS NULL
ORDER BY handed_over_at, handover_id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: settle_leaving_handover
-- They are.
UPDATE leaving_handovers SET settled_at = $2 WHERE handover_id = $1;

-- name: revoke_grants_of_person
-- Who left reads nothing more.
UPDATE grants SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
WHERE person = $1 AND revoked_at IS NULL AND until > $2
RETURNING grant_id, file;

-- name: clear_tasks_of_person
-- Who left is asked for nothing more.
UPDATE tasks SET cleared_at = $2 WHERE person = $1 AND cleared_at IS NULL RETURNING task_id, person;

-- name: handed_over_since
-- Whether the customers were handed over after the person left.
SELECT true FROM leaving_handovers WHERE person = $1 AND handed_over_at >= $2 LIMIT 1;

-- name: page_leavings
-- A page of leavings, the newest first; of one department's people only, where one is named.
SELECT l.person, l.departed_at, p.department, l.settled_at,
       (SELECT max(h.handed_over_at) FROM leaving_handovers AS h
        WHERE h.person = l.person AND h.handed_over_at >= l.departed_at) AS handed_over_at,
       r.reviewed_by, r.reviewed_at, r.finding, r.remark
FROM leavings AS l
LEFT JOIN people AS p USING (person)
LEFT JOIN LATERAL (
    SELECT reviewed_by, reviewed_at, finding, remark FROM leaving_reviews AS v
    WHERE v.person = l.person AND v.departed_at = l.departed_at ORDER BY number DESC LIMIT 1
) AS r ON true
WHERE ($1::text IS NULL OR p.department = $1) AND ($2::text IS NULL OR l.person = $2)
  AND ($3::timestamptz IS NULL OR (l.departed_at, l.person) < ($3, $4))
ORDER BY l.departed_at DESC, l.person DESC LIMIT $5;

-- name: count_deeds_of
-- What somebody did in a span of time: by action and outcome, how often, on how many files, and how often by grant.
SELECT action, outcome, count(*) AS times, count(DISTINCT file) AS files, count(grant_id) AS by_grant,
       max(at) AS last_at
FROM audit_entries WHERE actor = $1 AND at >= $2 AND at < $3 GROUP BY action, outcome ORDER BY action, outcome;

-- name: insert_leaving_review
-- Somebody looked at it, and what they found; a later one does not undo an earlier one.
INSERT INTO leaving_reviews (person, departed_at, number, reviewed_by, reviewed_at, finding, remark)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6
FROM leaving_reviews WHERE person = $1 AND departed_at = $2;
