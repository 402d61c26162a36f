-- name: insert_destruction
-- A request.
INSERT INTO destructions (destruction_id, records, classified, requested_by, requested_at, reason)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: insert_destruction_step
-- The next step; no row when somebody else took it first.
INSERT INTO destruction_steps (destruction_id, step, kind, decided_by, role, decided_at, reason, witness)
VALUES ($1, $2, $3::text::destruction_step, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING RETURNING step;

-- name: find_destruction
-- One request.
SELECT destruction_id, records, classified, requested_by, requested_at, reason
FROM destructions WHERE destruction_id = $1;

-- name: list_destruction_steps
-- All that was done about some requests, in its order.
SELECT destruction_id, kind::text, decided_by, role, decided_at, reason, witness
FROM destruction_steps WHERE destruction_id = ANY($1::text[]) ORDER BY destruction_id, step;

-- name: list_destructions_of
-- Requests about any of these records that were neither refused nor withdrawn nor carried out.
SELECT d.destruction_id, d.records, d.classified, d.requested_by, d.requested_at, d.reason
FROM destructions AS d
WHERE d.records && $1::text[]
  AND NOT EXISTS (SELECT FROM destruction_steps AS s WHERE s.destruction_id = d.destruction_id
                  AND s.kind IN ('refused', 'withdrawn', 'executed'));

-- name: page_destructions
-- A page of requests by id; only those that one person watches over, where one is named.
SELECT d.destruction_id, d.records, d.classified, d.requested_by, d.requested_at, d.reason
FROM destructions AS d
WHERE ($1::text IS NULL OR EXISTS (SELECT FROM destruction_steps AS s
                                   WHERE s.destruction_id = d.destruction_id AND s.witness = $1))
  AND d.destruction_id > $2
ORDER BY d.destruction_id LIMIT $3;

-- name: list_attachments_of
-- What some records consist of, and where it lies.
SELECT attachment_id, record, section, name, media_type, size, encode(sha256, 'hex') AS sha256, object_key
FROM attachments WHERE record = ANY($1::text[]) ORDER BY record, attachment_id;

-- name: find_added_since
-- Whether anything came into some records after a moment.
SELECT true FROM attachments WHERE record = ANY($1::text[]) AND added_at > $2 LIMIT 1;

-- name: insert_register
-- What is destroyed comes on the register first.
INSERT INTO destruction_register (record, destruction_id, title, rank, department, record_class, period, filed_by,
                                  filed_at, kept_until, attachments, reason, requested_by, approved_by, witness,
                                  attested_at, executed_by, destroyed_at, destroyed_on)
VALUES ($1, $2, $3, $4::text::record_rank, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- name: mark_destroyed
-- The cards stay, and say so.
UPDATE records SET destroyed_at = $2 WHERE record = ANY($1::text[]);

-- name: delete_data_keys
-- Without its key nothing of an attachment can be read, wherever copies of it lie.
DELETE FROM data_keys WHERE attachment_id IN (SELECT attachment_id FROM attachments WHERE record = ANY($1::text[]));

-- name: vacuum_data_keys
-- Takes deleted keys out of the table's pages as well.
VACUUM data_keys;

-- name: insert_doomed
-- Objects to be deleted after the commit.
INSERT INTO doomed_objects (object_key, record, since)
SELECT object_key, record, $2 FROM attachments WHERE record = ANY($1::text[]);

-- name: list_doomed
-- Objects that are still to be deleted, the oldest first.
SELECT object_key FROM doomed_objects WHERE gone_at IS NULL ORDER BY since, object_key LIMIT $1;

-- name: mark_gone
-- The store has deleted it.
UPDATE doomed_objects SET gone_at = $2 WHERE object_key = $1;

-- name: revoke_grants_of_files
-- Nobody consults what is not there any more.
UPDATE grants SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
WHERE file = ANY($1::text[]) AND revoked_at IS NULL AND until > $2
RETURNING grant_id, file;

-- name: page_register
-- A page of the register, in its order.
SELECT number, record, destruction_id, title, rank::text, department, record_class, period, filed_by, filed_at,
       kept_until, attachments, reason, requested_by, approved_by, witness, attested_at, executed_by, destroyed_at
FROM destruction_register WHERE number > $1 ORDER BY number LIMIT $2;
