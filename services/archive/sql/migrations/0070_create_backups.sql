-- Backups (A8): each as it was made, and how it came back. What was removed stays here: that it was there is a fact.

CREATE TABLE backups (
    backup   text        NOT NULL PRIMARY KEY,
    made_at  timestamptz NOT NULL, -- the moment that it shows
    place    text        NOT NULL,
    size     bigint      NOT NULL CHECK (size > 0),
    sha256   text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    rows     bigint      NOT NULL,
    entries  bigint      NOT NULL, -- of the audit, at that moment
    head     text        NOT NULL CHECK (head ~ '^[0-9a-f]{64}$'),
    noted_at timestamptz NOT NULL
);
CREATE INDEX backups_noted_at ON backups (noted_at DESC);

-- Of any backup, also of one that was made before a restore, and so is not in the table above.
CREATE TABLE backup_drills (
    drill      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backup   text        NOT NULL,
    drilled_at timestamptz NOT NULL,
    sound      boolean     NOT NULL,
    found      text        NOT NULL
);
CREATE INDEX backup_drills_backup ON backup_drills (backup, drill);

CREATE TRIGGER backups_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON backups
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER backup_drills_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON backup_drills
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON backups, backup_drills TO {app};
