-- name: lock_schedules
-- The customers that a batch touches, locked so that no dispatcher plans them meanwhile; $2 is the business time zone.
SELECT customer_id, version, rep, department, orders, first_order_on, last_order_on, sample_phase, sample_on,
       contacted_at, (contacted_at AT TIME ZONE $2)::date AS contacted_on, sequence, customer_class, level, since
FROM schedules
WHERE customer_id = ANY($1::text[])
ORDER BY customer_id
FOR UPDATE;

-- name: select_lines
-- All lines of some customers, whose own rows are locked.
SELECT customer_id, line, every, opened_on, reminded_until, due_on, trace
FROM unnest($1::text[]) AS wanted (customer_id) JOIN schedule_lines USING (customer_id);

-- name: save_facts
-- Writes customers' facts, and counts the customers that were not there before.
WITH saved AS (
    INSERT INTO schedules AS s (
        customer_id, version, rep, department, orders, first_order_on, last_order_on, sample_phase, sample_on,
        contacted_at
    )
    SELECT * FROM unnest(
        $1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::date[], $7::date[], $8::text[], $9::date[],
        $10::timestamptz[]
    )
    ON CONFLICT (customer_id) DO UPDATE SET
        version = EXCLUDED.version, rep = EXCLUDED.rep, department = EXCLUDED.department, orders = EXCLUDED.orders,
        first_order_on = EXCLUDED.first_order_on, last_order_on = EXCLUDED.last_order_on,
        sample_phase = EXCLUDED.sample_phase, sample_on = EXCLUDED.sample_on, contacted_at = EXCLUDED.contacted_at
    -- A row that was updated carries the updater in xmax, a new one does not.
    RETURNING s.xmax = 0 AS is_new
)
SELECT count(*) FROM saved WHERE is_new;

-- name: save_standings
-- Writes customers' levels, and counts the customers that were not there before.
WITH saved AS (
    INSERT INTO schedules AS s (customer_id, sequence, customer_class, level, since)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[])
    ON CONFLICT (customer_id) DO UPDATE SET
        sequence = EXCLUDED.sequence, customer_class = EXCLUDED.customer_class, level = EXCLUDED.level,
        since = EXCLUDED.since
    RETURNING s.xmax = 0 AS is_new
)
SELECT count(*) FROM saved WHERE is_new;

-- name: save_lines
-- Writes lines that were opened, moved or closed.
INSERT INTO schedule_lines (customer_id, line, every, opened_on, reminded_until, due_on, trace)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[])
ON CONFLICT (customer_id, line) DO UPDATE SET
    every = EXCLUDED.every, opened_on = EXCLUDED.opened_on, reminded_until = EXCLUDED.reminded_until,
    due_on = EXCLUDED.due_on, trace = EXCLUDED.trace;

-- name: claim_due
-- Customers with a line due by $1, at most $2 lines: locked, and passed over where another dispatcher or a batch is.
SELECT l.customer_id
FROM schedule_lines AS l JOIN schedules AS s ON s.customer_id = l.customer_id
WHERE l.due_on <= $1
ORDER BY l.due_on, l.customer_id
LIMIT $2
FOR UPDATE SKIP LOCKED;

-- name: add_reminders
-- due: the state that every reminder begins in; returns those that had not been issued before.
INSERT INTO reminders (
    reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
    plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::integer[], $12::boolean[], $13::date[], $14::timestamptz[], $15::date[], $16::date[], $17::date[],
    $18::timestamptz[], $19::text[], $20::text[], $21::text[]
)
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id;

-- name: open_reminders
-- The reminders of some customers, whose own rows are locked, that wait for a contact.
SELECT reminder_id, customer_id, rep, answered_after, contact_id
FROM reminders
WHERE customer_id = ANY($1::text[]) AND state = 'due'
ORDER BY reminder_id;

-- name: finish_reminders
-- due -> done: the contact came round.
UPDATE reminders AS r
SET state = 'done', contact_id = d.contact_id, done_at = d.done_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS d (reminder_id, contact_id, done_at)
WHERE r.reminder_id = d.reminder_id AND r.state = 'due';

-- name: lock_reminder
-- One reminder, locked so that its contact is reported once.
SELECT reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
       plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
       state, contact_id, done_at
FROM reminders
WHERE reminder_id = $1
FOR UPDATE;

-- name: note_contact
-- The rep reported the contact: it is on its way round, and the reminder stays due until it comes.
UPDATE reminders SET contact_id = $2 WHERE reminder_id = $1 AND contact_id IS NULL;

-- name: list_reminders
-- A page of a day's list within a scope; with $2 also what was still open from the days before it.
SELECT reminder_id, customer_id, line, rule, rep, department, customer_class, level, channel, template, minutes,
       plan_required, due_on, due_at, issued_on, answered_after, last_order_on, contacted_at, why_zh, why_en, trace,
       state, contact_id, done_at
FROM reminders
WHERE (issued_on = $1 OR ($2 AND issued_on < $1 AND state = 'due'))
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
WHERE issued_on = $1 AND state = 'due'
  AND ($2 OR rep = ANY($3::text[]) OR department = $4 OR ($5 AND rep = 'unassigned' AND department IS NULL))
GROUP BY rep
ORDER BY due DESC, rep;

-- name: count_lines
-- How many lines have a next date, and how many of them have come by $1 and wait to be issued.
SELECT count(*) AS scheduled, count(*) FILTER (WHERE due_on <= $1) AS pending
FROM schedule_lines
WHERE due_on IS NOT NULL;

-- name: count_lines_of
-- The same, of the customers within a scope.
SELECT count(*) AS scheduled, count(*) FILTER (WHERE l.due_on <= $1) AS pending
FROM schedules AS s JOIN schedule_lines AS l ON l.customer_id = s.customer_id
WHERE l.due_on IS NOT NULL
  AND (s.rep = ANY($2::text[]) OR s.department = $3 OR ($4 AND s.rep IS NULL AND s.department IS NULL));

-- name: select_schedule
-- One customer's facts and level as known now; $2 is the business time zone.
SELECT customer_id, version, rep, department, orders, first_order_on, last_order_on, sample_phase, sample_on,
       contacted_at, (contacted_at AT TIME ZONE $2)::date AS contacted_on, sequence, customer_class, level, since
FROM schedules
WHERE customer_id = $1;

-- name: save_people
-- What is known of people now, whole.
INSERT INTO people (person, department, rep_code, active)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
ON CONFLICT (person) DO UPDATE SET
    department = EXCLUDED.department, rep_code = EXCLUDED.rep_code, active = EXCLUDED.active;

-- name: depart_people
-- They left; the name under which orders know them stays known.
UPDATE people SET active = false WHERE person = ANY($1::text[]);

-- name: select_person
-- A person by id.
SELECT person, department, rep_code, active FROM people WHERE person = $1;

-- name: select_namesakes
-- Whoever goes by a name, as an id or as a rep code.
SELECT person, department, rep_code, active FROM people WHERE person = $1 OR rep_code = $1;

-- name: select_department
-- The people of a department, those who left too: their customers are still handed on.
SELECT person, department, rep_code, active
FROM people
WHERE department = $1
ORDER BY person;

-- name: begin_replanning
-- Everybody is to be planned anew; one that was under way begins again.
UPDATE replanning SET after_customer = '';

-- name: is_being_replanned
-- Whether somebody is still to be planned anew.
SELECT after_customer IS NOT NULL FROM replanning;

-- name: lock_replanning
-- The last customer planned anew; one process at a time goes on from there.
SELECT after_customer FROM replanning FOR UPDATE;

-- name: move_replanning
-- Everybody up to this customer is done; null when all are.
UPDATE replanning SET after_customer = $1;

-- name: page_schedules
-- The next customers in order of their ids' bytes.
SELECT customer_id FROM schedules WHERE customer_id > $1 ORDER BY customer_id LIMIT $2;
