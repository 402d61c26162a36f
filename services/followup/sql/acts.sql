-- name: customer_of_reminder
-- Whose reminder it is, to lock the customer first.
SELECT customer_id FROM reminders WHERE reminder_id = $1;

-- name: acts_of_reminder
-- What was done with a reminder, in its order.
SELECT reminder_id, number, act, person, acted_at, asked, request_key
FROM reminder_acts
WHERE reminder_id = $1
ORDER BY number;

-- name: add_act
-- One more act; the reminder's row is locked, so the number is free.
INSERT INTO reminder_acts (reminder_id, number, act, person, acted_at, asked, request_key)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: snooze_reminder
-- due: it waits for a later day.
UPDATE reminders SET snoozed_until = $2 WHERE reminder_id = $1 AND state = 'due';

-- name: skip_reminder
-- due -> skipped: somebody said why.
UPDATE reminders SET state = 'skipped' WHERE reminder_id = $1 AND state = 'due';

-- name: give_reminders
-- due: other reps owe these contacts.
UPDATE reminders AS r
SET rep = g.rep, department = g.department
FROM unnest($1::text[], $2::text[], $3::text[]) AS g (reminder_id, rep, department)
WHERE r.reminder_id = g.reminder_id AND r.state = 'due';

-- name: last_handover
-- The last time that a customer was given to another rep here.
SELECT customer_id, number, from_rep, to_rep, person, given_at, reason
FROM handovers
WHERE customer_id = $1
ORDER BY number DESC
LIMIT 1;

-- name: add_handover
-- One more; the customer's schedule is locked, so the number is free.
INSERT INTO handovers (customer_id, number, from_rep, to_rep, person, given_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7);
