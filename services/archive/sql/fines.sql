-- name: lock_facts
-- One at a time may propose for what was sealed before, or count it: sealing and reporting meet here.
SELECT pg_advisory_xact_lock(7460871940);

-- name: insert_fines
-- Proposals; those whose fact a fine of the kind was for stay away.
INSERT INTO fines (fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason,
                   policy_version, proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum)
SELECT fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason,
       policy_version, proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::text[], $8::boolean[],
            $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::text[],
            $16::text[], $17::text[], $18::date[], $19::text[], $20::numeric[])
    AS t (fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason,
          policy_version, proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum)
ORDER BY entry, fine_id
ON CONFLICT DO NOTHING RETURNING fine_id;

-- name: find_fine
-- A fine with where it stands and how many decisions led there.
SELECT fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason, policy_version,
       proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum, state, step, decided_by, decision_reason,
       decided_at, confirmed_by, confirmed_at
FROM fine_standings WHERE fine_id = $1;

-- name: find_fines_of_facts
-- Every fine for a fact of a person, in whatever way it was found.
SELECT fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason, policy_version,
       proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum, state, step, decided_by, decision_reason,
       decided_at, confirmed_by, confirmed_at
FROM fine_standings JOIN unnest($1::text[], $2::text[]) AS w (person, fact) USING (person, fact)
ORDER BY entry, fine_id;

-- name: list_fines
-- A page of fines, newest evidence first.
SELECT fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason, policy_version,
       proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum, state, step, decided_by, decision_reason,
       decided_at, confirmed_by, confirmed_at
FROM fine_standings
WHERE ($1::text IS NULL OR person = $1)
  AND ($2::text IS NULL OR state = $2)
  AND ($3::bigint IS NULL OR (entry, fine_id) < ($3, $4))
ORDER BY entry DESC, fine_id DESC LIMIT $5;

-- name: fines_of_month
-- What was proposed for the days of a month.
SELECT fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason, policy_version,
       proposed_at, words_zh, words_en, fact, occurred_on, order_id, sum, state, step, decided_by, decision_reason,
       decided_at, confirmed_by, confirmed_at
FROM fine_standings WHERE occurred_on >= $1 AND occurred_on < $2 ORDER BY person, occurred_on, entry, fine_id;

-- name: list_steps
-- Everything that was decided about a fine, in its order.
SELECT step, state::text AS state, decided_by, reason, decided_at FROM fine_decisions WHERE fine_id = $1 ORDER BY step;

-- name: insert_decision
-- The next step of a fine; no row when somebody else took that step first.
INSERT INTO fine_decisions (fine_id, step, state, decided_by, reason, decided_at)
VALUES ($1, $2, $3::text::fine_state, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING step;

-- name: insert_gaps
-- Breaches that lack a fact.
INSERT INTO fine_gaps (kind, entry, missing, found_at)
SELECT kind, entry, missing, found_at
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[]) AS t (kind, entry, missing, found_at)
ORDER BY entry, kind
ON CONFLICT DO NOTHING;

-- name: list_gaps
-- A page of breaches that lack a fact, newest first, without those that were let be or that a fine has come of.
SELECT g.kind, g.entry, g.missing, g.found_at FROM fine_gaps AS g
WHERE ($1::bigint IS NULL OR (g.entry, g.kind) < ($1, $2))
  AND NOT EXISTS (SELECT FROM fine_gap_dismissals AS d WHERE d.kind = g.kind AND d.entry = g.entry)
  AND (g.missing = 'manager' OR NOT EXISTS (SELECT FROM fines AS f WHERE f.kind = g.kind AND f.entry = g.entry))
ORDER BY g.entry DESC, g.kind DESC LIMIT $3;

-- name: dismiss_gap
-- Lets an open gap be; no row when there is none.
INSERT INTO fine_gap_dismissals (kind, entry, dismissed_by, reason, dismissed_at)
SELECT kind, entry, $3, $4, $5 FROM fine_gaps WHERE kind = $1 AND entry = $2
ON CONFLICT DO NOTHING RETURNING entry;

-- name: unpaid_gaps
-- The entries of a person's open gaps for want of a base wage, oldest first.
SELECT e.seq, e.at, e.recorded_at, e.actor, e.role, e.action, e.file, e.outcome, e.grant_id, e.station, e.service,
       e.reason, e.detail, e.event_id, e.event_source
FROM fine_gaps AS g JOIN audit_entries AS e ON e.seq = g.entry
WHERE g.missing = 'base_wage' AND e.actor = $1
  AND NOT EXISTS (SELECT FROM fine_gap_dismissals AS d WHERE d.kind = g.kind AND d.entry = g.entry)
  AND NOT EXISTS (SELECT FROM fines AS f WHERE f.kind = g.kind AND f.entry = g.entry)
ORDER BY e.seq;

-- name: insert_counts
-- Breaches that count in their month, each fact once.
INSERT INTO fine_counts (kind, person, month, fact, entry, amount)
SELECT kind, person, month, fact, entry, amount
FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::bigint[], $6::numeric[])
    AS t (kind, person, month, fact, entry, amount)
ORDER BY kind, person, month, fact
ON CONFLICT DO NOTHING RETURNING entry;

-- name: load_known
-- Of each month of a person: how often, to how much, at which base wage, under whom. What turned out to be no breach
-- counts no more.
SELECT w.kind, w.person, w.month, c.times, c.total, b.amount AS base_wage, p.manager
FROM unnest($1::text[], $2::text[], $3::date[]) AS w (kind, person, month)
CROSS JOIN LATERAL (
    SELECT count(*) AS times, coalesce(sum(n.amount), 0) AS total FROM fine_counts AS n
    WHERE n.kind = w.kind AND n.person = w.person AND n.month = w.month AND NOT EXISTS (
        SELECT FROM fine_standings AS f
        WHERE f.person = n.person AND f.entry = n.entry AND f.kind <> 'returns_in_month'
          AND f.state IN ('explained', 'lifted'))
) AS c
LEFT JOIN LATERAL (
    SELECT amount FROM base_wages WHERE person = w.person AND from_month <= w.month
    ORDER BY from_month DESC, number DESC LIMIT 1
) AS b ON true
LEFT JOIN people AS p ON p.person = w.person;

-- name: insert_wage
-- What human resources say of a base wage, from a month on.
INSERT INTO base_wages (person, from_month, amount, set_by, set_at, reason) VALUES ($1, $2, $3, $4, $5, $6);

-- name: list_wages_of
-- All that was said of a person's, the newest word first.
SELECT person, from_month, amount, set_by, set_at, reason FROM base_wages
WHERE person = $1 ORDER BY from_month DESC, number DESC;

-- name: list_wages
-- The newest word on each person, by person.
SELECT DISTINCT ON (person) person, from_month, amount, set_by, set_at, reason FROM base_wages
WHERE $1::text IS NULL OR person > $1 ORDER BY person, from_month DESC, number DESC LIMIT $2;
