-- How many customers entered and left each level, by the business date of the decision: counts of any past day add it up.
CREATE TABLE level_flows (
    day            date    NOT NULL,
    customer_class text    NOT NULL,
    level          text    NOT NULL,
    change         integer NOT NULL,
    PRIMARY KEY (day, customer_class, level)
);

INSERT INTO level_flows (day, customer_class, level, change)
SELECT since, customer_class, level, sum(change)
FROM (
    SELECT since, customer_class, level, 1 AS change FROM tier_history
    UNION ALL
    SELECT since, from_class, from_level, -1 FROM tier_history WHERE from_class IS NOT NULL
) AS moves (since, customer_class, level, change)
GROUP BY since, customer_class, level;

GRANT SELECT, INSERT, UPDATE ON level_flows TO {app};
