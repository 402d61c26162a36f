-- Addresses under which a rep's own calendar program reads what is due. The address is the right to read: only a hash
-- of its secret part is kept.
CREATE TABLE feeds (
    feed_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    person     text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL UNIQUE, -- SHA-256
    language   text NOT NULL CHECK (language IN ('zh', 'en')),
    created_at timestamptz NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    revoked_at timestamptz,           -- null -> revoked, for ever
    revoked_by text COLLATE "C"
);
CREATE INDEX feeds_of_person ON feeds (person, feed_id);

-- What each address showed last, so that a calendar program is told of changes and of what ended.
CREATE TABLE feed_events (
    feed_id     text COLLATE "C" NOT NULL,
    reminder_id text COLLATE "C" NOT NULL,
    sequence    integer NOT NULL,     -- grows by 1 with each change
    digest      bytea NOT NULL,       -- of what is shown
    starts_at   timestamptz NOT NULL,
    minutes     integer NOT NULL,
    summary     text NOT NULL,
    modified_at timestamptz NOT NULL,
    ended_at    timestamptz,          -- null -> no longer due, shown as cancelled for a while -> the row goes
    PRIMARY KEY (feed_id, reminder_id)
);
-- What is shown in a rep's feed.
CREATE INDEX reminders_waiting ON reminders (rep, due_on, customer_id, reminder_id) WHERE state = 'due';

GRANT SELECT, INSERT, UPDATE ON feeds TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_events TO {app};
