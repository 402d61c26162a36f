-- On which days a customer buys (F1), what its file lacks (P2), and since when it is whose (O2).

ALTER TABLE customers
    ADD COLUMN purchase_days bytea, -- the newest 13, four bytes each: days since 1 January of the year 1, counted from 1;
                                    -- null -> recounted from the orders
    ADD COLUMN gaps          text,  -- names of required fields, by commas; '' none; '*' all; null -> told anew
    ADD COLUMN improved_at   timestamptz,
    ADD COLUMN given_at      timestamptz, -- of the rep who was named: first named
    ADD COLUMN reported_at   timestamptz; -- of that rep: last in touch
-- Of a new customer nothing was stated; what was stated of the others is to be looked at.
ALTER TABLE customers ALTER COLUMN gaps SET DEFAULT '*';

-- Kept for every rep, so that neither the order of arrival nor a repetition matters.
CREATE TABLE holdings (
    customer_id  text COLLATE "C" NOT NULL,
    rep          text COLLATE "C" NOT NULL,
    named_at     timestamptz, -- first
    contacted_at timestamptz, -- last
    PRIMARY KEY (customer_id, rep)
);
INSERT INTO holdings (customer_id, rep, named_at, contacted_at)
SELECT customer_id, rep, min(named_at), max(contacted_at)
FROM (
    SELECT customer_id, value AS rep, stated_at AS named_at, NULL::timestamptz AS contacted_at
    FROM statements WHERE field = 'rep'
    UNION ALL
    SELECT customer_id, rep, NULL, made_at FROM contacts
) AS known
GROUP BY customer_id, rep;

GRANT SELECT, INSERT, UPDATE ON holdings TO {app};

-- Everybody known is recounted and told anew once.
ALTER TABLE retelling ADD COLUMN recount boolean NOT NULL DEFAULT false; -- what was not kept is found in the orders
UPDATE retelling SET after_customer = '', recount = true, profiles = true WHERE EXISTS (SELECT FROM customers);
