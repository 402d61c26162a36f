-- What archive knows of customers' files, the stations that people work at, and the company's own records (A1, A3).

-- Whose each customer's file is: what customers last said of it. Its content stays there.
CREATE TABLE files (
    file       text        NOT NULL PRIMARY KEY, -- 'customer:<customer_id>'
    tier       text        NOT NULL CHECK (tier IN ('company', 'department', 'personal')),
    department text,
    rep        text,
    version    bigint      NOT NULL, -- the customer's version that told it; an older one changes nothing
    known_at   timestamptz NOT NULL
);
CREATE INDEX files_rep ON files (rep) WHERE rep IS NOT NULL;

CREATE TABLE stations (
    station      text        NOT NULL PRIMARY KEY,
    networks     cidr[]      NOT NULL,
    place        text        NOT NULL,
    reading_room boolean     NOT NULL,
    active       boolean     NOT NULL,
    as_of        timestamptz NOT NULL -- time of the event that told it: an older one changes nothing
);

CREATE TYPE record_rank AS ENUM ('unclassified', 'confidential', 'secret', 'top_secret'); -- A3: 0, 1, 2, 3

CREATE TABLE records (
    record       text        COLLATE "C" NOT NULL PRIMARY KEY,
    title        text        NOT NULL CHECK (title <> ''),
    rank         record_rank NOT NULL,
    department   text,
    record_class text        NOT NULL, -- as the policy's retention classes call it
    period       text        CHECK (period ~ '^[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$'), -- of which the record is (A6)
    filed_by     text        NOT NULL,
    filed_at     timestamptz NOT NULL,
    retain_until date,                        -- null: for ever
    holds        integer     NOT NULL DEFAULT 0 CHECK (holds >= 0), -- while there are any, nothing is destroyed
    destroyed_at timestamptz                  -- null -> the moment of its destruction, once (A7)
);
CREATE INDEX records_class ON records (record_class, period);

-- A record is divided into sections, each with a rank of its own: a grant opens some of them.
CREATE TABLE record_sections (
    record text        NOT NULL REFERENCES records,
    place  integer     NOT NULL CHECK (place > 0), -- their order
    name   text        NOT NULL CHECK (name NOT IN ('', '*')),
    rank   record_rank NOT NULL,
    PRIMARY KEY (record, name),
    UNIQUE (record, place)
);
CREATE TRIGGER record_sections_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON record_sections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a record says of itself never changes; what became of it does, by rights that later migrations give.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.record, NEW.title, NEW.rank, NEW.department, NEW.record_class, NEW.period, NEW.filed_by, NEW.filed_at)
        IS DISTINCT FROM
        (OLD.record, OLD.title, OLD.rank, OLD.department, OLD.record_class, OLD.period, OLD.filed_by, OLD.filed_at)
    THEN
        RAISE EXCEPTION 'record % is not rewritten', OLD.record USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER records_are_not_rewritten BEFORE UPDATE ON records
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER records_stay BEFORE DELETE OR TRUNCATE ON records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE ON files, stations TO {app};
GRANT SELECT, INSERT ON records, record_sections TO {app};
