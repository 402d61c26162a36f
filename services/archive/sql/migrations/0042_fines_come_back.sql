-- A fine that a graver one replaced comes back to where it stood when that one falls (N9).
ALTER TABLE fine_decisions
    DROP CONSTRAINT fine_decisions_state_check,
    ADD CONSTRAINT fine_decisions_state_check CHECK (state <> 'proposed' OR decided_by IS NULL); -- null: a rule

-- As before, but that a rule also takes a replaced fine back: to the state before, while no other stands for the fact.
CREATE OR REPLACE FUNCTION refuse_own_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fined    text := (SELECT person FROM fines WHERE fine_id = NEW.fine_id);
    reporter text := (SELECT proposed_by FROM fines WHERE fine_id = NEW.fine_id);
    stood    text;
BEGIN
    IF NEW.decided_by IS NULL AND NEW.state::text <> 'replaced' THEN
        SELECT coalesce(before.state::text, 'proposed') INTO stood
        FROM fine_decisions AS last
        LEFT JOIN fine_decisions AS before ON before.fine_id = last.fine_id AND before.step = last.step - 1
        WHERE last.fine_id = NEW.fine_id AND last.step = NEW.step - 1 AND last.state::text = 'replaced';
        IF stood IS DISTINCT FROM NEW.state::text THEN
            RAISE EXCEPTION 'a rule decides nothing but what replaces what' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (SELECT FROM fine_standings AS s JOIN fines AS f ON f.fine_id = NEW.fine_id
                   WHERE s.person = f.person AND s.fact = f.fact AND s.fine_id <> f.fine_id
                     AND s.state NOT IN ('replaced', 'explained', 'waived', 'lifted')) THEN
            RAISE EXCEPTION 'another fine stands for the fact' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state::text IN ('answered', 'appealed') THEN
        IF NEW.decided_by IS DISTINCT FROM fined THEN
            RAISE EXCEPTION 'only the fined explains or appeals' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.decided_by = fined THEN
        RAISE EXCEPTION 'nobody decides about their own fine' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state::text IN ('upheld', 'lifted') AND (
        NEW.decided_by IS NOT DISTINCT FROM reporter OR NEW.decided_by = (
            SELECT decided_by FROM fine_decisions
            WHERE fine_id = NEW.fine_id AND state::text = 'confirmed' AND decided_by IS NOT NULL
            ORDER BY step DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'who had a hand in a fine does not judge it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

-- Confirmed last by whom among people, and when: the time for an appeal begins anew with a fine that came back.
CREATE OR REPLACE VIEW fine_standings AS
SELECT f.fine_id, f.kind, f.rule, f.person, f.file, f.amount, f.currency, f.dismissal, f.entry, f.event, f.proposed_by,
       f.reason, f.policy_version, f.proposed_at, f.words_zh, f.words_en, f.fact, f.occurred_on, f.order_id, f.sum,
       coalesce(d.state::text, 'proposed') AS state, coalesce(d.step, 0) AS step, d.decided_by,
       d.reason AS decision_reason, d.decided_at, b.decided_by AS confirmed_by, c.decided_at AS confirmed_at
FROM fines AS f
LEFT JOIN LATERAL (
    SELECT step, state, decided_by, reason, decided_at
    FROM fine_decisions WHERE fine_id = f.fine_id ORDER BY step DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT decided_at FROM fine_decisions
    WHERE fine_id = f.fine_id AND state::text = 'confirmed' ORDER BY step DESC LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT decided_by FROM fine_decisions
    WHERE fine_id = f.fine_id AND state::text = 'confirmed' AND decided_by IS NOT NULL ORDER BY step DESC LIMIT 1
) AS b ON true;
