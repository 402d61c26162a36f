-- A record comes to another rank, department or class: by an act that stays, and lower only on a second person's word.

CREATE TABLE reclassifications (
    change_id       text        COLLATE "C" NOT NULL PRIMARY KEY,
    record          text        NOT NULL REFERENCES records,
    from_rank       record_rank NOT NULL,
    from_department text,
    from_class      text        NOT NULL,
    to_rank         record_rank NOT NULL,
    to_department   text,
    to_class        text        NOT NULL,
    retain_until    date,                 -- by the class that it comes to; null: for ever
    requested_by    text        NOT NULL,
    requested_at    timestamptz NOT NULL,
    reason          text        NOT NULL,
    CHECK ((from_rank, from_department, from_class) IS DISTINCT FROM (to_rank, to_department, to_class))
);
CREATE INDEX reclassifications_record ON reclassifications (record, requested_at);

CREATE TYPE reclassification_end AS ENUM (
    'agreed',   -- waiting -> in force
    'refused',  -- waiting -> refused, for good
    'withdrawn' -- waiting -> withdrawn by who asked
);
CREATE TABLE reclassification_ends (
    change_id  text                 NOT NULL PRIMARY KEY REFERENCES reclassifications,
    ended      reclassification_end NOT NULL,
    decided_by text                 NOT NULL,
    role       text                 NOT NULL,
    decided_at timestamptz          NOT NULL,
    reason     text                 NOT NULL,
    decided_in xid8                 NOT NULL DEFAULT pg_current_xact_id()
);

-- Nobody lowers a record alone, nor moves it to another department: whoever asks does not agree.
CREATE FUNCTION refuse_lowering_alone() RETURNS trigger LANGUAGE plpgsql AS $$
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
    NEW.decided_in := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE TRIGGER reclassification_ends_are_others BEFORE INSERT ON reclassification_ends
    FOR EACH ROW EXECUTE FUNCTION refuse_lowering_alone();

-- What a record says of itself still never changes, but for these, and in the transaction of the word on it alone.
CREATE FUNCTION is_reclassified(its_record text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM reclassifications JOIN reclassification_ends USING (change_id)
        WHERE record = its_record AND ended = 'agreed' AND decided_in = pg_current_xact_id()
    )
$$;
CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.record, NEW.title, NEW.period, NEW.filed_by, NEW.filed_at)
        IS DISTINCT FROM (OLD.record, OLD.title, OLD.period, OLD.filed_by, OLD.filed_at)
        OR (NEW.rank, NEW.department, NEW.record_class) IS DISTINCT FROM (OLD.rank, OLD.department, OLD.record_class)
        AND NOT is_reclassified(OLD.record)
    THEN
        RAISE EXCEPTION 'record % is not rewritten', OLD.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER record_sections_are_final ON record_sections;
CREATE TRIGGER record_sections_stay BEFORE DELETE OR TRUNCATE ON record_sections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_other_sections() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.record, NEW.place, NEW.name) IS DISTINCT FROM (OLD.record, OLD.place, OLD.name)
        OR NOT is_reclassified(OLD.record)
    THEN
        RAISE EXCEPTION 'record % is not rewritten', OLD.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER record_sections_are_not_rewritten BEFORE UPDATE ON record_sections
    FOR EACH ROW EXECUTE FUNCTION refuse_other_sections();

-- It is carried out here and nowhere else: nobody has the right to write these columns. What was of the record's own
-- rank goes with it, and no section outranks its record.
CREATE FUNCTION carry_out_reclassification() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
AS $$
DECLARE
    change reclassifications := (SELECT c FROM reclassifications AS c WHERE c.change_id = NEW.change_id);
BEGIN
    UPDATE records
    SET rank = change.to_rank, department = change.to_department, record_class = change.to_class,
        retain_until = change.retain_until
    WHERE record = change.record AND destroyed_at IS NULL
      AND (rank, department, record_class)
          IS NOT DISTINCT FROM (change.from_rank, change.from_department, change.from_class);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'record % is not as it was', change.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE record_sections SET rank = change.to_rank
    WHERE record = change.record AND rank <> change.to_rank AND (rank = change.from_rank OR rank > change.to_rank);
    RETURN NULL;
END
$$;
CREATE TRIGGER reclassification_ends_take_effect AFTER INSERT ON reclassification_ends
    FOR EACH ROW WHEN (NEW.ended = 'agreed') EXECUTE FUNCTION carry_out_reclassification();

CREATE TRIGGER reclassifications_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON reclassifications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reclassification_ends_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON reclassification_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON reclassifications TO {app};
GRANT SELECT, INSERT (change_id, ended, decided_by, role, decided_at, reason) ON reclassification_ends TO {app};
