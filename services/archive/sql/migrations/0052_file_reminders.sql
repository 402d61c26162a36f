-- Reminders that asked for a file to be improved (P2, N1), and what became of them; judged ones are forgotten in time.

CREATE TABLE file_reminders (
    reminder_id  text NOT NULL PRIMARY KEY,
    file         text,        -- null until the reminder itself is told
    asked_of     text,
    asked_on     date,
    latest_on    date,
    cause_id     text,
    cause_source text,
    moved_to     date,        -- by leave
    held_by      text,        -- handed over to, last
    held_at      timestamptz,
    held_on      date,
    improved_on  date,        -- first day on which nothing was owed any more
    deadline     date,        -- follows from the above
    judged       boolean NOT NULL DEFAULT false,
    noted_on     date    NOT NULL
);
CREATE INDEX file_reminders_due ON file_reminders (deadline) WHERE NOT judged;
CREATE INDEX file_reminders_noted ON file_reminders (noted_on);

-- The newest business day that reminders were heard of: nobody is judged by what may still be on its way.
CREATE TABLE reminders_heard (
    only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    heard_on date    NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON file_reminders TO {app};
GRANT SELECT, INSERT, UPDATE ON reminders_heard TO {app};
