-- The policy that decides in this service: a copy of its own, so that a start needs no broker. One row, always there,
-- for those who decide to hold and those who activate to wait for.
CREATE TABLE policy_in_force (
    only_row boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
    number   bigint  NOT NULL DEFAULT 0, -- 0: the file given at the start decides -> 1, 2, …: that activation
    digest   text    NOT NULL DEFAULT '',
    policy   jsonb                       -- null before the first activation
);
INSERT INTO policy_in_force DEFAULT VALUES;

GRANT SELECT, UPDATE ON policy_in_force TO {app};
