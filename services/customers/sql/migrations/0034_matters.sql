-- What a showroom's orders (O3–O5) and the returns of an error (N8) leave to be judged; gone once it is.

CREATE TABLE showroom_sales (
    customer_id  text COLLATE "C" NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    stated_at    timestamptz NOT NULL, -- of the newest telling
    asked_for    text COLLATE "C",
    signed_by    text COLLATE "C",
    passed_to    text COLLATE "C",
    cause_id     text COLLATE "C" NOT NULL,
    cause_source text COLLATE "C" NOT NULL,
    judge_at     timestamptz NOT NULL, -- so long after the last telling that came
    PRIMARY KEY (customer_id, order_id)
);
CREATE INDEX showroom_sales_due ON showroom_sales (judge_at);

CREATE TABLE faulty_returns (
    customer_id  text COLLATE "C" NOT NULL,
    return_id    text COLLATE "C" NOT NULL,
    order_id     text,
    returned_on  date        NOT NULL,
    amount       numeric     NOT NULL, -- base currency
    responsible  text,
    cause_id     text        NOT NULL,
    cause_source text        NOT NULL,
    judge_at     timestamptz NOT NULL,
    PRIMARY KEY (customer_id, return_id)
);
CREATE INDEX faulty_returns_due ON faulty_returns (judge_at);

-- Breaches that were told, by the id of their fact, for ever: none is told twice, however often its order is.
CREATE TABLE breaches_told (
    breach_id text        NOT NULL PRIMARY KEY,
    told_at   timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON showroom_sales, faulty_returns TO {app};
GRANT SELECT, INSERT ON breaches_told TO {app};
