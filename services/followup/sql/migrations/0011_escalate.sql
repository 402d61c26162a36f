-- Steps of reminders that nobody answered.
ALTER TABLE reminders
    ADD COLUMN escalated   integer NOT NULL DEFAULT 0, -- only grows: the steps taken
    ADD COLUMN escalate_on date; -- null: to be looked at the day after its list -> the next step's day -> infinity

-- Each step once: the key would refuse a second one.
CREATE TABLE escalations (
    reminder_id  text COLLATE "C" NOT NULL,
    to_role      text NOT NULL CHECK (to_role IN ('rep', 'manager', 'reassignment')),
    step         integer NOT NULL,
    person       text COLLATE "C", -- null: nobody, but the list of customers to be reassigned
    rep          text COLLATE "C" NOT NULL, -- whose reminder it was
    held_by      text COLLATE "C", -- whose customer it was; another rep of either takes it off the list
    overdue      integer NOT NULL, -- working days
    escalated_at timestamptz NOT NULL,
    PRIMARY KEY (reminder_id, to_role)
);
CREATE INDEX escalations_listed ON escalations (escalated_at, reminder_id) WHERE to_role = 'reassignment';
CREATE INDEX reminders_escalating ON reminders ((COALESCE(escalate_on, issued_on + 1)), reminder_id) WHERE state = 'due';

-- What plans and steps were made under: digests of the years' calendars and of the escalation's steps.
CREATE TABLE calendar_watch (
    only_row       boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
    digests        jsonb,            -- null until the first look
    after_reminder text COLLATE "C"  -- null: nothing to look at again -> '' (a change) -> the last one looked at -> null
);
INSERT INTO calendar_watch DEFAULT VALUES;

GRANT SELECT, INSERT ON escalations TO {app};
GRANT SELECT, UPDATE ON calendar_watch TO {app};
