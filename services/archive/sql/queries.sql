-- name: lock_head
-- The end of the chain, held until commit: one sealer at a time, so that the chain cannot fork.
SELECT seq, hash FROM audit_head FOR UPDATE;

-- name: move_head
-- The new end; in the transaction of the entries that lead to it.
UPDATE audit_head SET seq = $1, hash = $2;

-- name: read_head
-- What the sealer remembers of the chain's end.
SELECT seq, hash FROM audit_head;

-- name: begin_snapshot
-- Head and entries must be of the same moment, and a long chain takes longer than a batch may.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: lift_time_limit
-- The reader of a snapshot holds no lock that anybody waits for.
SET LOCAL transaction_timeout = 0;

-- name: stream_links
-- The whole chain in its order, for a server-side cursor.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source, prev_hash, hash
FROM audit_entries ORDER BY seq;

-- name: plan_for_values
-- Each filter may be absent: a plan made for the values at hand uses the index that fits them.
SET LOCAL plan_cache_mode = force_custom_plan;

-- name: search_entries
-- A page of the audit, newest first.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source
FROM audit_entries
WHERE ($1::text[] IS NULL OR file = ANY($1))
  AND ($2::text IS NULL OR actor = $2)
  AND ($3::text IS NULL OR action = $3)
  AND ($4::timestamptz IS NULL OR at >= $4)
  AND ($5::timestamptz IS NULL OR at < $5)
  AND ($6::bigint IS NULL OR seq < $6)
ORDER BY seq DESC LIMIT $7;

-- name: count_sources
-- What was sealed from whom: each service compares this with what it published.
SELECT event_source, service, action, count(*) AS entries, max(seq) AS last_seq, max(at) AS last_at
FROM audit_entries GROUP BY event_source, service, action ORDER BY event_source, service, action;

-- name: find_entry
-- The entry that a report names as its evidence.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source
FROM audit_entries WHERE seq = $1;

-- name: find_entry_of_event
-- The same, named by the event that it sealed.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source
FROM audit_entries WHERE file = ANY($1::text[]) AND event_id = $2 ORDER BY seq LIMIT 1;

-- name: find_version
-- The file's newest version as of an entry: it tells the tier that the file had then.
SELECT seq, at, recorded_at, actor, role, action, file, outcome, grant_id, station, service, reason, detail,
       event_id, event_source
FROM audit_entries WHERE file = ANY($1::text[]) AND action = 'file_amended' AND seq <= $2 ORDER BY seq DESC LIMIT 1;

-- name: insert_fine
-- A proposal; no row when this rule has fined this fact before.
INSERT INTO fines (fine_id, kind, rule, person, file, amount, currency, dismissal, entry, event, proposed_by, reason,
                   policy_version, proposed_at, words_zh, words_en)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT DO NOTHING RETURNING fine_id;

-- name: find_fine
-- A fine with where it stands and how many decisions led there.
SELECT f.fine_id, f.kind, f.rule, f.person, f.file, f.amount, f.currency, f.dismissal, f.entry, f.event, f.proposed_by,
       f.reason, f.policy_version, f.proposed_at, f.words_zh, f.words_en,
       coalesce(d.state, 'proposed')::text AS state, coalesce(d.step, 0) AS step, d.decided_by,
       d.reason AS decision_reason, d.decided_at
FROM fines AS f LEFT JOIN LATERAL (
    SELECT step, state, decided_by, reason, decided_at
    FROM fine_decisions WHERE fine_id = f.fine_id ORDER BY step DESC LIMIT 1
) AS d ON true
WHERE f.fine_id = $1;

-- name: list_fines
-- A page of fines, newest evidence first.
SELECT f.fine_id, f.kind, f.rule, f.person, f.file, f.amount, f.currency, f.dismissal, f.entry, f.event, f.proposed_by,
       f.reason, f.policy_version, f.proposed_at, f.words_zh, f.words_en,
       coalesce(d.state, 'proposed')::text AS state, coalesce(d.step, 0) AS step, d.decided_by,
       d.reason AS decision_reason, d.decided_at
FROM fines AS f LEFT JOIN LATERAL (
    SELECT step, state, decided_by, reason, decided_at
    FROM fine_decisions WHERE fine_id = f.fine_id ORDER BY step DESC LIMIT 1
) AS d ON true
WHERE ($1::text IS NULL OR f.person = $1)
  AND ($2::text IS NULL OR coalesce(d.state, 'proposed')::text = $2)
  AND ($3::bigint IS NULL OR (f.entry, f.rule) < ($3, $4))
ORDER BY f.entry DESC, f.rule DESC LIMIT $5;

-- name: insert_decision
-- The next step of a fine; no row when somebody else took that step first.
INSERT INTO fine_decisions (fine_id, step, state, decided_by, reason, decided_at)
VALUES ($1, $2, $3::text::fine_state, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING step;

-- name: list_gaps
-- A page of breaches that lack a fact, newest first.
SELECT kind, entry, missing, found_at FROM fine_gaps
WHERE ($1::bigint IS NULL OR (entry, kind) < ($1, $2)) ORDER BY entry DESC, kind DESC LIMIT $3;

-- name: upsert_people
-- The newest word on each person; what is older than what we know changes nothing.
INSERT INTO people AS p (person, role, department, manager, active, as_of, rep_code)
SELECT person, role, department, manager, active, as_of, rep_code
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::text[])
    AS told (person, role, department, manager, active, as_of, rep_code)
ON CONFLICT (person) DO UPDATE
SET role = EXCLUDED.role, department = EXCLUDED.department, manager = EXCLUDED.manager, active = EXCLUDED.active,
    as_of = EXCLUDED.as_of, rep_code = EXCLUDED.rep_code
WHERE p.as_of <= EXCLUDED.as_of;

-- name: load_people
-- Those whom a batch speaks of, locked in order so that two batches cannot cross.
SELECT person, role, department, manager, active, as_of, rep_code
FROM people WHERE person = ANY($1::text[]) ORDER BY person FOR UPDATE;

-- name: find_people
-- Those who take part in an act.
SELECT person, role, department, manager, active, as_of, rep_code FROM people WHERE person = ANY($1::text[]);

-- name: find_role_holders
-- Who holds a role now, in one department or anywhere.
SELECT person, role, department, manager, active, as_of, rep_code
FROM people WHERE role = $1 AND active AND ($2::text IS NULL OR department = $2) ORDER BY person;
