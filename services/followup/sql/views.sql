-- name: plan_each
-- Lists are asked for in many ways: a plan made for all of them would fit none.
SET LOCAL plan_cache_mode = force_custom_plan;

-- name: find_listed
-- A page of the lists of some days, within filters and a scope; of what is overdue, too: state `due`, to the last day.
SELECT reminder_id
FROM reminders
WHERE listed_on BETWEEN $1 AND $2
  AND ($3::text IS NULL OR state = $3)
  AND ($4::text[] IS NULL OR rep = ANY($4))
  AND ($5::text IS NULL OR kind = $5)
  AND ($6::text IS NULL OR customer_class = $6)
  AND ($7::text IS NULL OR level = $7)
  AND ($8::text IS NULL OR customer_id = $8)
  AND ($9 OR rep = ANY($10::text[]) OR department = $11 OR ($12 AND rep = 'unassigned' AND department IS NULL))
  AND (listed_on, customer_id, reminder_id) > ($13, $14, $15)
ORDER BY listed_on, customer_id, reminder_id
LIMIT $16;

-- name: count_overdue
-- How many still wait on the lists of some days, within filters and a scope.
SELECT count(*)
FROM reminders
WHERE listed_on BETWEEN $1 AND $2
  AND state = 'due'
  AND ($3::text[] IS NULL OR rep = ANY($3))
  AND ($4::text IS NULL OR kind = $4)
  AND ($5::text IS NULL OR customer_class = $5)
  AND ($6::text IS NULL OR level = $6)
  AND ($7::text IS NULL OR customer_id = $7)
  AND ($8 OR rep = ANY($9::text[]) OR department = $10 OR ($11 AND rep = 'unassigned' AND department IS NULL));

-- name: show_reminders
-- The reminders of a page, in the order of the lists.
SELECT reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
       plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
       kind, latest_on, state, contact_id, done_at, snoozed_until, listed_on, worked, outcome_code
FROM reminders
WHERE reminder_id = ANY($1::text[])
ORDER BY listed_on, customer_id, reminder_id;

-- name: tally_days
-- The lists of some days, summed by day; a list is late from the moment beside its day on, $3 and $4, as of $5.
SELECT r.listed_on,
       count(*) AS planned,
       count(*) FILTER (WHERE r.state = 'done') AS done,
       count(*) FILTER (
           WHERE (r.state = 'done' AND r.done_at >= l.late_at) OR (r.state = 'due' AND $5::timestamptz >= l.late_at)
       ) AS late,
       count(*) FILTER (WHERE r.state = 'skipped') AS skipped,
       count(*) FILTER (WHERE r.state = 'due') AS open,
       count(*) FILTER (WHERE r.state = 'ended') AS ended,
       coalesce(sum(r.minutes), 0) AS minutes,
       coalesce(sum(r.worked), 0) AS worked
FROM reminders AS r LEFT JOIN unnest($3::date[], $4::timestamptz[]) AS l (listed_on, late_at) USING (listed_on)
WHERE r.listed_on BETWEEN $1 AND $2
  AND ($6::text[] IS NULL OR r.rep = ANY($6))
  AND ($7 OR r.rep = ANY($8::text[]) OR r.department = $9 OR ($10 AND r.rep = 'unassigned' AND r.department IS NULL))
GROUP BY r.listed_on;

-- name: share_out
-- Reminders issued on some days, summed by rep and level; late as above.
SELECT r.rep, r.customer_class, r.level,
       count(*) AS planned,
       count(*) FILTER (WHERE r.state = 'done') AS done,
       count(*) FILTER (
           WHERE (r.state = 'done' AND r.done_at >= l.late_at) OR (r.state = 'due' AND $5::timestamptz >= l.late_at)
       ) AS late,
       count(*) FILTER (WHERE r.state = 'skipped') AS skipped,
       count(*) FILTER (WHERE r.state = 'due') AS open,
       count(*) FILTER (WHERE r.state = 'ended') AS ended,
       coalesce(sum(r.minutes), 0) AS minutes,
       coalesce(sum(r.worked), 0) AS worked
FROM reminders AS r LEFT JOIN unnest($3::date[], $4::timestamptz[]) AS l (listed_on, late_at) USING (listed_on)
WHERE r.issued_on BETWEEN $1 AND $2
  AND ($6::text[] IS NULL OR r.rep = ANY($6))
  AND ($7 OR r.rep = ANY($8::text[]) OR r.department = $9 OR ($10 AND r.rep = 'unassigned' AND r.department IS NULL))
GROUP BY r.rep, r.customer_class, r.level
ORDER BY r.rep, r.customer_class, r.level;

-- name: list_ahead
-- A page of the contacts planned for some days, within filters and a scope.
SELECT l.planned_on, l.customer_id, l.line, s.rep, s.customer_class, s.level
FROM schedules AS s JOIN schedule_lines AS l ON l.customer_id = s.customer_id
WHERE l.planned_on BETWEEN $1 AND $2
  AND ($3::text[] IS NULL OR s.rep = ANY($3))
  AND ($4::text IS NULL OR s.customer_class = $4)
  AND ($5::text IS NULL OR s.level = $5)
  AND ($6::text IS NULL OR s.customer_id = $6)
  AND ($7 OR s.rep = ANY($8::text[]) OR s.department = $9 OR ($10 AND s.rep IS NULL AND s.department IS NULL))
  AND (l.planned_on, l.customer_id, l.line) > ($11, $12, $13)
ORDER BY l.planned_on, l.customer_id, l.line
LIMIT $14;

-- name: count_ahead
-- The same, counted by day, level and line.
SELECT l.planned_on, s.customer_class, s.level, l.line, count(*) AS contacts
FROM schedules AS s JOIN schedule_lines AS l ON l.customer_id = s.customer_id
WHERE l.planned_on BETWEEN $1 AND $2
  AND ($3::text[] IS NULL OR s.rep = ANY($3))
  AND ($4 OR s.rep = ANY($5::text[]) OR s.department = $6 OR ($7 AND s.rep IS NULL AND s.department IS NULL))
GROUP BY l.planned_on, s.customer_class, s.level, l.line
ORDER BY l.planned_on, s.customer_class, s.level, l.line;

-- name: contacts_in
-- Contacts that some reps made between two moments, and the minutes they reported; older lists than $4 are over.
SELECT count(*) AS contacts, coalesce(sum(worked), 0) AS worked
FROM reminders
WHERE rep = ANY($1::text[]) AND listed_on >= $4 AND state = 'done' AND kind <> 'plan'
  AND done_at >= $2 AND done_at < $3;

-- name: ordered_in
-- Customers of some reps whose last order is of these days.
SELECT count(*) FROM schedules WHERE rep = ANY($1::text[]) AND last_order_on BETWEEN $2 AND $3;

-- name: levels_in
-- Customers of some reps whose level was decided on these days.
SELECT customer_class, level, count(*) AS customers
FROM schedules
WHERE rep = ANY($1::text[]) AND since BETWEEN $2 AND $3
GROUP BY customer_class, level
ORDER BY customer_class, level;
