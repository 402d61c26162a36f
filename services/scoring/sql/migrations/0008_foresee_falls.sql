-- Falls that time alone would bring, as they were foreseen and told: once for each stay at a level since each last order.
CREATE TABLE falls_ahead (
    customer_id    text COLLATE "C" NOT NULL,
    sequence       bigint           NOT NULL, -- of the decision that gave the level
    last_order_on  date             NOT NULL,
    level          text             NOT NULL,
    falls_to       text             NOT NULL,
    falls_on       date             NOT NULL,
    keeps          numeric,                   -- the least order that keeps it, base currency; null: no single one
    foreseen_on    date             NOT NULL,
    policy_version text             NOT NULL,
    currency       text             NOT NULL,
    words_zh       text             NOT NULL,
    words_en       text             NOT NULL,
    PRIMARY KEY (customer_id, sequence, last_order_on)
);
CREATE INDEX falls_ahead_day ON falls_ahead (falls_on);

CREATE TRIGGER falls_ahead_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON falls_ahead
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON falls_ahead TO {app};
