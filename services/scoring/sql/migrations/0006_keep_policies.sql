-- Every policy that was ever in force, as it was activated. The last one decides.
CREATE TABLE policies (
    number       bigint           NOT NULL PRIMARY KEY, -- 1, 2, …: without a gap, one activation wins each
    version      text COLLATE "C" NOT NULL UNIQUE,      -- decisions carry it, so it means one content for ever
    digest       text             NOT NULL,
    written      text             NOT NULL,             -- the file, comments and all
    policy       jsonb            NOT NULL,             -- what it says
    restores     text,                                  -- the version that a rollback went back to
    activated_at timestamptz      NOT NULL,
    author       text             NOT NULL,
    role         text,                                  -- null: the file given at the first start, nobody's act
    reason       text             NOT NULL
);
CREATE TRIGGER policies_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON policies TO {app};

-- Under which policy everybody has been decided: behind policy_digest while a new policy is on its way to the last
-- customer, so that a process that takes over in the middle knows why levels still move.
ALTER TABLE board ADD COLUMN decided_under text;
UPDATE board SET decided_under = policy_digest;
ALTER TABLE board ALTER COLUMN decided_under SET NOT NULL;
