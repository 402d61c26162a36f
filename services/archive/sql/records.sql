-- name: insert_record
-- A record as it is filed; no row when there is one of that id.
INSERT INTO records (record, title, rank, department, record_class, period, filed_by, filed_at, retain_until)
VALUES ($1, $2, $3::text::record_rank, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING record;

-- name: insert_sections
-- Its sections, in their order.
INSERT INTO record_sections (record, place, name, rank)
SELECT $1, place, name, rank::record_rank
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (name, rank, place);

-- name: find_living
-- Those of the records that were not destroyed.
SELECT record FROM records WHERE record = ANY($1::text[]) AND destroyed_at IS NULL;

-- name: hold_record
-- Lets nobody destroy the record, or attest its destruction, while something is added to it.
SELECT record FROM records WHERE record = $1 FOR KEY SHARE;

-- name: last_attested
-- When a witness last gave their word on what a record to be destroyed consists of.
SELECT max(s.decided_at) FROM destructions AS d JOIN destruction_steps AS s USING (destruction_id)
WHERE d.records && ARRAY[$1::text] AND s.kind = 'attested';

-- name: insert_attachment
-- A piece of a record's content; its object is there already.
INSERT INTO attachments (attachment_id, record, section, name, media_type, size, sha256, object_key, added_by, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: insert_data_key
-- The key without which the piece is gone.
INSERT INTO data_keys (attachment_id, master, wrapped) VALUES ($1, $2, $3);

-- name: list_attachments
-- What a record consists of, in the order in which it came.
SELECT attachment_id, record, section, name, media_type, size, sha256, object_key, added_by, added_at
FROM attachments WHERE record = $1 ORDER BY added_at, attachment_id;

-- name: list_attachments_of_many
-- What some records consist of, each in the order in which it came.
SELECT attachment_id, record, section, name, media_type, size, sha256, object_key, added_by, added_at
FROM attachments WHERE record = ANY($1::text[]) ORDER BY record, added_at, attachment_id;

-- name: read_data_keys
-- The keys that there still are.
SELECT attachment_id, master, wrapped FROM data_keys WHERE attachment_id = ANY($1::text[]);

-- name: read_held_grants
-- A reader's grants on a record that are neither revoked nor over.
SELECT grant_id, sections, copy_allowed, not_before, until, reading_room
FROM grants WHERE file = $1 AND person = $2 AND revoked_at IS NULL AND until > $3;

-- name: list_held_grants
-- A reader's grants on some records that are neither revoked nor over.
SELECT file, grant_id, sections, copy_allowed, not_before, until, reading_room
FROM grants WHERE file = ANY($1::text[]) AND person = $2 AND revoked_at IS NULL AND until > $3;

-- name: search_records
-- A page of the records that a reader may know of: by their place in the company, or by a grant that is valid now.
SELECT record, title, rank::text, department, record_class, period, filed_by, filed_at, retain_until, holds, destroyed_at
FROM records AS r
WHERE (r.rank = ANY($1::text[]::record_rank[])
       OR (r.rank = ANY($2::text[]::record_rank[]) AND r.department = $3)
       OR 'record:' || r.record IN (
           SELECT g.file FROM grants AS g
           WHERE $12 AND g.person = $4 AND g.revoked_at IS NULL AND g.not_before <= $5 AND g.until > $5
       ))
  AND ($6::text IS NULL OR strpos(lower(r.title), lower($6)) > 0)
  AND ($7::text IS NULL OR r.rank = $7::text::record_rank)
  AND ($8::text IS NULL OR r.record_class = $8)
  AND ($9::text IS NULL OR r.department = $9)
  AND ($10::text IS NULL OR r.period = $10)
  AND r.record > $11
ORDER BY r.record LIMIT $13;
