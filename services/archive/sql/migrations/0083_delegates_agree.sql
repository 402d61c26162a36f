-- A4: a delegate agrees to a reclassification, or refuses it, for who delegated that to them; written down with the word.

ALTER TABLE reclassification_ends
    ADD COLUMN on_behalf_of  text,
    ADD COLUMN delegation_id text REFERENCES delegations,
    ADD CHECK ((on_behalf_of IS NULL) = (delegation_id IS NULL));

-- As before, and: nobody decides for somebody else but by a delegation of theirs that covers the rank that the record
-- has, or the very record, and runs. Neither of the two has asked for the change.
CREATE OR REPLACE FUNCTION refuse_lowering_alone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change reclassifications := (SELECT c FROM reclassifications AS c WHERE c.change_id = NEW.change_id);
    raises boolean := change.to_rank >= change.from_rank
                      AND change.to_department IS NOT DISTINCT FROM change.from_department;
BEGIN
    IF NEW.ended <> 'withdrawn' AND NEW.decided_by = change.requested_by AND NOT (raises AND NEW.ended = 'agreed')
        OR NEW.ended = 'withdrawn' AND NEW.decided_by <> change.requested_by
    THEN
        RAISE EXCEPTION 'reclassification %: nobody decides on their own', NEW.change_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.on_behalf_of IS NOT NULL AND (
        change.requested_by IN (NEW.decided_by, NEW.on_behalf_of)
        OR NOT EXISTS (
            SELECT FROM delegations AS d
            WHERE d.delegation_id = NEW.delegation_id AND d.giver = NEW.on_behalf_of AND d.delegate = NEW.decided_by
              AND d.not_before <= NEW.decided_at AND NEW.decided_at < d.until
              AND (change.from_rank::text = ANY (d.ranks) OR d.file = 'record:' || change.record)
              AND NOT EXISTS (SELECT FROM delegation_ends AS e WHERE e.delegation_id = d.delegation_id)
        )
    ) THEN
        RAISE EXCEPTION 'reclassification %: nobody delegated this', NEW.change_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.decided_in := pg_current_xact_id();
    RETURN NEW;
END
$$;

GRANT INSERT (on_behalf_of, delegation_id) ON reclassification_ends TO {app};
