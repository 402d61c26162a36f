-- Roles and managers, to whom overdue reminders go; null until organisation.v1 tells of the person again.
ALTER TABLE people
    ADD COLUMN role    text,
    ADD COLUMN manager text COLLATE "C";

-- Who is away when, from organisation.v1.
CREATE TABLE leaves (
    leave_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    person    text COLLATE "C" NOT NULL,
    first_on  date,             -- null while only the cancellation is known
    last_on   date,
    deputy    text COLLATE "C",
    cancelled boolean NOT NULL  -- only becomes true
);
CREATE INDEX leaves_of_person ON leaves (person, last_on) WHERE NOT cancelled;
CREATE INDEX leaves_by_day ON leaves (last_on, leave_id) WHERE NOT cancelled;

GRANT SELECT, INSERT, UPDATE ON leaves TO {app};
