-- name: lock_records
-- Records that are decided about, so that a hold, a longer term and a destruction come one after the other.
SELECT record, title, rank::text, department, record_class, period, filed_by, filed_at, retain_until, holds, destroyed_at
FROM records WHERE record = ANY($1::text[]) ORDER BY record FOR UPDATE;

-- name: page_expiring
-- A page of records whose promised time ends before a day, and that are still there; the longest over first.
SELECT record, title, rank::text, department, record_class, period, filed_by, filed_at, retain_until, holds, destroyed_at
FROM records
WHERE retain_until < $1 AND destroyed_at IS NULL AND (retain_until, record) > ($2::date, $3)
ORDER BY retain_until, record LIMIT $4;

-- name: extend_retention
-- Kept for longer; the trigger refuses anything else.
UPDATE records SET retain_until = $2 WHERE record = $1;

-- name: insert_retention_change
-- Who had it kept for longer, and why.
INSERT INTO retention_changes (record, number, kept_until, extended_by, extended_at, reason)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM retention_changes WHERE record = $1;

-- name: insert_hold
-- A hold of a matter.
INSERT INTO holds (hold_id, matter, set_by, set_at, reason) VALUES ($1, $2, $3, $4, $5);

-- name: insert_held_records
-- What it freezes; the trigger counts.
INSERT INTO held_records (hold_id, record) SELECT $1, * FROM unnest($2::text[]);

-- name: insert_hold_lift
-- Lifts a hold once; no row when it was lifted before.
INSERT INTO hold_lifts (hold_id, lifted_by, lifted_at, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING hold_id;

-- name: find_hold
-- One hold with all that it names.
SELECT h.hold_id, h.matter, h.set_by, h.set_at, h.reason, l.lifted_by, l.lifted_at, l.reason AS lift_reason,
       (SELECT array_agg(record ORDER BY record) FROM held_records WHERE hold_id = h.hold_id) AS records
FROM holds AS h LEFT JOIN hold_lifts AS l USING (hold_id) WHERE h.hold_id = $1;

-- name: page_holds
-- A page of holds by id; of one record, or only those that stand, where asked.
SELECT h.hold_id, h.matter, h.set_by, h.set_at, h.reason, l.lifted_by, l.lifted_at, l.reason AS lift_reason,
       (SELECT array_agg(record ORDER BY record) FROM held_records WHERE hold_id = h.hold_id) AS records
FROM holds AS h LEFT JOIN hold_lifts AS l USING (hold_id)
WHERE ($1::text IS NULL OR EXISTS (SELECT FROM held_records AS r WHERE r.hold_id = h.hold_id AND r.record = $1))
  AND (NOT $2::boolean OR l.hold_id IS NULL) AND h.hold_id > $3
ORDER BY h.hold_id LIMIT $4;
