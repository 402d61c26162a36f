-- A grant for one reading opens each piece of a record once: who turns a page does not lose the next one by it.
CREATE TABLE record_readings (
    grant_id      text        NOT NULL REFERENCES grants,
    attachment_id text        NOT NULL REFERENCES attachments,
    number        integer     NOT NULL CHECK (number > 0),
    read_at       timestamptz NOT NULL,
    PRIMARY KEY (grant_id, attachment_id, number)
);
CREATE TRIGGER record_readings_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON record_readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON record_readings TO {app};
