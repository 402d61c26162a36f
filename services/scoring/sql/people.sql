-- name: save_people
-- What is known of people now, whole; what is older than what is known changes nothing.
INSERT INTO people AS known (person, department, rep_code, active, role, as_of)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::timestamptz[])
ON CONFLICT (person) DO UPDATE SET
    department = excluded.department, rep_code = excluded.rep_code, active = excluded.active, role = excluded.role,
    as_of = excluded.as_of
WHERE known.as_of IS NULL OR known.as_of <= excluded.as_of;

-- name: depart_people
-- They left; where they worked, and the name under which orders know them, stays known. Who was never recorded left too.
INSERT INTO people AS known (person, active, as_of)
SELECT person, false, at FROM unnest($1::text[], $2::timestamptz[]) AS left_us (person, at)
ON CONFLICT (person) DO UPDATE SET active = false, as_of = excluded.as_of
WHERE known.as_of IS NULL OR known.as_of <= excluded.as_of;

-- name: find_person
-- A person by id.
SELECT person, department, rep_code, active, role FROM people WHERE person = $1;

-- name: find_departments
-- The departments that a customer belongs to: its file's, and that of its rep, who goes by id or by code.
SELECT d.department FROM customer_details AS d WHERE d.customer_id = $1 AND d.department IS NOT NULL
UNION
SELECT p.department FROM customers AS c JOIN people AS p ON p.person = c.rep OR p.rep_code = c.rep
WHERE c.customer_id = $1 AND p.department IS NOT NULL;
