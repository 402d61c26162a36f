-- name: lock_leaver
-- One act at a time lets somebody go; a second one waits, and finds them gone.
SELECT person FROM people WHERE person = $1 FOR UPDATE;

-- name: list_department
-- Those who might take over.
SELECT person, recorded_at, role, department, manager, rep_code, active, departed_at
FROM people WHERE department = $1 ORDER BY person;

-- name: lock_held
-- All that is the leaver's, by every name they go by, locked in the order in which events lock.
SELECT customer_id, rep, orders FROM customers WHERE rep = ANY($1::text[]) ORDER BY customer_id FOR UPDATE;

-- name: count_held
-- How many customers are theirs now.
SELECT count(*) FROM customers WHERE rep = ANY($1::text[]);

-- name: insert_departure
-- An act of letting somebody go, or of handing over what came in since.
INSERT INTO departures (person, number, departed_at, decided_by, decided_at, reason, customers)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: insert_handed
-- To whom each customer went by it.
INSERT INTO handed_customers (person, number, customer_id, from_rep, to_rep)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[]);

-- name: list_departures
-- Every act on one person, in their order.
SELECT person, number, departed_at, decided_by, decided_at, reason, customers
FROM departures WHERE person = $1 ORDER BY number;

-- name: count_received
-- How many customers each rep took over by each act, and with how many of them they have been in touch since.
SELECT h.number, h.to_rep, count(*) AS customers, count(*) FILTER (WHERE l.contacted_at >= d.decided_at) AS introduced
FROM handed_customers AS h
JOIN departures AS d USING (person, number)
LEFT JOIN holdings AS l ON l.customer_id = h.customer_id AND l.rep = h.to_rep
WHERE h.person = $1 GROUP BY h.number, h.to_rep ORDER BY h.number, h.to_rep;

-- name: page_handed
-- The customers that were handed over, by act and id; of some receivers only, where any are named.
SELECT h.number, h.customer_id, h.from_rep, h.to_rep, d.decided_at,
       CASE WHEN l.contacted_at >= d.decided_at THEN l.contacted_at END AS introduced_at
FROM handed_customers AS h
JOIN departures AS d USING (person, number)
LEFT JOIN holdings AS l ON l.customer_id = h.customer_id AND l.rep = h.to_rep
WHERE h.person = $1 AND ($2::text[] IS NULL OR h.to_rep = ANY($2)) AND (h.number, h.customer_id) > ($3::integer, $4)
ORDER BY h.number, h.customer_id LIMIT $5;
