-- Sales as the analyses add them up: one row per article, its part of what the order brought in the end; one per
-- order that names no article, and per unnamed return. The rows of an order add up to it.
CREATE VIEW sold AS
SELECT e.customer_id, e.entry_id, e.is_order, e.dated, e.channel, e.sold_by, l.sku, l.category,
       l.quantity * k.kept AS quantity,
       CASE WHEN l.sku IS NULL THEN e.amount
            WHEN l.told = 0 THEN e.amount / l.named
            ELSE e.amount * (l.amount / l.told) END AS amount,
       l.cost * k.kept AS cost
FROM entries AS e
-- What came back is in stock again: it is neither sold nor does it cost.
CROSS JOIN LATERAL (SELECT CASE WHEN e.gross > 0 THEN e.amount / e.gross ELSE 1 END AS kept) AS k
LEFT JOIN LATERAL (
    SELECT a.sku, a.category, a.quantity, a.amount, a.cost, sum(a.amount) OVER () AS told, count(*) OVER () AS named
    FROM entry_lines AS a WHERE e.lines > 0 AND a.customer_id = e.customer_id AND a.entry_id = e.entry_id
) AS l ON true
WHERE e.counts;

GRANT SELECT ON sold TO {app};
