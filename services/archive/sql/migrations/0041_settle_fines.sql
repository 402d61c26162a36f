-- Fines by fact, what their amounts follow from, and the ledger of what stands, month by month (N1-N9).

ALTER TABLE fines
    ADD COLUMN fact        text,    -- what is fined, in one spelling for every way of finding it
    ADD COLUMN occurred_on date,    -- business date
    ADD COLUMN order_id    text,
    ADD COLUMN sum         numeric; -- the one in question, from which the amount followed

-- What was proposed before is spelled as it would be now; the days are China's, as all of them were.
ALTER TABLE fines DISABLE TRIGGER fines_are_final;
UPDATE fines AS f SET occurred_on = (e.at AT TIME ZONE 'Asia/Shanghai')::date, fact = CASE
    WHEN f.kind = 'stale_file' THEN
        'stale_file ' || f.file || ' ' || to_char(e.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') || ' ' || f.entry
    WHEN f.kind IN ('unapproved_consulting', 'unapproved_copy') THEN 'consulting ' || e.event_source || ' ' || e.event_id
    WHEN f.kind IN ('unapproved_destruction', 'unapproved_alteration') THEN
        'altering ' || e.event_source || ' ' || e.event_id
    ELSE f.kind || ' ' || e.event_source || ' ' || e.event_id END
FROM audit_entries AS e WHERE e.seq = f.entry;
ALTER TABLE fines ENABLE ALWAYS TRIGGER fines_are_final;
ALTER TABLE fine_decisions ENABLE ALWAYS TRIGGER fine_decisions_are_final;

ALTER TABLE fines ALTER COLUMN fact SET NOT NULL, ALTER COLUMN occurred_on SET NOT NULL;
-- One return may cost a part of the wage and, with the month's others, the allowances: two fines of N8 from one entry.
ALTER TABLE fines DROP CONSTRAINT fines_rule_entry_key;
-- Never twice for one fact, in whatever way it was found.
ALTER TABLE fines ADD CONSTRAINT fines_once_for_a_fact UNIQUE (person, fact, kind);
CREATE INDEX fines_evidence ON fines (entry);
CREATE INDEX fines_occurred ON fines (occurred_on);

ALTER TABLE fine_decisions ALTER COLUMN decided_by DROP NOT NULL; -- null: a rule (replaced)

-- Nobody decides about their own, and only the fined explain and appeal: whatever the service believes.
CREATE FUNCTION refuse_own_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fined    text := (SELECT person FROM fines WHERE fine_id = NEW.fine_id);
    reporter text := (SELECT proposed_by FROM fines WHERE fine_id = NEW.fine_id);
BEGIN
    IF NEW.state::text IN ('answered', 'appealed') THEN
        IF NEW.decided_by IS DISTINCT FROM fined THEN
            RAISE EXCEPTION 'only the fined explains or appeals' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.decided_by = fined THEN
        RAISE EXCEPTION 'nobody decides about their own fine' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.decided_by IS NULL AND NEW.state::text <> 'replaced' THEN
        RAISE EXCEPTION 'a rule decides nothing but what replaces what' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state::text IN ('upheld', 'lifted') AND (
        NEW.decided_by IS NOT DISTINCT FROM reporter OR NEW.decided_by = (
            SELECT decided_by FROM fine_decisions WHERE fine_id = NEW.fine_id AND state::text = 'confirmed'
            ORDER BY step DESC LIMIT 1)) THEN
        RAISE EXCEPTION 'who had a hand in a fine does not judge it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER fine_decisions_by_others BEFORE INSERT ON fine_decisions FOR EACH ROW EXECUTE FUNCTION refuse_own_decision();
ALTER TABLE fine_decisions ENABLE ALWAYS TRIGGER fine_decisions_by_others;

-- A fine with where it stands, and by whom and when it was last confirmed.
CREATE VIEW fine_standings AS
SELECT f.fine_id, f.kind, f.rule, f.person, f.file, f.amount, f.currency, f.dismissal, f.entry, f.event, f.proposed_by,
       f.reason, f.policy_version, f.proposed_at, f.words_zh, f.words_en, f.fact, f.occurred_on, f.order_id, f.sum,
       coalesce(d.state::text, 'proposed') AS state, coalesce(d.step, 0) AS step, d.decided_by,
       d.reason AS decision_reason, d.decided_at, c.decided_by AS confirmed_by, c.decided_at AS confirmed_at
FROM fines AS f
LEFT JOIN LATERAL (
    SELECT step, state, decided_by, reason, decided_at
    FROM fine_decisions WHERE fine_id = f.fine_id ORDER BY step DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT decided_by, decided_at FROM fine_decisions
    WHERE fine_id = f.fine_id AND state::text = 'confirmed' ORDER BY step DESC LIMIT 1
) AS c ON true;

-- Breaches that count in their month, each fact once, whether it cost anything by itself or not (N7, N8).
CREATE TABLE fine_counts (
    kind   text    NOT NULL, -- under which they count together
    person text    NOT NULL,
    month  date    NOT NULL CHECK (extract(day FROM month) = 1),
    fact   text    NOT NULL,
    entry  bigint  NOT NULL REFERENCES audit_entries,
    amount numeric,
    PRIMARY KEY (kind, person, month, fact)
);
CREATE TRIGGER fine_counts_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON fine_counts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Gaps that somebody let be, and why; others close when a fine comes of them.
CREATE TABLE fine_gap_dismissals (
    kind         text        NOT NULL,
    entry        bigint      NOT NULL,
    dismissed_by text        NOT NULL,
    reason       text        NOT NULL,
    dismissed_at timestamptz NOT NULL,
    PRIMARY KEY (kind, entry),
    FOREIGN KEY (kind, entry) REFERENCES fine_gaps
);
CREATE TRIGGER fine_gap_dismissals_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON fine_gap_dismissals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Base wages (N8), as human resources told them: the newest word on a month counts. They are on no topic.
CREATE TABLE base_wages (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person     text        NOT NULL,
    from_month date        NOT NULL CHECK (extract(day FROM from_month) = 1),
    amount     numeric     NOT NULL CHECK (amount > 0),
    set_by     text        NOT NULL CHECK (set_by <> person),
    set_at     timestamptz NOT NULL,
    reason     text        NOT NULL
);
CREATE INDEX base_wages_of ON base_wages (person, from_month DESC, number DESC);
CREATE TRIGGER base_wages_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON base_wages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Months that are closed: nothing is posted to them, or to one before them, any more.
CREATE TABLE statements (
    month     date        NOT NULL PRIMARY KEY CHECK (extract(day FROM month) = 1),
    closed_by text        NOT NULL,
    closed_at timestamptz NOT NULL,
    reason    text
);
CREATE FUNCTION refuse_earlier_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM statements WHERE month >= NEW.month) THEN
        RAISE EXCEPTION 'a later month is closed already' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER statements_go_on BEFORE INSERT ON statements FOR EACH ROW EXECUTE FUNCTION refuse_earlier_month();
CREATE TRIGGER statements_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What came to stand (1) and what fell (-1): the postings of a fine sum up to what stands.
CREATE TABLE fine_ledger (
    fine_id   text        NOT NULL,
    step      integer     NOT NULL,
    month     date        NOT NULL CHECK (extract(day FROM month) = 1),
    person    text        NOT NULL,
    sign      smallint    NOT NULL CHECK (sign IN (1, -1)),
    amount    numeric     CHECK (amount >= 0), -- null: a measure other than a sum
    currency  text        NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (fine_id, step),
    FOREIGN KEY (fine_id, step) REFERENCES fine_decisions
);
CREATE INDEX fine_ledger_month ON fine_ledger (month, person);
CREATE FUNCTION refuse_unbalanced_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(sign), 0) FROM fine_ledger WHERE fine_id = NEW.fine_id) + NEW.sign NOT IN (0, 1) THEN
        RAISE EXCEPTION 'fine % is posted and reversed in turn', NEW.fine_id USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM fines WHERE fine_id = NEW.fine_id AND person = NEW.person
                   AND amount IS NOT DISTINCT FROM NEW.amount AND currency = NEW.currency) THEN
        RAISE EXCEPTION 'a posting says what its fine says' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM statements WHERE month >= NEW.month) THEN
        RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER fine_ledger_balances BEFORE INSERT ON fine_ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_posting();
CREATE TRIGGER fine_ledger_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON fine_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was confirmed before there was a ledger is owed all the same.
INSERT INTO fine_ledger (fine_id, step, month, person, sign, amount, currency, posted_at)
SELECT fine_id, step, date_trunc('month', occurred_on)::date, person, 1, amount, currency, decided_at
FROM fine_standings WHERE state = 'confirmed' ORDER BY fine_id;

ALTER TABLE fine_counts ENABLE ALWAYS TRIGGER fine_counts_are_final;
ALTER TABLE fine_gap_dismissals ENABLE ALWAYS TRIGGER fine_gap_dismissals_are_final;
ALTER TABLE base_wages ENABLE ALWAYS TRIGGER base_wages_are_final;
ALTER TABLE statements ENABLE ALWAYS TRIGGER statements_go_on, ENABLE ALWAYS TRIGGER statements_are_final;
ALTER TABLE fine_ledger ENABLE ALWAYS TRIGGER fine_ledger_balances, ENABLE ALWAYS TRIGGER fine_ledger_is_final;

GRANT SELECT, INSERT ON fine_counts, fine_gap_dismissals, base_wages, statements, fine_ledger TO {app};
GRANT SELECT ON fine_standings TO {app};
