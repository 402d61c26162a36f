-- name: claim_overdue
-- Reminders whose day to be looked at has come, locked, and passed over where another process is. $3 is the time zone.
-- Days count from the one that a reminder, or the first of those unanswered before it on its line, was due, put off to,
-- or handed over on.
SELECT r.reminder_id, r.customer_id, r.rep, r.department, r.kind, r.level,
       GREATEST(
           COALESCE(r.overdue_since, (r.due_at AT TIME ZONE $3)::date),
           r.snoozed_until,
           (SELECT max((a.acted_at AT TIME ZONE $3)::date) FROM reminder_acts AS a
            WHERE a.reminder_id = r.reminder_id AND a.act = 'handed_over')
       ) AS due_on,
       s.rep AS held_by, r.contact_id IS NOT NULL AS answered,
       ARRAY(SELECT e.to_role FROM escalations AS e WHERE e.reminder_id = r.reminder_id) AS taken, r.trace
FROM reminders AS r LEFT JOIN schedules AS s ON s.customer_id = r.customer_id
WHERE r.state = 'due' AND COALESCE(r.escalate_on, r.issued_on + 1) <= $1
ORDER BY COALESCE(r.escalate_on, r.issued_on + 1), r.reminder_id
LIMIT $2
FOR UPDATE OF r SKIP LOCKED;

-- name: add_escalations
-- Steps that were taken.
INSERT INTO escalations (reminder_id, to_role, step, person, rep, held_by, overdue, escalated_at)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::timestamptz[]
);

-- name: save_looks
-- How many steps a reminder has come, and when to look at it again.
UPDATE reminders AS r
SET escalated = r.escalated + l.steps, escalate_on = l.again_on
FROM unnest($1::text[], $2::integer[], $3::date[]) AS l (reminder_id, steps, again_on)
WHERE r.reminder_id = l.reminder_id;

-- name: look_again
-- The next look at some reps' reminders is now.
UPDATE reminders SET escalate_on = NULL WHERE state = 'due' AND rep = ANY($1::text[]) AND escalate_on IS NOT NULL;

-- name: count_anew
-- Whoever has these reminders from $2 on is late from then on, and their next look is now. What waits for somebody's
-- return from leave, and was not put off by a person, waits no more. $3 is the time zone.
UPDATE reminders AS r
SET overdue_since = GREATEST(r.overdue_since, (r.due_at AT TIME ZONE $3)::date, $2),
    escalate_on = NULL,
    snoozed_until = CASE
        WHEN r.listed_on <= $2 OR EXISTS (
            SELECT FROM reminder_acts AS a
            WHERE a.reminder_id = r.reminder_id AND a.act = 'snoozed' AND a.asked ->> 'until' = r.listed_on::text
        ) THEN r.snoozed_until
        ELSE $2
    END
WHERE r.reminder_id = ANY($1::text[]) AND r.state = 'due';

-- name: list_reassignments
-- A page of the reminders that came to the list's step, while they wait and neither they nor their customers were
-- given to somebody else.
SELECT r.reminder_id, r.customer_id, r.line, r.rule, r.rep, r.department, r.customer_class, r.level, r.channel,
       r.template, r.minutes, r.plan_required, r.due_on, r.due_at, r.issued_on, r.answered_after, r.last_order_on,
       r.contacted_at, r.why_zh, r.why_en, r.trace, r.kind, r.latest_on, e.held_by, e.escalated_at
FROM escalations AS e
JOIN reminders AS r ON r.reminder_id = e.reminder_id
LEFT JOIN schedules AS s ON s.customer_id = r.customer_id
WHERE e.to_role = 'reassignment' AND r.state = 'due' AND r.rep = e.rep AND s.rep IS NOT DISTINCT FROM e.held_by
  AND ($1 OR r.rep = ANY($2::text[]) OR r.department = $3 OR ($4 AND r.rep = 'unassigned' AND r.department IS NULL))
  AND (e.escalated_at, e.reminder_id) > ($5, $6)
ORDER BY e.escalated_at, e.reminder_id
LIMIT $7;

-- name: lock_watch
-- What plans and steps were made under.
SELECT digests FROM calendar_watch FOR UPDATE;

-- name: keep_watch
-- What they are made under from now on; with $2 everything that waits is looked at again.
UPDATE calendar_watch SET digests = $1::text::jsonb, after_reminder = CASE WHEN $2 THEN '' ELSE after_reminder END;

-- name: lock_looking
-- How far the looking again has come.
SELECT after_reminder FROM calendar_watch FOR UPDATE;

-- name: look_at_next
-- The next reminders in order of their ids are to be looked at again.
WITH next AS (
    SELECT reminder_id FROM reminders
    WHERE state = 'due' AND reminder_id > $1
    ORDER BY reminder_id
    LIMIT $2
    FOR UPDATE
), marked AS (
    UPDATE reminders AS r SET escalate_on = NULL FROM next WHERE r.reminder_id = next.reminder_id
    RETURNING r.reminder_id
)
SELECT reminder_id FROM marked ORDER BY reminder_id;

-- name: move_looking
-- Up to this reminder all are marked; null when everything is.
UPDATE calendar_watch SET after_reminder = $1;

-- name: inherit_steps
-- New reminders have come as far as those still waiting that they take the place of, while the customer is whose it was.
INSERT INTO escalations (reminder_id, to_role, step, person, rep, held_by, overdue, escalated_at)
SELECT i.reminder_id, e.to_role, e.step, e.person, i.rep, e.held_by, e.overdue, e.escalated_at
FROM unnest($1::text[]) AS issued (reminder_id)
JOIN reminders AS i ON i.reminder_id = issued.reminder_id
JOIN schedules AS s ON s.customer_id = i.customer_id
JOIN reminders AS r ON r.customer_id = i.customer_id AND r.line = i.line AND r.reminder_id <> i.reminder_id
JOIN escalations AS e ON e.reminder_id = r.reminder_id AND e.held_by IS NOT DISTINCT FROM s.rep
WHERE r.state = 'due' AND r.contact_id IS NULL
ON CONFLICT (reminder_id, to_role) DO NOTHING;

-- name: inherit_waiting
-- And they wait since those did, and are looked at today. $2 is the time zone.
UPDATE reminders AS n
SET overdue_since = w.since, escalate_on = n.issued_on,
    escalated = (SELECT count(*) FROM escalations AS e WHERE e.reminder_id = n.reminder_id)
FROM (
    SELECT i.reminder_id,
           min(GREATEST(COALESCE(r.overdue_since, (r.due_at AT TIME ZONE $2)::date), r.snoozed_until)) AS since
    FROM unnest($1::text[]) AS issued (reminder_id)
    JOIN reminders AS i ON i.reminder_id = issued.reminder_id
    JOIN reminders AS r ON r.customer_id = i.customer_id AND r.line = i.line AND r.reminder_id <> i.reminder_id
    WHERE r.state = 'due' AND r.contact_id IS NULL
    GROUP BY i.reminder_id
) AS w
WHERE n.reminder_id = w.reminder_id;
