-- name: note_sales
-- A showroom's orders as told last; of one moment all that either telling says (`domain.matters.merge`).
INSERT INTO showroom_sales AS known (customer_id, order_id, stated_at, asked_for, signed_by, passed_to, cause_id,
                                     cause_source, judge_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::timestamptz[])
ON CONFLICT (customer_id, order_id) DO UPDATE
SET stated_at = greatest(known.stated_at, excluded.stated_at),
    asked_for = CASE WHEN known.stated_at = excluded.stated_at THEN greatest(known.asked_for, excluded.asked_for)
                     WHEN known.stated_at < excluded.stated_at THEN excluded.asked_for ELSE known.asked_for END,
    signed_by = CASE WHEN known.stated_at = excluded.stated_at THEN greatest(known.signed_by, excluded.signed_by)
                     WHEN known.stated_at < excluded.stated_at THEN excluded.signed_by ELSE known.signed_by END,
    passed_to = CASE WHEN known.stated_at = excluded.stated_at THEN greatest(known.passed_to, excluded.passed_to)
                     WHEN known.stated_at < excluded.stated_at THEN excluded.passed_to ELSE known.passed_to END,
    cause_id = CASE WHEN known.stated_at = excluded.stated_at THEN greatest(known.cause_id, excluded.cause_id)
                    WHEN known.stated_at < excluded.stated_at THEN excluded.cause_id ELSE known.cause_id END,
    cause_source = CASE WHEN known.stated_at = excluded.stated_at
                        THEN greatest(known.cause_source, excluded.cause_source)
                        WHEN known.stated_at < excluded.stated_at THEN excluded.cause_source
                        ELSE known.cause_source END,
    judge_at = greatest(known.judge_at, excluded.judge_at);

-- name: note_faulty_returns
-- Returns by an error; the paper does not change.
INSERT INTO faulty_returns (customer_id, return_id, order_id, returned_on, amount, responsible, cause_id, cause_source,
                            judge_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::numeric[], $6::text[], $7::text[],
                     $8::text[], $9::timestamptz[])
ON CONFLICT DO NOTHING;

-- name: take_sales
-- Orders whose time has come, taken off the list; what another process holds is its to judge.
DELETE FROM showroom_sales WHERE (customer_id, order_id) IN (
    SELECT customer_id, order_id FROM showroom_sales WHERE judge_at <= $1
    ORDER BY judge_at, customer_id, order_id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING customer_id, order_id, stated_at, asked_for, signed_by, passed_to, cause_id, cause_source, judge_at;

-- name: take_faulty_returns
-- Returns whose time has come, taken off the list.
DELETE FROM faulty_returns WHERE (customer_id, return_id) IN (
    SELECT customer_id, return_id FROM faulty_returns WHERE judge_at <= $1
    ORDER BY judge_at, customer_id, return_id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING customer_id, return_id, order_id, returned_on, amount, responsible, cause_id, cause_source, judge_at;

-- name: find_named_people
-- Those whom papers name, by their ids or by the codes under which orders know them.
SELECT person, recorded_at, role, department, manager, rep_code, active, departed_at
FROM people WHERE recorded_at IS NOT NULL AND (person = ANY($1::text[]) OR rep_code = ANY($1::text[]));

-- name: claim_breaches
-- Those of the breaches that were not told before.
INSERT INTO breaches_told (breach_id, told_at) SELECT breach_id, $2 FROM unnest($1::text[]) AS found (breach_id)
ON CONFLICT DO NOTHING RETURNING breach_id;
