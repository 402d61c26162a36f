-- name: anything_waits
-- Whether a line is planned by $1; nearly always not, and one look at the index.
SELECT EXISTS (SELECT FROM schedule_lines WHERE planned_on <= $1);

-- name: waiting_lists
-- Customers with a line planned by $2, by rep, of the reps who have one planned by $1; null: of nobody.
SELECT s.rep, array_agg(l.customer_id) AS customers
FROM schedule_lines AS l JOIN schedules AS s ON s.customer_id = l.customer_id
WHERE l.planned_on <= $2
GROUP BY s.rep
HAVING min(l.planned_on) <= $1
ORDER BY s.rep;

-- name: hold_reps
-- The reps whose day nobody else is filling, held until the transaction ends, also after a kill.
SELECT rep FROM unnest($1::text[]) AS wanted (rep)
WHERE pg_try_advisory_xact_lock(hashtextextended('tierline.rep ' || rep, 0));

-- name: identities
-- The people behind some names, which may be ids or rep codes.
SELECT person, rep_code FROM people WHERE person = ANY($1::text[]) OR rep_code = ANY($1::text[]) ORDER BY person;

-- name: days_so_far
-- What managers set for some reps, and what was issued for their day $2.
SELECT w.rep, c.minutes AS allowed, coalesce(d.minutes, 0) AS issued
FROM unnest($1::text[]) AS w (rep)
LEFT JOIN capacities AS c ON c.rep = w.rep
LEFT JOIN rep_days AS d ON d.rep = w.rep AND d.day = $2;

-- name: taken_besides
-- Minutes that some reps' day, given out from $3 to $4, has lost to earlier ones: what they did since $2, what they put
-- off until then, and the plans that they owe or wrote. What ended by itself took nobody's time.
SELECT rep, sum(minutes)::bigint AS minutes
FROM (
    SELECT rep, coalesce(worked, minutes) AS minutes
    FROM reminders
    WHERE rep = ANY($1::text[]) AND done_at >= $2 AND state = 'done' AND (issued_on < $3 OR kind = 'plan')
    UNION ALL
    SELECT rep, minutes
    FROM reminders
    WHERE rep = ANY($1::text[]) AND listed_on BETWEEN $3 AND $4 AND state = 'due' AND (issued_on < $3 OR kind = 'plan')
) AS besides
GROUP BY rep;

-- name: add_to_days
-- Counts what is issued, in the transaction that issues it.
INSERT INTO rep_days AS d (rep, day, contacts, minutes, capacity)
SELECT * FROM unnest($1::text[], $2::date[], $3::integer[], $4::integer[], $5::integer[])
ON CONFLICT (rep, day) DO UPDATE SET
    contacts = d.contacts + EXCLUDED.contacts, minutes = d.minutes + EXCLUDED.minutes,
    capacity = coalesce(EXCLUDED.capacity, d.capacity);

-- name: issued_days
-- A rep's days between $2 and $3 on which something was issued.
SELECT day, contacts, minutes, capacity FROM rep_days WHERE rep = $1 AND day BETWEEN $2 AND $3 ORDER BY day;

-- name: reps_with_customers
-- All names of reps, each found by a jump in the index.
WITH RECURSIVE reps (rep) AS (
    (SELECT rep FROM schedules WHERE rep IS NOT NULL ORDER BY rep LIMIT 1)
    UNION ALL
    SELECT (SELECT s.rep FROM schedules AS s WHERE s.rep > reps.rep ORDER BY s.rep LIMIT 1)
    FROM reps WHERE reps.rep IS NOT NULL
)
SELECT rep FROM reps WHERE rep IS NOT NULL;

-- name: customers_of_reps
-- Customers of reps of these names.
SELECT customer_id FROM schedules WHERE rep = ANY($1::text[]);

-- name: set_capacity
-- What the manager says from now on.
INSERT INTO capacities (rep, minutes, set_by, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (rep) DO UPDATE SET minutes = EXCLUDED.minutes, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at;

-- name: unset_capacity
-- The policy's number holds again.
DELETE FROM capacities WHERE rep = $1;
