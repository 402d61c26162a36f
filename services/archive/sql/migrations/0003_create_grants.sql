-- Who may read whose file, and the copy of the organisation that says who may allow it.

CREATE TABLE people (
    person     text        NOT NULL PRIMARY KEY,
    role       text        NOT NULL,
    department text,
    manager    text,
    active     boolean     NOT NULL,
    as_of      timestamptz NOT NULL -- time of the event that told it: an older one changes nothing
);

CREATE TABLE grants (
    grant_id      text        NOT NULL PRIMARY KEY,
    file          text        NOT NULL,
    person        text        NOT NULL,
    sections      text[]      NOT NULL,
    copy_allowed  boolean     NOT NULL,
    not_before    timestamptz NOT NULL,
    until         timestamptz NOT NULL,
    approved_by   text        NOT NULL,
    given_by      text        NOT NULL,
    given_at      timestamptz NOT NULL,
    revoked_at    timestamptz, -- null -> the moment of its revocation, once
    revoked_by    text,
    revoke_reason text,
    CHECK (not_before < until),
    CHECK (person NOT IN (approved_by, given_by))
);

GRANT SELECT, INSERT, UPDATE ON people TO {app};
GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by, revoke_reason) ON grants TO {app};
