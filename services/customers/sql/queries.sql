-- name: lock_customers
-- The customers that a batch touches, locked until it commits: their events may arrive on two topics at once.
SELECT customer_id, version, orders, first_order_on, last_order_on, first_sale_at, first_sale_order, first_seller,
       name, country, named_rep, department, file_tier, potential, contacted_at, sample_phase, sample_on, paid,
       attributes, inquired_at, inquiry_id, purchase_days, gaps, improved_at, given_at, reported_at
FROM customers WHERE customer_id = ANY($1::text[]) ORDER BY customer_id FOR UPDATE;

-- name: load_orders
-- The orders that a batch names; LIMIT on a unique key keeps the planner on the index, however long the list.
SELECT o.customer_id, o.order_id, o.stated_at, o.placed_at, o.dated, o.amount, o.currency, o.net, o.sold_by,
       o.completed_at, o.cancelled_at, o.returned, o.channel, o.lines
FROM unnest($1::text[], $2::text[]) AS wanted (customer_id, order_id)
CROSS JOIN LATERAL (
    SELECT known.customer_id, known.order_id, known.stated_at, known.placed_at, known.dated, known.amount,
           known.currency, known.net, known.sold_by, known.completed_at, known.cancelled_at, known.returned,
           known.channel, known.lines
    FROM orders AS known
    WHERE known.customer_id = wanted.customer_id AND known.order_id = wanted.order_id LIMIT 1
) AS o;

-- name: sum_orders_elsewhere
-- The trade of whole customers besides the named orders, when one of those stops counting or moves.
SELECT o.customer_id, count(*)::integer AS orders, min(o.dated) AS first_on, max(o.dated) AS last_on,
       (array_agg(o.placed_at ORDER BY o.placed_at, o.order_id) FILTER (WHERE o.sold_by IS NOT NULL))[1] AS sale_at,
       (array_agg(o.order_id ORDER BY o.placed_at, o.order_id) FILTER (WHERE o.sold_by IS NOT NULL))[1] AS sale_order,
       (array_agg(o.sold_by ORDER BY o.placed_at, o.order_id) FILTER (WHERE o.sold_by IS NOT NULL))[1] AS seller,
       (array_agg(DISTINCT o.dated ORDER BY o.dated DESC))[1:13] AS newest_days
FROM orders AS o
WHERE o.customer_id = ANY($1::text[])
  AND o.stated_at IS NOT NULL AND o.cancelled_at IS NULL AND (o.completed_at IS NOT NULL OR NOT $4::boolean)
  AND (o.customer_id, o.order_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
GROUP BY o.customer_id;

-- name: load_returns
-- Returns that came before.
SELECT customer_id, return_id, order_id, amount, currency, returned_at
FROM returns WHERE (customer_id, return_id) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: load_payments
-- Payments that came before.
SELECT customer_id, payment_id, order_id, amount, currency, received_at
FROM payments WHERE (customer_id, payment_id) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: load_inquiries
-- Inquiries about to be asked or judged.
SELECT customer_id, inquiry_id, received_at, question, source, judged_at, potential, reasons, judged_by
FROM inquiries WHERE (customer_id, inquiry_id) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: load_contacts
-- Contacts that came before.
SELECT customer_id, contact_id, made_at, rep, channel, minutes, outcome
FROM contacts WHERE (customer_id, contact_id) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: load_samples
-- All samples of the customers whose samples move: the newest decides.
SELECT customer_id, sample_id, ordered_at, shipped_at, received_at
FROM samples WHERE customer_id = ANY($1::text[]);

-- name: load_statements
-- All that was stated of the customers of whom something is stated now.
SELECT customer_id, field, stated_at, value
FROM statements WHERE customer_id = ANY($1::text[]);

-- name: insert_customers
-- Customers that had no row when the batch began; one that has appeared since is not counted, and the batch fails.
INSERT INTO customers (customer_id, version, orders, first_order_on, last_order_on, first_sale_at, first_sale_order,
                       first_seller, purchase_days)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::date[], $5::date[], $6::timestamptz[], $7::text[],
                     $8::text[], $9::bytea[])
ON CONFLICT DO NOTHING;

-- name: save_trade
-- The trade of locked customers: each has its row, so the conflict is the rule; it finds rows by index in any plan.
INSERT INTO customers (customer_id, version, orders, first_order_on, last_order_on, first_sale_at, first_sale_order,
                       first_seller, purchase_days)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::date[], $5::date[], $6::timestamptz[], $7::text[],
                     $8::text[], $9::bytea[])
ON CONFLICT (customer_id) DO UPDATE
SET version = excluded.version, orders = excluded.orders, first_order_on = excluded.first_order_on,
    last_order_on = excluded.last_order_on, first_sale_at = excluded.first_sale_at,
    first_sale_order = excluded.first_sale_order, first_seller = excluded.first_seller,
    purchase_days = excluded.purchase_days;

-- name: save_profiles
-- What changed besides trade, after `save_trade` in the same transaction.
UPDATE customers AS c
SET name = p.name, country = p.country, named_rep = p.rep, department = p.department, file_tier = p.file_tier,
    potential = p.potential, contacted_at = p.contacted_at, sample_phase = p.sample_phase, sample_on = p.sample_on,
    paid = p.paid, attributes = p.attributes, inquired_at = p.inquired_at, inquiry_id = p.inquiry_id,
    gaps = p.gaps, improved_at = p.improved_at, given_at = p.given_at, reported_at = p.reported_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
            $9::text[], $10::date[], $11::numeric[], $12::jsonb[], $13::timestamptz[], $14::text[],
            $15::text[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[])
     AS p (customer_id, name, country, rep, department, file_tier, potential, contacted_at, sample_phase, sample_on,
           paid, attributes, inquired_at, inquiry_id, gaps, improved_at, given_at, reported_at)
WHERE c.customer_id = p.customer_id;

-- name: save_orders
-- Orders as they are now.
INSERT INTO orders (customer_id, order_id, stated_at, placed_at, dated, amount, currency, net, sold_by, completed_at,
                    cancelled_at, returned, channel, lines)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::date[], $6::numeric[],
                     $7::text[], $8::numeric[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::jsonb[],
                     $13::text[], $14::jsonb[])
ON CONFLICT (customer_id, order_id) DO UPDATE
SET stated_at = excluded.stated_at, placed_at = excluded.placed_at, dated = excluded.dated, amount = excluded.amount,
    currency = excluded.currency, net = excluded.net, sold_by = excluded.sold_by,
    completed_at = excluded.completed_at, cancelled_at = excluded.cancelled_at, returned = excluded.returned,
    channel = excluded.channel, lines = excluded.lines;

-- name: insert_returns
-- Returns seen for the first time.
INSERT INTO returns (customer_id, return_id, order_id, amount, currency, returned_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[], $6::timestamptz[]);

-- name: insert_payments
-- Payments seen for the first time.
INSERT INTO payments (customer_id, payment_id, order_id, amount, currency, received_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[], $6::timestamptz[]);

-- name: save_inquiries
-- Inquiries as asked and judged by now.
INSERT INTO inquiries (customer_id, inquiry_id, received_at, question, source, judged_at, potential, reasons,
                       judged_by)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                     $8::jsonb[], $9::text[])
ON CONFLICT (customer_id, inquiry_id) DO UPDATE
SET received_at = excluded.received_at, question = excluded.question, source = excluded.source,
    judged_at = excluded.judged_at, potential = excluded.potential, reasons = excluded.reasons,
    judged_by = excluded.judged_by;

-- name: save_contacts
-- Contacts as told last.
INSERT INTO contacts (customer_id, contact_id, made_at, rep, channel, minutes, outcome)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::integer[], $7::text[])
ON CONFLICT (customer_id, contact_id) DO UPDATE
SET made_at = excluded.made_at, rep = excluded.rep, channel = excluded.channel, minutes = excluded.minutes,
    outcome = excluded.outcome;

-- name: save_samples
-- Samples as far as they have come.
INSERT INTO samples (customer_id, sample_id, ordered_at, shipped_at, received_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
ON CONFLICT (customer_id, sample_id) DO UPDATE
SET ordered_at = excluded.ordered_at, shipped_at = excluded.shipped_at, received_at = excluded.received_at;

-- name: save_statements
-- Fields as stated last.
INSERT INTO statements (customer_id, field, stated_at, value)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
ON CONFLICT (customer_id, field) DO UPDATE SET stated_at = excluded.stated_at, value = excluded.value;

-- name: load_holdings
-- When each rep was first named as the holder of these customers, and was last in touch with them.
SELECT customer_id, rep, named_at, contacted_at FROM holdings WHERE customer_id = ANY($1::text[]);

-- name: save_holdings
-- Reps who were named or in touch.
INSERT INTO holdings (customer_id, rep, named_at, contacted_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])
ON CONFLICT (customer_id, rep) DO UPDATE SET named_at = excluded.named_at, contacted_at = excluded.contacted_at;

-- name: load_levels
-- Levels about to be replaced by newer ones.
SELECT customer_id, sequence, customer_class, level, since FROM levels WHERE customer_id = ANY($1::text[]);

-- name: save_levels
-- The newest level of each customer.
INSERT INTO levels (customer_id, sequence, customer_class, level, since)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[])
ON CONFLICT (customer_id) DO UPDATE
SET sequence = excluded.sequence, customer_class = excluded.customer_class, level = excluded.level,
    since = excluded.since
WHERE excluded.sequence > levels.sequence;

-- name: load_people
-- One person at the door, or a few.
SELECT person, recorded_at, role, department, manager, rep_code, active, departed_at
FROM people WHERE person = ANY($1::text[]);

-- name: hold_people
-- People about to be recorded again, held: whoever lets one of them go meanwhile waits, and is not undone.
SELECT person, recorded_at, role, department, manager, rep_code, active, departed_at
FROM people WHERE person = ANY($1::text[]) ORDER BY person FOR UPDATE;

-- name: save_people
-- People as recorded last.
INSERT INTO people (person, recorded_at, role, department, manager, rep_code, active, departed_at)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                     $8::timestamptz[])
ON CONFLICT (person) DO UPDATE
SET recorded_at = excluded.recorded_at, role = excluded.role, department = excluded.department,
    manager = excluded.manager, rep_code = excluded.rep_code, active = excluded.active,
    departed_at = excluded.departed_at;

-- name: load_grants
-- Grants about to be given again or revoked.
SELECT grant_id, file, given_at, person, sections, copy_allowed, not_before, until, approved_by, revoked_at, uses
FROM grants WHERE grant_id = ANY($1::text[]);

-- name: save_grants
-- Grants as archive told them last; a revocation stands, whoever writes after it.
INSERT INTO grants (grant_id, file, given_at, person, sections, copy_allowed, not_before, until, approved_by,
                    revoked_at, uses)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::jsonb[], $6::boolean[],
                     $7::timestamptz[], $8::timestamptz[], $9::text[], $10::timestamptz[], $11::integer[])
ON CONFLICT (grant_id) DO UPDATE
SET file = excluded.file, given_at = excluded.given_at, person = excluded.person, sections = excluded.sections,
    copy_allowed = excluded.copy_allowed, not_before = excluded.not_before, until = excluded.until,
    approved_by = excluded.approved_by, revoked_at = least(grants.revoked_at, excluded.revoked_at),
    uses = excluded.uses;

-- name: hear_heartbeat
-- The newest sign of life from archive.
INSERT INTO grants_heartbeat (at) VALUES ($1)
ON CONFLICT (one_row) DO UPDATE SET at = excluded.at;

-- name: read_heartbeat
-- When archive was last heard from, of all its grants: a partition that has halted may hold a revocation.
SELECT at FROM grants_heartbeat
WHERE NOT EXISTS (SELECT FROM consumed_offsets WHERE topic = 'grants.v1' AND halted_code IS NOT NULL);

-- name: read_grants_held
-- One reader's grants for one file that have not run out, nor been used up.
SELECT grant_id, sections, not_before, until, copy_allowed
FROM grants
WHERE file = $1 AND person = $2 AND until > $3 AND revoked_at IS NULL AND (uses IS NULL OR used < uses);

-- name: use_grant
-- Counts a reading; no row when others have used the grant up, or it was revoked, since it was looked at.
UPDATE grants SET used = used + 1
WHERE grant_id = $1 AND revoked_at IS NULL AND (uses IS NULL OR used < uses)
RETURNING used;

-- name: read_customer
-- One customer with its level: who keeps the file, and what its parts show.
SELECT c.customer_id, c.version, c.orders, c.first_order_on, c.last_order_on, c.first_sale_at, c.first_sale_order,
       c.first_seller, c.name, c.country, c.named_rep, c.department, c.file_tier, c.potential, c.contacted_at,
       c.sample_phase, c.sample_on, c.paid, c.attributes, c.inquired_at, c.inquiry_id, c.purchase_days, c.gaps,
       c.improved_at, c.given_at, c.reported_at, l.sequence, l.customer_class, l.level, l.since
FROM customers AS c LEFT JOIN levels AS l USING (customer_id) WHERE c.customer_id = $1;

-- name: search_customers
-- A page of customers by id, within the horizon ($1 all, else department $2 or reps $3); names are looked into only
-- where the searcher reads the file unasked: of the tiers $9 anybody's, $10 the department's $11, $12 the reps' $13.
SELECT c.customer_id, c.version, c.orders, c.first_order_on, c.last_order_on, c.first_sale_at, c.first_sale_order,
       c.first_seller, c.name, c.country, c.named_rep, c.department, c.file_tier, c.potential, c.contacted_at,
       c.sample_phase, c.sample_on, c.paid, c.attributes, c.inquired_at, c.inquiry_id, c.purchase_days, c.gaps,
       c.improved_at, c.given_at, c.reported_at, l.sequence, l.customer_class, l.level, l.since
FROM customers AS c LEFT JOIN levels AS l USING (customer_id)
WHERE ($1::boolean OR c.department = $2 OR c.rep = ANY($3::text[]))
  AND ($4::text IS NULL OR c.rep = $4)
  AND ($5::text IS NULL OR c.department = $5)
  AND ($6::text IS NULL OR l.customer_class = $6)
  AND ($7::text IS NULL OR l.level = $7)
  AND ($8::text IS NULL OR (
        strpos(lower(c.name), lower($8)) > 0
        AND (coalesce(c.file_tier, $14) = ANY($9::text[])
             OR (coalesce(c.file_tier, $14) = ANY($10::text[]) AND c.department = $11)
             OR (coalesce(c.file_tier, $14) = ANY($12::text[]) AND c.rep = ANY($13::text[])))))
  AND c.customer_id > $15
ORDER BY c.customer_id LIMIT $16;

-- name: read_statements
-- A file's fields.
SELECT field, stated_at, value FROM statements WHERE customer_id = $1 ORDER BY field;

-- name: read_newest_orders
-- A customer's newest orders, placed ones only.
SELECT order_id, dated, amount, currency, net, sold_by, completed_at IS NOT NULL AS completed,
       cancelled_at IS NOT NULL AS cancelled
FROM orders WHERE customer_id = $1 AND stated_at IS NOT NULL ORDER BY dated DESC, order_id DESC LIMIT $2;

-- name: read_newest_contacts
-- A customer's newest contacts.
SELECT customer_id, contact_id, made_at, rep, channel, minutes, outcome
FROM contacts WHERE customer_id = $1 ORDER BY made_at DESC, contact_id DESC LIMIT $2;

-- name: read_newest_inquiries
-- A customer's newest inquiries.
SELECT customer_id, inquiry_id, received_at, question, source, judged_at, potential, reasons, judged_by
FROM inquiries WHERE customer_id = $1 ORDER BY coalesce(received_at, judged_at) DESC, inquiry_id DESC LIMIT $2;

-- name: list_people
-- A page of people, of some departments or of all, by id.
SELECT person, recorded_at, role, department, manager, rep_code, active, departed_at
FROM people
WHERE ($1::text[] IS NULL OR department = ANY($1)) AND recorded_at IS NOT NULL AND person > $2
ORDER BY person LIMIT $3;

-- name: find_code_holders
-- Whose customers a rep code means.
SELECT person FROM people WHERE person = $1 OR rep_code = $1;

-- name: begin_retelling
-- Everybody is to be told anew; one that was under way begins again, and nothing of what it was for is forgotten.
UPDATE retelling
SET orders = $1 OR (after_customer IS NOT NULL AND orders), profiles = $2 OR (after_customer IS NOT NULL AND profiles),
    recount = after_customer IS NOT NULL AND recount, after_customer = '';

-- name: lock_retelling
-- The last customer told anew, and what for; one process at a time goes on from there.
SELECT after_customer, orders, profiles, recount FROM retelling WHERE after_customer IS NOT NULL FOR UPDATE;

-- name: move_retelling
-- Everybody up to this customer is done; null when all are.
UPDATE retelling SET after_customer = $1;

-- name: page_customer_ids
-- The next customers in order of their ids' bytes.
SELECT customer_id FROM customers WHERE customer_id > $1 ORDER BY customer_id LIMIT $2;

-- name: hold_customers
-- Customers about to be told anew: whoever records something of one of them comes first, or after.
SELECT customer_id FROM customers WHERE customer_id = ANY($1::text[]) ORDER BY customer_id FOR UPDATE;

-- name: list_placed
-- All orders of some customers that were placed.
SELECT customer_id, order_id FROM orders WHERE customer_id = ANY($1::text[]) AND stated_at IS NOT NULL;
