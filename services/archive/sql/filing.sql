-- name: insert_filing_dues
-- What a season asks for; what was noted before stays as it is.
INSERT INTO filing_dues (period, department, record_class, due_on)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[])
ON CONFLICT DO NOTHING;

-- name: list_filing_dues
-- What is due, by period, department and class, and what came of it; of one period or department where asked.
SELECT d.period, d.department, d.record_class, d.due_on,
       (SELECT count(*) FROM records AS r
        WHERE r.record_class = d.record_class AND r.period = d.period AND r.department = d.department) AS filed,
       n.reason AS nothing, n.declared_by
FROM filing_dues AS d LEFT JOIN filing_nothing AS n USING (period, department, record_class)
WHERE ($1::text IS NULL OR d.period = $1) AND ($2::text IS NULL OR d.department = $2) AND d.due_on >= $3
ORDER BY d.period, d.department, d.record_class;

-- name: find_filing_due
-- Whether a department owes a class for a period.
SELECT period, department, record_class, due_on
FROM filing_dues WHERE period = $1 AND department = $2 AND record_class = $3;

-- name: insert_filing_nothing
-- A department's word that there is nothing to file; no row when it was given before.
INSERT INTO filing_nothing (period, department, record_class, declared_by, declared_at, reason)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING period;

-- name: list_open_filing_subjects
-- Departments and periods that somebody is still asked for.
SELECT DISTINCT subject_id FROM tasks WHERE subject_type = 'filing' AND cleared_at IS NULL;
