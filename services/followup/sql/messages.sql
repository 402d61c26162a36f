-- name: note
-- Keeps what happened until it is put into words; an event told twice is one notice.
INSERT INTO notices (notice_id, rep, topic, reminder_id, item)
SELECT notice_id, rep, topic, reminder_id, item::jsonb
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS n (notice_id, rep, topic, reminder_id, item)
ON CONFLICT (notice_id) DO NOTHING;

-- name: hold_news
-- One process at a time puts news into words: who had nothing due in the morning gets one digest, of all of them.
SELECT pg_advisory_xact_lock(hashtextextended('followup.news', 0));

-- name: take_notices
-- The oldest things that happened, each with the person whom the rep's name stands for, taken off the list.
WITH taken AS (
    DELETE FROM notices
    WHERE notice_id IN (
        SELECT notice_id FROM notices
        WHERE $2 OR topic NOT IN ('reminder', 'falling')
        ORDER BY noted
        LIMIT $1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING notice_id, rep, topic, item, noted
)
SELECT t.notice_id, t.rep, t.topic, t.item, coalesce(
    (SELECT p.person FROM people AS p WHERE p.rep_code = t.rep ORDER BY p.active DESC, p.person LIMIT 1), t.rep) AS person
FROM taken AS t
ORDER BY t.noted;

-- name: forget_notices
-- The digests of these people tell of all reminders so far.
DELETE FROM notices
WHERE topic IN ('reminder', 'falling')
  AND (rep = ANY($1::text[]) OR rep IN (SELECT rep_code FROM people WHERE person = ANY($1::text[])));

-- name: withdraw_notices
-- Nobody need be told of these reminders any more.
DELETE FROM notices WHERE reminder_id = ANY($1::text[]) AND topic IN ('reminder', 'falling', 'escalation');

-- name: spare_rep
-- Reminders that went to another rep are nothing to the one before.
DELETE FROM notices AS n
USING unnest($1::text[], $2::text[]) AS m (reminder_id, rep)
WHERE n.reminder_id = m.reminder_id AND n.rep = m.rep AND n.topic IN ('reminder', 'falling', 'escalation');

-- name: drop_messages
-- queued -> dropped: nothing of what it asks for is owed any more, and no page of it is out.
UPDATE messages AS m
SET state = 'dropped', ended_at = $2
WHERE m.state = 'queued' AND m.page = 1 AND m.leased_until IS NULL
  AND m.reminders && $1::text[]
  AND NOT EXISTS (SELECT FROM reminders AS r WHERE r.reminder_id = ANY(m.reminders) AND r.state = 'due');

-- name: open_round
-- '': nobody's digest of the day is made yet.
INSERT INTO digest_rounds (day, after_person) VALUES ($1, '') ON CONFLICT (day) DO NOTHING;

-- name: lock_round
-- One process at a time makes digests, from the last person on.
SELECT after_person FROM digest_rounds WHERE day = $1 FOR UPDATE SKIP LOCKED;

-- name: move_round
-- Everybody up to this person is done; null: all are.
UPDATE digest_rounds SET after_person = $2 WHERE day = $1;

-- name: is_round_done
-- Whether all digests of a day are made.
SELECT EXISTS (SELECT FROM digest_rounds WHERE day = $1 AND after_person IS NULL);

-- name: are_contacts_pending
-- Whether contacts that are planned for a day or before are still to be issued.
SELECT EXISTS (SELECT FROM schedule_lines WHERE planned_on <= $1);

-- name: list_people
-- The next people with reminders that wait, in order of their ids' bytes; nobody stands behind `unassigned`.
SELECT person
FROM (
    SELECT DISTINCT coalesce(
        (SELECT p.person FROM people AS p WHERE p.rep_code = reps.rep ORDER BY p.active DESC, p.person LIMIT 1),
        reps.rep) AS person
    FROM (SELECT DISTINCT rep FROM reminders WHERE state = 'due' AND listed_on <= $1 AND rep <> 'unassigned') AS reps
) AS persons
WHERE person > $2
ORDER BY person
LIMIT $3;

-- name: open_items
-- What waits for people on a day, under whichever of their names; what was put off counts from the day it came back.
SELECT names.person, r.reminder_id, r.customer_id, r.line, r.rule, r.rep, r.department, r.customer_class, r.level,
       r.channel, r.template, r.minutes, r.plan_required, r.due_on, r.due_at, r.listed_on AS issued_on, r.answered_after,
       r.last_order_on, r.contacted_at, r.why_zh, r.why_en, r.trace, r.kind, r.latest_on
FROM (
    SELECT person, person AS rep FROM unnest($2::text[]) AS wanted (person)
    UNION
    SELECT person, rep_code FROM people WHERE person = ANY($2::text[]) AND rep_code IS NOT NULL
) AS names
JOIN reminders AS r ON r.rep = names.rep
WHERE r.state = 'due' AND r.listed_on <= $1;

-- name: list_digested
-- The reminders that people's digests of a day tell of.
SELECT person, reminders FROM messages WHERE day = $1 AND person = ANY($2::text[]) AND topic = 'digest';

-- name: find_reminders
-- Some reminders, whoever they are due to.
SELECT r.reminder_id, r.customer_id, r.line, r.rule, r.rep, r.department, r.customer_class, r.level,
       r.channel, r.template, r.minutes, r.plan_required, r.due_on, r.due_at, r.issued_on, r.answered_after,
       r.last_order_on, r.contacted_at, r.why_zh, r.why_en, r.trace, r.kind, r.latest_on
FROM reminders AS r
WHERE r.reminder_id = ANY($1::text[]);

-- name: queue_messages
-- queued: the state that every message begins in; returns those that had not been made before.
INSERT INTO messages (
    message_id, person, topic, day, items, more, reminders, urgency, channels, channel, next_at, give_up_at, made_at
)
SELECT message_id, person, topic, day, items::jsonb, more,
       ARRAY(SELECT item ->> 'reminder_id' FROM jsonb_array_elements(items::jsonb) AS item
             WHERE item ->> 'reminder_id' IS NOT NULL
             UNION ALL
             SELECT also ->> 1
             FROM jsonb_array_elements(items::jsonb) AS item,
                  jsonb_array_elements(coalesce(item -> 'also', '[]')) AS also),
       urgency, string_to_array(channels, ','), split_part(channels, ',', 1), next_at, give_up_at, made_at
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::integer[], $7::smallint[], $8::text[],
    $9::timestamptz[], $10::timestamptz[], $11::timestamptz[]
) AS m (message_id, person, topic, day, items, more, urgency, channels, next_at, give_up_at, made_at)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id;

-- name: is_waiting
-- Whether a channel has something to send now.
SELECT EXISTS (
    SELECT FROM messages
    WHERE channel = $1 AND state = 'queued' AND next_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
);

-- name: ensure_pace
-- A channel that was never spoken to.
INSERT INTO channel_paces (channel) VALUES ($1) ON CONFLICT (channel) DO NOTHING;

-- name: lock_pace
-- When a channel was last spoken to; another process that is at it is not waited for.
SELECT spoken, silent_until FROM channel_paces WHERE channel = $1 FOR UPDATE SKIP LOCKED;

-- name: wait_for_pace
-- The same, to tell it something: whoever holds it is done in a moment.
SELECT spoken, silent_until FROM channel_paces WHERE channel = $1 FOR UPDATE;

-- name: set_pace
-- The channel was spoken to, or asked for silence.
UPDATE channel_paces SET spoken = $2, silent_until = $3 WHERE channel = $1;

-- name: claim_messages
-- The most urgent messages of a channel, this process's alone until $3.
UPDATE messages AS m
SET lease = $4, leased_until = $3
FROM (
    SELECT message_id
    FROM messages
    WHERE channel = $1 AND state = 'queued' AND next_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
    ORDER BY urgency, next_at, message_id
    LIMIT $5
    FOR UPDATE SKIP LOCKED
) AS next
WHERE m.message_id = next.message_id
RETURNING m.message_id, m.person, m.topic, m.day, m.items, m.more, m.channels, m.place, m.page, m.pages, m.attempts,
          m.tried_since, m.next_at, m.give_up_at, m.state, m.lease, m.urgency;

-- name: claim_astray
-- Messages on a channel that the channels file has no more.
UPDATE messages AS m
SET lease = $3, leased_until = $2
FROM (
    SELECT message_id
    FROM messages
    WHERE state = 'queued' AND NOT channel = ANY($4::text[]) AND (leased_until IS NULL OR leased_until <= $1)
    ORDER BY message_id
    LIMIT $5
    FOR UPDATE SKIP LOCKED
) AS next
WHERE m.message_id = next.message_id
RETURNING m.message_id, m.person, m.topic, m.day, m.items, m.more, m.channels, m.place, m.page, m.pages, m.attempts,
          m.tried_since, m.next_at, m.give_up_at, m.state, m.lease, m.urgency;

-- name: settle_message
-- queued -> sent, dead or on its way still; nothing where the lease went to another process meanwhile.
UPDATE messages
SET place = $3, channel = channels[$3 + 1], page = $4, pages = $5, attempts = $6, tried_since = $7, next_at = $8,
    state = $9, ended_at = CASE WHEN $9 = 'queued' THEN NULL ELSE $10::timestamptz END, lease = NULL,
    leased_until = NULL
WHERE message_id = $1 AND lease = $2 AND state = 'queued';

-- name: note_attempt
-- What became of sending a page, in the provider's own words.
INSERT INTO deliveries (
    message_id, person, topic, channel, page, pages, tried_at, seconds, outcome, code, said, meaning_zh, meaning_en,
    state
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: let_die
-- queued -> dead: it waited so long that telling it is no help.
UPDATE messages
SET state = 'dead', ended_at = $1, lease = NULL, leased_until = NULL
WHERE state = 'queued' AND give_up_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
RETURNING message_id;

-- name: prune_messages
-- What is over and old is forgotten.
DELETE FROM messages WHERE made_at < $1 AND state <> 'queued';

-- name: prune_deliveries
-- And what became of it.
DELETE FROM deliveries WHERE tried_at < $1;

-- name: prune_rounds
-- And the days of digests.
DELETE FROM digest_rounds WHERE day < $1;

-- name: list_deliveries
-- Attempts, the newest first.
SELECT delivery_id, message_id, person, topic, channel, page, pages, tried_at, seconds, outcome, code, said,
       meaning_zh, meaning_en, state
FROM deliveries
WHERE ($1::text[] IS NULL OR person = ANY($1))
  AND ($2::text IS NULL OR channel = $2)
  AND ($3::text IS NULL OR outcome = $3)
  AND ($4::text IS NULL OR message_id = $4)
  AND ($5::bigint IS NULL OR delivery_id < $5)
ORDER BY delivery_id DESC
LIMIT $6;

-- name: list_channel_states
-- Each channel's queue, and its attempts since a moment.
SELECT c.channel,
       (SELECT count(*) FROM messages AS m WHERE m.channel = c.channel AND m.state = 'queued') AS queued,
       count(d.delivery_id) FILTER (WHERE d.outcome = 'sent') AS sent,
       count(d.delivery_id) FILTER (WHERE d.outcome NOT IN ('sent', 'postponed')) AS failed,
       (array_agg(d.code || ' ' || d.said ORDER BY d.delivery_id DESC)
            FILTER (WHERE d.outcome NOT IN ('sent', 'postponed')))[1] AS last_failure,
       c.silent_until
FROM channel_paces AS c LEFT JOIN deliveries AS d ON d.channel = c.channel AND d.tried_at >= $1
GROUP BY c.channel, c.silent_until
ORDER BY c.channel;

-- name: count_messages
-- All messages at a glance.
SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
       min(made_at) FILTER (WHERE state = 'queued') AS oldest,
       count(*) FILTER (WHERE state = 'dead') AS dead,
       (array_agg(message_id ORDER BY ended_at DESC) FILTER (WHERE state = 'dead'))[1] AS last_dead
FROM messages
WHERE state IN ('queued', 'dead');
