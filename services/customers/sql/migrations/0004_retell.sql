-- How far everybody has been told anew since a policy changed what is told of customers.
CREATE TABLE retelling (
    only_row       boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
    after_customer text COLLATE "C",              -- null: nothing to do -> '' (a policy) -> the last one done -> null
    orders         boolean NOT NULL DEFAULT false, -- which orders count has changed
    profiles       boolean NOT NULL DEFAULT false  -- what is told besides orders has changed
);
INSERT INTO retelling DEFAULT VALUES;

GRANT SELECT, UPDATE ON retelling TO {app};
