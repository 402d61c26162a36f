-- Whose customer somebody's is: who works in which department and goes by which rep code, from organisation.v1.
CREATE TABLE people (
    person     text COLLATE "C" NOT NULL PRIMARY KEY,
    department text COLLATE "C",
    rep_code   text COLLATE "C",
    active     boolean NOT NULL
);
CREATE INDEX people_by_rep_code ON people (rep_code);

GRANT SELECT, INSERT, UPDATE ON people TO {app};
