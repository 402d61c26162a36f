-- name: add_feed
-- A new address; nothing when the person has $7 of them already.
INSERT INTO feeds (feed_id, person, token_hash, language, created_at, created_by)
SELECT $1, $2, $3, $4, $5, $6
WHERE (SELECT count(*) FROM feeds WHERE person = $2 AND revoked_at IS NULL) < $7
RETURNING feed_id;

-- name: find_feed
-- An address by the hash of its secret; the row is held, so that what was shown last is one reader's at a time.
SELECT feed_id, person, language, created_at, created_by, revoked_at FROM feeds WHERE token_hash = $1 FOR UPDATE;

-- name: select_feed
-- An address by its id.
SELECT feed_id, person, language, created_at, created_by, revoked_at FROM feeds WHERE feed_id = $1;

-- name: revoke_feed
-- From the commit on the address opens nothing.
UPDATE feeds SET revoked_at = $2, revoked_by = $3 WHERE feed_id = $1 AND revoked_at IS NULL;

-- name: page_feeds
-- Addresses in use within a scope.
SELECT f.feed_id, f.person, f.language, f.created_at, f.created_by, f.revoked_at
FROM feeds AS f LEFT JOIN people AS p ON p.person = f.person
WHERE f.revoked_at IS NULL
  AND ($1::text[] IS NULL OR f.person = ANY($1))
  AND ($2 OR f.person = ANY($3::text[]) OR p.department = $4)
  AND f.feed_id > $5
ORDER BY f.feed_id
LIMIT $6;

-- name: select_tasks
-- What waits for somebody, by due date; what was put off is due that day. $3 is the time zone.
SELECT reminder_id, customer_id, customer_class, level, rule, channel, minutes, due_on,
       GREATEST(due_at, snoozed_until::timestamp AT TIME ZONE $3) AS due_at, escalated, why_zh, why_en
FROM reminders
WHERE state = 'due' AND contact_id IS NULL AND rep = ANY($1::text[])
ORDER BY due_on, customer_id, reminder_id
LIMIT $2;

-- name: select_feed_events
-- What an address showed last.
SELECT reminder_id, sequence, digest, starts_at, minutes, summary, modified_at, ended_at
FROM feed_events
WHERE feed_id = $1;

-- name: save_feed_events
-- What it shows now, where that is new.
INSERT INTO feed_events (
    feed_id, reminder_id, sequence, digest, starts_at, minutes, summary, modified_at, ended_at
)
SELECT $1, * FROM unnest(
    $2::text[], $3::integer[], $4::bytea[], $5::timestamptz[], $6::integer[], $7::text[], $8::timestamptz[],
    $9::timestamptz[]
)
ON CONFLICT (feed_id, reminder_id) DO UPDATE SET
    sequence = EXCLUDED.sequence, digest = EXCLUDED.digest, starts_at = EXCLUDED.starts_at,
    minutes = EXCLUDED.minutes, summary = EXCLUDED.summary, modified_at = EXCLUDED.modified_at,
    ended_at = EXCLUDED.ended_at;

-- name: forget_feed_events
-- What ended long enough ago: every calendar program has heard of it.
DELETE FROM feed_events WHERE feed_id = $1 AND ended_at < $2;

-- name: note_feed_reading
-- That an address was asked from somewhere on a day; nothing where that is known.
INSERT INTO feed_readings (feed_id, day, station, refused) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING feed_id;

-- name: forget_feed_readings
-- Days that are over.
DELETE FROM feed_readings WHERE feed_id = $1 AND day < $2;
