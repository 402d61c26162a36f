-- K5: what potential customers are judged by, and what that came to.

-- The company's catalogue, as imported last.
CREATE TABLE articles (
    sku      text COLLATE "C" NOT NULL PRIMARY KEY,
    name     text             NOT NULL,
    category text             NOT NULL,
    words    text             NOT NULL -- other names, in any language
);

-- Customs records of imports, whoever's they are. One that is imported again is the same row.
CREATE TABLE imports (
    digest   bytea            NOT NULL PRIMARY KEY, -- of all else
    key      text COLLATE "C" NOT NULL,             -- the importer's name as it is compared
    country  text COLLATE "C" NOT NULL,
    importer text             NOT NULL,
    hs_code  text             NOT NULL,
    goods    text             NOT NULL,
    quantity text             NOT NULL,
    value    numeric,
    dated    date             NOT NULL
);
CREATE INDEX imports_of_whom ON imports (country, key, dated);

-- Which state of each list is current: everybody is assessed again when it moves.
CREATE TABLE lists (
    name        text        NOT NULL PRIMARY KEY CHECK (name IN ('catalogue', 'customs')),
    revision    bigint      NOT NULL DEFAULT 0,
    imported_at timestamptz,
    imported_by text
);
INSERT INTO lists (name) VALUES ('catalogue'), ('customs');

-- K5: the potential that the criteria come to; null: not enough is known. What a person judged stands in `potential`.
ALTER TABLE customers ADD COLUMN computed text;

-- The assessments behind it, as of the newest facts, lists and policy that they were made from.
CREATE TABLE assessments (
    customer_id text COLLATE "C" NOT NULL PRIMARY KEY,
    version     bigint           NOT NULL, -- of the customer's facts
    rules       text             NOT NULL, -- digest of the policy's part
    catalogue   bigint           NOT NULL, -- revisions of the lists
    customs     bigint           NOT NULL,
    until       date,                      -- time alone changes it after this day; null: never
    assessed_on date             NOT NULL,
    potential   text,
    findings    jsonb            NOT NULL,
    lacks       jsonb            NOT NULL,
    mean        double precision NOT NULL,
    known       double precision NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX assessments_until ON assessments (until) WHERE until IS NOT NULL;

-- Whose assessment is not of today's facts, lists, policy or day, and why.
CREATE TABLE unassessed (
    customer_id text COLLATE "C" NOT NULL PRIMARY KEY,
    reason      text             NOT NULL CHECK (reason IN ('facts', 'lists', 'policy', 'day'))
);
INSERT INTO unassessed SELECT customer_id, 'facts' FROM customers WHERE customer_class = 'potential';

GRANT SELECT, INSERT, UPDATE, DELETE ON articles, assessments, unassessed TO {app};
GRANT SELECT, INSERT ON imports TO {app};
GRANT SELECT, UPDATE ON lists TO {app};
