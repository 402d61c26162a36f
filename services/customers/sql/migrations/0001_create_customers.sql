-- Customers and what their events told of them. Ids compare as UTF-8 bytes everywhere (COLLATE "C").

-- One row per customer: the trade is written with every batch, the rest only when it changes.
CREATE TABLE customers (
    customer_id      text COLLATE "C" NOT NULL PRIMARY KEY,
    version          bigint  NOT NULL, -- grows by 1 with each accepted event
    orders           integer NOT NULL, -- counting orders, ever
    first_order_on   date,
    last_order_on    date,
    first_sale_at    timestamptz,      -- the first counting order that names a seller
    first_sale_order text COLLATE "C",
    first_seller     text,
    name             text,
    country          text,
    named_rep        text,
    department       text,
    file_tier        text,             -- null: the policy's default (A1)
    potential        text,             -- null until an inquiry is judged (K3)
    contacted_at     timestamptz,
    sample_phase     text    NOT NULL DEFAULT 'none', -- none -> confirming -> delivered -> confirming (the next sample)
    sample_on        date,
    paid             numeric NOT NULL DEFAULT 0,      -- base currency
    rep              text GENERATED ALWAYS AS (coalesce(named_rep, first_seller)) STORED
) WITH (fillfactor = 80); -- room for the next version on the same page: trade is in no index
CREATE INDEX customers_by_rep ON customers (rep, customer_id);
CREATE INDEX customers_by_department ON customers (department, customer_id);

-- One row per order, also of one that is not placed yet but was returned, completed or cancelled.
CREATE TABLE orders (
    customer_id  text COLLATE "C" NOT NULL,
    order_id     text COLLATE "C" NOT NULL, -- unique per customer: another customer's order is another order
    stated_at    timestamptz, -- event time of the newest order.placed; null -> placed
    placed_at    timestamptz,
    dated        date,
    amount       numeric,
    currency     text,
    net          numeric,     -- base currency, less returns
    sold_by      text,
    completed_at timestamptz,
    cancelled_at timestamptz, -- null -> cancelled for good
    returned     jsonb,       -- currency -> sum of the returns that name the order
    PRIMARY KEY (customer_id, order_id)
);

-- Papers that do not change; kept to know them again.
CREATE TABLE returns (
    customer_id text COLLATE "C" NOT NULL,
    return_id   text COLLATE "C" NOT NULL,
    order_id    text,
    amount      numeric     NOT NULL,
    currency    text        NOT NULL,
    returned_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, return_id)
);
CREATE TABLE payments (
    customer_id text COLLATE "C" NOT NULL,
    payment_id  text COLLATE "C" NOT NULL,
    order_id    text,
    amount      numeric     NOT NULL,
    currency    text        NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, payment_id)
);

CREATE TABLE samples (
    customer_id text COLLATE "C" NOT NULL,
    sample_id   text COLLATE "C" NOT NULL,
    ordered_at  timestamptz,
    shipped_at  timestamptz,
    received_at timestamptz,
    PRIMARY KEY (customer_id, sample_id)
);

-- What people stated of a customer, field by field; the free fields of P1 are named profile.….
CREATE TABLE statements (
    customer_id text COLLATE "C" NOT NULL,
    field       text COLLATE "C" NOT NULL,
    stated_at   timestamptz NOT NULL,
    value       text        NOT NULL,
    PRIMARY KEY (customer_id, field)
);

CREATE TABLE inquiries (
    customer_id text COLLATE "C" NOT NULL,
    inquiry_id  text COLLATE "C" NOT NULL,
    received_at timestamptz, -- null while only its judgement is known
    question    text,
    source      text,
    judged_at   timestamptz, -- null -> judged
    potential   text,
    reasons     jsonb,
    judged_by   text,
    PRIMARY KEY (customer_id, inquiry_id)
);

CREATE TABLE contacts (
    customer_id text COLLATE "C" NOT NULL,
    contact_id  text COLLATE "C" NOT NULL,
    made_at     timestamptz NOT NULL,
    rep         text        NOT NULL,
    channel     text        NOT NULL,
    minutes     integer,
    outcome     text        NOT NULL,
    PRIMARY KEY (customer_id, contact_id)
);

GRANT SELECT, INSERT, UPDATE ON customers, orders, samples, statements, inquiries, contacts TO {app};
GRANT SELECT, INSERT ON returns, payments TO {app};
