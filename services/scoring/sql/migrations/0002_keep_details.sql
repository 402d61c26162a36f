-- What scores and analyses need of trade and of customers, and levels do not.

ALTER TABLE entries
    ADD COLUMN gross        numeric,                    -- before returns; null where nothing came back
    ADD COLUMN channel      text COLLATE "C",
    ADD COLUMN sold_by      text COLLATE "C",
    ADD COLUMN completed_on date,
    ADD COLUMN lines        integer NOT NULL DEFAULT 0; -- how many articles are known

-- The articles of an order; base currency, before discounts and returns.
CREATE TABLE entry_lines (
    customer_id text COLLATE "C" NOT NULL,
    entry_id    text COLLATE "C" NOT NULL,
    position    integer          NOT NULL,
    sku         text COLLATE "C" NOT NULL,
    category    text COLLATE "C",
    quantity    numeric          NOT NULL,
    amount      numeric          NOT NULL,
    cost        numeric,                   -- null: nobody said (O5)
    PRIMARY KEY (customer_id, entry_id, position)
);

-- Apart from `customers`, whose rows are written with every order.
CREATE TABLE customer_details (
    customer_id text COLLATE "C" NOT NULL PRIMARY KEY,
    department  text,
    attributes  jsonb,  -- fields of the file, as the policy shares them
    inquiry     jsonb,  -- {inquiry_id, received_on, text}: the newest, of a customer that is not contract
    paid        numeric -- all that was ever collected, base currency; null: nothing
) WITH (fillfactor = 90);

-- All that is known of a customer, for rules that join it.
CREATE VIEW customer_facts AS
SELECT customer_id, c.country, c.rep, d.department, d.attributes, d.inquiry, d.paid
FROM customers AS c LEFT JOIN customer_details AS d USING (customer_id);

GRANT SELECT, INSERT, UPDATE ON customer_details TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON entry_lines TO {app};
GRANT SELECT ON customer_facts TO {app};
