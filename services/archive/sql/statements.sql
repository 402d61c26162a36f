-- name: hold_months
-- One at a time posts, or closes a month.
SELECT pg_advisory_xact_lock(7460871941);

-- name: last_closed
-- The last month that was closed.
SELECT max(month) FROM statements;

-- name: insert_postings
-- What came to stand and what fell.
INSERT INTO fine_ledger (fine_id, step, month, person, sign, amount, currency, posted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: list_postings
-- What a fine put into the ledger, in its order.
SELECT fine_id, step, month, person, sign, amount, currency, posted_at FROM fine_ledger
WHERE fine_id = $1 ORDER BY step;

-- name: find_closing
-- The closing that settled a month: its own, or that of the next one that was closed.
SELECT month, closed_by, closed_at, reason FROM statements WHERE month >= $1 ORDER BY month LIMIT 1;

-- name: closed_before
-- The last month that was closed before this one.
SELECT max(month) FROM statements WHERE month < $1;

-- name: insert_closing
-- Closes a month.
INSERT INTO statements (month, closed_by, closed_at, reason) VALUES ($1, $2, $3, $4);

-- name: list_lines
-- The postings of some months with their fines and the decisions behind them.
SELECT l.fine_id, l.step, l.month, l.person, l.sign, l.amount, l.currency, l.posted_at,
       f.fine_id, f.kind, f.rule, f.person, f.file, f.amount, f.currency, f.dismissal, f.entry, f.event,
       f.proposed_by, f.reason, f.policy_version, f.proposed_at, f.words_zh, f.words_en, f.fact, f.occurred_on,
       f.order_id, f.sum,
       d.state::text AS state, d.decided_by, d.reason AS decision_reason
FROM fine_ledger AS l JOIN fines AS f USING (fine_id) JOIN fine_decisions AS d USING (fine_id, step)
WHERE ($1::date IS NULL OR l.month > $1) AND l.month <= $2 AND ($3::text IS NULL OR l.person = $3)
ORDER BY l.person, l.posted_at, l.fine_id, l.step;

-- name: count_waiting
-- Fines for the days before this one that nobody has decided about.
SELECT count(*) FROM fine_standings
WHERE occurred_on < $1 AND state IN ('proposed', 'answered', 'appealed');

-- name: list_pleas
-- What the fined said in a month, and what the judges answered.
SELECT d.decided_at, f.person, d.state::text AS state, d.decided_by, f.fine_id, d.reason
FROM fine_decisions AS d JOIN fines AS f USING (fine_id)
WHERE d.decided_at >= $1 AND d.decided_at < $2 AND d.state::text IN ('answered', 'appealed', 'upheld', 'lifted')
ORDER BY f.person, f.fine_id, d.step;

-- name: count_deeds
-- How often each person did what in a month, and how often they were kept from it.
SELECT actor, action, count(*) FILTER (WHERE outcome = 'allowed') AS allowed,
       count(*) FILTER (WHERE outcome = 'denied') AS denied
FROM audit_entries
WHERE at >= $1 AND at < $2
  AND action IN ('file.read', 'file.searched', 'file.exported', 'access.denied', 'login.failed')
GROUP BY actor, action ORDER BY actor, action;

-- name: list_denials
-- Who was kept from what, newest first.
SELECT at, actor, coalesce(detail::jsonb->>'act', action) AS act, file, reason, seq FROM audit_entries
WHERE at >= $1 AND at < $2 AND outcome = 'denied' ORDER BY seq DESC LIMIT $3;

-- name: list_requests
-- Requests to consult, what became of them, and grants, newest first.
SELECT at, actor, detail::jsonb->>'act' AS act, file, reason, seq FROM audit_entries
WHERE at >= $1 AND at < $2 AND action = 'decision.made'
  AND (detail::jsonb->>'act' LIKE ANY (ARRAY['request.%', 'grant.%', 'delegation.%']))
ORDER BY seq DESC LIMIT $3;
