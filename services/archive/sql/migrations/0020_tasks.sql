-- What waits for whom, as told on archive.v1; and under which code orders know a rep (A1: whose file is it).

ALTER TABLE people ADD COLUMN rep_code text; -- null also for who was recorded before this was kept
CREATE INDEX people_by_role ON people (role, department) WHERE active;

-- A task is raised once and cleared once: the row stays, so that the same is not raised again.
CREATE TABLE tasks (
    task_id      text        NOT NULL PRIMARY KEY, -- derived from person, kind and subject
    person       text        NOT NULL,
    kind         text        NOT NULL,
    subject_type text        NOT NULL,
    subject_id   text        NOT NULL,
    raised_at    timestamptz NOT NULL,
    cleared_at   timestamptz                       -- null -> when it waited no more
);
CREATE INDEX tasks_open ON tasks (subject_type, subject_id) WHERE cleared_at IS NULL;

GRANT SELECT, INSERT, UPDATE (cleared_at) ON tasks TO {app};
