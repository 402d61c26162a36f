-- name: lock_schedules
-- The customers that a batch touches, locked so that no dispatcher plans them meanwhile; $2 is the business time zone.
SELECT customer_id, version, rep, department, orders, last_order_on, sample_phase, sample_on, contacted_at, purchases,
       usual_interval, usual_spread, (contacted_at AT TIME ZONE $2)::date AS contacted_on, country, improved_on, gaps,
       given_on, reported_on, sequence, customer_class, level, since
FROM schedules
WHERE customer_id = ANY($1::text[])
ORDER BY customer_id
FOR UPDATE;

-- name: select_lines
-- All lines of some customers, whose own rows are locked.
SELECT customer_id, line, every, opened_on, reminded_until, due_on, trace, about, wished_on
FROM unnest($1::text[]) AS wanted (customer_id) JOIN schedule_lines USING (customer_id);

-- name: save_facts
-- Writes customers' facts, and counts the customers that were not there before.
WITH saved AS (
    INSERT INTO schedules AS s (
        customer_id, version, rep, department, orders, last_order_on, sample_phase, sample_on, contacted_at, purchases,
        usual_interval, usual_spread
    )
    SELECT * FROM unnest(
        $1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::date[], $7::text[], $8::date[],
        $9::timestamptz[], $10::integer[], $11::integer[], $12::integer[]
    )
    ON CONFLICT (customer_id) DO UPDATE SET
        version = EXCLUDED.version, rep = EXCLUDED.rep, department = EXCLUDED.department, orders = EXCLUDED.orders,
        last_order_on = EXCLUDED.last_order_on, sample_phase = EXCLUDED.sample_phase, sample_on = EXCLUDED.sample_on,
        contacted_at = EXCLUDED.contacted_at, purchases = EXCLUDED.purchases,
        usual_interval = EXCLUDED.usual_interval, usual_spread = EXCLUDED.usual_spread
    -- A row that was updated carries the updater in xmax, a new one does not.
    RETURNING s.xmax = 0 AS is_new
)
SELECT count(*) FROM saved WHERE is_new;

-- name: save_dossiers
-- Writes what is known of files and their keeping, after `save_facts` in the same transaction.
UPDATE schedules AS s
SET country = d.country, improved_on = d.improved_on, gaps = d.gaps, given_on = d.given_on, reported_on = d.reported_on
FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::date[], $6::date[])
     AS d (customer_id, country, improved_on, gaps, given_on, reported_on)
WHERE s.customer_id = d.customer_id;

-- name: select_falls
-- The newest falls that were foreseen for some customers.
SELECT customer_id, sequence, last_order_on, foreseen_on, act_by, words_zh, words_en
FROM falls
WHERE customer_id = ANY($1::text[]);

-- name: save_falls
-- Writes falls that were foreseen.
INSERT INTO falls (customer_id, sequence, last_order_on, foreseen_on, act_by, words_zh, words_en)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::date[], $4::date[], $5::date[], $6::text[], $7::text[])
ON CONFLICT (customer_id) DO UPDATE SET
    sequence = EXCLUDED.sequence, last_order_on = EXCLUDED.last_order_on, foreseen_on = EXCLUDED.foreseen_on,
    act_by = EXCLUDED.act_by, words_zh = EXCLUDED.words_zh, words_en = EXCLUDED.words_en;

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
INSERT INTO schedule_lines (customer_id, line, every, opened_on, reminded_until, due_on, trace, about, wished_on)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[], $8::jsonb[],
    $9::date[]
)
ON CONFLICT (customer_id, line) DO UPDATE SET
    every = EXCLUDED.every, opened_on = EXCLUDED.opened_on, reminded_until = EXCLUDED.reminded_until,
    due_on = EXCLUDED.due_on, trace = EXCLUDED.trace, about = EXCLUDED.about, wished_on = EXCLUDED.wished_on;

-- name: claim_due
-- Customers with a line due by $1, at most $2 lines: locked, and passed over where another dispatcher or a batch is.
SELECT l.customer_id
FROM schedule_lines AS l JOIN schedules AS s ON s.customer_id = l.customer_id
WHERE l.due_on <= $1
ORDER BY l.due_on, l.customer_id
LIMIT $2
FOR UPDATE SKIP LOCKED;

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
SELECT customer_id, version, rep, department, orders, last_order_on, sample_phase, sample_on, contacted_at, purchases,
       usual_interval, usual_spread, (contacted_at AT TIME ZONE $2)::date AS contacted_on, country, improved_on, gaps,
       given_on, reported_on, sequence, customer_class, level, since
FROM schedules
WHERE customer_id = $1;

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

-- name: forget_told
-- Lines of new products that are done with: kept, each announcement would leave one with every customer for ever.
SELECT forget_told($1::text[]);
