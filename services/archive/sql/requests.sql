-- name: lock_request
-- One decision on a request at a time; rows of evidence are never locked, since nobody may update them.
SELECT pg_advisory_xact_lock(hashtextextended('request:' || $1, 0));

-- name: insert_request
-- A request as it was asked.
INSERT INTO requests (request_id, asker, asker_role, asker_department, file, tier, rank, file_department, sections,
                      copy_allowed, original, purpose, not_before, until, asked_at, policy_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: insert_step
-- A step of its chain.
INSERT INTO request_steps (request_id, step, act, roles, department) VALUES ($1, $2, $3, $4, $5);

-- name: insert_request_decision
-- What was decided on the next step; no row when somebody else took it first.
INSERT INTO request_decisions (request_id, step, asker, approved, decided_by, on_behalf_of, delegation_id, reason,
                               decided_at, way)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (request_id, step) DO NOTHING RETURNING step;

-- name: insert_end
-- How a request ended; no row when it had ended before.
INSERT INTO request_ends (request_id, ended, ended_by, reason, ended_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (request_id) DO NOTHING RETURNING request_id;

-- name: find_requests
-- Some requests.
SELECT request_id, asker, asker_role, asker_department, file, tier, rank, file_department, sections, copy_allowed,
       original, purpose, not_before, until, asked_at, policy_version
FROM requests WHERE request_id = ANY($1::text[]);

-- name: find_steps
-- Their chains.
SELECT request_id, step, act, roles, department
FROM request_steps WHERE request_id = ANY($1::text[]) ORDER BY request_id, step;

-- name: find_request_decisions
-- What was decided on them.
SELECT request_id, step, approved, decided_by, on_behalf_of, delegation_id, reason, decided_at, way
FROM request_decisions WHERE request_id = ANY($1::text[]) ORDER BY request_id, step;

-- name: find_ends
-- How they ended.
SELECT request_id, ended, ended_by, reason, ended_at FROM request_ends WHERE request_id = ANY($1::text[]);

-- name: page_requests
-- A page of requests, the newest first: of an asker, decided by somebody, waiting for somebody, in a state; null: any.
SELECT r.request_id
FROM requests AS r LEFT JOIN request_ends AS e USING (request_id)
WHERE ($1::text IS NULL OR r.asker = $1)
  AND ($2::text IS NULL OR EXISTS (
      SELECT FROM request_decisions AS d WHERE d.request_id = r.request_id AND d.decided_by = $2))
  AND ($3::text IS NULL OR EXISTS (
      SELECT FROM tasks AS t
      WHERE t.subject_type = 'request_step' AND split_part(t.subject_id, '/', 1) = r.request_id AND t.person = $3
        AND t.cleared_at IS NULL))
  AND ($4::text IS NULL OR coalesce(e.ended, 'waiting') = $4)
  AND ($5::timestamptz IS NULL OR (r.asked_at, r.request_id) < ($5, $6))
ORDER BY r.asked_at DESC, r.request_id DESC LIMIT $7;

-- name: list_open_requests
-- Requests that wait for somebody, by id after the last one looked at.
SELECT r.request_id
FROM requests AS r
WHERE r.request_id > $1 AND NOT EXISTS (SELECT FROM request_ends AS e WHERE e.request_id = r.request_id)
ORDER BY r.request_id LIMIT $2;
