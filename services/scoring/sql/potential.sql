-- name: note_unassessed
-- Customers who never ordered and of whom something new was told.
INSERT INTO unassessed (customer_id, reason)
SELECT customer_id, 'facts' FROM unnest($1::text[]) AS t (customer_id) ORDER BY customer_id ON CONFLICT DO NOTHING;

-- name: note_outdated
-- Those whose assessment is of other rules ($1) or lists ($2, $3), or no longer holds on the day $4.
INSERT INTO unassessed (customer_id, reason)
SELECT a.customer_id, CASE WHEN a.rules <> $1 THEN 'policy'
                           WHEN a.catalogue <> $2 OR a.customs <> $3 THEN 'lists' ELSE 'day' END
FROM assessments AS a JOIN customers AS c USING (customer_id)
WHERE c.customer_class = 'potential' AND (a.rules <> $1 OR a.catalogue <> $2 OR a.customs <> $3 OR a.until < $4)
ORDER BY a.customer_id ON CONFLICT DO NOTHING;

-- name: read_revisions
-- The state of the lists.
SELECT (SELECT revision FROM lists WHERE name = 'catalogue') AS catalogue,
       (SELECT revision FROM lists WHERE name = 'customs') AS customs;

-- name: page_unassessed
-- The next ones to be assessed, with what is known of them; the class is null for one that is not known (any more).
SELECT u.customer_id, u.reason, c.version, c.customer_class, c.country, d.attributes, d.inquiry ->> 'text' AS inquiry
FROM (SELECT customer_id, reason FROM unassessed ORDER BY customer_id LIMIT $1) AS u
LEFT JOIN customers AS c USING (customer_id) LEFT JOIN customer_details AS d USING (customer_id)
ORDER BY u.customer_id;

-- name: read_articles
-- The catalogue.
SELECT sku, name, category, words FROM articles;

-- name: find_imports
-- Customs records of importers by country and compared name, those from the day $3 on.
SELECT i.key, i.country, i.importer, i.hs_code, i.goods, i.quantity, i.value, i.dated
FROM (SELECT DISTINCT country, key FROM unnest($1::text[], $2::text[]) AS t (country, key)) AS wanted
CROSS JOIN LATERAL (
    SELECT k.key, k.country, k.importer, k.hs_code, k.goods, k.quantity, k.value, k.dated FROM imports AS k
    WHERE k.country = wanted.country AND k.key = wanted.key AND k.dated >= $3 ORDER BY k.dated DESC LIMIT 200
) AS i;

-- name: read_computed
-- What the criteria came to last, of customers by id, and whether a person judged.
SELECT customer_id, version, customer_class, potential IS NOT NULL AS judged, computed
FROM customers WHERE customer_id = ANY($1::text[]);

-- name: save_computed
-- What the criteria come to.
UPDATE customers AS c SET computed = t.computed
FROM unnest($1::text[], $2::text[]) AS t (customer_id, computed) WHERE c.customer_id = t.customer_id;

-- name: save_assessments
-- The assessments, each in the place of the one before.
INSERT INTO assessments (customer_id, version, rules, catalogue, customs, until, assessed_on, potential, findings, lacks,
                         mean, known)
SELECT t.customer_id, t.version, $1, $2, $3, t.until, $4, t.potential, t.findings, t.lacks, t.mean, t.known
FROM unnest($5::text[], $6::bigint[], $7::date[], $8::text[], $9::jsonb[], $10::jsonb[], $11::float8[], $12::float8[])
     AS t (customer_id, version, until, potential, findings, lacks, mean, known)
ON CONFLICT (customer_id) DO UPDATE
SET version = excluded.version, rules = excluded.rules, catalogue = excluded.catalogue, customs = excluded.customs,
    until = excluded.until, assessed_on = excluded.assessed_on, potential = excluded.potential,
    findings = excluded.findings, lacks = excluded.lacks, mean = excluded.mean, known = excluded.known;

-- name: drop_unassessed
-- Those who are assessed now, or need it no more.
DELETE FROM unassessed WHERE customer_id = ANY($1::text[]);

-- name: find_potential
-- A potential customer: what was judged, what was computed, and from what.
SELECT c.customer_id, c.customer_class, c.level, c.potential, c.computed, a.assessed_on, a.until, a.findings, a.lacks,
       a.mean, a.known
FROM customers AS c LEFT JOIN assessments AS a USING (customer_id) WHERE c.customer_id = $1;

-- name: read_lacks
-- What assessments of customers lacked; those who ordered since need nothing.
SELECT a.customer_id, a.lacks FROM assessments AS a JOIN customers AS c USING (customer_id)
WHERE a.customer_id = ANY($1::text[]) AND c.customer_class = 'potential';

-- name: drop_articles
-- All of the catalogue, before another takes its place.
DELETE FROM articles;

-- name: add_articles
-- The catalogue as imported.
INSERT INTO articles (sku, name, category, words) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]);

-- name: add_imports
-- Customs records; those known already stay one. Answers which were new.
INSERT INTO imports (digest, key, country, importer, hs_code, goods, quantity, value, dated)
SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[],
                     $9::date[])
ON CONFLICT DO NOTHING RETURNING 1;

-- name: move_list
-- A list was imported.
UPDATE lists SET revision = revision + 1, imported_at = $2, imported_by = $3 WHERE name = $1;

-- name: lock_list
-- One import of a list at a time.
SELECT revision FROM lists WHERE name = $1 FOR UPDATE;
