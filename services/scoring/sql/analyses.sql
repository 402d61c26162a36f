-- name: one_snapshot
-- All figures of one answer are of one moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: make_room
-- A pass over all orders sorts and groups more than a batch does, and finds nothing sooner row by row: where the
-- planner took it for a small one, it took a minute instead of a second.
SELECT set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true);

-- name: lift_time_limit
-- All analyses in a row may take longer than a batch; each statement has its limit still.
SET LOCAL transaction_timeout = 0;

-- name: sum_sales
-- P3, P7: sales of $1 to $2 by the dimension $3, the largest first, those of all keys before them; from $4 on counts
-- as before. $5-$6 countries and their regions, $7 region of others, $8 of unknown, $9 so many keys.
WITH by_order AS (
    SELECT CASE $3::text
                WHEN 'level' THEN c.level
                WHEN 'country' THEN c.country
                WHEN 'region' THEN CASE WHEN c.country IS NULL THEN $8
                     ELSE coalesce(($6::text[])[array_position($5::text[], c.country)], $7) END
                WHEN 'category' THEN s.category
                WHEN 'sku' THEN s.sku
                WHEN 'channel' THEN s.channel
                WHEN 'rep' THEN coalesce(s.sold_by, c.rep)
                WHEN 'month' THEN to_char(s.dated, 'YYYY-MM')
           END AS key,
           s.customer_id, s.is_order AND s.dated >= $1::date AS is_order,
           sum(s.quantity) FILTER (WHERE s.dated >= $1::date) AS quantity,
           sum(s.amount) FILTER (WHERE s.dated >= $1::date) AS amount,
           sum(s.amount) FILTER (WHERE s.dated < $1::date) AS before,
           sum(s.amount) FILTER (WHERE s.dated >= $1::date AND s.cost IS NOT NULL) AS costed,
           sum(s.cost) FILTER (WHERE s.dated >= $1::date) AS cost
    FROM sold AS s JOIN customers AS c USING (customer_id)
    WHERE s.dated BETWEEN $4::date AND $2::date
    GROUP BY 1, s.customer_id, s.entry_id, 3
),
by_customer AS (
    SELECT key, count(*) FILTER (WHERE is_order) AS orders, sum(quantity) AS quantity, sum(amount) AS amount,
           sum(before) AS before, sum(costed) AS costed, sum(cost) AS cost
    FROM by_order GROUP BY key, customer_id
),
by_key AS MATERIALIZED (
    SELECT key, count(*) FILTER (WHERE orders > 0) AS customers, sum(orders)::bigint AS orders,
           coalesce(sum(quantity), 0) AS quantity, coalesce(sum(amount), 0) AS amount,
           coalesce(sum(before), 0) AS before, coalesce(sum(costed), 0) AS costed, coalesce(sum(cost), 0) AS cost
    FROM by_customer GROUP BY key
),
-- An order of several articles is one order, and a customer of several keys one customer.
counted AS (
    SELECT count(*) AS customers, coalesce(sum(orders), 0)::bigint AS orders
    FROM (
        SELECT count(*) AS orders FROM entries
        WHERE counts AND is_order AND dated BETWEEN $1::date AND $2::date GROUP BY customer_id
    ) AS each
),
shown AS (SELECT key, customers, orders, quantity, amount, before, costed, cost FROM by_key ORDER BY amount DESC, key LIMIT $9)
SELECT NULL AS key, n.customers, n.orders, coalesce(sum(k.quantity), 0) AS quantity,
       round(coalesce(sum(k.amount), 0), 2) AS amount, round(coalesce(sum(k.before), 0), 2) AS before,
       round(coalesce(sum(k.costed), 0), 2) AS costed, round(coalesce(sum(k.cost), 0), 2) AS cost,
       count(k.orders) AS keys
FROM counted AS n LEFT JOIN by_key AS k ON true GROUP BY n.customers, n.orders
UNION ALL
SELECT key, customers, orders, quantity, round(amount, 2), round(before, 2), round(costed, 2), round(cost, 2), NULL
FROM shown
ORDER BY keys NULLS LAST, amount DESC, key;

-- name: measure_repetition
-- P7: who ordered from $1 to $2, who of them had on an earlier day, and the median days between such days.
WITH days AS (
    SELECT customer_id, dated, lag(dated) OVER (PARTITION BY customer_id ORDER BY dated) AS before
    FROM (SELECT DISTINCT customer_id, dated FROM entries WHERE counts AND is_order AND dated <= $2::date) AS d
)
SELECT count(DISTINCT customer_id) AS customers,
       count(DISTINCT customer_id) FILTER (WHERE before IS NOT NULL) AS repeated,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY dated - before) FILTER (WHERE before IS NOT NULL) AS median_gap
FROM days WHERE dated >= $1::date;

-- name: count_cohorts
-- P7: by the month of the first order, of the last $2 months up to $1: who ordered so many months after it.
WITH months AS (
    SELECT DISTINCT customer_id, date_trunc('month', dated::timestamp)::date AS month
    FROM entries WHERE counts AND is_order AND dated <= $1::date
),
firsts AS (SELECT customer_id, min(month) AS cohort FROM months GROUP BY customer_id)
SELECT f.cohort,
       (extract(year FROM age(m.month, f.cohort)) * 12 + extract(month FROM age(m.month, f.cohort)))::integer AS later,
       count(*) AS customers
FROM months AS m JOIN firsts AS f USING (customer_id)
WHERE f.cohort > date_trunc('month', $1::date::timestamp) - make_interval(months => $2::integer)
GROUP BY f.cohort, later ORDER BY f.cohort, later;

-- name: count_flows
-- P7: from which tier at the end of the day $1 (null: not known yet) to which at that of $2, as decided then.
WITH earlier AS (
    SELECT DISTINCT ON (customer_id) customer_id, customer_class, level
    FROM tier_history WHERE since <= $1::date ORDER BY customer_id, sequence DESC
),
later AS (
    SELECT DISTINCT ON (customer_id) customer_id, customer_class, level
    FROM tier_history WHERE since <= $2::date ORDER BY customer_id, sequence DESC
)
SELECT e.customer_class AS class_before, e.level AS level_before, l.customer_class, l.level, count(*) AS customers
FROM later AS l LEFT JOIN earlier AS e USING (customer_id)
GROUP BY 1, 2, 3, 4 ORDER BY 1 NULLS FIRST, 2, 3, 4;

-- name: group_pasts
-- P7: contract customers by what BG/NBD asks of their past up to $1; of more than $2 customers by whole weeks.
WITH past AS (
    SELECT e.customer_id, count(DISTINCT e.dated) - 1 AS repeats, max(e.dated) - min(e.dated) AS recency,
           $1::date - min(e.dated) AS age
    FROM entries AS e WHERE e.counts AND e.is_order AND e.dated <= $1::date GROUP BY e.customer_id
),
step AS MATERIALIZED (SELECT CASE WHEN count(*) > $2::integer THEN 7 ELSE 1 END AS days FROM past)
SELECT c.level, p.repeats, p.recency / s.days * s.days AS recency, p.age / s.days * s.days AS age, count(*) AS customers
FROM past AS p JOIN customers AS c USING (customer_id) CROSS JOIN step AS s
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;

-- name: find_by_past
-- The customers with the pasts $3-$6, in the order of these; of one department ($7, null: of all), $8 of them.
WITH past AS (
    SELECT e.customer_id, count(DISTINCT e.dated) - 1 AS repeats, max(e.dated) - min(e.dated) AS recency,
           $1::date - min(e.dated) AS age
    FROM entries AS e WHERE e.counts AND e.is_order AND e.dated <= $1::date GROUP BY e.customer_id
),
step AS MATERIALIZED (SELECT CASE WHEN count(*) > $2::integer THEN 7 ELSE 1 END AS days FROM past)
SELECT c.customer_id, c.level, c.rep, c.last_order_on, w.place
FROM past AS p
CROSS JOIN step AS s
JOIN unnest($3::text[], $4::bigint[], $5::integer[], $6::integer[]) WITH ORDINALITY
     AS w (level, repeats, recency, age, place)
     ON w.repeats = p.repeats AND w.recency = p.recency / s.days * s.days AND w.age = p.age / s.days * s.days
JOIN customer_facts AS f ON f.customer_id = p.customer_id AND ($7::text IS NULL OR f.department = $7)
JOIN customers AS c ON c.customer_id = p.customer_id AND c.level = w.level
ORDER BY w.place, c.customer_id LIMIT $8;

-- name: pair_categories
-- P7: categories from $1 to $2 that are bought together, by order or by customer ($3), each pair in at least the share
-- $4 of all baskets; $5 pairs, of the 200 categories that most baskets hold.
WITH held AS MATERIALIZED (
    SELECT DISTINCT CASE WHEN $3::boolean THEN e.customer_id ELSE e.customer_id || E'\x1f' || e.entry_id END AS basket,
           l.category
    FROM entries AS e JOIN entry_lines AS l USING (customer_id, entry_id)
    WHERE e.counts AND e.dated BETWEEN $1::date AND $2::date AND l.category IS NOT NULL
),
all_of_them AS MATERIALIZED (SELECT count(DISTINCT basket) AS baskets FROM held),
common AS MATERIALIZED (
    SELECT h.category, count(*) AS baskets FROM held AS h CROSS JOIN all_of_them AS a
    GROUP BY h.category, a.baskets HAVING count(*) >= $4::numeric * a.baskets
    ORDER BY count(*) DESC, h.category LIMIT 200
),
pairs AS (
    SELECT x.category AS first, y.category AS second, count(*) AS both
    FROM held AS x JOIN held AS y ON y.basket = x.basket AND y.category > x.category
    WHERE x.category IN (SELECT category FROM common) AND y.category IN (SELECT category FROM common)
    GROUP BY 1, 2
)
SELECT p.first, p.second, f.baskets AS first_in, s.baskets AS second_in, p.both, a.baskets
FROM pairs AS p JOIN common AS f ON f.category = p.first JOIN common AS s ON s.category = p.second
CROSS JOIN all_of_them AS a
WHERE p.both >= $4::numeric * a.baskets
ORDER BY p.both::numeric * a.baskets / (f.baskets::numeric * s.baskets) DESC, p.both DESC, p.first, p.second LIMIT $5;

-- name: find_first_day
-- The day of the first counting order of all.
SELECT min(dated) FROM entries WHERE counts AND is_order;

-- name: sum_windows
-- P7: what those who were customers before $1 bought in successive periods of $3 days each, $2 the first day of period
-- 0, up to $4; of the article $5 or the category $6 (null: of any).
WITH known AS (
    SELECT customer_id FROM entries WHERE counts AND is_order GROUP BY customer_id HAVING min(dated) < $1::date
)
SELECT floor((s.dated - $2::date)::numeric / $3::integer)::integer AS place, round(sum(s.amount), 2) AS amount,
       count(DISTINCT (s.customer_id, s.entry_id)) FILTER (WHERE s.is_order) AS orders,
       count(DISTINCT s.customer_id) FILTER (WHERE s.is_order) AS buyers
FROM sold AS s JOIN known USING (customer_id)
WHERE s.dated BETWEEN $1::date AND $4::date
  AND ($5::text IS NULL OR s.sku = $5) AND ($6::text IS NULL OR s.category = $6)
GROUP BY place ORDER BY place;

-- name: count_known
-- Who had ordered before $1; who ordered for the first time from $2 to $3.
SELECT count(*) FILTER (WHERE first_on < $1::date) AS known,
       count(*) FILTER (WHERE first_on BETWEEN $2::date AND $3::date) AS newcomers
FROM (SELECT min(dated) AS first_on FROM entries WHERE counts AND is_order GROUP BY customer_id) AS firsts;
