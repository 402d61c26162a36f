-- What other services' rules need of an order and of a file.

ALTER TABLE orders
    ADD COLUMN channel text,
    ADD COLUMN lines   jsonb; -- [[sku, category, quantity, unit price, unit cost], …], in the order's currency

ALTER TABLE customers
    ADD COLUMN attributes  jsonb,       -- fields that the policy lets others know; null before any was stated
    ADD COLUMN inquired_at timestamptz, -- of the newest inquiry
    ADD COLUMN inquiry_id  text COLLATE "C";

UPDATE customers AS c SET inquired_at = i.received_at, inquiry_id = i.inquiry_id
FROM (
    SELECT DISTINCT ON (customer_id) customer_id, received_at, inquiry_id
    FROM inquiries WHERE received_at IS NOT NULL ORDER BY customer_id, received_at DESC, inquiry_id COLLATE "C" DESC
) AS i
WHERE c.customer_id = i.customer_id;
