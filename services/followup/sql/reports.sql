-- name: owners
-- Every name that customers are somebody's by; a step through the index for each, not for each customer.
WITH RECURSIVE owner AS (
    (SELECT rep FROM schedules WHERE rep IS NOT NULL ORDER BY rep LIMIT 1)
    UNION ALL
    SELECT (SELECT s.rep FROM schedules AS s WHERE s.rep > o.rep ORDER BY s.rep LIMIT 1)
    FROM owner AS o
    WHERE o.rep IS NOT NULL
)
SELECT rep FROM owner WHERE rep IS NOT NULL;

-- name: is_owner
-- Whether customers are somebody's by a name.
SELECT EXISTS (SELECT FROM schedules WHERE rep = $1);

-- name: busy
-- Every name on the lists of some days.
SELECT DISTINCT rep FROM reminders WHERE listed_on BETWEEN $1 AND $2 ORDER BY rep;

-- name: ask_for_reports
-- Reports that are owed, noted once each: returns those that had not been asked for.
INSERT INTO weekly_reports AS w (rep, week, department, due_on, due_at, asked_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT (week, rep) DO UPDATE SET asked_at = EXCLUDED.asked_at, department = EXCLUDED.department
WHERE w.asked_at IS NULL AND w.filed_at IS NULL
RETURNING w.rep;

-- name: find_report
-- One report.
SELECT rep, week, department, due_on, due_at, asked_at, summary, plan, filed_at, filed_by, figures
FROM weekly_reports
WHERE week = $1 AND rep = $2;

-- name: begin_report
-- A report that nobody asked for yet; the one that is there stays.
INSERT INTO weekly_reports (rep, week, department, due_on, due_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (week, rep) DO NOTHING;

-- name: lock_report
-- The same, held so that it is filed once.
SELECT rep, week, department, due_on, due_at, asked_at, summary, plan, filed_at, filed_by, figures
FROM weekly_reports
WHERE week = $1 AND rep = $2
FOR UPDATE;

-- name: save_report
-- What the rep wrote, and whether it is filed; nothing changes from then on.
UPDATE weekly_reports
SET summary = $3, plan = $4, filed_at = $5, filed_by = $6, figures = $7
WHERE week = $1 AND rep = $2 AND filed_at IS NULL;

-- name: page_reports
-- A page of a week's reports within a scope, by rep.
SELECT rep, week, department, due_on, due_at, asked_at, summary, plan, filed_at, filed_by, figures
FROM weekly_reports
WHERE week = $1 AND ($2 OR rep = ANY($3::text[]) OR department = $4 OR ($5 AND department IS NULL)) AND rep > $6
ORDER BY rep
LIMIT $7;

-- name: reports_of_department
-- A department's reports on a week.
SELECT rep, week, department, due_on, due_at, asked_at, summary, plan, filed_at, filed_by, figures
FROM weekly_reports
WHERE department = $1 AND week = $2
ORDER BY rep;

-- name: find_passed_on
-- A department's week, as it was passed on.
SELECT department, week, person, passed_on_at, note, figures, filed, missing
FROM passed_on
WHERE department = $1 AND week = $2;

-- name: hold_week
-- One at a time passes a department's week on.
SELECT pg_advisory_xact_lock(hashtextextended('passed_on' || $1 || $2, 0));

-- name: pass_on
-- Kept once.
INSERT INTO passed_on (department, week, person, passed_on_at, note, figures, filed, missing)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (department, week) DO NOTHING;
