-- name: last_plan
-- The plan as it stands.
SELECT customer_id, version, author, written_at, written_on, body, goals, steps, steps_by
FROM plans
WHERE customer_id = $1
ORDER BY version DESC
LIMIT 1;

-- name: plan_version
-- The plan as it stood at a version.
SELECT customer_id, version, author, written_at, written_on, body, goals, steps, steps_by
FROM plans
WHERE customer_id = $1 AND version = $2;

-- name: plan_versions
-- All that a plan ever said, the newest first.
SELECT customer_id, version, author, written_at, written_on, body, goals, steps, steps_by
FROM plans
WHERE customer_id = $1
ORDER BY version DESC
LIMIT 200;

-- name: add_plan
-- One more version; the customer's schedule is locked, so the number is free.
INSERT INTO plans (customer_id, version, author, written_at, written_on, body, goals, steps, steps_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: plans_asked_for
-- The reminders that a plan ends.
SELECT reminder_id, customer_id, rep, answered_after, contact_id, kind, line, last_order_on
FROM reminders
WHERE customer_id = $1 AND state = 'due' AND kind = 'plan'
ORDER BY reminder_id;

-- name: missing_plans
-- Contacts to come until $2 of lines $1, and open ones of lines that are owed still, of customers without a plan written
-- after $3 nor asked for one.
SELECT DISTINCT ON (w.contact_on, w.customer_id) w.customer_id, w.line, w.contact_on
FROM (
    SELECT l.customer_id, l.line, l.due_on AS contact_on
    FROM schedule_lines AS l
    WHERE l.planned_on <= $2 AND l.line = ANY($1::text[])
    UNION ALL
    SELECT r.customer_id, r.line, r.due_on
    FROM reminders AS r
    WHERE r.state = 'due' AND r.plan_required AND r.line = ANY($1::text[])
      AND EXISTS (
          SELECT FROM schedule_lines AS l
          WHERE l.customer_id = r.customer_id AND l.line = r.line AND l.opened_on IS NOT NULL
      )
) AS w
WHERE NOT EXISTS (SELECT FROM plans AS p WHERE p.customer_id = w.customer_id AND p.written_on > $3)
  AND NOT EXISTS (
      SELECT FROM reminders AS r WHERE r.customer_id = w.customer_id AND r.state = 'due' AND r.kind = 'plan'
  )
ORDER BY w.contact_on, w.customer_id, w.line
LIMIT $4;

-- name: needless_plans
-- Plans asked for ahead of contacts that are owed no more, or that need none by the policy in force.
SELECT r.reminder_id, r.customer_id, r.rep, r.answered_after, r.contact_id, r.kind, r.line, r.last_order_on
FROM reminders AS r
WHERE r.state = 'due' AND r.kind = 'plan'
  AND NOT EXISTS (
      SELECT FROM schedule_lines AS l
      WHERE l.customer_id = r.customer_id AND l.line || '.plan' = r.line
        AND l.opened_on IS NOT NULL AND l.line = ANY($1::text[])
  )
ORDER BY r.reminder_id
LIMIT $2;
