-- Written plans (F3), every version of them with its author.
CREATE TABLE plans (
    customer_id text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    author      text COLLATE "C" NOT NULL,
    written_at  timestamptz NOT NULL,
    written_on  date NOT NULL,
    body        text NOT NULL,
    goals       text[] NOT NULL,
    steps       text[] NOT NULL,
    steps_by    date[] NOT NULL, -- beside steps; null: no date
    PRIMARY KEY (customer_id, version)
);
-- Plans that are asked for, and open contacts that need one: few among millions of reminders.
CREATE INDEX reminders_plans ON reminders (customer_id) WHERE state = 'due' AND (plan_required OR kind = 'plan');

GRANT SELECT, INSERT ON plans TO {app};
