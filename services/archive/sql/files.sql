-- name: upsert_files
-- The newest word on whose each file is; what is older, or the same, changes nothing.
INSERT INTO files AS f (file, tier, department, rep, version, known_at)
SELECT file, tier, department, rep, version, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS told (file, tier, department, rep, version)
ON CONFLICT (file) DO UPDATE
SET tier = EXCLUDED.tier, department = EXCLUDED.department, rep = EXCLUDED.rep, version = EXCLUDED.version,
    known_at = EXCLUDED.known_at
WHERE f.version < EXCLUDED.version
  AND (f.tier, f.department, f.rep) IS DISTINCT FROM (EXCLUDED.tier, EXCLUDED.department, EXCLUDED.rep);

-- name: find_file
-- Whose a customer's file is.
SELECT file, tier, department, rep FROM files WHERE file = $1;

-- name: find_record
-- A record's card.
SELECT record, title, rank::text, department, record_class, period, filed_by, filed_at, retain_until, holds, destroyed_at
FROM records WHERE record = $1;

-- name: find_sections
-- The sections of some records, in their order.
SELECT record, name, rank::text FROM record_sections WHERE record = ANY($1::text[]) ORDER BY record, place;

-- name: upsert_stations
-- The newest word on each station; what is older than what we know changes nothing.
INSERT INTO stations AS s (station, networks, place, reading_room, active, as_of)
VALUES ($1, $2::text[]::cidr[], $3, $4, $5, $6)
ON CONFLICT (station) DO UPDATE
SET networks = EXCLUDED.networks, place = EXCLUDED.place, reading_room = EXCLUDED.reading_room,
    active = EXCLUDED.active, as_of = EXCLUDED.as_of
WHERE s.as_of <= EXCLUDED.as_of;

-- name: list_stations
-- All stations; a company has some dozens.
SELECT station, networks::text[], place, reading_room, active, as_of FROM stations ORDER BY station;
