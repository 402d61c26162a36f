-- The engine's own tables; they stand first in every service's database.

-- How far each partition has taken effect: the truth, of which Kafka's committed offset is only a hint.
CREATE TABLE consumed_offsets (
    consumer    text   NOT NULL,
    topic       text   NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    halted_code text,        -- null -> poison_run | log_truncated | log_expired -> null (dlq resume)
    halted_why  text,
    halted_at   timestamptz,
    PRIMARY KEY (consumer, topic, partition)
);

-- Ids that took effect: 128 bits of a hash over topic, source and id, with a digest of the data.
CREATE TABLE inbox (
    event_key bytea  NOT NULL PRIMARY KEY,
    digest    bigint NOT NULL,
    seen_on   date   NOT NULL DEFAULT CURRENT_DATE
);
CREATE INDEX inbox_seen_on ON inbox USING brin (seen_on) WITH (pages_per_range = 16);

-- What a transaction publishes, a frame per topic: one row for hundreds of records costs a hundredth of as many rows.
-- Frames of one key are numbered in the order of their transactions, because each holds the lock of that key's state.
CREATE TABLE outbox (
    frame_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         text        NOT NULL,
    record_keys   bytea[]     NOT NULL,
    record_values bytea[]     NOT NULL,
    header_names  text[],     -- a dead letter's, with a frame of its own
    header_values bytea[],
    records       integer     NOT NULL,
    appended_at   timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000);
-- Compressing here would cost more than the copy lives: the relay deletes it within milliseconds.
ALTER TABLE outbox ALTER COLUMN record_keys SET STORAGE EXTERNAL, ALTER COLUMN record_values SET STORAGE EXTERNAL;

-- What could not be taken, with its original bytes.
CREATE TABLE dead_letters (
    letter_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    record_offset  bigint      NOT NULL,
    record_key     bytea,
    record_value   bytea,
    header_names   text[]      NOT NULL,
    header_values  bytea[]     NOT NULL,
    recorded_at    timestamptz NOT NULL,
    code           text        NOT NULL,
    detail         text        NOT NULL,
    attempts       integer     NOT NULL DEFAULT 1,
    refused_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    replayed_at    timestamptz -- null -> the moment a replay took effect
);
CREATE INDEX dead_letters_waiting ON dead_letters (letter_id) WHERE replayed_at IS NULL;

-- Who alone may write a population's levels; a token only grows, and every commit of the holder checks it.
CREATE TABLE lease (
    name    text        PRIMARY KEY,
    token   bigint      NOT NULL,
    holder  text        NOT NULL,
    expires timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON consumed_offsets, dead_letters, lease TO {app};
GRANT SELECT, INSERT, DELETE ON inbox, outbox TO {app};
