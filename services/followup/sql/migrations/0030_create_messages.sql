-- What reps are told outside their lists, and what became of it.

-- What happened and waits to be put into words; a row goes when a message tells it, or a digest does.
CREATE TABLE notices (
    notice_id   text COLLATE "C" NOT NULL PRIMARY KEY, -- that of the event
    rep         text COLLATE "C" NOT NULL,             -- a person or a rep code
    topic       text NOT NULL,
    reminder_id text COLLATE "C",
    item        jsonb NOT NULL,
    noted       bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX notices_in_order ON notices (noted);
CREATE INDEX notices_of_reminder ON notices (reminder_id) WHERE reminder_id IS NOT NULL;
CREATE INDEX notices_of_rep ON notices (rep);

-- How far the digests of a day are made.
CREATE TABLE digest_rounds (
    day          date NOT NULL PRIMARY KEY,
    after_person text COLLATE "C" -- '' -> the last person done -> null: all are
);

CREATE TABLE messages (
    message_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    person      text COLLATE "C" NOT NULL,
    topic       text NOT NULL,
    day         date NOT NULL,
    items       jsonb NOT NULL,
    more        integer NOT NULL,
    reminders   text[] COLLATE "C" NOT NULL,
    urgency     smallint NOT NULL,
    channels    text[] COLLATE "C" NOT NULL,
    place       integer NOT NULL DEFAULT 0,        -- which of the channels it is on, from 0
    channel     text COLLATE "C" NOT NULL,         -- that one's name
    page        integer NOT NULL DEFAULT 1,        -- the next page to be sent
    pages       integer NOT NULL DEFAULT 0,        -- how many there are; 0 until the channel has said
    attempts    integer NOT NULL DEFAULT 0,        -- of this page on this channel
    tried_since timestamptz,
    next_at     timestamptz NOT NULL,
    give_up_at  timestamptz NOT NULL,
    lease       text,                              -- null -> who sends it now -> null
    leased_until timestamptz,
    made_at     timestamptz NOT NULL,
    ended_at    timestamptz,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN (
        'queued', -- -> sent, dead, dropped
        'sent',   -- the provider took every page
        'dead',   -- no channel took it in time
        'dropped' -- what it asks for was done before it went
    ))
) WITH (fillfactor = 80);
CREATE INDEX messages_to_send ON messages (channel, urgency, next_at) WHERE state = 'queued';
CREATE INDEX messages_of_person ON messages (person, day);
CREATE INDEX messages_by_age ON messages (made_at);
CREATE INDEX messages_dead ON messages (ended_at) WHERE state = 'dead';

-- Every attempt, with the provider's own words. No address and no key is ever among them.
CREATE TABLE deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  text COLLATE "C" NOT NULL,
    person      text COLLATE "C" NOT NULL,
    topic       text NOT NULL,
    channel     text COLLATE "C" NOT NULL,
    page        integer NOT NULL,
    pages       integer NOT NULL,
    tried_at    timestamptz NOT NULL,
    seconds     double precision NOT NULL,
    outcome     text NOT NULL,
    code        text NOT NULL,
    said        text NOT NULL,
    meaning_zh  text,
    meaning_en  text,
    state       text NOT NULL -- the message's after this attempt
);
CREATE INDEX deliveries_of_person ON deliveries (person, delivery_id);
CREATE INDEX deliveries_of_message ON deliveries (message_id);
CREATE INDEX deliveries_by_age ON deliveries (tried_at);

-- When each channel was last spoken to: its provider's limits hold for all senders together.
CREATE TABLE channel_paces (
    channel      text COLLATE "C" NOT NULL PRIMARY KEY,
    spoken       timestamptz[] NOT NULL DEFAULT '{}',
    silent_until timestamptz -- the provider asked for silence
) WITH (fillfactor = 50);

CREATE TABLE preferences (
    person      text COLLATE "C" NOT NULL PRIMARY KEY,
    language    text CHECK (language IN ('zh', 'en')),
    channels    text[] COLLATE "C",
    mail        text,
    mentions    jsonb NOT NULL,
    quiet_from  time,
    quiet_until time,
    digest      boolean NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON notices, digest_rounds, messages, deliveries TO {app};
GRANT SELECT, INSERT, UPDATE ON channel_paces, preferences TO {app};
