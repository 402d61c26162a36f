-- name: save_people
-- What is known of people now, whole; what is older than what is known changes nothing.
INSERT INTO people AS known (person, department, rep_code, active, role, manager, as_of)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::timestamptz[])
ON CONFLICT (person) DO UPDATE SET
    department = EXCLUDED.department, rep_code = EXCLUDED.rep_code, active = EXCLUDED.active, role = EXCLUDED.role,
    manager = EXCLUDED.manager, as_of = EXCLUDED.as_of
WHERE known.as_of IS NULL OR known.as_of <= EXCLUDED.as_of;

-- name: depart_people
-- They left; the name under which orders know them stays known. Who was never recorded left too.
INSERT INTO people AS known (person, active, as_of)
SELECT person, false, at FROM unnest($1::text[], $2::timestamptz[]) AS left_us (person, at)
ON CONFLICT (person) DO UPDATE SET active = false, as_of = EXCLUDED.as_of
WHERE known.as_of IS NULL OR known.as_of <= EXCLUDED.as_of;

-- name: select_person
-- A person by id.
SELECT person, department, rep_code, active, role, manager FROM people WHERE person = $1;

-- name: select_namesakes
-- Whoever goes by a name, as an id or as a rep code.
SELECT person, department, rep_code, active, role, manager FROM people WHERE person = $1 OR rep_code = $1;

-- name: select_department
-- The people of a department, those who left too: their customers are still handed on.
SELECT person, department, rep_code, active, role, manager
FROM people
WHERE department = $1
ORDER BY person;

-- name: select_everybody
-- All people, those who left too: their managers are still managers of what they leave behind.
SELECT person, department, rep_code, active, role, manager FROM people;
