-- What records consist of: the content lies enciphered in the object store, each piece under a key of its own.

CREATE TABLE attachments (
    attachment_id text        NOT NULL PRIMARY KEY,
    record        text        NOT NULL,
    section       text        NOT NULL,
    name          text        NOT NULL CHECK (name <> ''),
    media_type    text        NOT NULL,
    size          bigint      NOT NULL CHECK (size >= 0), -- bytes, in the clear
    sha256        bytea       NOT NULL CHECK (octet_length(sha256) = 32), -- of the content in the clear
    object_key    text        NOT NULL UNIQUE,
    added_by      text        NOT NULL,
    added_at      timestamptz NOT NULL,
    FOREIGN KEY (record, section) REFERENCES record_sections
);
CREATE INDEX attachments_record ON attachments (record, added_at, attachment_id);
CREATE TRIGGER attachments_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON attachments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The key of each attachment, itself enciphered by a master key that is in no database. Without its row here the
-- content is gone for good, wherever copies of the object may lie (A7); the row above stays and tells what it was.
CREATE TABLE data_keys (
    attachment_id text  NOT NULL PRIMARY KEY REFERENCES attachments,
    master        text  NOT NULL, -- which of the master keys wraps it
    wrapped       bytea NOT NULL
);

GRANT SELECT, INSERT ON attachments TO {app};
GRANT SELECT, INSERT ON data_keys TO {app};
