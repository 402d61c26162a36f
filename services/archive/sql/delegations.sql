-- name: insert_delegation
-- A delegation as it was written.
INSERT INTO delegations (delegation_id, giver, delegate, tiers, ranks, file, not_before, until, text, given_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: end_delegation
-- Ends a delegation once; no row when it had ended before.
INSERT INTO delegation_ends (delegation_id, revoked_at, revoked_by, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (delegation_id) DO NOTHING RETURNING delegation_id;

-- name: find_delegation
-- One delegation with its end.
SELECT d.delegation_id, d.giver, d.delegate, d.tiers, d.ranks, d.file, d.not_before, d.until, d.text, d.given_at,
       e.revoked_at
FROM delegations AS d LEFT JOIN delegation_ends AS e USING (delegation_id) WHERE d.delegation_id = $1;

-- name: list_live_delegations
-- Those that count at a moment.
SELECT d.delegation_id, d.giver, d.delegate, d.tiers, d.ranks, d.file, d.not_before, d.until, d.text, d.given_at,
       e.revoked_at
FROM delegations AS d LEFT JOIN delegation_ends AS e USING (delegation_id)
WHERE d.until > $1 AND d.not_before <= $1 AND e.revoked_at IS NULL
ORDER BY d.delegation_id;

-- name: page_delegations
-- A page of delegations, the newest first; of one person, given or held, or of everybody.
SELECT d.delegation_id, d.giver, d.delegate, d.tiers, d.ranks, d.file, d.not_before, d.until, d.text, d.given_at,
       e.revoked_at
FROM delegations AS d LEFT JOIN delegation_ends AS e USING (delegation_id)
WHERE ($1::text IS NULL OR $1 IN (d.giver, d.delegate))
  AND ($2::timestamptz IS NULL OR (d.given_at, d.delegation_id) < ($2, $3))
ORDER BY d.given_at DESC, d.delegation_id DESC LIMIT $4;
