-- Fines (N1-N5): what was proposed, from which evidence, and what was decided about it.

CREATE TYPE fine_state AS ENUM (
    'proposed',  -- by a rule or by a report, with the audit entry that shows it
    'explained', -- proposed -> explained: the person gave a good reason (N7, N9)
    'waived',    -- proposed -> waived: human resources let it go, and say why
    'confirmed'  -- proposed -> confirmed: it goes into the month's statement (W3)
);

CREATE TABLE fines (
    fine_id        text        NOT NULL PRIMARY KEY,
    kind           text        NOT NULL, -- as the policy's catalogue calls it
    rule           text        NOT NULL,
    person         text        NOT NULL,
    file           text,
    amount         numeric,              -- null: a breach that is only recorded (N5)
    currency       text        NOT NULL,
    dismissal      boolean     NOT NULL,
    entry          bigint      NOT NULL REFERENCES audit_entries,
    event          text,                 -- where the evidence is an event: its id, which the entry sealed
    proposed_by    text,                 -- null: a rule
    reason         text,
    policy_version text        NOT NULL,
    proposed_at    timestamptz NOT NULL,
    words_zh       text        NOT NULL,
    words_en       text        NOT NULL,
    -- One fact is fined once by a rule.
    UNIQUE (rule, entry)
);
CREATE INDEX fines_person ON fines (person);

-- Steps of a fine, each a new row; where there is none the fine is proposed. A later step corrects an earlier one.
CREATE TABLE fine_decisions (
    fine_id    text        NOT NULL REFERENCES fines,
    step       integer     NOT NULL CHECK (step > 0),
    state      fine_state  NOT NULL CHECK (state <> 'proposed'),
    decided_by text        NOT NULL,
    reason     text        NOT NULL,
    decided_at timestamptz NOT NULL,
    -- Two who decide at once take the same step: one of them is told.
    PRIMARY KEY (fine_id, step)
);

-- Breaches for which nothing could be proposed, because a fact that the rule needs is missing (N9).
CREATE TABLE fine_gaps (
    kind     text        NOT NULL,
    entry    bigint      NOT NULL REFERENCES audit_entries,
    missing  text        NOT NULL,
    found_at timestamptz NOT NULL,
    PRIMARY KEY (kind, entry)
);

CREATE TRIGGER fines_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON fines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fine_decisions_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON fine_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON fines, fine_decisions, fine_gaps TO {app};
