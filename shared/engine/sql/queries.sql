-- name: ensure_offsets
-- A row per assigned partition, so that locking it is always possible.
INSERT INTO consumed_offsets (consumer, topic, partition)
SELECT $1, topic, partition FROM unnest($2::text[], $3::integer[]) AS assigned (topic, partition)
ORDER BY topic, partition
ON CONFLICT DO NOTHING;

-- name: lock_offsets
-- The fence: whoever holds these rows decides; a zombie finds them moved on and drops what it brought.
SELECT topic, partition, next_offset, halted_code
FROM consumed_offsets
WHERE consumer = $1 AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::integer[]))
ORDER BY topic, partition
FOR UPDATE;

-- name: move_offsets
-- Moves the fence, in the transaction of the effects themselves.
UPDATE consumed_offsets AS o
SET next_offset = moved.next_offset, last_mark = moved.last_mark
FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[]) AS moved (topic, partition, next_offset, last_mark)
WHERE o.consumer = $1 AND o.topic = moved.topic AND o.partition = moved.partition;

-- name: halt_partition
-- Stops a partition for good, until somebody resumes it; the first reason stands.
UPDATE consumed_offsets
SET halted_code = $4, halted_why = $5, halted_at = clock_timestamp()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND halted_code IS NULL;

-- name: resume_partitions
-- Lifts the halts of a service, or of one topic's partition. A log that is no longer the one that was read is read from
-- its beginning: what comes twice, the inbox drops.
UPDATE consumed_offsets
SET halted_code = NULL, halted_why = NULL, halted_at = NULL,
    next_offset = CASE WHEN halted_code LIKE 'log\_%' THEN 0 ELSE next_offset END,
    last_mark = CASE WHEN halted_code LIKE 'log\_%' THEN NULL ELSE last_mark END
WHERE consumer = $1 AND halted_code IS NOT NULL
  AND ($2::text IS NULL OR topic = $2) AND ($3::integer IS NULL OR partition = $3)
RETURNING topic, partition, next_offset;

-- name: rewind_partition
-- Sends a partition back to where its log begins again; what comes twice, the inbox drops.
UPDATE consumed_offsets SET next_offset = $4, last_mark = NULL WHERE consumer = $1 AND topic = $2 AND partition = $3;

-- name: select_offsets
-- Where every partition of this consumer stands.
SELECT topic, partition, next_offset, last_mark, halted_code, halted_why, halted_at
FROM consumed_offsets WHERE consumer = $1 ORDER BY topic, partition;

-- name: claim_events
-- Claims ids; an id that another transaction is claiming is waited for. The command's count says whether all were new.
INSERT INTO inbox (event_key, digest)
SELECT event_key, digest FROM unnest($1::bytea[], $2::bigint[]) AS offered (event_key, digest)
ORDER BY event_key
ON CONFLICT (event_key) DO NOTHING;

-- name: claimed_before
-- Of the ids just offered, those that an earlier transaction had claimed, and with what data.
SELECT event_key, digest FROM inbox
WHERE event_key = ANY($1::bytea[]) AND xmin <> pg_current_xact_id()::xid;

-- name: release_claims
-- A refused record must stay replayable: its id is not taken.
DELETE FROM inbox WHERE event_key = ANY($1::bytea[]);

-- name: prune_inbox
-- Forgets ids beyond the replay window of $1 days, a bounded number at a time.
WITH pruned AS (
    DELETE FROM inbox
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox WHERE seen_on < CURRENT_DATE - $1::integer LIMIT $2)) RETURNING 1
)
SELECT count(*) FROM pruned;

-- name: append_frames
-- One row per topic and transaction; the arrays of arrays cannot be ragged, so frames come one statement each.
INSERT INTO outbox (topic, record_keys, record_values, header_names, header_values, records)
VALUES ($1, $2, $3, $4, $5, cardinality($2::bytea[]));

-- name: take_frames
-- The oldest frames; only the relay that holds the advisory lock reads them, so order is kept.
SELECT frame_id, topic, record_keys, record_values, header_names, header_values
FROM outbox ORDER BY frame_id LIMIT $1;

-- name: delete_frames
-- After the broker's acknowledgement, by id: a watermark would skip frames that committed late.
DELETE FROM outbox WHERE frame_id = ANY($1::bigint[]);

-- name: lock_relay
-- One relay at a time sends a service's frames; the lock ends with the transaction, also after a kill.
SELECT pg_try_advisory_xact_lock(hashtextextended('tierline.relay', 0));

-- name: count_outbox
-- Records waiting for the relay, and since when the oldest waits.
SELECT coalesce(sum(records), 0)::bigint AS records, min(appended_at) AS oldest FROM outbox;

-- name: bury
-- Keeps what was refused, whole.
INSERT INTO dead_letters (topic, partition, record_offset, record_key, record_value, header_names, header_values,
                          recorded_at, code, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: count_dead_letters
-- Letters that wait for a decision.
SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL;

-- name: list_dead_letters
-- A page of waiting letters, oldest first, without their contents.
SELECT letter_id, topic, partition, record_offset, recorded_at, code, detail, attempts, refused_at
FROM dead_letters
WHERE replayed_at IS NULL AND letter_id > $1
ORDER BY letter_id LIMIT $2;

-- name: show_dead_letter
-- One letter, whole.
SELECT letter_id, topic, partition, record_offset, record_key, record_value, header_names, header_values,
       recorded_at, code, detail, attempts, refused_at, replayed_at
FROM dead_letters WHERE letter_id = $1;

-- name: lock_dead_letters
-- Letters about to be replayed, in their order of arrival; another replay at the same time leaves them alone.
SELECT letter_id, topic, partition, record_offset, record_key, record_value, header_names, header_values, recorded_at
FROM dead_letters
WHERE replayed_at IS NULL AND letter_id = ANY($1::bigint[])
ORDER BY letter_id FOR UPDATE SKIP LOCKED;

-- name: select_waiting_letters
-- Ids of waiting letters, oldest first, of one topic or of all.
SELECT letter_id, topic FROM dead_letters
WHERE replayed_at IS NULL AND ($1::text IS NULL OR topic = $1) AND letter_id > $2
ORDER BY letter_id LIMIT $3;

-- name: settle_dead_letter
-- The replay took effect.
UPDATE dead_letters SET replayed_at = clock_timestamp(), attempts = attempts + 1 WHERE letter_id = $1;

-- name: refuse_dead_letter
-- The replay was refused again: the newest reason stands.
UPDATE dead_letters SET attempts = attempts + 1, code = $2, detail = $3, refused_at = clock_timestamp()
WHERE letter_id = $1;

-- name: renew_lease
-- Prolongs a lease of ours. It touches no key column, so it does not wait for a batch that has checked the lease.
UPDATE lease SET expires = clock_timestamp() + make_interval(secs => $3)
WHERE name = $1 AND holder = $2
RETURNING token;

-- name: ensure_lease
-- A row per lease, free at first.
INSERT INTO lease (name, token, holder, expires) VALUES ($1, 0, '', '-infinity') ON CONFLICT DO NOTHING;

-- name: take_lease
-- Takes a lease that has expired, under a higher token; FOR UPDATE waits for a commit that the old holder has checked.
WITH expired AS (
    SELECT name FROM lease WHERE name = $1 AND expires < clock_timestamp() FOR UPDATE
)
UPDATE lease SET token = token + 1, holder = $2, expires = clock_timestamp() + make_interval(secs => $3)
FROM expired WHERE lease.name = expired.name
RETURNING token;

-- name: check_lease
-- Held until commit: nobody can take over between this check and the commit it guards. The holder is asked for too: a
-- database that went back (a standby that lagged, a backup) gives a token out a second time.
SELECT 1 FROM lease WHERE name = $1 AND token = $2 AND holder = $3 FOR KEY SHARE;

-- name: drop_lease
-- A clean stop lets the stand-by in at once.
UPDATE lease SET expires = '-infinity', holder = '' WHERE name = $1 AND token = $2 AND holder = $3;

-- name: share_policy
-- Which policy decides; locked, so that no activation overtakes what is decided by it until commit.
SELECT number, digest FROM policy_in_force FOR SHARE;

-- name: lock_policy
-- Waits for everything that is still decided by the policy in force, and lets nothing new begin until commit.
SELECT number, digest FROM policy_in_force FOR UPDATE;

-- name: read_policy
-- The policy that decides, whole.
SELECT number, digest, policy FROM policy_in_force;

-- name: put_policy_in_force
-- From this commit on another policy decides.
UPDATE policy_in_force SET number = $1, digest = $2, policy = $3;
