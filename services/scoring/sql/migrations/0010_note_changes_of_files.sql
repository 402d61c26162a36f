-- K7: a buyer who left, suppliers who came: what a customer's file said before, and when it said otherwise.
CREATE TABLE file_changes (
    customer_id text COLLATE "C" NOT NULL,
    noted_on    date             NOT NULL, -- business date
    field       text             NOT NULL,
    before      text,                      -- null: nothing was on file
    after       text
);
CREATE INDEX file_changes_customer ON file_changes (customer_id, noted_on);

GRANT SELECT, INSERT ON file_changes TO {app};
