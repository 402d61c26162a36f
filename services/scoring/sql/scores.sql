-- name: page_traits
-- D2: what scores are made of, a page of customers at a time: $1 levels (null: any), $2 rep (null: any), $3 after,
-- $4 how many; $5 today, $6 days of the window, $7 of growth, $8 within which an order is to be fulfilled.
SELECT c.customer_id, c.customer_class, c.level, c.country, c.rep, d.attributes,
       t.first_on, t.sales, t.squares, t.recent, t.earlier, l.costed, l.margin, t.due, t.fulfilled
FROM (
    SELECT customer_id, customer_class, level, country, rep FROM customers
    WHERE ($1::text[] IS NULL OR level = ANY($1)) AND ($2::text IS NULL OR rep = $2) AND customer_id > $3
    ORDER BY customer_id LIMIT $4
) AS c
LEFT JOIN customer_details AS d USING (customer_id)
CROSS JOIN LATERAL (
    SELECT min(dated) FILTER (WHERE is_order AND counts) AS first_on,
           coalesce(sum(amount) FILTER (WHERE counts AND dated > $5::date - $6::integer), 0) AS sales,
           coalesce(sum(amount * amount) FILTER (WHERE is_order AND counts AND dated > $5 - $6), 0) AS squares,
           coalesce(sum(amount) FILTER (WHERE counts AND dated > $5 - $7::integer), 0) AS recent,
           coalesce(sum(amount) FILTER (WHERE counts AND dated <= $5 - $7 AND dated > $5 - 2 * $7), 0) AS earlier,
           -- A cancelled order was not fulfilled either.
           count(*) FILTER (WHERE is_order AND dated > $5 - $6 AND dated <= $5 - $8::integer)::integer AS due,
           count(*) FILTER (WHERE is_order AND counts AND completed_on IS NOT NULL
                                  AND dated > $5 - $6 AND dated <= $5 - $8)::integer AS fulfilled
    FROM entries WHERE customer_id = c.customer_id
) AS t
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.amount), 0) AS costed, coalesce(sum(l.amount - l.cost), 0) AS margin
    FROM entry_lines AS l JOIN entries AS e USING (customer_id, entry_id)
    WHERE l.customer_id = c.customer_id AND l.cost IS NOT NULL AND e.counts AND e.dated > $5 - $6
) AS l
ORDER BY c.customer_id;

-- name: completions_are_told
-- Whether the order system ever told of a completed order; where it does not, nobody's fulfilment is known.
SELECT EXISTS (SELECT FROM entries WHERE completed_on IS NOT NULL);

-- name: lift_time_limit
-- A pass over everybody may take longer than a batch.
SET LOCAL transaction_timeout = 0;
