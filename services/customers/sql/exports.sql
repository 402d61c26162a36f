-- name: list_grants_held
-- One reader's grants for many files that have not run out, nor been used up.
SELECT file, grant_id, sections, not_before, until, copy_allowed
FROM grants
WHERE person = $2 AND file = ANY($1::text[]) AND until > $3 AND revoked_at IS NULL AND (uses IS NULL OR used < uses);

-- name: count_lines
-- How much is in the files of some customers.
SELECT (SELECT count(*) FROM statements WHERE customer_id = ANY($1::text[]))
     + (SELECT count(*) FROM orders WHERE customer_id = ANY($1::text[]) AND stated_at IS NOT NULL)
     + (SELECT count(*) FROM contacts WHERE customer_id = ANY($1::text[]))
     + (SELECT count(*) FROM inquiries WHERE customer_id = ANY($1::text[]));

-- name: list_statements
-- The fields of some customers' files.
SELECT customer_id, field, stated_at, value
FROM statements WHERE customer_id = ANY($1::text[]) ORDER BY customer_id, field;

-- name: list_orders
-- All orders of some customers that were placed, each one's newest first.
SELECT customer_id, order_id, dated, amount, currency, net, sold_by, completed_at IS NOT NULL AS completed,
       cancelled_at IS NOT NULL AS cancelled
FROM orders WHERE customer_id = ANY($1::text[]) AND stated_at IS NOT NULL
ORDER BY customer_id, dated DESC, order_id DESC;

-- name: list_contacts
-- All contacts with some customers, each one's newest first.
SELECT customer_id, contact_id, made_at, rep, channel, minutes, outcome
FROM contacts WHERE customer_id = ANY($1::text[]) ORDER BY customer_id, made_at DESC, contact_id DESC;

-- name: list_inquiries
-- All inquiries of some customers, each one's newest first.
SELECT customer_id, inquiry_id, received_at, question, source, judged_at, potential, reasons, judged_by
FROM inquiries WHERE customer_id = ANY($1::text[])
ORDER BY customer_id, coalesce(received_at, judged_at) DESC, inquiry_id DESC;
