-- name: add_product
-- A new product, to be told from the first customer on; nothing for one that is known.
INSERT INTO products (product_id, name_zh, name_en, announced_on, within_days, announced_by, announced_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (product_id) DO NOTHING
RETURNING product_id, name_zh, name_en, announced_on, within_days, announced_by, announced_at;

-- name: select_product
-- A product by its id.
SELECT product_id, name_zh, name_en, announced_on, within_days, announced_by, announced_at
FROM products
WHERE product_id = $1;

-- name: page_products
-- Products announced before number $1, the newest first, with how many reminders each made.
SELECT p.number, p.product_id, p.name_zh, p.name_en, p.announced_on, p.within_days, p.announced_by, p.announced_at,
       p.after_customer IS NULL AS planned,
       (SELECT count(*) FROM reminders AS r WHERE r.kind = 'new_product' AND substr(r.line, strpos(r.line, ':') + 1) = p.product_id)
           AS reminded
FROM products AS p
WHERE p.number < $1
ORDER BY p.number DESC
LIMIT $2;

-- name: lock_untold
-- The oldest product of which somebody has not been told, and how far it has come; one process at a time goes on.
SELECT number, product_id, name_zh, name_en, announced_on, within_days, announced_by, announced_at, after_customer
FROM products
WHERE after_customer IS NOT NULL
ORDER BY number
LIMIT 1
FOR UPDATE;

-- name: page_listeners
-- The next customers of some classes in order of their ids' bytes.
SELECT customer_id
FROM schedules
WHERE customer_id > $1 AND customer_class = ANY($2::text[]) AND version IS NOT NULL
ORDER BY customer_id
LIMIT $3;

-- name: move_telling
-- Everybody up to this customer has been given a day; null when all have.
UPDATE products SET after_customer = $2 WHERE number = $1;
