-- How long records live: retention that only grows, holds, what is due each season, and destruction (A6, A7).

-- Kept for longer, never for shorter; destroyed once, and only what is on the register.
CREATE FUNCTION refuse_shortening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(NEW.retain_until, 'infinity') < coalesce(OLD.retain_until, 'infinity') THEN
        RAISE EXCEPTION 'record % is kept until %: retention only grows', OLD.record, OLD.retain_until
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS DISTINCT FROM OLD.destroyed_at THEN
        RAISE EXCEPTION 'record % was destroyed', OLD.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.destroyed_at IS NOT NULL AND OLD.destroyed_at IS NULL THEN
        IF NEW.holds > 0 THEN
            RAISE EXCEPTION 'record % is held', OLD.record USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT EXISTS (SELECT FROM destruction_register WHERE record = OLD.record) THEN
            RAISE EXCEPTION 'record % is not on the register', OLD.record USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER records_are_kept BEFORE UPDATE ON records FOR EACH ROW EXECUTE FUNCTION refuse_shortening();

CREATE TABLE retention_changes (
    record      text        NOT NULL REFERENCES records,
    number      integer     NOT NULL CHECK (number > 0),
    kept_until  date,                 -- null: for ever
    extended_by text        NOT NULL,
    extended_at timestamptz NOT NULL,
    reason      text        NOT NULL,
    PRIMARY KEY (record, number)
);

-- A hold is of a matter and freezes the records that it names; it is lifted whole, once.
CREATE TABLE holds (
    hold_id text        NOT NULL PRIMARY KEY,
    matter  text        NOT NULL CHECK (matter <> ''),
    set_by  text        NOT NULL,
    set_at  timestamptz NOT NULL,
    reason  text        NOT NULL
);
CREATE TABLE held_records (
    hold_id text NOT NULL REFERENCES holds,
    record  text NOT NULL REFERENCES records,
    PRIMARY KEY (hold_id, record)
);
CREATE INDEX held_records_record ON held_records (record);
CREATE TABLE hold_lifts (
    hold_id   text        NOT NULL PRIMARY KEY REFERENCES holds,
    lifted_by text        NOT NULL,
    lifted_at timestamptz NOT NULL,
    reason    text        NOT NULL
);

-- The number of holds on a record follows from the rows: nobody else writes it. Its row is locked by that, so that a
-- hold and a destruction of the same record come one after the other.
CREATE FUNCTION count_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM hold_lifts WHERE hold_id = NEW.hold_id) THEN
        RAISE EXCEPTION 'hold % was lifted', NEW.hold_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE records SET holds = holds + 1 WHERE record = NEW.record AND destroyed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'record % was destroyed', NEW.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION uncount_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE records SET holds = holds - 1 WHERE record IN (SELECT record FROM held_records WHERE hold_id = NEW.hold_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER held_records_count AFTER INSERT ON held_records FOR EACH ROW EXECUTE FUNCTION count_hold();
CREATE TRIGGER hold_lifts_count AFTER INSERT ON hold_lifts FOR EACH ROW EXECUTE FUNCTION uncount_hold();

-- What each department hands in for a period; written when the season opens, so that the list of a past one stays.
CREATE TABLE filing_dues (
    period       text NOT NULL,
    department   text NOT NULL,
    record_class text NOT NULL,
    due_on       date NOT NULL,
    PRIMARY KEY (period, department, record_class)
);
CREATE TABLE filing_nothing (
    period       text        NOT NULL,
    department   text        NOT NULL,
    record_class text        NOT NULL,
    declared_by  text        NOT NULL,
    declared_at  timestamptz NOT NULL,
    reason       text        NOT NULL,
    PRIMARY KEY (period, department, record_class),
    FOREIGN KEY (period, department, record_class) REFERENCES filing_dues
);

CREATE TABLE destructions (
    destruction_id text        NOT NULL PRIMARY KEY,
    records        text[]      NOT NULL CHECK (cardinality(records) > 0),
    classified     boolean     NOT NULL,
    requested_by   text        NOT NULL,
    requested_at   timestamptz NOT NULL,
    reason         text        NOT NULL
);
CREATE INDEX destructions_records ON destructions USING gin (records);

CREATE TYPE destruction_step AS ENUM (
    'reviewed',      -- requested -> reviewed (classified records only)
    'approved',      -- requested or reviewed -> approved
    'refused',       -- requested or reviewed -> refused, for good
    'withdrawn',     -- any open state -> withdrawn, for good
    'witness_named', -- approved -> witnessed; again, by another witness
    'attested',      -- the witness's word, without which nothing is carried out
    'executed'       -- witnessed -> executed, for good
);
CREATE TABLE destruction_steps (
    destruction_id text             NOT NULL REFERENCES destructions,
    step           integer          NOT NULL CHECK (step > 0),
    kind           destruction_step NOT NULL,
    decided_by     text             NOT NULL,
    role           text             NOT NULL,
    decided_at     timestamptz      NOT NULL,
    reason         text             NOT NULL,
    witness        text             CHECK ((kind = 'witness_named') = (witness IS NOT NULL)),
    -- Two who act at once take the same step: one of them is told.
    PRIMARY KEY (destruction_id, step),
    CHECK (witness <> decided_by)
);

-- Nobody decides on what they asked for, watches over it, or watches what they carry out.
CREATE FUNCTION refuse_own_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asker text := (SELECT requested_by FROM destructions WHERE destruction_id = NEW.destruction_id);
BEGIN
    IF NEW.kind IN ('reviewed', 'approved', 'refused', 'witness_named', 'attested') AND NEW.decided_by = asker
        OR NEW.witness = asker
        OR NEW.kind = 'approved' AND EXISTS (
            SELECT FROM destruction_steps
            WHERE destruction_id = NEW.destruction_id AND kind = 'reviewed' AND decided_by = NEW.decided_by)
        OR NEW.kind = 'executed' AND EXISTS (
            SELECT FROM destruction_steps
            WHERE destruction_id = NEW.destruction_id
              AND (kind IN ('reviewed', 'approved', 'attested') AND decided_by = NEW.decided_by
                   OR witness = NEW.decided_by))
    THEN
        RAISE EXCEPTION 'destruction %: nobody decides on their own', NEW.destruction_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER destruction_steps_are_others BEFORE INSERT ON destruction_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_own_step();

-- The register, for ever: what was destroyed, what it held by its hashes, on whose word, in front of whom.
CREATE TABLE destruction_register (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record         text        NOT NULL UNIQUE REFERENCES records,
    destruction_id text        NOT NULL REFERENCES destructions,
    title          text        NOT NULL,
    rank           record_rank NOT NULL,
    department     text,
    record_class   text        NOT NULL,
    period         text,
    filed_by       text        NOT NULL,
    filed_at       timestamptz NOT NULL,
    kept_until     date        NOT NULL,
    attachments    text        NOT NULL, -- JSON: id, section, name, media type, bytes, SHA-256 in the clear
    reason         text        NOT NULL,
    requested_by   text        NOT NULL,
    approved_by    text        NOT NULL,
    witness        text        NOT NULL,
    attested_at    timestamptz NOT NULL,
    executed_by    text        NOT NULL,
    destroyed_at   timestamptz NOT NULL,
    destroyed_on   date        NOT NULL, -- the business day
    CHECK (witness NOT IN (requested_by, approved_by, executed_by)),
    CHECK (approved_by NOT IN (requested_by, executed_by)),
    CHECK (kept_until < destroyed_on)
);

-- On the register comes only what was approved and attested by these people, and what nobody holds.
CREATE FUNCTION refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM destructions AS d
        WHERE d.destruction_id = NEW.destruction_id AND NEW.record = ANY(d.records)
          AND d.requested_by = NEW.requested_by
          AND EXISTS (SELECT FROM destruction_steps AS s WHERE s.destruction_id = d.destruction_id
                      AND s.kind = 'approved' AND s.decided_by = NEW.approved_by)
          AND EXISTS (SELECT FROM destruction_steps AS s WHERE s.destruction_id = d.destruction_id
                      AND s.kind = 'attested' AND s.decided_by = NEW.witness)
          AND NOT EXISTS (SELECT FROM destruction_steps AS s WHERE s.destruction_id = d.destruction_id
                          AND s.kind IN ('refused', 'withdrawn'))
    ) OR (SELECT holds FROM records WHERE record = NEW.record) > 0 THEN
        RAISE EXCEPTION 'record % is not to be destroyed', NEW.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER destruction_register_is_earned BEFORE INSERT ON destruction_register
    FOR EACH ROW EXECUTE FUNCTION refuse_unapproved();

-- The key of an attachment goes only with its record; without it the content is gone wherever copies lie.
CREATE FUNCTION refuse_losing_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM attachments JOIN records USING (record)
        WHERE attachments.attachment_id = OLD.attachment_id AND records.destroyed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the key of % is needed', OLD.attachment_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER data_keys_are_needed BEFORE DELETE ON data_keys FOR EACH ROW EXECUTE FUNCTION refuse_losing_keys();
CREATE FUNCTION refuse_reviving() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT destroyed_at FROM records WHERE record = NEW.record FOR KEY SHARE) IS NOT NULL THEN
        RAISE EXCEPTION 'record % was destroyed', NEW.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER attachments_of_living_records BEFORE INSERT ON attachments
    FOR EACH ROW EXECUTE FUNCTION refuse_reviving();

-- Objects whose keys are gone, until the store has deleted them too.
CREATE TABLE doomed_objects (
    object_key text        NOT NULL PRIMARY KEY,
    record     text        NOT NULL REFERENCES records,
    since      timestamptz NOT NULL,
    gone_at    timestamptz  -- null -> deleted
);
CREATE INDEX doomed_objects_waiting ON doomed_objects (since) WHERE gone_at IS NULL;

CREATE TRIGGER retention_changes_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER holds_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER held_records_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON held_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_lifts_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_lifts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER filing_nothing_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON filing_nothing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER destructions_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON destructions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER destruction_steps_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON destruction_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER destruction_register_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON destruction_register
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE destruction_register ENABLE ALWAYS TRIGGER destruction_register_is_final;

GRANT UPDATE (retain_until, destroyed_at) ON records TO {app};
GRANT DELETE ON data_keys TO {app};
GRANT MAINTAIN ON data_keys TO {app}; -- to vacuum away what a deleted row leaves in its page
GRANT SELECT, INSERT ON retention_changes, holds, held_records, hold_lifts, filing_dues, filing_nothing, destructions,
    destruction_steps, destruction_register TO {app};
GRANT SELECT, INSERT, UPDATE (gone_at) ON doomed_objects TO {app};
