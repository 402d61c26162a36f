-- Who the customers are, what they traded, which level each has and had.

-- One row: what day the levels stand at, under which policy, and how many transactions have decided.
CREATE TABLE board (
    only_row      boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
    day           date    NOT NULL,
    revision      bigint  NOT NULL,
    policy_digest text    NOT NULL
);

-- The newest facts of each customer, and the level decided last. Pages come in the order of the ids' bytes.
CREATE TABLE customers (
    customer_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    version        bigint           NOT NULL, -- of the customer's events, whose older facts are passed over
    customer_class text             NOT NULL CHECK (customer_class IN ('contract', 'sample', 'potential')), -- K1-K3
    last_order_on  date,
    country        text,
    potential      text,
    rep            text,
    level          text             NOT NULL,
    sequence       bigint           NOT NULL, -- of decisions
    since          date             NOT NULL  -- the business date of the last one
) WITH (fillfactor = 80);
CREATE INDEX customers_level ON customers (customer_class, level, customer_id);

-- Orders and unnamed returns as they are now: what F and M add up.
CREATE TABLE entries (
    customer_id text COLLATE "C" NOT NULL,
    entry_id    text COLLATE "C" NOT NULL,
    version     bigint           NOT NULL, -- of the event that told it; an older one is passed over
    is_order    boolean          NOT NULL, -- else a return
    dated       date             NOT NULL,
    amount      numeric          NOT NULL, -- base currency
    counts      boolean          NOT NULL,
    PRIMARY KEY (customer_id, entry_id)
) WITH (fillfactor = 90);
-- A day's end looks only at the day that leaves the window.
CREATE INDEX entries_dated ON entries (dated, customer_id);

-- What decisions were held against, once for all of one settling.
CREATE TABLE settlings (
    settling   bigint  NOT NULL PRIMARY KEY, -- a revision of the board
    population integer NOT NULL,
    key_size   integer NOT NULL,
    cutoffs    jsonb                         -- null: nobody was ranked
);

-- Every decision, as it was known and taken at the time.
CREATE TABLE tier_history (
    customer_id    text COLLATE "C" NOT NULL,
    sequence       bigint           NOT NULL,
    from_class     text,
    from_level     text,
    customer_class text             NOT NULL,
    level          text             NOT NULL,
    since          date             NOT NULL,
    decided_at     timestamptz      NOT NULL,
    policy_version text             NOT NULL,
    settling       bigint           NOT NULL,
    explanation    jsonb            NOT NULL, -- all but what the settling says
    PRIMARY KEY (customer_id, sequence)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER settlings_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON settlings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tier_history_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON tier_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE ON board, customers, entries TO {app};
GRANT SELECT, INSERT ON tier_history, settlings TO {app};
