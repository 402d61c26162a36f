-- How far everybody has been planned anew since a policy with other cadences was activated.
CREATE TABLE replanning (
    only_row       boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
    after_customer text COLLATE "C" -- null: nothing to do -> '' (a policy) -> the last customer done -> null
);
INSERT INTO replanning DEFAULT VALUES;

GRANT SELECT, UPDATE ON replanning TO {app};
