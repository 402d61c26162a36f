-- The day for which a line stands on somebody's list. Levelling puts it off, never ahead of due_on; whoever moves due_on
-- sets it anew. It alone is looked for, so an index on due_on would only be written to.
ALTER TABLE schedule_lines ADD COLUMN planned_on date; -- null while nothing is owed; due_on -> a later day -> issued
UPDATE schedule_lines SET planned_on = due_on WHERE due_on IS NOT NULL;
DROP INDEX schedule_lines_due;
CREATE INDEX schedule_lines_planned ON schedule_lines (planned_on, customer_id) WHERE planned_on IS NOT NULL;

-- Minutes a day of reps for whom the policy's number does not hold, as a manager set them; by person where the rep's
-- code is known, else by the name that orders give.
CREATE TABLE capacities (
    rep     text COLLATE "C" NOT NULL PRIMARY KEY,
    minutes integer     NOT NULL CHECK (minutes BETWEEN 0 AND 1440),
    set_by  text        NOT NULL,
    set_at  timestamptz NOT NULL
);

-- What was issued for a rep's working day, counted in the transactions that issue.
CREATE TABLE rep_days (
    rep      text COLLATE "C" NOT NULL,
    day      date    NOT NULL,
    contacts integer NOT NULL, -- only grow
    minutes  integer NOT NULL,
    capacity integer,          -- as it was when the day was last added to; null: the rep stood in for another only
    PRIMARY KEY (rep, day)
) WITH (fillfactor = 70);

-- What a rep has done today takes of today's capacity, whichever day's list it was on.
CREATE INDEX reminders_done_by ON reminders (rep, done_at) WHERE done_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON rep_days TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON capacities TO {app};
