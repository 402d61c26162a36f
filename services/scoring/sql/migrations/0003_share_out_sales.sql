-- What an order's articles come to before discounts and returns; null where it names none.
ALTER TABLE entries ADD COLUMN told numeric;

-- Sales as the analyses add them up: one row per article, its part of what the order brought in the end; one per
-- order that names no article, and per unnamed return. The rows of an order add up to it.
CREATE VIEW sold AS
SELECT e.customer_id, e.entry_id, e.is_order, e.dated, e.channel, e.sold_by, l.sku, l.category,
       -- What came back is in stock again: it is neither sold nor does it cost.
       CASE WHEN e.gross > 0 THEN l.quantity * (e.amount / e.gross) ELSE l.quantity END AS quantity,
       CASE WHEN l.sku IS NULL THEN e.amount
            WHEN e.told = 0 THEN e.amount / e.lines
            ELSE e.amount * (l.amount / e.told) END AS amount,
       CASE WHEN e.gross > 0 THEN l.cost * (e.amount / e.gross) ELSE l.cost END AS cost
FROM entries AS e
LEFT JOIN entry_lines AS l ON e.lines > 0 AND l.customer_id = e.customer_id AND l.entry_id = e.entry_id
WHERE e.counts;

GRANT SELECT ON sold TO {app};
