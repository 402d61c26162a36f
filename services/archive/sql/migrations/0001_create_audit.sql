-- The audit: entries that are only ever added, each sealed upon the one before it.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TABLE audit_entries (
    seq          bigint      NOT NULL PRIMARY KEY,
    at           timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    actor        text,                 -- null: no person acted, a service followed an event
    role         text,
    action       text        NOT NULL, -- the access event's type, level_decided or file_amended
    file         text        NOT NULL, -- '*' where an access concerns many files or none
    outcome      text        NOT NULL, -- allowed | denied; done where nobody had to be allowed
    grant_id     text,
    station      text,
    service      text        NOT NULL,
    reason       text,
    detail       text        NOT NULL, -- JSON; not jsonb, which re-spells what it keeps, while the hash is over the letters
    event_id     text        NOT NULL,
    event_source text        NOT NULL,
    prev_hash    bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash         bytea       NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_entries_file ON audit_entries (file, seq);
CREATE INDEX audit_entries_actor ON audit_entries (actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX audit_entries_at ON audit_entries USING brin (at);

-- Rights keep the service's login out; this keeps the owner out as well, until somebody takes it off by name.
CREATE TRIGGER audit_entries_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_are_final;

-- Where the chain ends. Whoever seals holds this row until commit, so that the chain cannot fork.
CREATE TABLE audit_head (
    only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint  NOT NULL,
    hash     bytea   NOT NULL CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_head (seq, hash) VALUES (0, sha256('tierline audit chain'));

CREATE FUNCTION refuse_rewind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= OLD.seq THEN
        RAISE EXCEPTION 'the audit only grows: % does not follow %', NEW.seq, OLD.seq
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_rewind();
CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_only_grows, ENABLE ALWAYS TRIGGER audit_head_stays;

GRANT SELECT, INSERT ON audit_entries TO {app};
GRANT SELECT, UPDATE (seq, hash) ON audit_head TO {app};
