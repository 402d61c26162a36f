-- Breaches by the id of their fact, for ever: the inbox forgets event ids after its window, and no fact is fined twice.
CREATE TABLE breaches (
    breach_id text   NOT NULL PRIMARY KEY,
    entry     bigint NOT NULL REFERENCES audit_entries
);
CREATE TRIGGER breaches_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON breaches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE breaches ENABLE ALWAYS TRIGGER breaches_are_final;
GRANT SELECT, INSERT ON breaches TO {app};
