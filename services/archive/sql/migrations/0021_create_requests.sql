-- Requests to consult (A1-A4): asked, decided step by step, ended once. Every table is only ever added to.

CREATE TABLE requests (
    request_id       text        NOT NULL PRIMARY KEY,
    asker            text        NOT NULL,
    asker_role       text        NOT NULL,
    asker_department text,
    file             text        NOT NULL,
    tier             text,                 -- of a customer's file; null: a company record
    rank             text        NOT NULL, -- the highest among the sections asked for
    file_department  text,
    sections         text[]      NOT NULL CHECK (cardinality(sections) > 0),
    copy_allowed     boolean     NOT NULL,
    original         boolean     NOT NULL,
    purpose          text        NOT NULL,
    not_before       timestamptz,
    until            timestamptz NOT NULL,
    asked_at         timestamptz NOT NULL,
    policy_version   text        NOT NULL,
    UNIQUE (request_id, asker),            -- what says that nobody decides on his own refers to this
    UNIQUE (request_id, asker, file)       -- and what says that a grant opens only what was asked for to this
);
CREATE INDEX requests_newest ON requests (asked_at, request_id);
CREATE INDEX requests_of_asker ON requests (asker, asked_at);

-- The chain as the policy demanded it when it was asked for.
CREATE TABLE request_steps (
    request_id text    NOT NULL REFERENCES requests,
    step       integer NOT NULL CHECK (step > 0),
    act        text    NOT NULL CHECK (act IN ('sign', 'consent', 'approve', 'release')),
    roles      text[]  NOT NULL CHECK (cardinality(roles) > 0),
    department text,
    PRIMARY KEY (request_id, step)
);

CREATE TABLE request_decisions (
    request_id    text        NOT NULL,
    step          integer     NOT NULL,
    asker         text        NOT NULL,
    approved      boolean     NOT NULL,
    decided_by    text        NOT NULL,
    on_behalf_of  text,
    delegation_id text,
    reason        text        NOT NULL,
    decided_at    timestamptz NOT NULL,
    way           text        NOT NULL CHECK (way IN ('api', 'message')),
    -- Two who decide at once take the same step: one of them is told.
    PRIMARY KEY (request_id, step),
    FOREIGN KEY (request_id, step) REFERENCES request_steps,
    FOREIGN KEY (request_id, asker) REFERENCES requests (request_id, asker),
    -- Nobody decides on their own request, nor lets a delegate do it.
    CHECK (asker NOT IN (decided_by, coalesce(on_behalf_of, ''))),
    CHECK ((on_behalf_of IS NULL) = (delegation_id IS NULL))
);
CREATE INDEX request_decisions_by ON request_decisions (decided_by, request_id);

CREATE TABLE request_ends (
    request_id text        NOT NULL PRIMARY KEY REFERENCES requests,
    ended      text        NOT NULL CHECK (ended IN (
        'released',  -- every step was approved: a grant was given
        'refused',   -- at one step
        'withdrawn', -- by the asker
        'lapsed'     -- nobody finished it in time
    )),
    ended_by   text,                 -- null: the clock
    reason     text,
    ended_at   timestamptz NOT NULL
);

CREATE FUNCTION is_fully_approved(asked text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) FILTER (WHERE s.act = 'approve') > 0 AND count(*) FILTER (WHERE s.act = 'release') > 0
       AND bool_and(coalesce(d.approved, false))
    FROM request_steps AS s LEFT JOIN request_decisions AS d USING (request_id, step)
    WHERE s.request_id = asked
$$;

CREATE FUNCTION keep_the_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'request_steps' THEN
        IF EXISTS (SELECT FROM request_decisions WHERE request_id = NEW.request_id) THEN
            RAISE EXCEPTION 'the chain of % is fixed', NEW.request_id USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF TG_TABLE_NAME = 'request_decisions' THEN
        IF EXISTS (SELECT FROM request_ends WHERE request_id = NEW.request_id) THEN
            RAISE EXCEPTION 'request % has ended', NEW.request_id USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (
            SELECT FROM request_steps AS s LEFT JOIN request_decisions AS d USING (request_id, step)
            WHERE s.request_id = NEW.request_id AND s.step < NEW.step AND d.approved IS NOT TRUE
        ) THEN
            RAISE EXCEPTION 'request %: a step before % is not approved', NEW.request_id, NEW.step
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (
            SELECT FROM request_steps AS mine
            JOIN request_steps AS s ON s.request_id = mine.request_id AND s.act = 'approve'
            JOIN request_decisions AS d ON d.request_id = s.request_id AND d.step = s.step
            WHERE mine.request_id = NEW.request_id AND mine.step = NEW.step AND mine.act = 'release'
              AND d.decided_by = NEW.decided_by
        ) THEN
            RAISE EXCEPTION 'request %: who approved does not release', NEW.request_id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.ended = 'released' AND is_fully_approved(NEW.request_id) IS NOT TRUE THEN
        RAISE EXCEPTION 'request % is not approved at every step', NEW.request_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER request_steps_in_order BEFORE INSERT ON request_steps FOR EACH ROW EXECUTE FUNCTION keep_the_chain();
CREATE TRIGGER request_decisions_in_order BEFORE INSERT ON request_decisions
    FOR EACH ROW EXECUTE FUNCTION keep_the_chain();
CREATE TRIGGER request_ends_in_order BEFORE INSERT ON request_ends FOR EACH ROW EXECUTE FUNCTION keep_the_chain();

CREATE TRIGGER requests_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_steps_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON request_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_decisions_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON request_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_ends_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON request_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX tasks_of_person ON tasks (person, subject_type) WHERE cleared_at IS NULL;

GRANT SELECT, INSERT ON requests, request_steps, request_decisions, request_ends TO {app};
