-- A grant is the end of a request (A2, A3): how often it opens, where, and whether the paper itself is lent.

ALTER TABLE grants
    ADD COLUMN request_id   text UNIQUE,
    ADD COLUMN uses         integer CHECK (uses > 0),        -- null: as often as wanted
    ADD COLUMN reading_room boolean NOT NULL DEFAULT false,
    ADD COLUMN original     boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (request_id, person, file) REFERENCES requests (request_id, asker, file),
    -- Not valid: grants of before have no request, and stay as they are.
    ADD CONSTRAINT grants_have_a_request CHECK (request_id IS NOT NULL) NOT VALID,
    ADD CONSTRAINT grants_are_released_by_another CHECK (given_by <> approved_by) NOT VALID;
CREATE INDEX grants_of_reader ON grants (person, file);
CREATE INDEX grants_to_come_back ON grants (until) WHERE original;

CREATE FUNCTION refuse_unapproved_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_fully_approved(NEW.request_id) IS NOT TRUE THEN
        RAISE EXCEPTION 'no grant without its chain: request % is not approved at every step', NEW.request_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER grants_follow_requests BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_grant();

-- Readings of company records under a grant, of each piece by itself; those of customers' files are counted in customers.
CREATE TABLE grant_uses (
    grant_id text        NOT NULL REFERENCES grants,
    piece    text        NOT NULL, -- the attachment
    number   integer     NOT NULL CHECK (number > 0),
    used_at  timestamptz NOT NULL,
    PRIMARY KEY (grant_id, piece, number)
);

-- A lent original came back.
CREATE TABLE loan_returns (
    grant_id    text        NOT NULL PRIMARY KEY REFERENCES grants,
    borrower    text        NOT NULL,
    returned_at timestamptz NOT NULL,
    received_by text        NOT NULL,
    remark      text        NOT NULL,
    CHECK (received_by <> borrower)
);

CREATE TRIGGER grant_uses_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON grant_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_returns_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON loan_returns
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON grant_uses, loan_returns TO {app};
