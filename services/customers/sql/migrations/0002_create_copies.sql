-- Copies of others' facts, from their topics: what this service needs to answer and to refuse by itself.

CREATE TABLE levels (
    customer_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    sequence       bigint NOT NULL, -- the newest wins
    customer_class text   NOT NULL,
    level          text   NOT NULL,
    since          date   NOT NULL
);
CREATE INDEX levels_by_level ON levels (customer_class, level, customer_id);

CREATE TABLE people (
    person      text COLLATE "C" NOT NULL PRIMARY KEY,
    recorded_at timestamptz, -- event time of the newest record; null while only the departure is known
    role        text,
    department  text,
    manager     text,
    rep_code    text,
    active      boolean NOT NULL,
    departed_at timestamptz
);
CREATE INDEX people_by_department ON people (department, person);

CREATE TABLE grants (
    grant_id     text NOT NULL PRIMARY KEY,
    file         text NOT NULL,
    given_at     timestamptz, -- event time; null while only the revocation is known
    person       text,
    sections     jsonb,
    copy_allowed boolean,
    not_before   timestamptz,
    until        timestamptz,
    approved_by  text,
    revoked_at   timestamptz  -- null -> revoked for good
);
CREATE INDEX grants_by_reader ON grants (file, person);

-- When archive was last heard from: without news of it no grant is believed.
CREATE TABLE grants_heartbeat (
    one_row boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (one_row),
    at      timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON levels, people, grants, grants_heartbeat TO {app};
