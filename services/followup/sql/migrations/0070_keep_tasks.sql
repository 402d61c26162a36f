-- What waits for whom, as archive tells it.

CREATE TABLE tasks (
    task_id      text COLLATE "C" NOT NULL PRIMARY KEY,
    person       text COLLATE "C" NOT NULL,
    kind         text        NOT NULL,
    file         text,
    due_at       timestamptz,
    raised_at    timestamptz NOT NULL,
    words_zh     text        NOT NULL,
    words_en     text        NOT NULL,
    subject_type text        NOT NULL,
    subject_id   text        NOT NULL,
    cleared_at   timestamptz -- null -> when it waited no more
);
CREATE INDEX tasks_open ON tasks (person, raised_at, task_id) WHERE cleared_at IS NULL;

GRANT SELECT, INSERT, UPDATE (cleared_at) ON tasks TO {app};
