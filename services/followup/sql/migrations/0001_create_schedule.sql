-- Followup's tables. Text that is compared or sorted is so by bytes ("C"), as everywhere in Tierline.

-- What followup knows of a customer: the newest facts of customers.v1 and the newest level of tiers.v1, whichever came
-- first. Locking this row is locking all that is planned for the customer.
CREATE TABLE schedules (
    customer_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    version        bigint,      -- null until the facts come; grows
    rep            text COLLATE "C",
    department     text COLLATE "C",
    orders         integer,
    first_order_on date,
    last_order_on  date,
    sample_phase   text,
    sample_on      date,
    contacted_at   timestamptz,
    sequence       bigint,      -- null until the level comes; grows
    customer_class text,
    level          text,
    since          date
) WITH (fillfactor = 80); -- Most updates touch no index and stay on their page.

-- A contact owed again and again; a sample customer has several lines at a time.
CREATE TABLE schedule_lines (
    customer_id    text COLLATE "C" NOT NULL,
    line           text COLLATE "C" NOT NULL,
    every          text NOT NULL, -- ISO 8601: P2D, P1M
    opened_on      date,          -- open -> null (another level or phase) -> open again, from that day
    reminded_until date,          -- only grows: the last due date that needs no reminder any more
    due_on         date,          -- null while nothing is owed; due -> the next date, when issued or when a contact happened
    trace          text NOT NULL, -- traceparent of the event that last moved the line
    PRIMARY KEY (customer_id, line)
) WITH (fillfactor = 80);
CREATE INDEX schedule_lines_due ON schedule_lines (due_on, customer_id) WHERE due_on IS NOT NULL;

-- Every reminder that was ever published, as it was published. The id says customer, line and due date, so the
-- primary key alone would keep a contact from being reminded of twice.
CREATE TABLE reminders (
    reminder_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    customer_id    text COLLATE "C" NOT NULL,
    line           text COLLATE "C" NOT NULL,
    rule           text NOT NULL,
    rep            text COLLATE "C" NOT NULL, -- or 'unassigned'
    department     text COLLATE "C",
    customer_class text NOT NULL,
    level          text NOT NULL,
    channel        text NOT NULL,
    template       text NOT NULL,
    minutes        integer NOT NULL,
    plan_required  boolean NOT NULL,
    due_on         date NOT NULL,
    due_at         timestamptz NOT NULL,
    issued_on      date NOT NULL,
    answered_after date NOT NULL, -- a contact on a later day is the one asked for
    last_order_on  date,
    contacted_at   timestamptz,
    why_zh         text NOT NULL,
    why_en         text NOT NULL,
    trace          text NOT NULL,
    state          text NOT NULL DEFAULT 'due' CHECK (state IN (
        'due', -- -> done
        'done' -- the contact came round on customers.v1; nothing leads out of here
    )),
    contact_id     text,          -- null -> reported by the rep and on its way, or that of the contact that came round
    done_at        timestamptz    -- null -> when the contact was made
) WITH (fillfactor = 90);
CREATE INDEX reminders_of_day ON reminders (issued_on, due_on, customer_id, reminder_id);
-- The two small sets that are looked for among millions of old reminders: a customer's open ones, and overdue ones.
CREATE INDEX reminders_open ON reminders (customer_id) WHERE state = 'due';
CREATE INDEX reminders_overdue ON reminders (issued_on, rep) WHERE state = 'due';

-- Who a rep code belongs to and who works in which department, from organisation.v1.
CREATE TABLE people (
    person     text COLLATE "C" NOT NULL PRIMARY KEY,
    department text COLLATE "C",
    rep_code   text COLLATE "C",
    active     boolean NOT NULL
);
CREATE INDEX people_by_department ON people (department);
CREATE INDEX people_by_rep_code ON people (rep_code);

-- Nothing is ever deleted: a reminder that was published stays on record.
GRANT SELECT, INSERT, UPDATE ON schedules, schedule_lines, reminders, people TO {app};
