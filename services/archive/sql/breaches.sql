-- name: find_breaches
-- Those of the breaches that a batch tells of which were sealed before.
SELECT breach_id FROM breaches WHERE breach_id = ANY($1::text[]);

-- name: insert_breaches
-- Breaches with the entries that seal them.
INSERT INTO breaches (breach_id, entry) SELECT * FROM unnest($1::text[], $2::bigint[]);
