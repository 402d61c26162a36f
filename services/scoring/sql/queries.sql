-- name: set_up_board
-- The first time: the levels begin at today, under today's policy.
INSERT INTO board (day, revision, policy_digest, decided_under) VALUES ($1, 0, $2, $2) ON CONFLICT DO NOTHING;

-- name: lock_board
-- Held until commit: whoever decides next sees all of this decision.
SELECT day, revision, policy_digest, decided_under FROM board FOR UPDATE;

-- name: read_board
-- What day the levels stand at, for whoever only reads.
SELECT day, revision, policy_digest, decided_under FROM board;

-- name: move_board
-- Every transaction that decides leaves its mark, so that copies in memory can tell that they are old.
UPDATE board SET day = $1, revision = $2, policy_digest = $3, decided_under = $4;

-- name: read_standings
-- All customers with F and M (in atoms, 10^-20) after $1, to rebuild what is kept in memory: entries lie in the order
-- in which they came, and one pass over all costs a quarter of looking each customer's up.
WITH sums AS (
    SELECT customer_id, count(*) FILTER (WHERE is_order)::integer AS orders,
           trim_scale(sum(amount) * 100000000000000000000)::text AS atoms
    FROM entries WHERE dated > $1 AND counts GROUP BY customer_id
)
SELECT customer_id, c.version, c.customer_class, c.last_order_on - '0001-01-01'::date + 1 AS last_day, c.country,
       c.potential, c.rep, c.market, c.computed, c.level, c.sequence,
       coalesce(s.orders, 0) AS orders, coalesce(s.atoms, '0') AS atoms
FROM customers AS c LEFT JOIN sums AS s USING (customer_id);

-- name: pass_over_all
-- A pass over everybody may take longer than a batch. Its rows are fetched page by page, which parallel workers cannot
-- help with, and a plan that counts on them is the worse; so is one that follows an index through scattered entries.
SELECT set_config('transaction_timeout', '0', true), set_config('max_parallel_workers_per_gather', '0', true),
       set_config('enable_indexscan', 'off', true);

-- name: end_pass
-- What follows in the same transaction looks single customers up.
SELECT set_config('enable_indexscan', 'on', true);

-- name: load_customers
-- The customers that a batch touches and memory does not hold; LIMIT on a unique key keeps the planner on the index.
SELECT c.customer_id, c.version, c.customer_class, c.last_order_on, c.country, c.potential, c.rep, c.market,
       c.computed, c.level, c.sequence, e.orders, e.amount
FROM unnest($1::text[]) AS wanted (customer_id)
CROSS JOIN LATERAL (
    SELECT k.customer_id, k.version, k.customer_class, k.last_order_on, k.country, k.potential, k.rep, k.market,
           k.computed, k.level, k.sequence
    FROM customers AS k WHERE k.customer_id = wanted.customer_id LIMIT 1
) AS c
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE is_order)::integer AS orders, coalesce(sum(amount), 0) AS amount
    FROM entries WHERE customer_id = c.customer_id AND dated > $2 AND counts
) AS e;

-- name: load_entries
-- What was known of the entries that a batch tells anew; LIMIT on a unique key keeps the planner on the index.
SELECT e.customer_id, e.entry_id, e.version, e.is_order, e.dated, e.amount, e.counts, e.gross, e.channel, e.sold_by,
       e.completed_on, e.lines, e.told
FROM unnest($1::text[], $2::text[]) AS wanted (customer_id, entry_id)
CROSS JOIN LATERAL (
    SELECT k.customer_id, k.entry_id, k.version, k.is_order, k.dated, k.amount, k.counts, k.gross, k.channel, k.sold_by,
           k.completed_on, k.lines, k.told
    FROM entries AS k WHERE k.customer_id = wanted.customer_id AND k.entry_id = wanted.entry_id LIMIT 1
) AS e;

-- name: set_markets
-- Everybody's market as $1 names it: a country, its region ($2-$5 as in rank_everybody), or a field of the file.
UPDATE customers AS c SET market = found.market
FROM (
    SELECT k.customer_id,
           CASE WHEN $1::text IS NULL THEN NULL
                WHEN $1 = 'country' THEN k.country
                WHEN $1 = 'region' THEN CASE WHEN k.country IS NULL THEN $5::text
                    ELSE coalesce(($3::text[])[array_position($2::text[], k.country)], $4::text) END
                ELSE nullif(d.attributes ->> $1, '') END AS market
    FROM customers AS k LEFT JOIN customer_details AS d USING (customer_id)
) AS found
WHERE c.customer_id = found.customer_id AND c.market IS DISTINCT FROM found.market;

-- name: page_expired
-- What the entries of one day added to F and M, by customer, a page at a time.
SELECT customer_id, count(*) FILTER (WHERE is_order)::integer AS orders, sum(amount) AS amount
FROM entries WHERE dated = $1 AND customer_id > $2 AND counts
GROUP BY customer_id ORDER BY customer_id LIMIT $3;

-- name: save_customers
-- New facts; level and date change where a decision was taken.
INSERT INTO customers AS c (customer_id, version, customer_class, last_order_on, country, potential, rep, market,
                            computed, level, sequence, since)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::bigint[], $12::date[])
ON CONFLICT (customer_id) DO UPDATE
SET version = excluded.version, customer_class = excluded.customer_class, last_order_on = excluded.last_order_on,
    country = excluded.country, potential = excluded.potential, rep = excluded.rep, market = excluded.market,
    computed = excluded.computed, level = excluded.level,
    since = CASE WHEN excluded.sequence > c.sequence THEN excluded.since ELSE c.since END,
    sequence = excluded.sequence;

-- name: save_trades
-- Customers who traded and stay where they are; the conflict is the rule, and finds rows by index in any plan.
INSERT INTO customers (customer_id, version, last_order_on, customer_class, level, sequence, since)
SELECT t.customer_id, t.version, t.last_order_on, 'contract', '', 0, t.last_order_on
FROM unnest($1::text[], $2::bigint[], $3::date[]) AS t (customer_id, version, last_order_on)
ON CONFLICT (customer_id) DO UPDATE SET version = excluded.version, last_order_on = excluded.last_order_on;

-- name: save_levels
-- Levels of customers whom others' orders, or a day, moved; again every row is there already.
INSERT INTO customers (customer_id, version, customer_class, level, sequence, since)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::date[])
ON CONFLICT (customer_id) DO UPDATE
SET level = excluded.level, sequence = excluded.sequence, since = excluded.since;

-- name: save_entries
-- The newest state of orders and unnamed returns.
INSERT INTO entries (customer_id, entry_id, version, is_order, dated, amount, counts, gross, channel, sold_by,
                     completed_on, lines, told)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::date[], $6::numeric[], $7::boolean[],
                     $8::numeric[], $9::text[], $10::text[], $11::date[], $12::integer[], $13::numeric[])
ON CONFLICT (customer_id, entry_id) DO UPDATE
SET version = excluded.version, is_order = excluded.is_order, dated = excluded.dated, amount = excluded.amount,
    counts = excluded.counts, gross = excluded.gross, channel = excluded.channel, sold_by = excluded.sold_by,
    completed_on = excluded.completed_on, lines = excluded.lines, told = excluded.told;

-- name: drop_lines
-- Articles that an amended order names no more: those from the position $3 on.
DELETE FROM entry_lines AS l
USING unnest($1::text[], $2::text[], $3::integer[]) AS t (customer_id, entry_id, lines)
WHERE l.customer_id = t.customer_id AND l.entry_id = t.entry_id AND l.position >= t.lines;

-- name: save_lines
-- Articles as they are now; an order told again, as when it is completed, mostly names the same.
INSERT INTO entry_lines (customer_id, entry_id, position, sku, category, quantity, amount, cost)
SELECT t.customer_id, t.entry_id, t.position, t.sku, t.category, t.quantity, t.amount, t.cost
FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[])
     AS t (customer_id, entry_id, position, sku, category, quantity, amount, cost)
LEFT JOIN LATERAL (
    SELECT k.sku, k.category, k.quantity, k.amount, k.cost FROM entry_lines AS k
    WHERE k.customer_id = t.customer_id AND k.entry_id = t.entry_id AND k.position = t.position LIMIT 1
) AS known ON true
WHERE (known.sku, known.category, known.quantity, known.amount, known.cost)
      IS DISTINCT FROM (t.sku, t.category, t.quantity, t.amount, t.cost)
ON CONFLICT (customer_id, entry_id, position) DO UPDATE
SET sku = excluded.sku, category = excluded.category, quantity = excluded.quantity, amount = excluded.amount,
    cost = excluded.cost;

-- name: note_changes
-- Buyer and suppliers where the file says otherwise than before; to be asked before the new details are saved.
INSERT INTO file_changes (customer_id, noted_on, field, before, after)
SELECT k.customer_id, $3, f.field, k.attributes ->> f.field, t.attributes ->> f.field
FROM unnest($1::text[], $2::jsonb[]) AS t (customer_id, attributes)
CROSS JOIN LATERAL (
    SELECT d.customer_id, d.attributes FROM customer_details AS d WHERE d.customer_id = t.customer_id LIMIT 1
) AS k
CROSS JOIN unnest(ARRAY['buyer', 'suppliers']) AS f (field)
WHERE k.attributes ->> f.field IS DISTINCT FROM t.attributes ->> f.field
ORDER BY 1, 3;

-- name: save_details
-- What is known of customers besides; most events of a customer say the same again, which touches nothing.
INSERT INTO customer_details (customer_id, department, attributes, inquiry, paid)
SELECT t.customer_id, t.department, t.attributes, t.inquiry, t.paid
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[], $5::numeric[])
     AS t (customer_id, department, attributes, inquiry, paid)
LEFT JOIN LATERAL (
    SELECT k.department, k.attributes, k.inquiry, k.paid FROM customer_details AS k
    WHERE k.customer_id = t.customer_id LIMIT 1
) AS known ON true
WHERE (known.department, known.attributes, known.inquiry, known.paid)
      IS DISTINCT FROM (t.department, t.attributes, t.inquiry, t.paid)
ON CONFLICT (customer_id) DO UPDATE
SET department = excluded.department, attributes = excluded.attributes, inquiry = excluded.inquiry,
    paid = excluded.paid;

-- name: add_settlings
-- What decisions are held against.
INSERT INTO settlings (settling, population, key_size, cutoffs, market)
SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::jsonb[], $5::text[]);

-- name: add_history
-- Decisions, never to be changed; $1 is the same for all of a transaction.
INSERT INTO tier_history (policy_version, customer_id, sequence, from_class, from_level, customer_class, level, since,
                          decided_at, settling, explanation)
SELECT $1, d.customer_id, d.sequence, d.from_class, d.from_level, d.customer_class, d.level, d.since, d.decided_at,
       d.settling, d.explanation
FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::timestamptz[],
            $10::bigint[], $11::jsonb[])
     AS d (customer_id, sequence, from_class, from_level, customer_class, level, since, decided_at, settling,
           explanation);

-- name: page_purchases
-- What a customer bought and gave back after a day, by date (K7).
SELECT entry_id, dated, is_order, amount, lines FROM entries
WHERE customer_id = $1 AND dated > $2 AND counts ORDER BY dated, entry_id;

-- name: sum_categories
-- What a customer bought of each category after a day, order by order (K7); null: articles without a category.
SELECT e.dated, l.category, sum(l.amount) AS amount
FROM entries AS e JOIN entry_lines AS l USING (customer_id, entry_id)
WHERE e.customer_id = $1 AND e.dated > $2 AND e.counts AND e.is_order
GROUP BY e.dated, l.category ORDER BY e.dated, l.category;

-- name: read_file
-- What a customer's file says of buyer and suppliers (K7).
SELECT attributes ->> 'buyer' AS buyer, attributes ->> 'suppliers' AS suppliers FROM customer_details
WHERE customer_id = $1;

-- name: page_file_changes
-- What it said before (K7).
SELECT noted_on, field, before, after FROM file_changes WHERE customer_id = $1 AND noted_on > $2
ORDER BY noted_on, field;

-- name: add_flows
-- Who entered and who left each level by these decisions.
INSERT INTO level_flows AS f (day, customer_class, level, change)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::integer[])
ON CONFLICT (day, customer_class, level) DO UPDATE SET change = f.change + excluded.change;

-- name: read_flows
-- All flows until a day, to be added up.
SELECT day, customer_class, level, change FROM level_flows WHERE day <= $1 ORDER BY day, customer_class, level;

-- name: find_foretold
-- Which of these falls were told already.
SELECT f.customer_id, f.sequence, f.last_order_on
FROM falls_ahead AS f
JOIN unnest($1::text[], $2::bigint[], $3::date[]) AS w (customer_id, sequence, last_order_on)
    USING (customer_id, sequence, last_order_on);

-- name: add_falls
-- Falls as they were foreseen, never to be changed.
INSERT INTO falls_ahead (customer_id, sequence, last_order_on, level, falls_to, falls_on, keeps, foreseen_on,
                         policy_version, currency, words_zh, words_en)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::date[], $4::text[], $5::text[], $6::date[], $7::numeric[],
                     $8::date[], $9::text[], $10::text[], $11::text[], $12::text[]);

-- name: page_falls
-- Falls still ahead of the day $1, of a rep's customers ($2 null: anybody's): who ordered since, or has another level
-- by now, is not falling any more.
SELECT customer_id, f.sequence, c.rep, f.last_order_on, f.level, f.falls_to, f.falls_on, f.keeps, f.foreseen_on,
       f.policy_version, f.currency, f.words_zh, f.words_en
FROM falls_ahead AS f JOIN customers AS c USING (customer_id)
WHERE f.falls_on > $1 AND c.sequence = f.sequence AND c.last_order_on = f.last_order_on
  AND ($2::text IS NULL OR c.rep = $2) AND customer_id > $3
ORDER BY customer_id LIMIT $4;

-- name: page_levels
-- Customers of a class and a level, either null for any, in order of their ids' bytes.
SELECT customer_id, version, customer_class, last_order_on, country, potential, rep, market, computed, level, sequence,
       since
FROM customers
WHERE ($1::text IS NULL OR customer_class = $1) AND ($2::text IS NULL OR level = $2) AND customer_id > $3
ORDER BY customer_id LIMIT $4;

-- name: count_levels
-- How many customers each level has.
SELECT customer_class, level, count(*) AS customers FROM customers GROUP BY customer_class, level;

-- name: find_customers
-- Customers as they stand, by id.
SELECT customer_id, version, customer_class, last_order_on, country, potential, rep, market, computed, level, sequence,
       since
FROM customers WHERE customer_id = ANY($1::text[]);

-- name: find_decision
-- The newest decision about a customer that was taken by a day ($2 null: ever).
SELECT customer_id, sequence, from_class, from_level, customer_class, level, since, decided_at, policy_version,
       explanation, population, key_size, cutoffs, market
FROM tier_history LEFT JOIN settlings USING (settling) WHERE customer_id = $1 AND ($2::date IS NULL OR since <= $2)
ORDER BY sequence DESC LIMIT 1;

-- name: page_history
-- A customer's decisions, newest first, before one of them ($2 null: from the newest).
SELECT customer_id, sequence, from_class, from_level, customer_class, level, since, decided_at, policy_version,
       explanation, population, key_size, cutoffs, market
FROM tier_history LEFT JOIN settlings USING (settling) WHERE customer_id = $1 AND ($2::bigint IS NULL OR sequence < $2)
ORDER BY sequence DESC LIMIT $3;

-- name: lift_time_limit
-- A pass over everybody may take longer than a batch.
SET LOCAL transaction_timeout = 0;

-- name: rank_everybody
-- K1-K4 and RFM over all entries at once, as domain.md words them and to the last digit: what memory must agree with.
-- $1 today, $2 window, $3 days to lapse, $4 whether lapsed count, $5 quantiles, $6-$8 weights, $9 key share,
-- $10 Pareto share or null, $11-$12 countries and their regions, $13 region of others, $14 of unknown, $15 potential
-- of the unjudged, $16 customers to return (null: all), $17 how many of the best (null: all), $18 of which market (null:
-- any), $19 what divides markets, as in set_markets (null: nothing). Markets are ranked apart; '' stands for none.
WITH traded AS (
    SELECT customer_id, max(dated) FILTER (WHERE is_order) AS last_on,
           count(*) FILTER (WHERE is_order AND dated > $1::date - $2::integer)::integer AS orders,
           coalesce(sum(amount) FILTER (WHERE dated > $1::date - $2::integer), 0) AS amount
    FROM entries WHERE counts GROUP BY customer_id
),
settled AS (
    SELECT t.customer_id, t.last_on, t.orders, t.amount,
           coalesce(CASE WHEN $19::text IS NULL THEN ''
                         WHEN $19::text = 'country' THEN c.country
                         WHEN $19::text = 'region' THEN CASE WHEN c.country IS NULL THEN $14
                             ELSE coalesce(($12::text[])[array_position($11::text[], c.country)], $13) END
                         ELSE d.attributes ->> $19::text END, '') AS market
    FROM traded AS t JOIN customers AS c USING (customer_id)
    LEFT JOIN customer_details AS d ON $19::text IS NOT NULL AND d.customer_id = t.customer_id
    WHERE t.last_on > $1::date - $3::integer OR ($4::boolean AND t.last_on IS NOT NULL)
),
population AS MATERIALIZED (
    SELECT customer_id, market, $1::date - last_on AS days, orders, amount,
           row_number() OVER (PARTITION BY market ORDER BY last_on DESC) - 1 AS days_index,
           row_number() OVER (PARTITION BY market ORDER BY orders) - 1 AS orders_index,
           row_number() OVER (PARTITION BY market ORDER BY amount) - 1 AS amount_index
    FROM settled
),
sized AS MATERIALIZED (
    SELECT market, count(*) AS size, coalesce(sum(amount), 0) AS amount FROM population GROUP BY market
),
spots AS (
    SELECT s.market, q.number, trunc(q.quantile * (s.size - 1)) AS at, q.quantile * (s.size - 1) % 1 AS way
    FROM sized AS s CROSS JOIN unnest($5::numeric[]) WITH ORDINALITY AS q (quantile, number)
),
-- Linear interpolation between the values at an index and the next, which is what percentile_cont does in floats.
cutoffs AS MATERIALIZED (
    SELECT p.market,
           array_agg(d.days + (coalesce(d2.days, d.days) - d.days) * p.way ORDER BY p.number) AS r,
           array_agg(o.orders + (coalesce(o2.orders, o.orders) - o.orders) * p.way ORDER BY p.number) AS f,
           array_agg(a.amount + (coalesce(a2.amount, a.amount) - a.amount) * p.way ORDER BY p.number) AS m
    FROM spots AS p
    JOIN population AS d ON d.market = p.market AND d.days_index = p.at
    LEFT JOIN population AS d2 ON d2.market = p.market AND d2.days_index = p.at + 1
    JOIN population AS o ON o.market = p.market AND o.orders_index = p.at
    LEFT JOIN population AS o2 ON o2.market = p.market AND o2.orders_index = p.at + 1
    JOIN population AS a ON a.market = p.market AND a.amount_index = p.at
    LEFT JOIN population AS a2 ON a2.market = p.market AND a2.amount_index = p.at + 1
    GROUP BY p.market
),
scored AS (
    SELECT p.customer_id, p.market, p.days, p.orders, p.amount,
           5 - (SELECT count(*) FROM unnest(c.r) AS cutoff WHERE cutoff < p.days) AS r,
           1 + (SELECT count(*) FROM unnest(c.f) AS cutoff WHERE cutoff < p.orders) AS f,
           1 + (SELECT count(*) FROM unnest(c.m) AS cutoff WHERE cutoff < p.amount) AS m
    FROM population AS p JOIN cutoffs AS c USING (market)
),
ranked AS (
    SELECT customer_id, market, days, orders, amount, r, f, m,
           row_number() OVER (PARTITION BY market ORDER BY $6::numeric * r + $7::numeric * f + $8::numeric * m DESC,
                                                           amount DESC, customer_id) AS rank,
           sum(amount) OVER (PARTITION BY market ORDER BY amount DESC, customer_id
                             ROWS UNBOUNDED PRECEDING) AS brought
    FROM scored
),
-- Pareto: who is needed until, for the first time, those before bring the share.
needed AS (
    SELECT customer_id, market, days, orders, amount, r, f, m, rank,
           coalesce(max(brought) OVER (PARTITION BY market ORDER BY amount DESC, customer_id
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS brought_before
    FROM ranked
),
judged AS MATERIALIZED (
    SELECT n.customer_id, n.market, n.days, n.orders, n.amount, n.r, n.f, n.m, n.rank, s.size,
           CASE WHEN $10::numeric IS NULL THEN n.rank <= ceil($9::numeric * s.size)
                ELSE greatest(n.brought_before, 0) < $10::numeric * s.amount END AS is_key
    FROM needed AS n JOIN sized AS s USING (market)
),
keys AS (SELECT market, count(*) AS size FROM judged WHERE is_key GROUP BY market)
SELECT c.customer_id,
       CASE WHEN t.last_on IS NOT NULL THEN 'contract'
            WHEN c.customer_class = 'contract' THEN 'potential' ELSE c.customer_class END AS customer_class,
       CASE WHEN t.last_on <= $1::date - $3::integer THEN 'lapsed'
            WHEN t.last_on IS NOT NULL THEN CASE WHEN j.is_key THEN 'key' ELSE 'ordinary' END
            WHEN c.customer_class <> 'sample' THEN coalesce(c.potential, c.computed, $15)
            WHEN c.country IS NULL THEN $14
            ELSE coalesce(($12::text[])[array_position($11::text[], c.country)], $13) END AS level,
       c.customer_class AS decided_class, c.level AS decided_level,
       j.r, j.f, j.m, j.rank, j.days, j.orders, j.amount,
       coalesce(j.size, 0) AS population, coalesce(k.size, 0) AS key_size
FROM customers AS c LEFT JOIN traded AS t USING (customer_id) LEFT JOIN judged AS j USING (customer_id)
LEFT JOIN keys AS k ON k.market = j.market
WHERE ($16::text[] IS NULL OR c.customer_id = ANY($16)) AND ($17::integer IS NULL OR j.rank <= $17)
  AND ($18::text IS NULL OR j.market = $18)
ORDER BY j.rank, c.customer_id;

-- name: page_policies
-- Policies as they were activated, newest first, before one of them ($1 null: from the newest).
SELECT number, written, policy, restores, activated_at, author, role, reason
FROM policies WHERE $1::bigint IS NULL OR number < $1 ORDER BY number DESC LIMIT $2;

-- name: find_policy
-- A policy by its name, else by its number.
SELECT number, written, policy, restores, activated_at, author, role, reason
FROM policies WHERE version = $1 OR number::text = $1 ORDER BY version = $1 DESC LIMIT 1;

-- name: add_policy
-- An activation; the number is the key, so of two at once one fails.
INSERT INTO policies (number, version, digest, written, policy, restores, activated_at, author, role, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: read_one_moment
-- For a preview: several statements over the same customers, and no way to touch them.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: read_prospects
-- All customers for a preview, in one pass: last order, F and M (in atoms, 10^-20) after the day $1, and what of these
-- is dated the day after it and leaves the window next; the market as $2 names it, $3-$6 as in set_markets.
WITH traded AS (
    SELECT customer_id, max(dated) FILTER (WHERE is_order) - '0001-01-01'::date + 1 AS last_day,
           count(*) FILTER (WHERE is_order AND dated > $1::date)::integer AS orders,
           sum(amount) FILTER (WHERE dated > $1) AS amount,
           count(*) FILTER (WHERE is_order AND dated = $1 + 1)::integer AS orders_gone,
           sum(amount) FILTER (WHERE dated = $1 + 1) AS amount_gone
    FROM entries WHERE counts GROUP BY customer_id
)
SELECT c.customer_id, c.customer_class, c.level, c.country, c.potential, c.computed, c.rep,
       CASE WHEN $2::text IS NULL THEN NULL
            WHEN $2 = 'country' THEN c.country
            WHEN $2 = 'region' THEN CASE WHEN c.country IS NULL THEN $6::text
                ELSE coalesce(($4::text[])[array_position($3::text[], c.country)], $5::text) END
            ELSE nullif(d.attributes ->> $2, '') END AS market,
       t.last_day, coalesce(t.orders, 0) AS orders,
       coalesce(trim_scale(t.amount * 100000000000000000000)::text, '0') AS amount,
       coalesce(t.orders_gone, 0) AS orders_gone,
       coalesce(trim_scale(t.amount_gone * 100000000000000000000)::text, '0') AS amount_gone
FROM customers AS c LEFT JOIN traded AS t USING (customer_id)
LEFT JOIN customer_details AS d ON $2::text IS NOT NULL AND d.customer_id = c.customer_id;
