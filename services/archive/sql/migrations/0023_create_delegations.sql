-- A4: delegations in writing, and their early ends.

CREATE TABLE delegations (
    delegation_id text        NOT NULL PRIMARY KEY,
    giver         text        NOT NULL,
    delegate      text        NOT NULL,
    tiers         text[]      NOT NULL,
    ranks         text[]      NOT NULL,
    file          text,
    not_before    timestamptz NOT NULL,
    until         timestamptz NOT NULL,
    text          text        NOT NULL,
    given_at      timestamptz NOT NULL,
    CHECK (giver <> delegate),
    CHECK (not_before < until),
    CHECK (cardinality(tiers) + cardinality(ranks) > 0 OR file IS NOT NULL)
);
CREATE INDEX delegations_by_end ON delegations (until);

CREATE TABLE delegation_ends (
    delegation_id text        NOT NULL PRIMARY KEY REFERENCES delegations,
    revoked_at    timestamptz NOT NULL,
    revoked_by    text        NOT NULL,
    reason        text        NOT NULL
);

ALTER TABLE request_decisions ADD FOREIGN KEY (delegation_id) REFERENCES delegations;

CREATE TRIGGER delegations_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON delegations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delegation_ends_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON delegation_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON delegations, delegation_ends TO {app};
