-- What people do with reminders (F7, P6), what they write (F3, F9), and what a rep's day is read by.
ALTER TABLE reminders DROP CONSTRAINT reminders_state_check;
ALTER TABLE reminders
    ADD CONSTRAINT reminders_state_check CHECK (state IN (
        'due',     -- -> done, skipped
        'done',    -- the contact came round on customers.v1; nothing leads out of here
        'skipped'  -- somebody said why it is left out; nothing leads out of here
    )),
    ADD COLUMN snoozed_until date,    -- null -> a later working day -> a later one still
    -- The day on whose list the reminder stands.
    ADD COLUMN listed_on     date NOT NULL GENERATED ALWAYS AS (COALESCE(snoozed_until, issued_on)) STORED,
    ADD COLUMN worked        integer, -- minutes that the rep reported
    ADD COLUMN outcome_code  text;    -- how the contact went, by the policy's list

DROP INDEX reminders_of_day;
CREATE INDEX reminders_of_day ON reminders (listed_on, due_on, customer_id, reminder_id);
CREATE INDEX reminders_of_rep ON reminders (rep, listed_on, customer_id, reminder_id);
DROP INDEX reminders_overdue;
CREATE INDEX reminders_overdue ON reminders (listed_on, customer_id, reminder_id) WHERE state = 'due';
-- Statistics read this index alone.
CREATE INDEX reminders_counted ON reminders (issued_on, rep, customer_class, level)
    INCLUDE (department, state, listed_on, done_at, minutes, worked);
-- A rep's contacts of the next days, of hundreds of reps.
CREATE INDEX schedules_by_rep ON schedules (rep, customer_id);

-- Every act upon a reminder, in its order.
CREATE TABLE reminder_acts (
    reminder_id text COLLATE "C" NOT NULL,
    number      integer NOT NULL,
    act         text NOT NULL CHECK (act IN ('done', 'snoozed', 'skipped', 'handed_over')),
    person      text COLLATE "C" NOT NULL,
    acted_at    timestamptz NOT NULL,
    asked       jsonb NOT NULL, -- what the person asked for
    request_key text,           -- the request's Idempotency-Key
    PRIMARY KEY (reminder_id, number)
);

-- Customers given to another rep by a manager, who customers is told of.
CREATE TABLE handovers (
    customer_id text COLLATE "C" NOT NULL,
    number      integer NOT NULL,
    from_rep    text COLLATE "C",
    to_rep      text COLLATE "C" NOT NULL,
    person      text COLLATE "C" NOT NULL,
    given_at    timestamptz NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (customer_id, number)
);

GRANT SELECT, INSERT ON reminder_acts, handovers TO {app};
