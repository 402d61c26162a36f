-- The tree over the audit (RFC 6962), as tiles of 256 hashes, and its signed heads.

CREATE TABLE audit_tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    number bigint   NOT NULL CHECK (number >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, number)
);
-- Hashes do not compress.
ALTER TABLE audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE FUNCTION refuse_other_hashes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.level, NEW.number) <> (OLD.level, OLD.number)
        OR substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'a tile only grows: % of level % refused', OLD.number, OLD.level
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_tiles_only_grow BEFORE UPDATE ON audit_tiles FOR EACH ROW EXECUTE FUNCTION refuse_other_hashes();
CREATE TRIGGER audit_tiles_stay BEFORE DELETE OR TRUNCATE ON audit_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_tiles ENABLE ALWAYS TRIGGER audit_tiles_only_grow, ENABLE ALWAYS TRIGGER audit_tiles_stay;

-- How far the tree has come along the chain. Whoever extends it holds this row until commit.
CREATE TABLE audit_tree (
    only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint  NOT NULL,
    hash     bytea   NOT NULL CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_tree (seq, hash) VALUES (0, sha256('tierline audit chain'));
CREATE TRIGGER audit_tree_only_grows BEFORE UPDATE ON audit_tree FOR EACH ROW EXECUTE FUNCTION refuse_rewind();
CREATE TRIGGER audit_tree_stays BEFORE DELETE OR TRUNCATE ON audit_tree
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_tree ENABLE ALWAYS TRIGGER audit_tree_only_grows, ENABLE ALWAYS TRIGGER audit_tree_stays;

-- Tree heads as they were signed; the note repeats size and root under the signature.
CREATE TABLE audit_checkpoints (
    size      bigint      NOT NULL PRIMARY KEY CHECK (size > 0),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);

CREATE FUNCTION refuse_older_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= (SELECT max(size) FROM audit_checkpoints) THEN
        RAISE EXCEPTION 'checkpoints only grow: % refused', NEW.size USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_checkpoints_only_grow BEFORE INSERT ON audit_checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_older_checkpoint();
CREATE TRIGGER audit_checkpoints_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_checkpoints ENABLE ALWAYS TRIGGER audit_checkpoints_only_grow,
    ENABLE ALWAYS TRIGGER audit_checkpoints_are_final;

GRANT SELECT, INSERT, UPDATE (hashes) ON audit_tiles TO {app};
GRANT SELECT, UPDATE (seq, hash) ON audit_tree TO {app};
GRANT SELECT, INSERT ON audit_checkpoints TO {app};
