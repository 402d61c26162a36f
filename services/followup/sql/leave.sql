-- name: record_leaves
-- What is told of leaves; only a cancellation that came first is there already.
INSERT INTO leaves AS l (leave_id, person, first_on, last_on, deputy, cancelled)
SELECT leave_id, person, first_on, last_on, deputy, false
FROM unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::text[]) AS t (leave_id, person, first_on, last_on, deputy)
ON CONFLICT (leave_id) DO UPDATE SET
    first_on = EXCLUDED.first_on, last_on = EXCLUDED.last_on, deputy = EXCLUDED.deputy
WHERE l.person = EXCLUDED.person;

-- name: cancel_leaves
-- They are there after all.
INSERT INTO leaves AS l (leave_id, person, cancelled)
SELECT leave_id, person, true FROM unnest($1::text[], $2::text[]) AS t (leave_id, person)
ON CONFLICT (leave_id) DO UPDATE SET cancelled = true
WHERE l.person = EXCLUDED.person;

-- name: select_leaves
-- Leaves between two days by the names asked for, rep codes among them; who has left the company stands in for nobody.
WITH asked AS (
    SELECT n.name, n.name AS person FROM unnest($1::text[]) AS n (name)
    UNION
    SELECT n.name, p.person FROM unnest($1::text[]) AS n (name) JOIN people AS p ON p.rep_code = n.name
)
SELECT a.name, l.leave_id, l.person, l.first_on, l.last_on, CASE WHEN d.active IS NOT false THEN l.deputy END AS deputy
FROM asked AS a JOIN leaves AS l ON l.person = a.person LEFT JOIN people AS d ON d.person = l.deputy
WHERE NOT l.cancelled AND l.last_on >= $2 AND l.first_on <= $3
ORDER BY a.name, l.first_on, l.leave_id;

-- name: select_away
-- Who is away on a day.
SELECT DISTINCT person FROM leaves WHERE NOT cancelled AND last_on >= $1 AND first_on <= $1;

-- name: page_leaves
-- Leaves that are not over on a day, within a scope; a leave has a department only by its person.
SELECT l.leave_id, l.person, l.first_on, l.last_on, l.deputy
FROM leaves AS l LEFT JOIN people AS p ON p.person = l.person
WHERE NOT l.cancelled AND l.last_on >= $1
  AND ($2::text[] IS NULL OR l.person = ANY($2))
  AND ($3 OR l.person = ANY($4::text[]) OR p.department = $5)
  AND (l.last_on, l.leave_id) > ($6, $7)
ORDER BY l.last_on, l.leave_id
LIMIT $8;

-- name: select_names_away
-- All names of those who are away on a day.
SELECT l.person, p.rep_code
FROM leaves AS l LEFT JOIN people AS p ON p.person = l.person
WHERE NOT l.cancelled AND l.last_on >= $1 AND l.first_on <= $1;

-- name: claim_left
-- Reminders on the lists of these reps up to $2 that still help on a later day, locked, and passed over where another
-- process is.
SELECT reminder_id, customer_id, rep, department, answered_after, listed_on, latest_on, trace
FROM reminders
WHERE state = 'due' AND contact_id IS NULL AND rep = ANY($1::text[]) AND listed_on <= $2
  AND (latest_on IS NULL OR latest_on > $2)
ORDER BY reminder_id
LIMIT $3
FOR UPDATE SKIP LOCKED;

-- name: move_left
-- They stand on a later day's list.
UPDATE reminders AS r SET snoozed_until = m.until
FROM unnest($1::text[], $2::date[]) AS m (reminder_id, until)
WHERE r.reminder_id = m.reminder_id;
