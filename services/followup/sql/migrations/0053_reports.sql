-- The reps' weekly reports (F9), and what department managers passed on.
CREATE TABLE weekly_reports (
    rep        text COLLATE "C" NOT NULL, -- a person where organisation.v1 knows one, else the name that customers give
    week       text COLLATE "C" NOT NULL, -- ISO 8601: 2026-W10
    department text COLLATE "C",
    due_on     date NOT NULL,
    due_at     timestamptz NOT NULL,
    asked_at   timestamptz,      -- null -> when report.due was published
    summary    text,             -- null -> the rep's own words, which replace the drafted ones
    plan       text,             -- the same, of the next week
    filed_at   timestamptz,      -- null -> filed; nothing changes from then on
    filed_by   text,
    figures    jsonb,            -- null -> the week in numbers, as it was when filed
    PRIMARY KEY (week, rep)
);
CREATE INDEX weekly_reports_of_department ON weekly_reports (department, week);

CREATE TABLE passed_on (
    department   text COLLATE "C" NOT NULL,
    week         text COLLATE "C" NOT NULL,
    person       text COLLATE "C" NOT NULL,
    passed_on_at timestamptz NOT NULL,
    note         text,
    figures      jsonb NOT NULL,
    filed        integer NOT NULL,
    missing      integer NOT NULL,
    PRIMARY KEY (department, week)
);

GRANT SELECT, INSERT, UPDATE ON weekly_reports TO {app};
GRANT SELECT, INSERT ON passed_on TO {app};
