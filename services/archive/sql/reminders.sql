-- name: lock_file_reminders
-- The reminders that a batch speaks of, as far as they are known.
SELECT reminder_id, file, asked_of, asked_on, latest_on, cause_id, cause_source, moved_to, held_by, held_at, held_on,
       improved_on
FROM file_reminders WHERE reminder_id = ANY($1::text[]) ORDER BY reminder_id FOR UPDATE;

-- name: save_file_reminders
-- Reminders as they are known now.
INSERT INTO file_reminders (reminder_id, file, asked_of, asked_on, latest_on, cause_id, cause_source, moved_to, held_by,
                            held_at, held_on, improved_on, deadline, noted_on)
SELECT told.*, $14 FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[],
                               $8::date[], $9::text[], $10::timestamptz[], $11::date[], $12::date[], $13::date[]) AS told
ON CONFLICT (reminder_id) DO UPDATE
SET file = excluded.file, asked_of = excluded.asked_of, asked_on = excluded.asked_on, latest_on = excluded.latest_on,
    cause_id = excluded.cause_id, cause_source = excluded.cause_source, moved_to = excluded.moved_to,
    held_by = excluded.held_by, held_at = excluded.held_at, held_on = excluded.held_on,
    improved_on = excluded.improved_on, deadline = excluded.deadline;

-- name: hear_reminders
-- How far reminders were heard.
INSERT INTO reminders_heard AS known (heard_on) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET heard_on = excluded.heard_on WHERE known.heard_on < excluded.heard_on;

-- name: read_heard
-- How far reminders were heard; no row before the first.
SELECT heard_on FROM reminders_heard;

-- name: take_overdue
-- Reminders whose last day is over, each judged once; another process takes others.
UPDATE file_reminders SET judged = true WHERE reminder_id IN (
    SELECT reminder_id FROM file_reminders WHERE deadline < $1 AND NOT judged
    ORDER BY deadline, reminder_id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING reminder_id, file, asked_of, asked_on, latest_on, cause_id, cause_source, moved_to, held_by, held_at, held_on,
          improved_on;

-- name: put_off_file_reminders
-- Whoever owes these was away: they have their days all the same, and are judged after those.
UPDATE file_reminders AS known SET judged = false, moved_to = told.until, deadline = told.until
FROM unnest($1::text[], $2::date[]) AS told (reminder_id, until) WHERE known.reminder_id = told.reminder_id;

-- name: note_leaves
-- Who is away when; one that was cancelled stays so, whichever is heard first.
INSERT INTO leaves AS known (leave_id, person, first, last, cancelled)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::boolean[])
ON CONFLICT (leave_id) DO UPDATE SET cancelled = true WHERE excluded.cancelled;

-- name: find_leaves
-- When some people are away.
SELECT leave_id, person, first, last, cancelled FROM leaves WHERE person = ANY($1::text[]) AND NOT cancelled;

-- name: forget_file_reminders
-- What is history can make no breach any more.
DELETE FROM file_reminders WHERE noted_on < $1 AND (judged OR file IS NULL);

-- name: find_named
-- Who goes by these names, as ids or as rep codes; who left improves nothing any more.
SELECT person, rep_code FROM people WHERE active AND (person = ANY($1::text[]) OR rep_code = ANY($1::text[]));
