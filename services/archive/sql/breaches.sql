-- name: find_breaches
-- Those of the breaches that a batch tells of which were sealed before.
SELECT breach_id FROM breaches WHERE breach_id = ANY($1::text[]);

-- name: insert_breaches
-- Breaches with the entries that seal them.
INSERT INTO breaches (breach_id, entry) SELECT * FROM unnest($1::text[], $2::bigint[]);

-- name: claim_breaches
-- Those of the breaches that archive itself found and had not told before.
INSERT INTO breaches_told (breach_id) SELECT * FROM unnest($1::text[])
ON CONFLICT DO NOTHING RETURNING breach_id;

-- name: find_told_breaches
-- Those that it told before.
SELECT breach_id FROM breaches_told WHERE breach_id = ANY($1::text[]);

-- name: find_slots
-- Those of the slots that are known.
SELECT person, at, address FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS asked (person, at, address)
JOIN sightings USING (person, at, address);

-- name: find_sightings
-- Where some accounts were, within some hours.
SELECT person, at, address, event_id, event_source, event_type FROM sightings
WHERE person = ANY($1::text[]) AND at BETWEEN $2 AND $3;

-- name: insert_sightings
-- Where accounts were; what was told first stays.
INSERT INTO sightings (person, at, address, event_id, event_source, event_type)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
ON CONFLICT DO NOTHING;

-- name: forget_sightings
-- Whereabouts are kept for what comes late, and no longer.
DELETE FROM sightings WHERE at < $1;

-- name: find_copying
-- Whether grants allow copying (A5, N4).
SELECT grant_id, copy_allowed FROM grants WHERE grant_id = ANY($1::text[]);
