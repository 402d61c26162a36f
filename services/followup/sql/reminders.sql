-- name: add_reminders
-- due: the state that every reminder begins in; returns those that had not been issued before.
INSERT INTO reminders (
    reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
    plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
    kind, latest_on
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::integer[], $12::boolean[], $13::date[], $14::timestamptz[], $15::date[], $16::date[], $17::date[],
    $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::text[], $23::date[]
)
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id;

-- name: open_reminders
-- The reminders of some customers, whose own rows are locked, that wait for a contact.
SELECT reminder_id, customer_id, rep, answered_after, contact_id, kind, line, last_order_on
FROM reminders
WHERE customer_id = ANY($1::text[]) AND state = 'due'
ORDER BY reminder_id;

-- name: finish_reminders
-- due -> done: the contact came round.
UPDATE reminders AS r
SET state = 'done', contact_id = d.contact_id, done_at = d.done_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS d (reminder_id, contact_id, done_at)
WHERE r.reminder_id = d.reminder_id AND r.state = 'due';

-- name: end_reminders
-- due -> ended: nobody needs to do it any more.
UPDATE reminders AS r
SET state = 'ended', ended = e.reason, done_at = e.ended_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS e (reminder_id, reason, ended_at)
WHERE r.reminder_id = e.reminder_id AND r.state = 'due';

-- name: repeated_reminders
-- What waits on the same lines as those issued just now, of customers whose own rows are locked.
SELECT r.reminder_id, r.customer_id, r.rep, r.answered_after, r.contact_id, r.kind, r.line, r.last_order_on
FROM unnest($1::text[]) AS issued (reminder_id)
JOIN reminders AS i ON i.reminder_id = issued.reminder_id
JOIN reminders AS r ON r.customer_id = i.customer_id AND r.line = i.line AND r.reminder_id <> i.reminder_id
WHERE r.state = 'due' AND r.contact_id IS NULL
ORDER BY r.reminder_id;

-- name: past_reminders
-- What comes too late to be of use, at most $2; a deadline that was missed is still owed.
SELECT reminder_id, customer_id, rep, answered_after, contact_id, kind, line, last_order_on
FROM reminders
WHERE state = 'due' AND latest_on < $1 AND kind IN ('purchase', 'greeting', 'falling') AND contact_id IS NULL
ORDER BY reminder_id
LIMIT $2
FOR UPDATE SKIP LOCKED;

-- name: lock_reminder
-- One reminder, locked so that its contact is reported once.
SELECT reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
       plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
       kind, latest_on, state, contact_id, done_at, snoozed_until, listed_on, worked, outcome_code
FROM reminders
WHERE reminder_id = $1
FOR UPDATE;

-- name: note_contact
-- The rep reported the contact: it is on its way round, and the reminder stays due until it comes.
UPDATE reminders SET contact_id = $2, worked = $3, outcome_code = $4 WHERE reminder_id = $1 AND contact_id IS NULL;

-- name: list_reminders
-- A page of a day's list within a scope; with $2 also what was still open from the days before it.
SELECT reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
       plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
       kind, latest_on, state, contact_id, done_at, snoozed_until, listed_on, worked, outcome_code
FROM reminders
WHERE (listed_on = $1 OR ($2 AND listed_on < $1 AND state = 'due'))
  AND ($3::text IS NULL OR state = $3)
  AND ($4::text[] IS NULL OR rep = ANY($4))
  AND ($5 OR rep = ANY($6::text[]) OR department = $7 OR ($8 AND rep = 'unassigned' AND department IS NULL))
  AND (due_on, customer_id, reminder_id) > ($9, $10, $11)
ORDER BY due_on, customer_id, reminder_id
LIMIT $12;

-- name: count_due
-- How many of a day's reminders still wait, by rep, within a scope.
SELECT rep, count(*) AS due
FROM reminders
WHERE listed_on = $1 AND state = 'due'
  AND ($2 OR rep = ANY($3::text[]) OR department = $4 OR ($5 AND rep = 'unassigned' AND department IS NULL))
GROUP BY rep
ORDER BY due DESC, rep;
