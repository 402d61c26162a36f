-- Days on which people are away, as organisation.v1 tells them: in them nobody improves a file (N1).
CREATE TABLE leaves (
    leave_id  text    NOT NULL PRIMARY KEY,
    person    text    NOT NULL,
    first     date,    -- null: cancelled before it was told
    last      date,
    cancelled boolean NOT NULL
);
CREATE INDEX leaves_person ON leaves (person) WHERE NOT cancelled;
GRANT SELECT, INSERT, UPDATE (cancelled) ON leaves TO {app};
