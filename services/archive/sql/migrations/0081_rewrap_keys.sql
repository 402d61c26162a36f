-- Data keys come under another master key: the row stays of the piece that it was of.

CREATE FUNCTION refuse_other_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.attachment_id <> OLD.attachment_id OR NEW.master = OLD.master THEN
        RAISE EXCEPTION 'the key of % is only wrapped anew', OLD.attachment_id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER data_keys_are_only_rewrapped BEFORE UPDATE ON data_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_other_keys();
CREATE INDEX data_keys_master ON data_keys (master, attachment_id);

GRANT UPDATE (master, wrapped) ON data_keys TO {app};
